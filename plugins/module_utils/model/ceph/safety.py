# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is known of Ceph's data at one moment: the one model by which OSDs, and nodes with OSDs, are taken away.

Every number has an author. What the monitors say holds now. Placement groups and the use of OSDs are told by a manager,
and without one that answers they are not known, whatever ``ceph status`` repeats.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Optional

from .placement_group import Outcome, PlacementGroup
from .state import CephCluster, Pool


@dataclass(frozen=True)
class OsdUse:
    """How much an OSD holds. ``pgs``: placement groups that are on it now."""

    bytes_used: int = 0
    bytes_total: int = 0
    pgs: int = 0


@dataclass(frozen=True)
class Monitors:
    """``addresses``: the name of every monitor in the map → its addresses. quorum: those that take part."""

    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quorum: tuple[str, ...] = ()

    @property
    def needed(self) -> int:
        """The majority is one of the map, not of those that live."""
        return len(self.addresses) // 2 + 1


@dataclass(frozen=True)
class Movement:
    """Placement groups, and copies of objects that are missing (degraded) or not yet where they belong."""

    pgs: int = 0
    clean: int = 0
    active: int = 0
    copies: int = 0
    degraded: int = 0
    misplaced: int = 0
    unfound: int = 0
    bytes_per_second: int = 0
    objects_per_second: int = 0


@dataclass(frozen=True)
class CephData:
    """``groups`` is None when no manager tells of them; then ``silence`` says why.

    flags: set for all OSDs. entities: names (never keys) that may log in. buckets: CRUSH buckets of the type host.
    upmaps: placement group → pairs of OSDs, of which the second takes the place that CRUSH gives the first.
    reporters: hosts that have to say that an OSD is down before the monitors believe it.
    """

    cluster: CephCluster
    monitors: Monitors = Monitors()
    groups: Optional[tuple[PlacementGroup, ...]] = None
    silence: str = ""
    use: Mapping[int, OsdUse] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    buckets: tuple[str, ...] = ()
    upmaps: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    reporters: int = 2
    bytes_per_second: int = 0
    objects_per_second: int = 0

    @cached_property
    def pools(self) -> Mapping[int, Pool]:
        return {pool.id: pool for pool in self.cluster.pools}

    def pool_of(self, group: PlacementGroup) -> Pool:
        return self.pools[group.pool]

    @property
    def movement(self) -> Optional[Movement]:
        """None when nobody knows."""
        if self.groups is None:
            return None
        return Movement(
            pgs=len(self.groups),
            clean=sum(group.clean for group in self.groups),
            active=sum(group.active for group in self.groups),
            copies=sum(group.objects * self.pool_of(group).size for group in self.groups),
            degraded=sum(group.degraded for group in self.groups),
            misplaced=sum(group.misplaced for group in self.groups),
            unfound=sum(group.unfound for group in self.groups),
            bytes_per_second=self.bytes_per_second,
            objects_per_second=self.objects_per_second,
        )

    def without(self, osds: Collection[int]) -> Mapping[str, Mapping[Outcome, tuple[str, ...]]]:
        """Pool → outcome → placement groups, should these OSDs be gone together; empty when nobody knows."""
        found: dict[str, dict[Outcome, tuple[str, ...]]] = {}
        for group in self.groups or ():
            pool = self.pool_of(group)
            outcomes = found.setdefault(pool.name, {})
            outcome = group.without(osds, pool)
            outcomes[outcome] = (*outcomes.get(outcome, ()), group.id)
        return found


@dataclass(frozen=True)
class OsdSafety:
    """What Ceph itself answers about these OSDs together (``osd safe-to-destroy``, ``osd ok-to-stop``).

    safe: may be destroyed without losing redundancy. active: hold placement groups now. stored: have data that not
    yet lies elsewhere. silent: say nothing about what they hold, while not all data is complete elsewhere.
    stops: placement groups that could no longer be read and written if all of these OSDs were stopped.
    unknown: placement groups of which Ceph cannot say that yet.
    placed: placement group → its OSDs once these are out, as the CRUSH map says; None where its tool is missing.
    """

    osds: tuple[int, ...]
    safe: frozenset[int] = frozenset()
    active: frozenset[int] = frozenset()
    stored: frozenset[int] = frozenset()
    silent: frozenset[int] = frozenset()
    stops: int = 0
    unknown: int = 0
    placed: Optional[Mapping[str, tuple[int, ...]]] = None

    @property
    def safe_to_destroy(self) -> bool:
        return self.safe >= set(self.osds)

    @property
    def ok_to_stop(self) -> bool:
        return self.stops == self.unknown == 0


@dataclass(frozen=True)
class ObservedSafety:
    """The data, and what Ceph says about the OSDs in question."""

    data: CephData
    osds: OsdSafety
