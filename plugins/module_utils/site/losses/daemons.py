# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Monitors, managers and metadata servers after a loss: who is left, and who takes whose place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from ...model.ceph.outlook import MdsDaemon
from .cell import Cell, State, unknown, worst
from .gone import Gone, gone_with, runs_on
from .reading import CephReading, Reading
from .things import Thing
from .words import listed, phrase, sentence, verb


@dataclass(frozen=True)
class Majority:
    """Of the monitors in the map, not of those that live."""

    left: int
    needed: int
    all: int

    @property
    def stands(self) -> bool:
        return self.left >= self.needed

    def __str__(self) -> str:
        return (
            phrase("{left} of {all}", left=self.left, all=self.all)
            if self.stands
            else phrase(
                "NO majority: {left} of {all}, needs {needed}", left=self.left, all=self.all, needed=self.needed
            )
        )


def majority(ceph: CephReading, gone: Gone) -> Majority:
    monitors = ceph.data.monitors
    left = [name for name in monitors.quorum if name not in gone.monitors]
    return Majority(len(left), monitors.needed, len(monitors.addresses))


@dataclass(frozen=True)
class Service:
    """A file system after a loss. by: rank → the daemon that takes it over. spare: who could take the next one."""

    filesystem: str
    state: State
    taken: tuple[tuple[int, str], ...] = ()
    unserved: tuple[int, ...] = ()
    spare: tuple[str, ...] = ()


def served(ceph: CephReading, gone: Gone, reading: Reading) -> tuple[Service, ...]:
    """Every file system. A standby that follows a rank takes that one alone; a free one takes any, but only one."""
    lost: dict[str, Optional[bool]] = {
        one.name: runs_on("mds", one.name, one.addresses, gone.nodes, reading, ceph) for one in ceph.outlook.mds
    }
    sure = _served(ceph, {name for name, answer in lost.items() if answer is not False})
    if None not in lost.values():
        return sure
    lucky = {one.filesystem: one.state for one in _served(ceph, {name for name, answer in lost.items() if answer})}
    return tuple(
        one if lucky[one.filesystem] == one.state else Service(one.filesystem, "unknown", unserved=one.unserved)
        for one in sure
    )


def _served(ceph: CephReading, lost: set[str]) -> tuple[Service, ...]:
    alive = [one for one in ceph.outlook.mds if one.name not in lost]
    free = sorted(one.name for one in alive if one.filesystem is None)
    needs = {one.filesystem: _unfilled(one.filesystem, one.ranks, alive) for one in ceph.outlook.filesystems}
    short = sum(len([rank for rank, heir in ranks if heir is None]) for ranks in needs.values()) > len(free)
    found = []
    for one in ceph.outlook.filesystems:
        empty = needs[one.filesystem]
        orphans = [rank for rank, heir in empty if heir is None]
        taken = [(rank, heir) for rank, heir in empty if heir is not None]
        if not short:
            taken += [(rank, free.pop(0)) for rank in orphans]
        unserved = tuple(orphans) if short else ()
        lacks = one.damaged or len(unserved) > len(free)
        state: State = "stops" if lacks else "unknown" if unserved else "degraded" if empty else "fine"
        found.append(Service(one.filesystem, state, tuple(taken), unserved or one.damaged))
    return tuple(
        Service(one.filesystem, one.state, one.taken, one.unserved, tuple(free) if not one.unserved else ())
        for one in found
    )


def _unfilled(filesystem: str, ranks: tuple[int, ...], alive: list[MdsDaemon]) -> list[tuple[int, Optional[str]]]:
    """Ranks that nobody holds, each with the standby that follows it."""
    mine = [one for one in alive if one.filesystem == filesystem]
    held = {one.rank for one in mine if one.state != "up:standby-replay"}
    follows = {one.rank: one.name for one in mine if one.state == "up:standby-replay"}
    return [(rank, follows.get(rank)) for rank in ranks if rank not in held]


def cell(thing: Thing, reading: Reading) -> Cell:
    if reading.has_ceph.value is False:
        return Cell("fine", "-")
    ceph = reading.ceph.value
    if ceph is None:
        return unknown(phrase("Ceph's monitors did not answer ({why}).", why=reading.ceph.why))
    gone = gone_with(thing, reading, ceph)
    monitors, services = majority(ceph, gone), served(ceph, gone, reading)
    state = worst("fine" if monitors.stands else "stops", *(one.state for one in services))
    managers = _managers(ceph, gone, reading)
    if managers is not True:
        state = worst(state, "degraded" if managers is False else "unknown")
    if gone.doubts:
        state = worst(state, "unknown")
    at_once = [*_monitor_words(ceph, gone, monitors), *(told for one in services for told in _told(one))]
    at_once += [*map(sentence, gone.doubts), *_manager_words(managers)]
    return Cell(state, _word(monitors, services), tuple(at_once), tuple(_later(services)))


def _word(monitors: Majority, services: tuple[Service, ...]) -> str:
    stopped = [one.filesystem for one in services if one.state in ("stops", "unknown")]
    return (
        phrase("{majority}; {stopped} unserved", majority=monitors, stopped=listed(stopped))
        if stopped
        else str(monitors)
    )


def _monitor_words(ceph: CephReading, gone: Gone, left: Majority) -> Iterator[str]:
    if not left.stands:
        yield phrase(
            "The monitors have {left}: all pools stop for all who need a new map, whatever the groups say.", left=left
        )
    dead = sorted(set(ceph.data.monitors.addresses) - set(ceph.data.monitors.quorum))
    if dead and left.left - 1 < left.needed:
        yield phrase(
            "The map of monitors still has {dead}, which {verb} not take part.",
            dead=listed(dead),
            verb=verb(dead, "does", "do"),
        )


def _managers(ceph: CephReading, gone: Gone, reading: Reading) -> Optional[bool]:
    """Whether one is left; None where nobody knows on which node they run."""
    lost = [runs_on("mgr", name, (), gone.nodes, reading, ceph) for name in ceph.data.cluster.mgrs]
    return True if False in lost else None if None in lost else False


def _manager_words(left: Optional[bool]) -> list[str]:
    if left is True:
        return []
    if left is None:
        return [phrase("Whether a manager is left is not known.")]
    return [
        phrase(
            "No manager is left: I/O goes on; statistics, ok-to-stop, the balancer and this table are unknown "
            "from then on."
        )
    ]


def _told(service: Service) -> Iterator[str]:
    name = service.filesystem
    if service.state == "stops":
        yield phrase(
            "{name} stops: no standby is left that may take rank {unserved}. Its data is whole.",
            name=name,
            unserved=listed(service.unserved),
        )
    elif service.state == "unknown":
        yield phrase(
            "Whether somebody serves {name} is unknown: there are fewer standbys than ranks to be taken.", name=name
        )
    yield from (
        phrase("{heir} takes over rank {rank} of {name}.", heir=heir, rank=rank, name=name)
        for rank, heir in service.taken
    )


def _later(services: tuple[Service, ...]) -> Iterator[str]:
    for one in services:
        if one.state in ("fine", "degraded") and not one.spare:
            yield phrase("{filesystem} has no standby afterwards.", filesystem=one.filesystem)
