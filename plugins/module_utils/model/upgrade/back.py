# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How one member of a cluster sees a node that is to be back from its upgrade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..cluster.cluster import ObservedCluster
from ..cluster.running import RunningCluster
from ..leaving.ceph import ObservedCephOfNode


@dataclass(frozen=True)
class ObservedBack:
    """``node``: the one in question, which may be the one that is asked. ceph: None where the cluster has none."""

    node: str
    cluster: ObservedCluster
    running: RunningCluster = RunningCluster()
    ceph: Optional[ObservedCephOfNode] = None
