# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the data of OSDs that go lies afterwards: how many places a pool has left, and how full each OSD gets.

Never by the sum of what is free: where a copy has to lie on every host, what a disk held can only go to the other disks
of its own host.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

from .placement_group import PlacementGroup
from .safety import CephData
from .state import CrushRule, Osd, Pool

#: Set of OSDs that are out → placement group → its OSDs then, as CRUSH says.
Placements = Mapping[frozenset[int], Mapping[str, tuple[int, ...]]]


@dataclass(frozen=True)
class Refill:
    """An OSD that stays, with what it will hold."""

    osd: int
    groups_now: int
    groups_then: int
    bytes_then: int
    bytes_total: int

    @property
    def part_full(self) -> float:
        return self.bytes_then / self.bytes_total if self.bytes_total else 1.0


def staying(data: CephData, leaving: Collection[int]) -> tuple[Osd, ...]:
    """The OSDs to which data can go."""
    return tuple(osd for osd in data.cluster.osds if osd.up and osd.is_in and osd.id not in leaving)


def rule_of(pool: Pool, data: CephData) -> Optional[CrushRule]:
    return next((rule for rule in data.cluster.rules if rule.id == pool.crush_rule), None)


def places_left(pool: Pool, data: CephData, leaving: Collection[int]) -> Optional[int]:
    """On how many different units of the rule's type copies can lie; None when that cannot be told by counting."""
    rule = rule_of(pool, data)
    if rule is None or not rule.plain:
        return None
    units = [osd.within(rule.failure_domain) for osd in staying(data, leaving) if rule.reaches(osd)]
    return len(frozenset().union(*units)) if all(units) else None


def placed_after(
    group: PlacementGroup, data: CephData, placed: Mapping[str, tuple[int, ...]], leaving: Collection[int]
) -> tuple[int, ...]:
    """The OSDs of a group once others are out: as CRUSH says, with the exceptions that somebody has made for it."""
    members = tuple(osd for osd in placed.get(group.id, ()) if data.cluster.osd(osd) is not None)
    there = {osd.id for osd in staying(data, leaving)}
    for source, target in data.upmaps.get(group.id, ()):
        if source in members and target not in members and target in there:
            members = tuple(target if osd == source else osd for osd in members)
    return members


def homeless(
    pool: Pool, data: CephData, placed: Mapping[str, tuple[int, ...]], leaving: Collection[int]
) -> tuple[str, ...]:
    """Groups of a pool for which CRUSH does not find as many OSDs as they need."""
    groups = (group for group in data.groups or () if group.pool == pool.id)
    return tuple(group.id for group in groups if len(placed_after(group, data, placed, leaving)) < pool.size)


def refills(data: CephData, placed: Mapping[str, tuple[int, ...]], leaving: Collection[int]) -> Iterator[Refill]:
    """Every OSD that stays. What will go away from one of them counts as long as it is there."""
    now: Counter[int] = Counter()
    then: Counter[int] = Counter()
    new: Counter[int] = Counter()
    for group in data.groups or ():
        serving = {copy.osd for copy in group.acting}
        after = set(placed_after(group, data, placed, leaving))
        now.update(serving)
        then.update(after)
        for osd in after - serving:
            new[osd] += group.bytes // data.pool_of(group).pieces
    for one in staying(data, leaving):
        use = data.use[one.id]
        yield Refill(one.id, now[one.id], then[one.id], use.bytes_used + new[one.id], use.bytes_total)


def bytes_of_units(data: CephData, leaving: Collection[int]) -> Mapping[tuple[str, str], tuple[int, int]]:
    """(type, name) of a unit on which every pool that has no place to spare must keep a copy → bytes of these copies,
    and bytes of the OSDs there that may hold them. What else lies there is not counted: it is a lower bound."""
    stored: Counter[int] = Counter()
    for group in data.groups or ():
        stored[group.pool] += group.bytes // data.pool_of(group).pieces
    held: dict[tuple[str, str], int] = {}
    room: dict[tuple[str, str], dict[int, int]] = {}
    for pool in data.cluster.pools:
        rule = rule_of(pool, data)
        if rule is None or places_left(pool, data, leaving) != pool.size:
            continue
        members: dict[tuple[str, str], dict[int, int]] = {}
        for osd in staying(data, leaving):
            for name in osd.within(rule.failure_domain) if rule.reaches(osd) else ():
                members.setdefault((rule.failure_domain, name), {})[osd.id] = data.use[osd.id].bytes_total
        for unit, osds in members.items():
            held[unit] = held.get(unit, 0) + stored[pool.id]
            room.setdefault(unit, {}).update(osds)
    return {unit: (held[unit], sum(room[unit].values())) for unit in held}
