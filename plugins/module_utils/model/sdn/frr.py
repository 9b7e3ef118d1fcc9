# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node's own part of FRR's configuration, and what becomes of it when Proxmox VE merges it into what it writes.

It reads line by line: a few words begin a block, ``exit`` ends it, a few lines stand alone. What stands elsewhere is
dropped without a word, and so is every line that has an exclamation mark in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Optional

from ..debian.release import Release

LOCAL, MERGED = "/etc/frr/frr.conf.local", "/etc/frr/frr.conf"
#: FRR, and what loads a file into it while it runs.
PACKAGES = ("frr", "frr-pythontools")
_BLOCK = re.compile(r"(router|vrf|interface) .+|route-map .+ (permit|deny) \d+")
_ALONE = re.compile(r"bgp community-list .+|access-list .+ seq \d+ .+|ip(v6)? prefix-list .+ seq \d+ .*")
_NUMBERED = re.compile(r"(ip(v6)? prefix-list|access-list) .+")
_END_OF_FAMILY = "exit-address-family"
_SECRET = re.compile(r"(\S*(?:password|authentication-key|message-digest-key)) \S.*")
_ROUTE_MAP = re.compile(r"(route-map .+ (permit|deny)) \d+.*")
Fate = Literal["kept", "comment", "end", "exclamation", "nowhere", "no number", "swallowed", "no router", "no family"]


@dataclass(frozen=True)
class DesiredFrr:
    """The whole file; an empty text is no file."""

    text: str


@dataclass(frozen=True)
class ObservedFrr:
    """``local`` and ``merged``: the files, None where there is none. ``installed``: all of ``PACKAGES`` are.

    ``staged``: a change of the node's own network waits, which a reload would activate. ``release``: None of a Debian
    that none belongs to.
    """

    local: Optional[str]
    merged: Optional[str]
    installed: bool
    staged: bool
    release: Optional[Release]


@dataclass(frozen=True)
class Line:
    """``block``: the line that has begun the block in which it stands, or nothing."""

    number: int
    text: str
    fate: Fate
    block: str = ""


def read(text: str) -> Iterator[Line]:
    """What becomes of each line."""
    block, inside = "", False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.rstrip()
        if not line:
            continue
        fate = _fate(line, block, inside)
        if _BLOCK.fullmatch(line):
            block, inside = line, False
        yield Line(number, line, fate, block)
        if _begins_family(line):
            inside = fate == "kept"
        elif fate == "end":
            block, inside = (block if inside and line.endswith(_END_OF_FAMILY) else ""), False


def _begins_family(line: str) -> bool:
    return re.search(r"address-family .+$", line) is not None


def _fate(line: str, block: str, inside: bool) -> Fate:
    """``inside``: an address family has begun and not ended."""
    if _BLOCK.fullmatch(line) or _ALONE.fullmatch(line):
        return "kept"
    if _begins_family(line):
        return "kept" if block.startswith("router bgp ") else "no router"
    if line.endswith(_END_OF_FAMILY):
        return "end" if inside else "no family"
    if line.startswith("exit"):
        return "end"
    if "!" in line:
        return "comment" if line.lstrip().startswith("!") else "exclamation"
    if _NUMBERED.fullmatch(line):
        return "no number"
    if not block:
        return "nowhere"
    return "kept" if line[0].isspace() else "swallowed"


def kept(text: str) -> list[str]:
    """The lines that are in the merged file, as they are there; entries of a route map get another number."""
    return [_ROUTE_MAP.sub(r"\1", line.text.strip()) for line in read(text) if line.fate == "kept"]


def shown(text: str) -> str:
    """For people: what stands behind the words of a password is nobody's."""
    return _SECRET.sub(r"\1 ...", text)


def missing(text: str, merged: str) -> list[str]:
    there = {_ROUTE_MAP.sub(r"\1", line.strip()) for line in merged.splitlines()}
    return [line for line in kept(text) if line not in there]
