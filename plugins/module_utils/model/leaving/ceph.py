# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ceph, seen with one node in mind that shall no longer be part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..ceph.state import CephCluster, CephConf


@dataclass(frozen=True)
class OsdUse:
    """How much an OSD holds. ``pgs``: placement groups that are on it now."""

    bytes_used: int = 0
    bytes_total: int = 0
    pgs: int = 0


@dataclass(frozen=True)
class CephMap:
    """What the monitors know beyond what the bring-up needs.

    mons: all in the map, also those that do not answer. hosts: CRUSH buckets of the type host.
    flags: set for all OSDs. entities: names (never keys) that may log in. mon_addresses: mon → addresses.
    misplaced, degraded: objects not yet where they belong, and objects with too few copies.
    """

    mons: tuple[str, ...] = ()
    mon_addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    use: Mapping[int, OsdUse] = field(default_factory=dict)
    pg_states: Mapping[str, int] = field(default_factory=dict)
    misplaced: int = 0
    degraded: int = 0
    objects: int = 0
    bytes_per_second: int = 0
    objects_per_second: int = 0


@dataclass(frozen=True)
class ObservedCephOfNode:
    """``cluster`` is None when no monitor answers: then ``silence`` says how. Without it no monitor has been made."""

    conf: CephConf
    conf_text: str
    cluster: Optional[CephCluster] = None
    map: CephMap = CephMap()
    silence: Optional[str] = None

    def osds_on(self, node: str) -> tuple[int, ...]:
        if self.cluster is None:
            return ()
        return tuple(sorted(osd.id for osd in self.cluster.osds if osd.host == node))
