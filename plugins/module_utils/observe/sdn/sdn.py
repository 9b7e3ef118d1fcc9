# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API which software-defined networks are staged, and which run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import quote

from ...engine.reader import NODE, Reader
from ...model.access.names import ROOT
from ...model.access.need import Need, missing
from ...model.sdn.goal import goal
from ...model.sdn.options import Option, meanings
from ...model.sdn.sdn import (
    DesiredSdn,
    Key,
    Kind,
    ObservedSdn,
    Release,
    Staged,
    Thing,
    options_of,
)
from ..access.access import observe_rights
from ..access.release import VERSION
from .nodes import observe_nodes
from .users import observe_guests, observe_held

_LISTS: Mapping[Kind, str] = {"zone": "zones", "vnet": "vnets", "controller": "controllers"}
_IPAMS = "/cluster/sdn/ipams"
_FABRICS = "/cluster/sdn/fabrics/all"
#: What stands in place of a value that is to be removed. A text may be the same word.
_REMOVED = "deleted"
Row = Mapping[str, Any]
NEEDS = frozenset((Need("/sdn", "SDN.Allocate"), Need("/nodes", "Sys.Audit")))


@dataclass(frozen=True)
class _Found:
    """One thing: as it runs, as it is staged, and what becomes of it when that is applied."""

    running: Optional[Thing]
    staged: Optional[Thing]
    state: Optional[Staged]


def observe(reader: Reader, desired: DesiredSdn) -> ObservedSdn:
    release = _release(reader)
    if release is None:
        return ObservedSdn(None, staged={("ipam", "pve"): Thing("pve")})
    lacking = _lacking(reader, desired)
    if release < (8, 0) or lacking:
        return ObservedSdn(release, lacking=lacking)
    found = _things(reader, release)
    running = {key: one.running for key, one in found.items() if one.running is not None}
    staged = {key: one.staged for key, one in found.items() if one.staged is not None}
    pending = {key: one.state for key, one in found.items() if one.state is not None}
    wanted = goal(desired, staged)
    leaving = {key: thing for key, thing in {**running, **staged}.items() if key not in wanted}
    guests, unread = observe_guests(reader, {name for kind, name in leaving if kind == "vnet"})
    return ObservedSdn(
        release,
        running,
        staged,
        pending,
        nodes=observe_nodes(reader, release, running, settled=not pending),
        guests=guests,
        unread=unread,
        held=observe_held(reader, leaving, {**running, **staged}),
        locked=reader.entry(desired.lock_file) is not None,
    )


def _release(reader: Reader) -> Optional[Release]:
    version = reader.get(VERSION, NODE)
    if version is None:
        return None
    major, minor = (*str(version["version"]).split("."), "0")[:2]
    return int(major), int(minor.partition("-")[0])


def _lacking(reader: Reader, desired: DesiredSdn) -> tuple[str, ...]:
    """Whoever may not see everything would take what he does not see for absent."""
    if desired.caller == ROOT:
        return ()
    needs = NEEDS | ({Need("/nodes", "Sys.Modify")} if _has_fabrics(desired) else frozenset())
    needs |= {Need("/vms", "VM.Audit")} if _takes(desired) else frozenset()
    found = missing(observe_rights(reader, {need.path for need in needs}), needs)
    return tuple(f"{need.privilege} on {need.path}" for need in found)


def _has_fabrics(desired: DesiredSdn) -> bool:
    return any(kind in ("fabric", "fabric node") for kind, dummy in (*desired.wishes, *desired.exclusive))


def _takes(desired: DesiredSdn) -> bool:
    return bool(desired.exclusive) or any(wish.absent for wish in desired.wishes.values())


def _things(reader: Reader, release: Release) -> dict[Key, _Found]:
    found: dict[Key, _Found] = {}
    for kind, rows in zip(_LISTS, reader.get_many([f"/cluster/sdn/{name}?pending=1" for name in _LISTS.values()])):
        plain = _plain(reader, kind, f"/cluster/sdn/{_LISTS[kind]}", rows)
        found.update(((kind, row[kind]), _found(kind, row, row["type"], plain.get(row[kind], {}))) for row in rows)
    for row in reader.get(_IPAMS):
        ipam = Thing(row["type"], meanings(options_of("ipam", row["type"]), row))
        found["ipam", row["ipam"]] = _Found(ipam, ipam, None)
    vnets = sorted(name for (kind, name), one in found.items() if kind == "vnet" and one.staged is not None)
    found.update(_subnets(reader, vnets))
    return {**found, **(_fabrics(reader) if release >= (9, 0) else {})}


def _subnets(reader: Reader, vnets: list[str]) -> Iterator[tuple[Key, _Found]]:
    paths = [f"/cluster/sdn/vnets/{quote(name, safe='')}/subnets" for name in vnets]
    for name, path, rows in zip(vnets, paths, reader.get_many([f"{path}?pending=1" for path in paths])):
        plain = _plain(reader, "subnet", path, rows)
        for row in rows:
            one = _found("subnet", row, "subnet", plain.get(row["subnet"], {}), called=row["subnet"])
            yield ("subnet", f"{name}/{row['cidr']}"), one


def _fabrics(reader: Reader) -> dict[Key, _Found]:
    """Everything of a new one is among what is pending, its name, too."""
    found: dict[Key, _Found] = {}
    told = reader.get(f"{_FABRICS}?pending=1")
    for row in told["fabrics"]:
        whole = {**row, **(row.get("pending") or {})}
        found["fabric", whole["id"]] = _found("fabric", row, whole["protocol"], {})
    for row in told["nodes"]:
        whole = {**row, **(row.get("pending") or {})}
        key: Key = ("fabric node", f"{whole['fabric_id']}/{whole['node_id']}")
        found[key] = _found("fabric node", row, whole["protocol"], {})
    return found


def _plain(reader: Reader, kind: Kind, path: str, rows: Iterable[Row]) -> dict[str, Row]:
    """What is staged, asked for directly, where a text may be meant that reads like a removal."""
    unclear = any(_REMOVED in (row.get("pending") or {}).values() for row in rows)
    return {row[kind]: row for row in reader.get(path)} if unclear else {}


def _found(kind: Kind, row: Row, type_: str, plain: Row, called: str = "") -> _Found:
    """Running values on top, and what is staged instead of them in ``pending``."""
    known = options_of(kind, type_)
    state: Optional[Staged] = row.get("state")
    top = {name: value for name, value in row.items() if name in known}
    over = {name: value for name, value in (row.get("pending") or {}).items() if name in known}
    gone = {name for name, value in over.items() if value == _REMOVED and name not in plain}
    staged = {name: value for name, value in {**top, **over}.items() if name not in gone}
    return _Found(
        None if state == "new" else _thing(type_, known, top, called),
        None if state == "deleted" else _thing(type_, known, staged, called),
        state,
    )


def _thing(type_: str, known: Mapping[str, Option], values: Row, called: str) -> Thing:
    return Thing(type_, meanings(known, values), called)
