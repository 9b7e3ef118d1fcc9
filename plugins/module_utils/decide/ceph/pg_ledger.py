# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep account of placement groups while several pools are planned one after the other.

Monitors count, for the OSDs that a pool's CRUSH rule reaches, the replicas of all pools that share these OSDs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ...model.ceph.pg import Room
from ...model.ceph.state import CephCluster, CrushRule, Osd


class PgLedger:
    """The pools that exist, and those already planned."""

    def __init__(self, cluster: Optional[CephCluster], planned_osds: int) -> None:
        """``planned_osds`` counts only while no OSD exists: then it is what the plan will find."""
        self._cluster = cluster
        self._planned_osds = planned_osds
        self._entries: dict[str, tuple[int, Optional[CrushRule]]] = {}
        if cluster is not None:
            rules = {rule.id: rule for rule in cluster.rules}
            for pool in cluster.pools:
                self._entries[pool.name] = (pool.pg_num * pool.size, rules.get(pool.crush_rule))

    def room(self, rule: Optional[CrushRule], but: Iterable[str] = ()) -> Room:
        """The room for pools placed by this rule, the named ones not counted."""
        others = [entry for name, entry in self._entries.items() if name not in set(but)]
        mine = self.reached(rule)
        used = sum(replicas for replicas, other in others if not mine or set(self.reached(other)) & set(mine))
        return Room(sum(1 for osd in mine if osd.is_in) or self._without_osds(), used, self._limit())

    def reached(self, rule: Optional[CrushRule]) -> tuple[Osd, ...]:
        """The OSDs that a rule may place data on; all of them as long as the rule is not known."""
        osds = () if self._cluster is None else self._cluster.osds
        return tuple(osd for osd in osds if rule is None or rule.reaches(osd))

    def book(self, name: str, pg_num: int, size: int, rule: Optional[CrushRule]) -> None:
        """From now on this pool counts as it is planned."""
        self._entries[name] = (pg_num * size, rule)

    def _without_osds(self) -> int:
        exist = self._cluster is not None and bool(self._cluster.osds)
        return 0 if exist else self._planned_osds

    def _limit(self) -> int:
        return Room(0).limit if self._cluster is None else self._cluster.max_pg_per_osd
