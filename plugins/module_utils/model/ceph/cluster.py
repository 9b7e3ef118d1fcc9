# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ceph's installation on a node, and the one configuration that its cluster has.

Upstream: ``pveceph install`` and ``pveceph init`` (pve-manager, PVE/CLI/pveceph.pm and PVE/API2/Ceph.pm).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..debian.release import Channel
from ..node.host import Address, Host
from .state import CephCluster, CephNode

#: What ``pveceph install`` installs.
INSTALLED_PACKAGES = ("ceph", "ceph-common", "ceph-fuse", "ceph-mds", "ceph-volume", "gdisk", "nvme-cli")


@dataclass(frozen=True)
class DesiredCephCluster:
    """``initialize``: this is the node that makes the configuration when the cluster has none.

    ``coming``: the addresses that the node will have, if its network is changed before.
    """

    release: str
    repository: Channel
    public_network: tuple[str, ...]
    cluster_network: tuple[str, ...]
    initialize: bool
    coming: tuple[Address, ...] = ()


@dataclass(frozen=True)
class ObservedCephCluster:
    """``repositories``: releases of Ceph that the APT sources of this node name, from whatever mirror.

    ``cluster`` and ``silence``: what the monitors say, asked only when the configuration does not name the networks.
    """

    host: Host
    node: CephNode
    repositories: frozenset[str]
    cluster: Optional[CephCluster] = None
    silence: Optional[str] = None

    def network(self, key: str) -> tuple[str, ...]:
        """``public_network`` or ``cluster_network``: what ceph.conf says goes before the monitors' database."""
        conf: tuple[str, ...] = getattr(self.node.conf, key, ())
        return conf or ((self.cluster.networks.get(key, ())) if self.cluster is not None else ())
