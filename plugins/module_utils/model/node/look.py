# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that one look at a node has shown, for whoever looks at all nodes together; what it could not show, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional, TypeVar, Union

from ..ceph.osd import ObservedOsds
from ..ceph.outlook import Outlook
from ..ceph.refill import Placements
from ..ceph.safety import CephData
from ..cluster.cluster import CorosyncConfig, ObservedCluster
from ..cluster.quorum import QuorumOptions
from ..cluster.running import RunningCluster
from ..debian.upgrade import PendingUpdates
from ..guest.overview import GuestOverview
from ..network.surroundings import Surroundings
from ..storage.overview import StorageOverview
from .certificate import Certificate
from .disk_load import DiskLoad
from .host import Host
from .proxmox_ve import ObservedProxmoxVe
from .service import Service


@dataclass(frozen=True)
class Unknown:
    """What stands in place of something that was not answered, and why."""

    why: str


T = TypeVar("T")
Part = Union[T, Unknown]
_NOT_ASKED = Unknown("It was not asked.")


def known(part: Part[T]) -> Optional[T]:
    return None if isinstance(part, Unknown) else part


@dataclass(frozen=True)
class CephLook:
    """The data, and what decides how Ceph takes a loss. placed: of the losses that CRUSH was asked about."""

    data: CephData
    outlook: Outlook = Outlook()
    placed: Placements = field(default_factory=dict)


@dataclass(frozen=True)
class NodeLook:
    """config, options: the copy of corosync.conf from which corosync starts. ceph: None where no monitor is asked.

    pmxcfs: whether /etc/pve is mounted. memory: in bytes. images: CD images on storages of the node's own.
    """

    host: Part[Host] = _NOT_ASKED
    pmxcfs: Part[bool] = _NOT_ASKED
    cluster: Part[ObservedCluster] = _NOT_ASKED
    config: Part[Optional[CorosyncConfig]] = _NOT_ASKED
    running: Part[RunningCluster] = _NOT_ASKED
    services: Part[tuple[Service, ...]] = _NOT_ASKED
    proxmox: Part[ObservedProxmoxVe] = _NOT_ASKED
    osds: Part[ObservedOsds] = _NOT_ASKED
    ceph: Part[Optional[CephLook]] = _NOT_ASKED
    storages: Part[StorageOverview] = _NOT_ASKED
    guests: Part[GuestOverview] = _NOT_ASKED
    processes: Part[frozenset[int]] = _NOT_ASKED
    updates: Part[PendingUpdates] = _NOT_ASKED
    certificates: Part[tuple[Certificate, ...]] = _NOT_ASKED
    options: Part[Optional[QuorumOptions]] = _NOT_ASKED
    loads: Part[tuple[DiskLoad, ...]] = _NOT_ASKED
    images: Part[frozenset[str]] = _NOT_ASKED
    memory: Part[int] = _NOT_ASKED
    surroundings: Part[Surroundings] = _NOT_ASKED


@dataclass(frozen=True)
class SiteLook:
    """Host of the inventory → what was read there.

    order: all hosts, as the inventory has them. silent: host → why nothing was read. addresses: host → where the
    inventory says it can be reached.
    """

    order: tuple[str, ...]
    nodes: Mapping[str, NodeLook] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
