# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the data of OSDs that go can lie afterwards: how many places a pool has left, and how full they may get."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Optional

from ...model.ceph.state import CephCluster, CrushRule, Osd, Pool


@dataclass(frozen=True)
class Places:
    """``domain``: replicas lie on different ones of these (``host`` or ``osd``). ``count``: how many there are."""

    domain: str
    count: int


def failure_domain(pool: Pool, cluster: CephCluster) -> Optional[str]:
    rule = _rule(pool, cluster)
    return None if rule is None else rule.failure_domain


def places(pool: Pool, cluster: CephCluster, staying: Collection[Osd]) -> Optional[Places]:
    """Only hosts and OSDs can be counted here; of racks and the like the OSDs do not say which ones they are in."""
    rule = _rule(pool, cluster)
    if rule is None or rule.failure_domain not in ("host", "osd"):
        return None
    reached = [osd for osd in staying if rule.reaches(osd)]
    count = len(reached) if rule.failure_domain == "osd" else len({osd.host for osd in reached})
    return Places(rule.failure_domain, count)


def _rule(pool: Pool, cluster: CephCluster) -> Optional[CrushRule]:
    return next((rule for rule in cluster.rules if rule.id == pool.crush_rule), None)
