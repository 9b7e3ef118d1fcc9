# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The guests of a cluster as one of its nodes sees them, and what becomes of them when a node is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from .guest import Guest, GuestKind
from .ha import HighAvailability
from .mapping import ResourceMapping
from .replication import ReplicationJob


@dataclass(frozen=True)
class Lrm:
    """lrm_status: what the local resource manager of the HA stack does. timestamp: seconds since 1970."""

    state: str
    mode: str = "active"
    timestamp: Optional[float] = None

    @property
    def disarmed(self) -> bool:
        return self.mode.startswith("disarm")


@dataclass(frozen=True)
class Replica:
    """A copy of a guest of this node on another one, as it was at last_sync; 0 where it never succeeded."""

    guest: int
    target: str
    last_sync: float
    fail_count: int = 0


@dataclass(frozen=True)
class ResourceAffinity:
    """A rule of the HA manager that keeps resources together, or apart."""

    name: str
    resources: frozenset[str]
    together: bool
    disabled: bool = False


@dataclass(frozen=True)
class GuestOverview:
    """places: VMID → its node and kind, for all guests of the cluster.

    known: VMID → its configuration, for those of this node and of nodes that are not online; whether they run is not
    told there. lrm: None when this node has not written one. relocations: HA resource → max_relocate, where one is
    written. migration: the network of migrations, "" where none is named. started: VMID → when its last start began
    that this node remembers, in seconds since 1970; only asked where it has machines of owners.
    """

    node: str
    places: Mapping[int, tuple[str, GuestKind]] = field(default_factory=dict)
    known: Mapping[int, Guest] = field(default_factory=dict)
    ha: HighAvailability = HighAvailability()
    lrm: Optional[Lrm] = None
    affinities: tuple[ResourceAffinity, ...] = ()
    relocations: Mapping[str, int] = field(default_factory=dict)
    jobs: tuple[ReplicationJob, ...] = ()
    replicas: tuple[Replica, ...] = ()
    mappings: tuple[ResourceMapping, ...] = ()
    migration: str = ""
    started: Mapping[int, int] = field(default_factory=dict)
