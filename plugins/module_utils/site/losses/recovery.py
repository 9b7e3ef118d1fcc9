# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of the guests of nodes that are down: started elsewhere, tried there in vain, or down for long.

The HA manager moves the configuration and starts the guest. Whether its disks, devices and images are on the new node
shows only then: what is missing there makes the start fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, Optional

from ...model.guest.overview import Replica
from ...model.guest.volumes import Volume
from .reading import PlacedGuest, Reading
from .resets import Aftermath
from .rules import Choice, choose
from .serving import Served
from .words import joined, listed, phrase

#: ``old data``: starts from a replica. ``moved``: its configuration moves, and it stays off as it is to be.
#: ``waits``: HA finds no node for it. ``stays``: nobody starts it.
Course = Literal["starts", "old data", "fails", "unknown", "moved", "waits", "stays"]


@dataclass(frozen=True)
class Fate:
    """A guest of a node that is down. nodes: where it is started, or tried. reasons: why it fails, or is not known.

    age: of the replica, in seconds; None when nobody knows. only_there: disks of which no other copy is known.
    promised: those that a job copies elsewhere; whether it ever has, nobody tells. safe_on: where its shared disks are.
    """

    placed: PlacedGuest
    course: Course
    nodes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    age: Optional[float] = None
    only_there: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    safe_on: tuple[str, ...] = ()
    failures: int = 0

    @property
    def vmid(self) -> int:
        return self.placed.guest.vmid


@dataclass(frozen=True)
class _Try:
    """A start on one node: what fails for certain, what may, and the replica that it would use."""

    node: str
    fails: tuple[str, ...]
    doubts: tuple[str, ...]
    replica: bool


def fates(reading: Reading, after: Aftermath, storages: Served) -> tuple[Fate, ...]:
    guests = [placed for placed in reading.guests.value or () if placed.node in after.down]
    return tuple(_fate(placed, reading, after, storages) for placed in sorted(guests, key=lambda one: one.guest.vmid))


def _fate(placed: PlacedGuest, reading: Reading, after: Aftermath, storages: Served) -> Fate:
    local = tuple(dict.fromkeys(volume.storage for volume in _disks(placed) if not volume.shared))
    shared = tuple(dict.fromkeys(volume.storage for volume in _disks(placed) if volume.shared))
    only = local if not replicas(placed, reading) else ()
    promised = local if not only and not replicas_told(placed, reading) else ()
    plain = Fate(placed, "stays", only_there=only, promised=promised, safe_on=shared)
    ha, sid = reading.ha.value, placed.guest.sid
    if ha is None:
        return replace(plain, course="unknown", reasons=(phrase("what the HA manager is in charge of is not known"),))
    wanted = ha.manager.resources.get(sid, "")
    state = ha.manager.services.get(sid, ("", ""))[1]
    if not wanted or ha.disarmed or wanted in ("disabled", "ignored") or state == "error":
        return plain
    if after.start is None:
        return replace(plain, course="unknown", reasons=after.doubts)
    if not after.start:
        return plain
    if not ha.manager.runs(placed.guest):
        return replace(plain, course="moved")
    places = {one.guest.sid: one.node for one in reading.guests.value or () if one.node not in after.down}
    choice = choose(sid, after.start, places, ha)
    if not choice.first:
        return replace(plain, course="waits")
    return _started(plain, choice, reading, storages, ha.relocations.get(sid, 1))


def _started(plain: Fate, choice: Choice, reading: Reading, storages: Served, relocations: int) -> Fate:
    tries = [_try(plain.placed, node, reading, storages) for node in sorted(choice.first)]
    fails = tuple(dict.fromkeys(reason for one in tries for reason in one.fails))
    doubts = tuple(dict.fromkeys(reason for one in tries for reason in one.doubts))
    good = tuple(one.node for one in tries if not one.fails and not one.doubts)
    if len(good) == len(tries):
        return _good(plain, good, tries[0].replica, reading)
    if all(one.fails for one in tries):
        later = [_try(plain.placed, node, reading, storages) for node in sorted(choice.others)] if relocations else []
        if all(one.fails for one in later):
            return replace(plain, course="fails", nodes=tuple(one.node for one in tries), reasons=fails)
    told = [
        phrase("fails on {node} ({reasons})", node=one.node, reasons=joined(one.fails)) for one in tries if one.fails
    ]
    return replace(plain, course="unknown", nodes=good, reasons=(*told, *doubts))


def _good(plain: Fate, nodes: tuple[str, ...], replica: bool, reading: Reading) -> Fate:
    if not replica:
        return replace(plain, course="starts", nodes=nodes)
    states = [_replica_state(plain.placed, node, reading) for node in nodes]
    known = [one for one in states if one is not None]
    ages = [max(0.0, reading.at - one.last_sync) for one in known]
    age = max(ages) if len(known) == len(nodes) else None
    failures = max((one.fail_count for one in known), default=0)
    return replace(plain, course="old data", nodes=nodes, age=age, failures=failures)


def _disks(placed: PlacedGuest) -> Iterator[Volume]:
    for volume in placed.guest.volumes:
        if volume.storage and not volume.snapshot and not volume.cdrom:
            yield volume


def replicas(placed: PlacedGuest, reading: Reading) -> Optional[frozenset[str]]:
    """Nodes that have a replica: the source knows; while it is silent, those that jobs name. None: nobody tells."""
    node, vmid = reading.node(placed.node), placed.guest.vmid
    if node is not None and node.replicas.value is not None:
        return frozenset(one.target for one in node.replicas.value if one.guest == vmid and one.last_sync > 0)
    if reading.replication.value is None:
        return None
    return frozenset(job.target for job in reading.replication.value if job.guest == vmid and not job.removing)


def replicas_told(placed: PlacedGuest, reading: Reading) -> bool:
    """Whether the source itself says what was copied."""
    node = reading.node(placed.node)
    return node is not None and node.replicas.known


def _replica_state(placed: PlacedGuest, target: str, reading: Reading) -> Optional[Replica]:
    node = reading.node(placed.node)
    told = (node.replicas.value or ()) if node is not None else ()
    return next((one for one in told if one.guest == placed.guest.vmid and one.target == target), None)


def _try(placed: PlacedGuest, node: str, reading: Reading, storages: Served) -> _Try:
    fails: list[str] = []
    doubts: list[str] = []
    replica = False
    for volume in placed.guest.volumes:
        if volume.snapshot or volume.cloud_init or volume.id in ("cdrom", "none"):
            continue
        copies = replicas(placed, reading)
        if not volume.shared and not volume.cdrom and (copies is None or node in copies):
            doubts += (
                [] if copies is not None else [phrase("whether {node} has a replica of it is not known", node=node)]
            )
            replica = True
            continue
        fails += _missing(volume, placed, node, reading, storages)
        doubts += _doubtful(volume, placed, node, reading, storages)
    fails += _devices(placed, node, reading, doubts)
    return _Try(node, tuple(fails), tuple(doubts), replica)


def _missing(volume: Volume, placed: PlacedGuest, node: str, reading: Reading, storages: Served) -> Iterator[str]:
    entry = (reading.storages.value or {}).get(volume.storage)
    if entry is not None and not entry.is_on(node):
        yield phrase("storage {storage} only on {nodes}", storage=volume.storage, nodes=listed(entry.nodes or ()))
    elif volume.shared:
        why = storages.why_not(volume.storage, node)
        yield from [phrase("{storage}: {why}", storage=volume.storage, why=why)] if why else []
    elif volume.cdrom:
        other = reading.node(node)
        images = other.images.value if other is not None else None
        if images is not None and volume.id not in images:
            yield phrase("cdrom {id} only on {node}", id=volume.id, node=placed.node)
    else:
        yield phrase("disk {storage} of {node}", storage=volume.storage or volume.id, node=placed.node)


def _doubtful(volume: Volume, placed: PlacedGuest, node: str, reading: Reading, storages: Served) -> Iterator[str]:
    if volume.shared and storages.why_unsure(volume.storage, node):
        yield phrase("{storage}: {why}", storage=volume.storage, why=storages.why_unsure(volume.storage, node))
    elif volume.shared and reading.storages.value is None:
        yield phrase("which storages a node has is not known")
    elif volume.cdrom and not volume.shared:
        other = reading.node(node)
        if other is None or not other.images.known:
            yield phrase("whether {id} is on {node} is not known", id=volume.id, node=node)


def _devices(placed: PlacedGuest, node: str, reading: Reading, doubts: list[str]) -> Iterator[str]:
    mappings = {one.path: one for one in reading.mappings.value or ()}
    for path in placed.guest.mapped:
        if reading.mappings.value is None:
            doubts.append(phrase("which nodes have {path} is not known", path=path))
        elif path not in mappings or not mappings[path].on(node):
            yield phrase("no device of mapping {name}", name=path.partition("/")[2])
    for device in placed.guest.devices:
        doubts.append(phrase("{device} is a device of {node}", device=device, node=placed.node))
