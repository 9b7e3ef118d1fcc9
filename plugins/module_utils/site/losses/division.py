# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the nodes that are left find together after a loss, and who of them has quorum.

Counted as corosync runs, and not as its file says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

from ...model.cluster.quorum import QuorumOptions, QuorumStatus
from .addresses import holder_of
from .counting import Count, count
from .links import Groups, graph, grouped
from .networks import on_dead_link
from .reading import Reading
from .things import Thing
from .words import phrase


@dataclass(frozen=True)
class Half:
    """Nodes that are one membership afterwards. ``quorate``: those with quorum."""

    nodes: frozenset[str]
    quorate: frozenset[str]
    count: Count

    @property
    def words(self) -> str:
        of = self.count.needed if self.count.needed == 1 else self.count.expected
        return phrase("yes, {total} of {of}" if self.quorate else "NO, {total} of {of}", total=self.count.total, of=of)


@dataclass(frozen=True)
class Division:
    """How the nodes that are left stand. certain: all halves are there at once; else one of them, and nobody knows
    which. with_device: the quorum device's vote counts. bound: no way in which it will stand, but none is worse.
    """

    nodes: frozenset[str]
    halves: tuple[Half, ...]
    certain: bool = True
    with_device: bool = False
    bound: bool = False

    @property
    def quorate(self) -> frozenset[str]:
        """Those that certainly have quorum."""
        if self.certain:
            return frozenset(name for half in self.halves for name in half.quorate)
        return self.nodes.intersection(*(half.quorate for half in self.halves))

    @property
    def without(self) -> frozenset[str]:
        """Those that certainly have none."""
        if self.certain:
            return self.nodes - self.quorate
        return self.nodes - frozenset(name for half in self.halves for name in half.quorate)

    @property
    def undecided(self) -> frozenset[str]:
        """Those of which one or some fall out, unknown which."""
        return self.nodes - self.quorate - self.without

    @property
    def parts(self) -> tuple[frozenset[str], ...]:
        """The nodes of every half with quorum."""
        return tuple(half.nodes for half in self.clusters)

    @property
    def clusters(self) -> tuple[Half, ...]:
        """Halves with quorum, at the same time."""
        return tuple(half for half in self.halves if half.quorate) if self.certain else ()


@dataclass(frozen=True)
class Running:
    """What corosync does now, as the nodes tell. absent: those that nobody sees."""

    status: QuorumStatus
    present: frozenset[str]
    absent: frozenset[str]


def running(reading: Reading) -> tuple[Running, ...]:
    """Every membership that a node tells of; one, unless the cluster is divided now."""
    found: dict[frozenset[int], QuorumStatus] = {}
    for node in reading.nodes:
        if node.quorum.value is not None:
            found.setdefault(frozenset(node.quorum.value.members), node.quorum.value)
    seen = frozenset(number for members in found for number in members)
    absent = frozenset(node.name for number, node in reading.numbered() if number not in seen)
    return tuple(
        Running(status, frozenset(map(reading.name_of, members)), absent)
        for members, status in sorted(found.items(), key=lambda item: sorted(item[0]))
    )


def contradictory(now: Collection[Running]) -> bool:
    """Nodes were read while the membership changed: one of them is a member here and there."""
    return sum(len(one.present) for one in now) > len({name for one in now for name in one.present})


@lru_cache(maxsize=4)
def divisions(thing: Thing, reading: Reading) -> tuple[Division, ...]:
    """How it may be: one way if all that matters is known, else all that are possible; none if nobody says."""
    now = running(reading)
    if not now or _needs_numbers(reading) or contradictory(now):
        return ()
    found: list[Division] = []
    for device in _device_chances(thing, reading):
        ways = [_division(thing, reading, now, device, unknown_as) for unknown_as in (True, False)]
        found += ways if ways[0] == ways[1] else [*ways, _alone(thing, reading, now, device)]
    return tuple(dict.fromkeys(found))


def _needs_numbers(reading: Reading) -> bool:
    """Whether it is not known which node is which in corosync."""
    return any(node.nodeid is None and node.quorum.known for node in reading.nodes)


def _device_chances(thing: Thing, reading: Reading) -> tuple[bool, ...]:
    """Whether the quorum device is still there; both where nobody knows."""
    options = reading.options.value
    if thing.device:
        return (False,)
    if not thing.nodes and not thing.links:
        return (True,)
    casting = any(one.status.casting and one.status.device_votes for one in running(reading))
    if not casting:
        return (True,)
    if options is None or not options.device:
        return (True, False)
    answers = {
        holder_of(options.device, reading).goes_with(thing.nodes),
        on_dead_link(thing, options.device, reading),
    }
    return (False,) if True in answers else (True, False) if None in answers else (True,)


def _division(thing: Thing, reading: Reading, now: Collection[Running], device: bool, unknown_as: bool) -> Division:
    halves: list[Half] = []
    certain = True
    for one in now:
        names = one.present - thing.nodes
        if thing.links:
            parts = grouped(names, graph(reading, names, thing.links), unknown_as) if names else Groups(())
        else:
            parts = Groups((names,) if names else ())
        certain = certain and parts.certain
        favoured = _favoured(parts.groups, one.status, reading) if device and parts.certain else None
        for part in parts.groups:
            voted = device and (favoured is None or part == favoured)
            halves.append(_half(part, one.status, voted, reading))
    left = frozenset(name for one in now for name in one.present - thing.nodes)
    return Division(left, tuple(halves), certain, device)


def _alone(thing: Thing, reading: Reading, now: Collection[Running], device: bool) -> Division:
    """Every node for itself: between "all connected" and "none" any of them may fall out, and no other answer bounds
    that."""
    halves = [
        _half(frozenset((name,)), one.status, device, reading)
        for one in now
        for name in sorted(one.present - thing.nodes)
    ]
    return Division(frozenset(name for half in halves for name in half.nodes), tuple(halves), False, device, bound=True)


def _half(part: frozenset[str], status: QuorumStatus, device: bool, reading: Reading) -> Half:
    numbers = {number: reading.name_of(number) for number in status.members}
    members = [number for number, name in numbers.items() if name in part]
    counted = count(status, members, device, reading.options.value)
    return Half(part, frozenset(numbers[number] for number in counted.quorate), counted)


def _favoured(parts: Collection[frozenset[str]], status: QuorumStatus, reading: Reading) -> Optional[frozenset[str]]:
    """The one half that the device votes for: the one with most nodes, then the tie breaker's."""
    if len(parts) < 2:
        return None
    most = max(map(len, parts))
    largest = [part for part in parts if len(part) == most]
    numbers = {reading.name_of(number): number for number in status.members}
    return min(largest, key=lambda part: _tie(sorted(numbers[name] for name in part), reading.options.value))


def _tie(numbers: list[int], options: Optional[QuorumOptions]) -> tuple[int, int]:
    breaker = options.device_tie_breaker if options is not None else "lowest"
    if breaker == "highest":
        return 0, -numbers[-1]
    return 0 if breaker.isdecimal() and int(breaker) in numbers else 1, numbers[0]
