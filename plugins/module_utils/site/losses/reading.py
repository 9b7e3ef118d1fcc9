# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One reading of a site: every answer beside whom it comes from and when; an answer that is missing says why.

All that is said about losses is computed from this alone. What was not asked, or not answered, is not known; it never
counts as empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Literal, Optional, TypeVar

from ...model.ceph.outlook import Outlook
from ...model.ceph.refill import Placements
from ...model.ceph.safety import CephData
from ...model.cluster.cluster import CorosyncConfig
from ...model.cluster.quorum import QuorumOptions, QuorumStatus
from ...model.guest.guest import Guest
from ...model.guest.ha import HighAvailability
from ...model.guest.mapping import ResourceMapping
from ...model.guest.overview import Replica, ResourceAffinity
from ...model.guest.replication import ReplicationJob
from ...model.node.host import Address
from ...model.storage.entry import StorageEntry
from .words import phrase

NOT_ASKED = phrase("not asked")
Value_co = TypeVar("Value_co", covariant=True)
#: Services that nodes and guests use, each by the addresses of its servers.
Service = Literal["dns", "gateway", "time", "quorum device", "backup", "controller"]


@dataclass(frozen=True)
class Answer(Generic[Value_co]):
    """What was answered, or None and why. ``asked``: who was asked; ``at``: when, in seconds since 1970."""

    value: Optional[Value_co] = None
    asked: str = ""
    at: Optional[float] = None
    silence: str = NOT_ASKED

    @property
    def known(self) -> bool:
        return self.value is not None

    @property
    def why(self) -> str:
        """Who did not answer, and why, for a sentence."""
        return phrase("{name}: {why}", name=self.asked, why=self.silence) if self.asked else self.silence


@dataclass(frozen=True)
class LrmStatus:
    """/etc/pve/nodes/NODE/lrm_status: what the local resource manager of the HA stack does.

    timestamp: when it wrote that, which it cannot without quorum.
    """

    state: str
    mode: str = "active"
    timestamp: Optional[float] = None


@dataclass(frozen=True)
class DiskReading:
    """A disk, and what lies on it.

    osds, databases: OSDs whose data, or whose block.db or WAL, it holds. system: the node itself runs from it.
    storages: those of Proxmox VE that only this disk carries. mirrored: what is lost with it has another whole copy on
    this node; None when that is not known.
    """

    path: str
    serial: Optional[str] = None
    osds: tuple[int, ...] = ()
    databases: tuple[int, ...] = ()
    storages: tuple[str, ...] = ()
    system: bool = False
    mirrored: Optional[bool] = None


@dataclass(frozen=True)
class Carrier:
    """A network port. ``link``: the link of corosync whose address it has."""

    port: str
    up: bool
    link: Optional[int] = None


@dataclass(frozen=True)
class NodeReading:
    """A node of the cluster, whether it answered or not.

    reached: somebody got an answer from it; None when nobody tried. replicas: of its guests, on other nodes.
    connections: node number → link number → whether corosync is connected there (``corosync-cfgtool -n``).
    memory: of the node, in bytes. images: volumes such as ``local:iso/a.iso`` on storages that are not shared.
    """

    name: str
    nodeid: Optional[int] = None
    reached: Optional[bool] = None
    addresses: Answer[tuple[Address, ...]] = field(default_factory=Answer)
    quorum: Answer[QuorumStatus] = field(default_factory=Answer)
    connections: Answer[Mapping[int, Mapping[int, bool]]] = field(default_factory=Answer)
    lrm: Answer[LrmStatus] = field(default_factory=Answer)
    disks: Answer[tuple[DiskReading, ...]] = field(default_factory=Answer)
    memory: Answer[int] = field(default_factory=Answer)
    replicas: Answer[tuple[Replica, ...]] = field(default_factory=Answer)
    images: Answer[frozenset[str]] = field(default_factory=Answer)
    carriers: Answer[tuple[Carrier, ...]] = field(default_factory=Answer)


@dataclass(frozen=True)
class PlacedGuest:
    """A guest and its node. addresses: those it has; None when nobody says (no agent answers)."""

    guest: Guest
    node: str
    addresses: Optional[tuple[str, ...]] = None


@dataclass(frozen=True)
class HaReading:
    """``relocations``: resource → how often it is tried on another node (max_relocate; 1 where none is written).

    disarmed: somebody has switched off fencing and recovery for the whole cluster.
    """

    manager: HighAvailability = HighAvailability()
    affinities: tuple[ResourceAffinity, ...] = ()
    relocations: Mapping[str, int] = field(default_factory=dict)
    disarmed: bool = False


@dataclass(frozen=True, eq=False)
class CephReading:
    """``placed``: of the losses that CRUSH was asked about. networks: of Ceph."""

    data: CephData
    outlook: Outlook = Outlook()
    placed: Placements = field(default_factory=dict)
    public_network: tuple[str, ...] = ()
    cluster_network: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Reading:
    """A site at one moment.

    monitors: Ceph's monitors, name → addresses: those of the map; while no monitor answers, those that ceph.conf names.
    clustered, has_ceph: whether there is such a cluster at all. storages: the entries of storage.cfg. services:
    addresses of the servers that nodes and guests use. names: host name → addresses, for servers that are called by a
    name. migration: the network of migrations, "" where datacenter.cfg names none.
    """

    at: float
    nodes: tuple[NodeReading, ...]
    clustered: Answer[bool] = field(default_factory=Answer)
    config: Answer[CorosyncConfig] = field(default_factory=Answer)
    options: Answer[QuorumOptions] = field(default_factory=Answer)
    has_ceph: Answer[bool] = field(default_factory=Answer)
    ceph: Answer[CephReading] = field(default_factory=Answer)
    guests: Answer[tuple[PlacedGuest, ...]] = field(default_factory=Answer)
    ha: Answer[HaReading] = field(default_factory=Answer)
    monitors: Answer[Mapping[str, tuple[str, ...]]] = field(default_factory=Answer)
    storages: Answer[Mapping[str, StorageEntry]] = field(default_factory=Answer)
    mappings: Answer[tuple[ResourceMapping, ...]] = field(default_factory=Answer)
    replication: Answer[tuple[ReplicationJob, ...]] = field(default_factory=Answer)
    services: Answer[Mapping[Service, tuple[str, ...]]] = field(default_factory=Answer)
    names: Answer[Mapping[str, tuple[str, ...]]] = field(default_factory=Answer)
    migration: Answer[str] = field(default_factory=Answer)

    @cached_property
    def _by_name(self) -> Mapping[str, NodeReading]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def node_at(self) -> Mapping[str, str]:
        """Address → the node that has it, of those that told theirs."""
        return {str(one.ip): node.name for node in self.nodes for one in node.addresses.value or ()}

    def node(self, name: str) -> Optional[NodeReading]:
        return self._by_name.get(name)

    def name_of(self, nodeid: int) -> str:
        """The node with this number in corosync."""
        return next((node.name for node in self.nodes if node.nodeid == nodeid), f"node {nodeid}")

    def numbered(self) -> Iterator[tuple[int, NodeReading]]:
        """The nodes that take part in corosync, by their numbers."""
        for node in self.nodes:
            if node.nodeid is not None:
                yield node.nodeid, node
