# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node that goes on without its cluster, seen on the node itself.

Upstream: pvecm(1), "Separate a Node Without Reinstalling".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..ceph.state import CONF as CEPH_CONF
from ..cluster.cluster import ObservedCluster
from ..storage.cfg import PATH as STORAGES

#: What pvedaemon, pveproxy and pvecm make anew when it is missing. Whoever has the old ones is trusted by the cluster.
CLUSTER_SECRETS = (
    "/etc/pve/priv/authkey.key",
    "/etc/pve/authkey.pub",
    "/etc/pve/pve-www.key",
    "/etc/pve/priv/pve-root-ca.key",
    "/etc/pve/priv/pve-root-ca.srl",
)
#: Files of the cluster of which a node alone has no use, and folders that hold nothing else.
CLUSTER_FILES = (
    STORAGES,
    "/etc/pve/jobs.cfg",
    "/etc/pve/replication.cfg",
    CEPH_CONF,
    "/etc/pve/priv/ceph.client.admin.keyring",
    "/etc/pve/priv/ceph.mon.keyring",
)
CLUSTER_FOLDERS = ("/etc/pve/ha", "/etc/pve/sdn", "/etc/pve/mapping", "/etc/pve/priv/ceph", "/etc/pve/priv/storage")
COROSYNC_STATE = "/var/lib/corosync"
#: Services that must not meet a file system which is there, gone and another one; in the order in which they stop.
#: One that fails for the lack of it starts again, and pve-cluster with it.
MANAGERS = ("pve-ha-lrm", "pve-ha-crm", "pvescheduler", "pvestatd", "spiceproxy", "pveproxy", "pvedaemon")


@dataclass(frozen=True)
class KnownCeph:
    """What a member heard of the cluster's Ceph. ``answers``: its monitors did, or there is no Ceph at all.

    osds: identity → number, of all OSDs in the map. daemons: monitors in the map, and other daemons with an account,
    such as ``mon.pve1``.
    """

    answers: bool = False
    osds: Mapping[str, int] = field(default_factory=dict)
    daemons: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StoredOsd:
    """``uuid``: the OSD's identity, never given again. ``place``: the disk, volume or directory that has it."""

    uuid: str
    place: str


@dataclass(frozen=True)
class StoredCeph:
    """What of Ceph lies on a node, of whichever cluster. ``unread``: what could not be looked at."""

    osds: tuple[StoredOsd, ...] = ()
    daemons: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class DesiredSeparation:
    """cluster: the one to leave. drained: its other members see nothing on this node any more.

    authority: fingerprint of the cluster's certificate authority. others: names of the nodes that stay.
    ceph: what of Ceph is the cluster's.
    """

    node: str
    cluster: str
    drained: bool
    authority: str
    others: tuple[str, ...] = ()
    ceph: KnownCeph = KnownCeph()


@dataclass(frozen=True)
class ObservedSeparation:
    """local: pmxcfs serves /etc/pve and takes no part in a cluster.

    files: those of CLUSTER_FILES that are there. folders: of CLUSTER_FOLDERS, with the names in each. others: names of
    other nodes that have a directory.
    state: names in corosync's state directory. keys: text of authorized_keys. managers: those of MANAGERS that run.
    enabled: those that are started at boot.
    """

    cluster: ObservedCluster
    local: bool = False
    serving: bool = False
    guests: tuple[str, ...] = ()
    ceph: StoredCeph = StoredCeph()
    files: tuple[str, ...] = ()
    folders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    authority: str = ""
    keys: str = ""
    hosts: str = ""
    managers: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()

    @property
    def stopped(self) -> tuple[str, ...]:
        return tuple(name for name in reversed(self.enabled) if name not in self.managers)

    @property
    def bound(self) -> bool:
        """Something on this node still ties it to a cluster, be it only for its next start."""
        seen = self.cluster
        texts = (seen.config, seen.local_config)
        return any(text is not None for text in texts) or seen.authkey or seen.database_clustered
