# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Guests after a loss: which stop, which are reset with their node, which start elsewhere, hang, or are gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

from .cell import Cell, State, unknown, worst
from .reading import PlacedGuest, Reading
from .recovery import Course, Fate, fates, replicas
from .resets import Aftermath, aftermath
from .room import without_room
from .serving import Served, served
from .things import Thing
from .words import listed, sentence, span, verb

_STATES: Mapping[Course, State] = {
    "starts": "degraded",
    "old data": "lost",
    "fails": "stops",
    "unknown": "unknown",
    "moved": "degraded",
    "waits": "stops",
    "stays": "stops",
}


@dataclass(frozen=True)
class GuestLoss:
    """What one loss means for guests, by their numbers.

    lost: those that run on the lost nodes; also_stop: those that run on nodes that are reset. going: those that go on
    on nodes without quorum. twice: those that two clusters run at once; destroyed: those of them with shared disks.
    bare: those with a disk on a storage that is lost with a disk, and no replica.
    """

    after: Aftermath
    fates: tuple[Fate, ...]
    storages: Served
    lost: tuple[int, ...] = ()
    also_stop: tuple[int, ...] = ()
    going: tuple[int, ...] = ()
    twice: tuple[int, ...] = ()
    destroyed: tuple[int, ...] = ()
    no_room: tuple[tuple[int, Optional[bool]], ...] = ()
    bare: tuple[tuple[int, str], ...] = ()

    def of(self, *courses: Course) -> tuple[Fate, ...]:
        return tuple(fate for fate in self.fates if fate.course in courses)


@lru_cache(maxsize=4)
def guest_loss(thing: Thing, reading: Reading) -> GuestLoss:
    after = aftermath(thing, reading)
    storages = served(thing, reading, after)
    found = fates(reading, after, storages)
    guests = reading.guests.value or ()
    blind = frozenset() if after.start is None else after.going - after.start
    twice = tuple(_twice(after, reading))
    return GuestLoss(
        after=after,
        fates=found,
        storages=storages,
        lost=_running_on(after.lost, guests),
        also_stop=_running_on(after.reset, guests),
        going=_running_on(blind, guests),
        twice=tuple(sorted(one.guest.vmid for one in twice)),
        destroyed=tuple(sorted(one.guest.vmid for one in twice if any(disk.shared for disk in one.guest.volumes))),
        no_room=tuple(without_room(found, after, reading)),
        bare=tuple(_bare(thing, reading)),
    )


def _bare(thing: Thing, reading: Reading) -> Iterator[tuple[int, str]]:
    for placed in sorted(reading.guests.value or (), key=lambda one: one.guest.vmid):
        used = {disk.storage for disk in placed.guest.volumes if not disk.shared and not disk.cdrom}
        lost = sorted(name for node, name in thing.storages if node == placed.node and name in used)
        if lost and not replicas(placed, reading):
            yield placed.guest.vmid, lost[0]


def _running_on(nodes: Collection[str], guests: Iterable[PlacedGuest]) -> tuple[int, ...]:
    return tuple(sorted(one.guest.vmid for one in guests if one.node in nodes and one.guest.running))


def _twice(after: Aftermath, reading: Reading) -> Iterator[PlacedGuest]:
    """Each half with quorum starts the HA guests of the others, which run on."""
    ha = reading.ha.value
    for placed in reading.guests.value or ():
        inside = any(placed.node in half for half in after.divided)
        if inside and (ha is None or ha.manager.runs(placed.guest)):
            yield placed


def cell(thing: Thing, reading: Reading) -> Cell:
    silent = [] if reading.guests.known else [f"Which guests there are is not known ({reading.guests.why})."]
    silent += [] if reading.storages.known else [f"Which storages there are is not known ({reading.storages.why})."]
    if reading.guests.value is None:
        return unknown(*silent)
    found = guest_loss(thing, reading)
    state = worst(_state(found), "unknown" if silent else "fine")
    at_once = (*silent, *_at_once(found))
    return Cell(state, _word(found, state), at_once, tuple(_later(found)), tuple(_for_good(found)))


def _state(found: GuestLoss) -> State:
    states: list[State] = [_STATES[fate.course] for fate in found.fates if _matters(fate)]
    if any(fate.only_there and fate.placed.node in found.after.lost for fate in found.fates):
        states.append("lost")
    if found.bare:
        states.append("lost")
    if found.after.divided:
        states.append("lost" if found.destroyed else "stops")
    if found.storages.hanging:
        states.append("stops")
    if found.storages.uncertain or found.after.maybe or found.after.doubts:
        states.append("unknown")
    if found.going or found.after.reset:
        states.append("degraded")
    return worst(*states)


def _matters(fate: Fate) -> bool:
    """One that is off, and that nobody starts, is no worse off than before."""
    return fate.placed.guest.running or fate.course not in ("stays", "moved")


def _word(found: GuestLoss, state: State) -> str:
    if found.after.divided:
        return f"two clusters: {listed(found.twice)} run twice" if found.twice else "two clusters"
    words = (
        [f"{listed(one.vmid for one in found.of('starts'))} {verb(found.of('starts'), 'starts', 'start')} elsewhere"]
        if found.of("starts")
        else []
    )
    for course, text in (("old data", "old data"), ("fails", "fails elsewhere"), ("waits", "waits"), ("stays", "down")):
        numbers = [fate.vmid for fate in found.fates if fate.course == course and _matters(fate)]
        words += [f"{text}: {listed(numbers)}"] if numbers else []
    words += [f"hang: {listed(found.storages.hanging)}"] if found.storages.hanging else []
    return "; ".join([*words, *(["unknown"] if state == "unknown" else [])]) or ("-" if state == "fine" else "go on")


def _at_once(found: GuestLoss) -> Iterator[str]:
    after = found.after
    if found.lost:
        yield f"{listed(found.lost)} {verb(found.lost, 'stops', 'stop')} with {listed(after.lost)}."
    if after.reset:
        stop = f"; with it stop {listed(found.also_stop)}, HA or not" if found.also_stop else ""
        are = verb(after.reset, "is", "are")
        yield f"{listed(after.reset)} {are} reset by the watchdog within 60 s (the LRM is armed){stop}."
    for doubt in after.doubts:
        yield sentence(doubt)
    if found.twice:
        yield f"{listed(found.twice)} run twice, once in each cluster."
    if found.destroyed:
        yield f"The disks of {listed(found.destroyed)} are on shared storage: two writers destroy them."
    if found.going:
        go = f"{listed(found.going)} {verb(found.going, 'goes', 'go')} on without quorum"
        yield f"{go}; nothing there can be started, moved or changed."
    for vmid, why in sorted(found.storages.hanging.items()):
        yield f"{vmid} hangs: {why}."
    for vmid, why in sorted(found.storages.uncertain.items()):
        yield f"Whether {vmid} hangs is unknown: {why}."


def _later(found: GuestLoss) -> Iterator[str]:
    for fate in found.of("starts"):
        yield f"{fate.vmid} starts on {listed(fate.nodes, 'or')}, about 2 min later."
    for fate in found.of("old data"):
        age = f"{span(fate.age)} old" if fate.age is not None else "of an unknown age"
        failing = f", replication has failed {fate.failures} times" if fate.failures else ""
        where = f"{fate.vmid} starts on {listed(fate.nodes, 'or')}"
        yield f"{where} from a replica {age}{failing}: what came after is gone."
    for fate in found.of("fails"):
        yield (
            f"{fate.vmid} is tried on {listed(fate.nodes)} and fails: {'; '.join(fate.reasons)}. It ends in error, and"
            " its configuration lies there."
        )
    for fate in found.of("unknown"):
        starts = f"starts on {listed(fate.nodes, 'or')}, " if fate.nodes else ""
        yield f"{fate.vmid}: unknown: {starts}{'; '.join(fate.reasons)}."
    for fate in found.of("waits"):
        yield f"{fate.vmid} waits: its rules leave it no node."
    moved = [fate.vmid for fate in found.of("moved")]
    if moved:
        yield f"{listed(moved)} are to be off: HA moves their configuration, and does not start them."
    yield from _stays(found)
    for vmid, fits in found.no_room:
        yield (
            f"{vmid} does not fit: no node that it may start on has so much memory left."
            if fits is False
            else (f"Whether {vmid} fits where it starts is unknown.")
        )


def _stays(found: GuestLoss) -> Iterator[str]:
    for fate in found.of("stays"):
        if fate.placed.guest.running:
            where = f"its disk is on {listed(fate.safe_on)}" if fate.safe_on else f"its disk is on {fate.placed.node}"
            back = fate.placed.node if fate.placed.node in found.after.lost else f"{fate.placed.node} and quorum"
            start = f"; it can be started elsewhere once {fate.placed.node} is certainly off" if _movable(fate) else ""
            yield f"{fate.vmid} stays down until {back} is back: {where}{start}."


def _movable(fate: Fate) -> bool:
    return bool(fate.safe_on) and not fate.only_there


def _for_good(found: GuestLoss) -> Iterator[str]:
    for fate in found.fates:
        if fate.only_there and fate.placed.node in found.after.lost:
            yield f"The data of {fate.vmid} is gone: no other copy of its disk on {listed(fate.only_there)} is known."
        elif fate.safe_on and fate.placed.node in found.after.lost and not _touched(fate, found):
            yield f"The data of {fate.vmid} is whole on {listed(fate.safe_on)}."
    for vmid, storage in found.bare:
        if vmid not in [fate.vmid for fate in found.fates if fate.only_there]:
            yield f"The data of {vmid} on {storage} is gone: no other copy of it is known."


def _touched(fate: Fate, found: GuestLoss) -> bool:
    """A storage of it stops as well, or nobody knows."""
    return any(name in found.storages.broken or name in found.storages.doubtful for name in fate.safe_on)
