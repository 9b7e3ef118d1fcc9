# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""On which node a guest is made. One that exists stays where it is, and is no reason for a change there.

What counts is the memory that guests may take, those that are stopped included, held against what a node has. Guests
get their places in the order of their numbers, so a run that was cut short goes on as it would have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Optional

from ...model.guest.desired import Clone, DesiredGuest, DesiredGuests, parts_of, whole_of
from ...model.guest.observed import ListedGuest, ObservedGuest, ObservedGuests, ObservedNode
from ...model.guest.properties import family
from .compare import change, storage_at
from .firewall import firewall_to_be

_USUAL_MEMORY = 512


@dataclass(frozen=True)
class Place:
    """``source``: what it is a clone of. ``problem``: why there is no place, or no source."""

    node: str = ""
    source: Optional[ObservedGuest] = None
    problem: str = ""


@dataclass
class _Load:
    """Node → memory that is given away there, in bytes."""

    given: dict[str, int] = field(default_factory=dict)

    def add(self, node: str, memory: int) -> None:
        self.given[node] = self.given.get(node, 0) + memory


def memory_of(guest: DesiredGuest, source: Optional[ObservedGuest] = None) -> int:
    """In bytes."""
    said = guest.values.get("memory") or (guest.overlays.get("memory") or {}).get("current")
    if said is None and source is not None:
        return source.listed.memory
    return int(said or _USUAL_MEMORY) << 20


def places(desired: DesiredGuests, observed: ObservedGuests) -> dict[int, Place]:
    """VMID → its place, of those that are to be made."""
    load = _assigned(observed)
    found = {}
    known = dict(observed.seen)
    for guest in in_order(desired):
        if guest.absent or guest.vmid in observed.listed or guest.vmid in observed.unknown:
            continue
        place = _place(guest, desired.reserve, replace(observed, seen=known), load)
        found[guest.vmid] = place
        if not place.problem:
            load.add(place.node, memory_of(guest, place.source))
            known[guest.vmid] = _to_be(guest, place)
    return found


def in_order(desired: DesiredGuests) -> list[DesiredGuest]:
    """Templates before what may be a clone of them."""
    return sorted(desired.guests, key=lambda one: (not one.version, one.vmid))


def _to_be(guest: DesiredGuest, place: Place) -> ObservedGuest:
    """As it will be when others are cloned from it in the same run."""
    listed = ListedGuest(guest.kind, guest.vmid, place.node, guest.name, template=bool(guest.version))
    disks = {one.slot: f"{one.storage}:base-{guest.vmid}-{one.slot}" for one in guest.disks if not one.absent}
    drive = guest.drive
    drives = {drive.slot: f"{drive.storage}:vm-{guest.vmid}-cloudinit,media=cdrom"} if drive is not None else {}
    config = {**guest.creation, **change(guest, {}).put, **disks, **drives, guest.name_key: guest.name}
    firewall = firewall_to_be(guest.firewall, place.source.firewall if place.source is not None else None)
    return ObservedGuest(replace(listed, memory=memory_of(guest, place.source)), config, firewall=firewall)


def _assigned(observed: ObservedGuests) -> _Load:
    load = _Load()
    for row in observed.listed.values():
        if not row.template:
            load.add(row.node, row.memory)
    return load


def _place(guest: DesiredGuest, reserve: int, observed: ObservedGuests, load: _Load) -> Place:
    sources = _sources(guest.clone, observed)
    if guest.clone is not None and not sources:
        return Place(problem=f"there is no {guest.clone} that it could be a clone of")
    if guest.clone is not None and not guest.clone.vmid and len({one.listed.node for one in sources}) != len(sources):
        ids = ", ".join(str(one.listed.vmid) for one in sources)
        return Place(problem=f"{guest.clone} is several on one node: {ids}")
    able = [
        name
        for name, node in sorted(observed.nodes.items())
        if node.usable and name in ((guest.node,) if guest.node else observed.nodes)
    ]
    fitting = [name for name in able if _fits(guest, observed.nodes[name], observed)]
    if fitting and guest.mappings:
        fitting = [name for name in fitting if _has_devices(guest, name, observed)]
        if not fitting:
            return Place(problem=f"no node that could get it has devices of {', '.join(guest.mappings)} left")
    options = [(name, source) for name in fitting for source in _best(guest, name, sources, observed)]
    if not options:
        return Place(problem=_why_nowhere(guest, able, fitting))

    def weight(option: tuple[str, Optional[ObservedGuest]]) -> tuple[float, str]:
        name, source = option
        room = max(observed.nodes[name].memory - reserve, 1)
        return ((load.given.get(name, 0) + memory_of(guest, source)) / room, name)

    node, source = min(options, key=weight)
    return Place(node, source)


def _why_nowhere(guest: DesiredGuest, able: list[str], fitting: list[str]) -> str:
    if not able:
        return f"{guest.node} is not there, or gets no guests now" if guest.node else "no node is there to get it"
    if not fitting:
        return f"no node has its storages ({', '.join(sorted(_storages(guest)))}) and its bridges"
    return "what it is a clone of is on storages that are not shared, on another node"


def _storages(guest: DesiredGuest) -> set[str]:
    found = {disk.storage for disk in (*guest.disks, guest.drive) if disk is not None and disk.storage}
    return found | ({guest.clone.storage} if guest.clone is not None and guest.clone.storage else set())


def _plugs(guest: DesiredGuest) -> set[str]:
    return {str(one["bridge"]) for key, one in guest.overlays.items() if family(key) == "net" and one.get("bridge")}


def _fits(guest: DesiredGuest, node: ObservedNode, observed: ObservedGuests) -> bool:
    """What no node has yet may come in the same run, and then is no reason for one node and against another."""
    storages, bridges = _anywhere(observed)
    if node.bridges is not None and not _plugs(guest) & bridges <= node.bridges:
        return False
    return _storages(guest) & storages <= node.storages


def _has_devices(guest: DesiredGuest, name: str, observed: ObservedGuests) -> bool:
    """As many of each mapping are left there as it names; how many more vGPUs there can be, only the node itself knows.
    A mapping that nobody has made yet is none of any node.
    """
    there = {one: observed.mapped.get(one, {}).get(name, 0) for one in guest.mappings}
    wanted = Counter(whole_of(guest.overlays))
    taken = Counter(
        mapping
        for one in observed.seen.values()
        if one.listed.node == name and one.listed.kind == "qemu"
        for mapping in whole_of({key: parts_of("qemu", key, text) for key, text in one.config.items()})
    )
    return all(there.values()) and all(there[one] - taken[one] >= count for one, count in wanted.items())


def _anywhere(observed: ObservedGuests) -> tuple[set[str], set[str]]:
    nodes = observed.nodes.values()
    bridges = {name for node in nodes for name in node.bridges or ()}
    return {name for node in nodes for name in node.storages}, bridges


def warn_of_missing(desired: DesiredGuests, observed: ObservedGuests, made: Mapping[int, Place]) -> Iterator[str]:
    """What Proxmox VE will refuse if nobody makes it before."""
    new = [one for one in desired.guests if one.vmid in made]
    missing = sorted({name for one in new for name in _storages(one)} - _anywhere(observed)[0])
    if missing:
        yield f"No node has the storages {', '.join(missing)} yet, which guests are to be made on."


def _sources(clone: Optional[Clone], observed: ObservedGuests) -> list[ObservedGuest]:
    """By its number, or what is marked as the template of this name and version. A name alone is nobody's."""
    if clone is None:
        return []
    if clone.vmid:
        return [observed.seen[clone.vmid]] if clone.vmid in observed.seen else []
    return [one for dummy, one in sorted(observed.seen.items()) if _is_template(one, clone)]


def _is_template(guest: ObservedGuest, clone: Clone) -> bool:
    mark = guest.mark
    if mark is None or not guest.is_ours or not guest.listed.template:
        return False
    return mark.fields.get("template") == clone.template and mark.fields.get("version") == clone.version


def _best(
    guest: DesiredGuest, node: str, sources: list[ObservedGuest], observed: ObservedGuests
) -> Iterator[Optional[ObservedGuest]]:
    """That of the node itself, else one whose volumes other nodes see; None where nothing is cloned."""
    if guest.clone is None:
        yield None
        return
    here = [one for one in sources if one.listed.node == node]
    yield from (here or [one for one in sources if _is_shared(one, observed.shared)])[:1]


def _is_shared(guest: ObservedGuest, shared: frozenset[str]) -> bool:
    kept = [key for key, text in guest.config.items() if _has_volume(guest, key, text)]
    return all(storage_at(guest.listed.kind, key, guest.config[key]) in shared for key in kept)


def _has_volume(guest: ObservedGuest, key: str, text: str) -> bool:
    found = parts_of(guest.listed.kind, key, text)
    return found.get("file", found.get("volume", "none")) not in ("none", "cdrom")


def warn_of_loss(desired: DesiredGuests, observed: ObservedGuests, made: Mapping[int, Place]) -> Iterator[str]:
    """Whether the others could take all guests when the largest node is lost."""
    room = {name: max(node.memory - desired.reserve, 0) for name, node in observed.nodes.items() if node.online}
    if len(room) < 2 or not made:
        return
    load = _assigned(observed)
    wishes = {one.vmid: one for one in desired.guests}
    for vmid, place in made.items():
        load.add(place.node, memory_of(wishes[vmid], place.source))
    left = sum(room.values()) - max(room.values())
    given = sum(load.given.values())
    if given > left:
        yield (
            f"The guests may take {given >> 20} MiB of memory together. If the largest node is lost, the others have "
            f"{left >> 20} MiB for them."
        )
