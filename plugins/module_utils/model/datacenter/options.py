# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of the datacenter, and what belongs to it: metric servers, targets of notices and what leads to them.

The API tells some options as a text ``key=value,...``, some as an object and some as a list. Here an option that has
parts is a mapping of texts, whatever form it came in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union

Parts = Mapping[str, str]
Meaning = Union[str, frozenset[str], Parts]
Release = tuple[int, int]
Form = Literal["text", "words", "parts"]
#: Option with parts → the part that a value without a key is of, if any.
PARTS: Mapping[str, str] = {
    "bwlimit": "",
    "crs": "ha",
    "ha": "",
    "migration": "type",
    "next-id": "",
    "notify": "",
    "replication": "type",
    "tag-style": "",
    "user-tag-access": "",
    "webauthn": "",
}
#: Sets of words, divided by semicolons.
WORDS = ("registered-tags",)
TEXTS = (
    "consent-text console description email_from fencing http_proxy keyboard language mac_prefix max_workers".split()
)
OPTIONS = (*PARTS, *WORDS, *TEXTS)
#: Options that came with a release. One that a node does not know is lost when that node writes the file.
SINCE: Mapping[str, Release] = {
    "consent-text": (8, 4),
    "notify": (8, 0),
    "registered-tags": (7, 3),
    "replication": (9, 0),
    "tag-style": (7, 3),
    "user-tag-access": (7, 3),
}
#: The same of single parts.
PARTS_SINCE: Mapping[tuple[str, str], Release] = {
    ("crs", "ha-auto-rebalance"): (9, 2),
    ("crs", "ha-auto-rebalance-hold-duration"): (9, 2),
    ("crs", "ha-auto-rebalance-margin"): (9, 2),
    ("crs", "ha-auto-rebalance-method"): (9, 2),
    ("crs", "ha-auto-rebalance-threshold"): (9, 2),
    ("crs", "ha-rebalance-on-start"): (8, 0),
}
#: What the API tells where nothing is written.
DEFAULTS: Mapping[str, Meaning] = {"description": "", "mac_prefix": "BC:24:11"}
#: Options that name a network in which each node has to have an address.
NETWORKS = ("migration", "replication")


def form_of(option: str) -> Form:
    return "parts" if option in PARTS else "words" if option in WORDS else "text"


def meaning(option: str, told: Any) -> Meaning:
    """Of what the API tells, or of what is declared."""
    form = form_of(option)
    if form == "words":
        return frozenset(told.split(";") if isinstance(told, str) else map(str, told)) - {""}
    if form == "parts":
        return parts(told, PARTS[option])
    return spelled(told).rstrip("\n")


def parts(told: Any, default: str) -> Parts:
    if isinstance(told, str):
        pairs = (word.partition("=") for word in told.split(",") if word)
        return {key if mark else default: value if mark else key for key, mark, value in pairs}
    return {str(key).replace("_", "-"): spelled(value) for key, value in told.items() if value is not None}


def spelled(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return ";".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def written(value: Meaning) -> str:
    """As the API takes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, frozenset):
        return ";".join(sorted(value))
    return ",".join(f"{key}={text}" for key, text in sorted(value.items()))


def release_from(text: str) -> Release:
    major, minor = (*text.partition("-")[0].split("."), "0")[:2]
    return int(major), int(minor)


def told_release(release: Sequence[int]) -> str:
    return ".".join(map(str, release))
