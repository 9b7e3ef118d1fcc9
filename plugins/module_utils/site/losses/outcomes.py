# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a loss of OSDs means for the placement groups of every pool, and a bound where nobody tells of groups.

No group of a pool is averaged away: one that stops hangs every disk image with an object in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

from ...model.ceph.placement_group import Outcome, PlacementGroup
from ...model.ceph.refill import rule_of
from ...model.ceph.state import Pool
from .cell import State, worst
from .reading import CephReading

_STATES: Mapping[Outcome, State] = {
    "untouched": "fine",
    "fewer copies": "degraded",
    "unknown": "unknown",
    "stops": "stops",
    "newest only there": "lost",
    "no whole copy": "lost",
}


@dataclass(frozen=True)
class PoolLoss:
    """One pool: outcome → placement groups. left: the fewest whole copies, or pieces, of a group that goes on.

    stopped: groups that cannot be read now already. empty: those without any object, of those with no whole copy.
    """

    pool: Pool
    groups: Mapping[Outcome, tuple[str, ...]]
    left: int
    stopped: tuple[str, ...] = ()
    empty: frozenset[str] = frozenset()

    @property
    def state(self) -> State:
        found = [_STATES[outcome] for outcome in self.groups if self._real(outcome)]
        stopped: list[State] = ["stops"] if self.stopped or self.groups.get("no whole copy") else []
        return worst(*found, *stopped)

    def _real(self, outcome: Outcome) -> bool:
        """An empty group has nothing to lose."""
        return bool(set(self.groups[outcome]) - (self.empty if outcome == "no whole copy" else frozenset()))

    @property
    def touched(self) -> int:
        return sum(len(groups) for outcome, groups in self.groups.items() if outcome != "untouched")


@lru_cache(maxsize=4)
def pool_losses(ceph: CephReading, lost: frozenset[int]) -> tuple[PoolLoss, ...]:
    """Every pool; without groups, as where nobody tells of any, nothing of it is touched."""
    return tuple(_pool_loss(pool, ceph, lost) for pool in sorted(ceph.data.cluster.pools, key=lambda one: one.name))


def _pool_loss(pool: Pool, ceph: CephReading, lost: Collection[int]) -> PoolLoss:
    found: dict[Outcome, list[str]] = {}
    members = [group for group in ceph.data.groups or () if group.pool == pool.id]
    for group in members:
        found.setdefault(_outcome(group, pool, ceph, lost), []).append(group.id)
    going = {*found.get("fewer copies", ()), *found.get("untouched", ())}
    left = [whole_left(group, pool, lost) for group in members if group.id in going]
    return PoolLoss(
        pool=pool,
        groups={outcome: tuple(groups) for outcome, groups in found.items()},
        left=min(left, default=0),
        stopped=tuple(group.id for group in members if group.known and not group.active and not group.settles),
        empty=frozenset(group.id for group in members if not group.objects and not group.bytes),
    )


def _outcome(group: PlacementGroup, pool: Pool, ceph: CephReading, lost: Collection[int]) -> Outcome:
    """In stretch mode a group also needs members at so many sites, whatever min_size says."""
    outcome = group.without(lost, pool)
    stretch = ceph.outlook.stretch
    if outcome != "fewer copies" or stretch is None or stretch.degraded:
        return outcome
    osds = {copy.osd for copy in group.acting} - set(lost)
    sites = {name for osd in ceph.data.cluster.osds if osd.id in osds for name in osd.within(stretch.bucket_type)}
    return "stops" if len(sites) < stretch.buckets else outcome


def whole_left(group: PlacementGroup, pool: Pool, lost: Collection[int]) -> int:
    left = [copy for copy in group.whole or () if copy.osd not in lost]
    return len({copy.piece for copy in left}) if pool.erasure_coded else len(left)


def bound(pool: Pool, ceph: CephReading, lost: Collection[int]) -> Optional[int]:
    """How many copies can be up at most, as the monitors alone know; None without a rule. It may say "stops", never
    that all is well."""
    rule = rule_of(pool, ceph.data)
    up = [osd for osd in ceph.data.cluster.osds if osd.up and osd.id not in lost]
    if rule is None:
        return len(up)
    reached = [osd for osd in up if rule.reaches(osd)]
    if not rule.plain:
        return len(up)
    units = [osd.within(rule.failure_domain) for osd in reached]
    return len(frozenset().union(*units)) if all(units) else len(reached)


def already_away(ceph: CephReading) -> Iterator[int]:
    """OSDs that are down and still in: what they held has not been made again elsewhere."""
    for osd in ceph.data.cluster.osds:
        if osd.is_in and not osd.up and not osd.destroyed:
            yield osd.id
