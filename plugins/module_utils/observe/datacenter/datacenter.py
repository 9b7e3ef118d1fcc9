# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API for the options of the datacenter, its metric servers, and who gets its notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional
from urllib.parse import quote

from ...engine.errors import Unreadable
from ...engine.reader import NODE, Reader
from ...model.datacenter.datacenter import (
    ENDPOINTS,
    SECRETS,
    DesiredDatacenter,
    Key,
    ObservedDatacenter,
    ObservedNode,
    Thing,
    Value,
)
from ...model.datacenter.options import OPTIONS, Release, meaning, release_from
from ..access.release import VERSION

OPTIONS_PATH, METRICS = "/cluster/options", "/cluster/metrics/server"
NOTICES, USERS, STATUS = "/cluster/notifications", "/access/users", "/cluster/status"
#: Notices came with this release.
NOTICES_SINCE: Release = (8, 1)
#: What is told beside the options of a thing.
_BESIDE = ("id", "name", "type", "origin", "digest", *SECRETS)


def observe(reader: Reader, desired: DesiredDatacenter) -> ObservedDatacenter:
    version = reader.get(VERSION, NODE)
    if version is None:
        return ObservedDatacenter(None)
    release = release_from(str(version["version"]))
    told = reader.get(OPTIONS_PATH)
    return ObservedDatacenter(
        release,
        {name: meaning(name, value) for name, value in told.items() if name in OPTIONS},
        dict(_things(reader, release)),
        dict(_nodes(reader)) if desired.options else {},  # what they are asked for, only options need
        {one["userid"]: one["email"] for one in reader.get(USERS) if one.get("email") and _counts(one)},
        dict(_foreign(reader)) if release >= NOTICES_SINCE else {},
    )


def _counts(user: Mapping[str, Any]) -> bool:
    return bool(int(user.get("enable", 1)))


def _foreign(reader: Reader) -> Iterator[tuple[str, bool]]:
    for one in reader.get(f"{NOTICES}/targets"):
        if one["type"] not in ENDPOINTS:
            yield one["name"], not int(one.get("disable") or 0)


def _things(reader: Reader, release: Release) -> Iterator[tuple[Key, Thing]]:
    """The list of metric servers tells little of each."""
    for one in reader.get(METRICS):
        whole = reader.get(f"{METRICS}/{quote(one['id'], safe='')}")
        yield ("metric server", one["id"]), Thing(one["type"], _options(whole))
    if release < NOTICES_SINCE:
        return
    for type_ in ENDPOINTS:
        for one in reader.get(f"{NOTICES}/endpoints/{type_}"):
            yield ("endpoint", one["name"]), Thing(type_, _options(one))
    for one in reader.get(f"{NOTICES}/matchers"):
        yield ("matcher", one["name"]), Thing("", _options(one))


def _options(row: Mapping[str, Any]) -> dict[str, Value]:
    return {name: _value(value) for name, value in row.items() if name not in _BESIDE and value is not None}


def _value(value: Any) -> Value:
    if isinstance(value, list):
        return frozenset(map(str, value))
    return str(int(value)) if isinstance(value, bool) else str(value)


def _nodes(reader: Reader) -> Iterator[tuple[str, ObservedNode]]:
    for one in reader.get(STATUS):
        if one["type"] == "node":
            yield one["name"], ObservedNode(_release(reader, one), _networks(reader, one))


def _release(reader: Reader, node: Mapping[str, Any]) -> Optional[Release]:
    told = _asked(reader, node, "version")
    return None if told is None else release_from(str(told["version"]))


def _networks(reader: Reader, node: Mapping[str, Any]) -> Optional[frozenset[str]]:
    told = _asked(reader, node, "network")
    if told is None:
        return None
    return frozenset(str(one[name]) for one in told for name in ("cidr", "cidr6") if one.get(name))


def _asked(reader: Reader, node: Mapping[str, Any], what: str) -> Any:
    """None of a node that is off, or does not answer now."""
    if not node.get("online"):
        return None
    try:
        return reader.get(f"/nodes/{node['name']}/{what}")
    except Unreadable:
        return None
