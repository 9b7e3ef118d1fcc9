# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which storages nobody serves after a loss, and whose guests hang: followed to the end.

A storage may be served by a node, or by a guest whose own disk lies on another storage that a guest serves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...model.guest.volumes import Volume
from ...model.storage.cfg import shown
from ...model.storage.entry import StorageEntry
from ...model.storage.servers import servers_of
from .addresses import Holder, holder_of
from .cell import State
from .daemons import served as ranks_served
from .data import pool_states
from .gone import gone_with
from .networks import on_dead_link
from .reading import CephReading, PlacedGuest, Reading
from .resets import Aftermath
from .things import Thing
from .words import joined, phrase

_CEPH = ("rbd", "cephfs")
#: Types that are shared without a server that anybody names: a volume group on disks of a storage network.
_ELSEWHERE = ("lvm",)


@dataclass(frozen=True)
class Served:
    """After a loss. ``broken``: storage → why nobody can use it; doubtful: storage → why that is not known.

    cut, unsure: (node, storage) where only that node cannot, or perhaps. hanging: number of a guest that goes on → why
    its disks do not answer. uncertain: number of a guest of which that is not known.
    """

    broken: Mapping[str, str] = field(default_factory=dict)
    doubtful: Mapping[str, str] = field(default_factory=dict)
    cut: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unsure: Mapping[tuple[str, str], str] = field(default_factory=dict)
    hanging: Mapping[int, str] = field(default_factory=dict)
    uncertain: Mapping[int, str] = field(default_factory=dict)

    def why_not(self, storage: str, node: str) -> str:
        return self.broken.get(storage) or self.cut.get((node, storage), "")

    def why_unsure(self, storage: str, node: str) -> str:
        return self.doubtful.get(storage) or self.unsure.get((node, storage), "")


Storages = Mapping[str, StorageEntry]


def served(thing: Thing, reading: Reading, after: Aftermath) -> Served:
    """Repeated until nothing more falls: what hangs serves nobody."""
    storages = {name: told for name, told in (reading.storages.value or {}).items() if not told.disabled}
    guests = reading.guests.value or ()
    broken, doubtful = _pools(thing, reading, storages)
    cut, perhaps = _cut(thing, reading, storages)
    while True:
        here = Served(broken, doubtful, cut, perhaps)
        hanging, uncertain = _hanging(guests, here, after)
        silent = {placed.guest.vmid for placed in guests if placed.node in after.down} | set(hanging)
        new, unsure = _fallen(storages, reading, after, here, silent, set(uncertain))
        if not new and not unsure:
            return Served(broken, doubtful, cut, perhaps, hanging, uncertain)
        broken, doubtful = {**broken, **new}, {**doubtful, **unsure}


def _fallen(
    storages: Storages,
    reading: Reading,
    after: Aftermath,
    here: Served,
    silent: set[int],
    unsure: set[int],
) -> tuple[dict[str, str], dict[str, str]]:
    """Storages whose servers are gone, of those that are not known to be yet."""
    new: dict[str, str] = {}
    doubts: dict[str, str] = {}
    for name, entry in storages.items():
        if name in here.broken:
            continue
        base = _option(entry, "base").partition(":")[0]
        verdicts = [_server(server, reading, after, silent, unsure) for server in sorted(servers_of(entry))]
        if base and base in here.broken:
            verdicts = [("stops", phrase("it lies on {base}: {why}", base=base, why=here.broken[base]))]
        elif base and base in here.doubtful:
            verdicts = [("unknown", here.doubtful[base])]
        elif not verdicts and _nameless(entry):
            verdicts = [("unknown", phrase("who serves it is not known"))] if after.lost or after.reset else []
        states = [state for state, dummy in verdicts]
        if states and all(state == "stops" for state in states):
            new[name] = verdicts[0][1]
        elif states and "fine" not in states and name not in here.doubtful:
            doubts[name] = next(why for state, why in verdicts if state == "unknown")
    return new, doubts


def _nameless(entry: StorageEntry) -> bool:
    return entry.type not in (*_CEPH, *_ELSEWHERE) and entry.shared


def _option(entry: StorageEntry, key: str) -> str:
    return shown(entry.options.get(key, ""))


def _is_own_ceph(entry: StorageEntry) -> bool:
    """Of this cluster, as no monitors of another one are named."""
    return entry.type in _CEPH and "monhost" not in entry.options


def _server(server: str, reading: Reading, after: Aftermath, silent: set[int], unsure: set[int]) -> tuple[State, str]:
    holder = holder_of(server, reading)
    gone = holder.goes_with(after.down)
    if gone or (holder.guest is not None and holder.guest.guest.vmid in silent):
        return "stops", phrase("{server} is {holder}", server=server, holder=holder)
    vmid = holder.guest.guest.vmid if holder.guest is not None else 0
    if gone is None or holder.goes_with(after.maybe) is not False or vmid in unsure:
        return "unknown", _doubt(server, holder)
    return "fine", ""


def _doubt(server: str, holder: Holder) -> str:
    return (
        phrase("who has {server} is not known: {doubt}", server=server, doubt=holder.doubts[0])
        if holder.doubts
        else phrase("{server} is {holder}", server=server, holder=holder)
    )


def pools_of(entry: StorageEntry, reading: Reading) -> tuple[str, ...]:
    """The pools of this cluster's Ceph that a storage needs; none when it is of another cluster."""
    if not _is_own_ceph(entry):
        return ()
    if entry.type == "rbd":
        return tuple(_option(entry, key) for key in ("pool", "data-pool") if key in entry.options) or ("rbd",)
    ceph = reading.ceph.value
    if ceph is None:
        return ()
    wanted = _filesystem_of(entry, ceph)
    numbers = [number for one in ceph.outlook.filesystems if one.filesystem == wanted for number in one.pools]
    return tuple(ceph.data.pools[number].name for number in numbers if number in ceph.data.pools)


def _filesystem_of(entry: StorageEntry, ceph: CephReading) -> str:
    return _option(entry, "fs-name") or next((one.filesystem for one in ceph.outlook.filesystems), "")


def _pools(thing: Thing, reading: Reading, storages: Storages) -> tuple[dict[str, str], dict[str, str]]:
    """Storages on this cluster's Ceph whose pools stop, or may."""
    broken: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    states = pool_states(thing, reading)
    for name, entry in storages.items():
        if not _is_own_ceph(entry):
            continue
        found = {pool: states.get(pool, "unknown") for pool in pools_of(entry, reading)}
        stopped = [pool for pool, state in found.items() if state in ("stops", "lost")]
        unknown = [pool for pool, state in found.items() if state == "unknown"]
        service = _filesystem(thing, reading, entry)
        if stopped:
            broken[name] = phrase("Ceph's pool {pool} stops", pool=stopped[0])
        elif service == "stops":
            broken[name] = phrase("no metadata server serves it")
        elif unknown or service == "unknown" or not found:
            doubtful[name] = phrase("how Ceph's data is then, is not known")
    return broken, doubtful


def _filesystem(thing: Thing, reading: Reading, entry: StorageEntry) -> State:
    ceph = reading.ceph.value
    if entry.type != "cephfs":
        return "fine"
    if ceph is None:
        return "unknown"
    wanted = _filesystem_of(entry, ceph)
    found = [one for one in ranks_served(ceph, gone_with(thing, reading, ceph), reading) if one.filesystem == wanted]
    return found[0].state if found else "unknown"


Places = dict[tuple[str, str], str]


def _cut(thing: Thing, reading: Reading, storages: Storages) -> tuple[Places, Places]:
    """Storages that some nodes alone do not reach: by a dead link, or as they lay on the lost disk. And those of which
    that is not known."""
    cut: Places = dict.fromkeys(thing.storages, phrase("its disk is lost"))
    unsure: Places = {}
    ceph = reading.ceph.value
    away = gone_with(thing, reading, ceph).nodes - thing.nodes if ceph is not None and thing.links else frozenset()
    for name, entry in storages.items():
        if _is_own_ceph(entry):
            cut.update(
                {(node, name): phrase("Ceph is reached over the lost link") for node in away if entry.is_on(node)}
            )
            continue
        servers = sorted(servers_of(entry))
        over = {on_dead_link(thing, server, reading) for server in servers} if thing.links else {False}
        if not over or False in over:
            continue
        names = joined(servers, "{one}, {more}")
        places = [(node, name) for node, dummy in thing.links if entry.is_on(node)]
        if None in over:
            unsure.update(
                dict.fromkeys(
                    places,
                    phrase("{servers} may be reached over the lost link", servers=names),
                )
            )
        else:
            cut.update(dict.fromkeys(places, phrase("{servers} is reached over the lost link", servers=names)))
    return cut, unsure


def _hanging(guests: Iterable[PlacedGuest], here: Served, after: Aftermath) -> tuple[dict[int, str], dict[int, str]]:
    """Guests that go on running while a disk of theirs does not answer. A CD in the drive does not count."""
    hanging: dict[int, str] = {}
    uncertain: dict[int, str] = {}
    for placed in guests:
        if placed.node in after.down or not placed.guest.running:
            continue
        used = [volume.storage for volume in placed.guest.volumes if _is_disk(volume)]
        dead = [name for name in used if here.why_not(name, placed.node)]
        unsure = [name for name in used if here.why_unsure(name, placed.node)]
        if dead:
            hanging[placed.guest.vmid] = phrase(
                "{storage}: {why}", storage=dead[0], why=here.why_not(dead[0], placed.node)
            )
        elif unsure:
            uncertain[placed.guest.vmid] = phrase(
                "{storage}: {why}", storage=unsure[0], why=here.why_unsure(unsure[0], placed.node)
            )
    return hanging, uncertain


def _is_disk(volume: Volume) -> bool:
    return bool(volume.storage) and not volume.snapshot and not volume.cdrom
