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
from .recovery import Course, Fate, fates, replicas, replicas_told
from .resets import Aftermath, aftermath
from .room import without_room
from .serving import Served, served
from .things import Thing
from .words import joined, listed, phrase, sentence, span, verb

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
    bare: those with a disk on a storage that is lost with a disk, and no replica; promised: with one of which nobody
    tells whether it was ever made.
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
    promised: tuple[tuple[int, str], ...] = ()

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
        bare=tuple((one.guest.vmid, name) for one, name in _local(thing, reading) if not replicas(one, reading)),
        promised=tuple(_promised(thing, reading, found)),
    )


def _local(thing: Thing, reading: Reading) -> Iterator[tuple[PlacedGuest, str]]:
    """Guests with a disk on a storage that is lost with a disk."""
    for placed in sorted(reading.guests.value or (), key=lambda one: one.guest.vmid):
        used = {disk.storage for disk in placed.guest.volumes if not disk.shared and not disk.cdrom}
        lost = sorted(name for node, name in thing.storages if node == placed.node and name in used)
        if lost:
            yield placed, lost[0]


def _promised(thing: Thing, reading: Reading, found: Iterable[Fate]) -> Iterator[tuple[int, str]]:
    for fate in found:
        if fate.promised and fate.placed.node in thing.nodes:
            yield fate.vmid, fate.promised[0]
    for placed, name in _local(thing, reading):
        if replicas(placed, reading) and not replicas_told(placed, reading):
            yield placed.guest.vmid, name


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
    silent = (
        [] if reading.guests.known else [phrase("Which guests there are is not known ({why}).", why=reading.guests.why)]
    )
    silent += (
        []
        if reading.storages.known
        else [phrase("Which storages there are is not known ({why}).", why=reading.storages.why)]
    )
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
    if found.promised:
        states.append("unknown")
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
        return (
            phrase("two clusters: {twice} run twice", twice=listed(found.twice))
            if found.twice
            else phrase("two clusters")
        )
    words = (
        [
            phrase(
                "{guests} {start} elsewhere",
                guests=listed(one.vmid for one in found.of("starts")),
                start=verb(found.of("starts"), "starts", "start"),
            )
        ]
        if found.of("starts")
        else []
    )
    for course, text in (
        ("old data", phrase("old data")),
        ("fails", phrase("fails elsewhere")),
        ("waits", phrase("waits")),
        ("stays", phrase("down")),
    ):
        numbers = [fate.vmid for fate in found.fates if fate.course == course and _matters(fate)]
        words += [phrase("{text}: {numbers}", text=text, numbers=listed(numbers))] if numbers else []
    words += [phrase("hang: {hanging}", hanging=listed(found.storages.hanging))] if found.storages.hanging else []
    return joined([*words, *([phrase("unknown")] if state == "unknown" else [])]) or (
        "-" if state == "fine" else phrase("go on")
    )


def _at_once(found: GuestLoss) -> Iterator[str]:
    after = found.after
    if found.lost:
        yield phrase(
            "{guests} {stop} with {nodes}.",
            guests=listed(found.lost),
            stop=verb(found.lost, "stops", "stop"),
            nodes=listed(after.lost),
        )
    if after.reset:
        stop = (
            phrase("; with it stop {also_stop}, HA or not", also_stop=listed(found.also_stop))
            if found.also_stop
            else ""
        )
        are = verb(after.reset, "is", "are")
        yield phrase(
            "{reset} {are} reset by the watchdog within 60 s (the LRM is armed){stop}.",
            reset=listed(after.reset),
            are=are,
            stop=stop,
        )
    for doubt in after.doubts:
        yield sentence(doubt)
    if found.twice:
        yield phrase("{twice} run twice, once in each cluster.", twice=listed(found.twice))
    if found.destroyed:
        yield phrase(
            "The disks of {destroyed} are on shared storage: two writers destroy them.",
            destroyed=listed(found.destroyed),
        )
    if found.going:
        go = phrase("{going} {verb} on without quorum", going=listed(found.going), verb=verb(found.going, "goes", "go"))
        yield phrase("{go}; nothing there can be started, moved or changed.", go=go)
    for vmid, why in sorted(found.storages.hanging.items()):
        yield phrase("{vmid} hangs: {why}.", vmid=vmid, why=why)
    for vmid, why in sorted(found.storages.uncertain.items()):
        yield phrase("Whether {vmid} hangs is unknown: {why}.", vmid=vmid, why=why)


def _later(found: GuestLoss) -> Iterator[str]:
    for fate in found.of("starts"):
        yield phrase("{vmid} starts on {nodes}, about 2 min later.", vmid=fate.vmid, nodes=listed(fate.nodes, "or"))
    for fate in found.of("old data"):
        age = phrase("{time} old", time=span(fate.age)) if fate.age is not None else phrase("of an unknown age")
        failing = phrase(", replication has failed {failures} times", failures=fate.failures) if fate.failures else ""
        where = phrase("{vmid} starts on {nodes}", vmid=fate.vmid, nodes=listed(fate.nodes, "or"))
        yield phrase(
            "{where} from a replica {age}{failing}: what came after is gone.", where=where, age=age, failing=failing
        )
    for fate in found.of("fails"):
        yield (
            phrase(
                "{vmid} is tried on {nodes} and fails: {reasons}. It ends in error, and its configuration lies there.",
                vmid=fate.vmid,
                nodes=listed(fate.nodes),
                reasons=joined(fate.reasons),
            )
        )
    for fate in found.of("unknown"):
        starts = phrase("starts on {nodes}, ", nodes=listed(fate.nodes, "or")) if fate.nodes else ""
        yield phrase("{vmid}: unknown: {starts}{reasons}.", vmid=fate.vmid, starts=starts, reasons=joined(fate.reasons))
    for fate in found.of("waits"):
        yield phrase("{vmid} waits: its rules leave it no node.", vmid=fate.vmid)
    moved = [fate.vmid for fate in found.of("moved")]
    if moved:
        yield phrase(
            "{moved} are to be off: HA moves their configuration, and does not start them.", moved=listed(moved)
        )
    yield from _stays(found)
    for vmid, fits in found.no_room:
        yield (
            phrase("{vmid} does not fit: no node that it may start on has so much memory left.", vmid=vmid)
            if fits is False
            else (phrase("Whether {vmid} fits where it starts is unknown.", vmid=vmid))
        )


def _stays(found: GuestLoss) -> Iterator[str]:
    for fate in found.of("stays"):
        if fate.placed.guest.running:
            where = (
                phrase("its disk is on {safe_on}", safe_on=listed(fate.safe_on))
                if fate.safe_on
                else phrase("its disk is on {node}", node=fate.placed.node)
            )
            back = (
                fate.placed.node
                if fate.placed.node in found.after.lost
                else phrase("{node} and quorum", node=fate.placed.node)
            )
            start = (
                phrase("; it can be started elsewhere once {node} is certainly off", node=fate.placed.node)
                if _movable(fate)
                else ""
            )
            yield phrase(
                "{vmid} stays down until {back} is back: {where}{start}.",
                vmid=fate.vmid,
                back=back,
                where=where,
                start=start,
            )


def _movable(fate: Fate) -> bool:
    return bool(fate.safe_on) and not fate.only_there


def _for_good(found: GuestLoss) -> Iterator[str]:
    for fate in found.fates:
        if fate.only_there and fate.placed.node in found.after.lost:
            yield phrase(
                "The data of {vmid} is gone: no other copy of its disk on {only_there} is known.",
                vmid=fate.vmid,
                only_there=listed(fate.only_there),
            )
        elif fate.safe_on and fate.placed.node in found.after.lost and not _touched(fate, found):
            yield phrase("The data of {vmid} is whole on {safe_on}.", vmid=fate.vmid, safe_on=listed(fate.safe_on))
    for vmid, storage in dict.fromkeys(found.promised):
        yield phrase(
            "Whether the data of {vmid} on {storage} is gone is not known: a job copies it, and nobody tells whether it"
            " ever has.",
            vmid=vmid,
            storage=storage,
        )
    for vmid, storage in found.bare:
        if vmid not in [fate.vmid for fate in found.fates if fate.only_there]:
            yield phrase(
                "The data of {vmid} on {storage} is gone: no other copy of it is known.", vmid=vmid, storage=storage
            )


def _touched(fate: Fate, found: GuestLoss) -> bool:
    """A storage of it stops as well, or nobody knows."""
    return any(name in found.storages.broken or name in found.storages.doubtful for name in fate.safe_on)
