# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ceph's installation on a node, and the one configuration that its cluster has.

Upstream: ``pveceph install`` and ``pveceph init`` (pve-manager, PVE/CLI/pveceph.pm and PVE/API2/Ceph.pm).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..node.host import Host
from .state import CephNode

#: What ``pveceph install`` installs.
INSTALLED_PACKAGES = ("ceph", "ceph-common", "ceph-fuse", "ceph-mds", "ceph-volume", "gdisk", "nvme-cli")


@dataclass(frozen=True)
class DesiredCephCluster:
    """``initialize``: this is the node that makes the configuration when the cluster has none."""

    release: str
    repository: str
    public_network: str
    cluster_network: str
    initialize: bool


@dataclass(frozen=True)
class ObservedCephCluster:
    """``repositories``: releases of Ceph that the APT sources of this node name, from whatever mirror."""

    host: Host
    node: CephNode
    repositories: frozenset[str]
