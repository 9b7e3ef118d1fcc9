# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a cluster shows of its guests, its nodes and their storages, over the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from .firewall import ObservedFirewall
from .guest import NOUNS, GuestKind, path_of
from .mark import Mark, parse_mark

#: The HA manager's words for a node that is to have no guests, or cannot.
AWAY = ("maintenance", "fence", "gone", "unknown")


@dataclass(frozen=True)
class ListedGuest:
    """As the list of the whole cluster has it: what its node told last. ``memory``: what it may take, in bytes."""

    kind: GuestKind
    vmid: int
    node: str
    name: str = ""
    status: str = "stopped"
    memory: int = 0
    pool: str = ""
    ha: str = ""
    template: bool = False

    @property
    def path(self) -> str:
        return path_of(self.kind, self.node, self.vmid)

    @property
    def noun(self) -> str:
        return NOUNS[self.kind]

    @property
    def container(self) -> bool:
        return self.kind == "lxc"

    def __str__(self) -> str:
        return f"{self.noun} {self.vmid} {self.name}".strip()


@dataclass(frozen=True)
class ObservedGuest:
    """``config``: with what is pending already applied. ``pending``: keys that wait for the next cold start.

    ``snapshots``: name → description; None where nobody asked. ``stale``: what the cloud-init drive has otherwise than
    the configuration. ``dump``: the user data that Proxmox VE makes for cloud-init. ``firewall``: None where nobody
    asked.
    """

    listed: ListedGuest
    config: Mapping[str, str] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    snapshots: Optional[Mapping[str, str]] = None
    stale: frozenset[str] = frozenset()
    dump: Optional[str] = None
    firewall: Optional[ObservedFirewall] = None

    @property
    def mark(self) -> Optional[Mark]:
        return parse_mark(self.config.get("description", ""))

    @property
    def running(self) -> bool:
        return self.listed.status == "running"

    @property
    def name(self) -> str:
        return self.config.get("name", self.config.get("hostname", ""))

    @property
    def is_ours(self) -> bool:
        mark = self.mark
        return mark is not None and mark.vmid == self.listed.vmid and mark.name == self.name


@dataclass(frozen=True)
class ObservedNode:
    """``memory``: in bytes. ``storages``: those that can be used there. ``bridges``: None where nobody asked."""

    online: bool
    memory: int = 0
    ha: str = ""
    storages: frozenset[str] = frozenset()
    bridges: Optional[frozenset[str]] = None

    @property
    def usable(self) -> bool:
        return self.online and self.ha not in AWAY


@dataclass(frozen=True)
class VolumeUse:
    """A guest that has a volume in whose name another one stands. ``slot``: also of a snapshot, or pending."""

    owner: int
    volume: str
    user: str
    slot: str
    running: bool


@dataclass(frozen=True)
class ObservedGuests:
    """``release``: of Proxmox VE; None where nobody serves its API yet.

    ``listed``: all guests of the cluster that are shown. ``seen``: those whose configuration was read.
    ``unknown``: VMID → why nobody can tell.
    ``ha``: what the HA manager is in charge of: sid → options; None where nobody asked.
    ``uses``: who has volumes of those that are to be destroyed; ``unread``: VMID → why that cannot be told of it.
    ``firewall``: how a sentence begins on that of the cluster; empty where it is on, or nobody asked.
    ``mapped``: mapping → node → how many devices it has there; only asked for where a new guest names one.
    """

    release: Optional[int] = 9
    quorate: bool = True
    listed: Mapping[int, ListedGuest] = field(default_factory=dict)
    seen: Mapping[int, ObservedGuest] = field(default_factory=dict)
    unknown: Mapping[int, str] = field(default_factory=dict)
    nodes: Mapping[str, ObservedNode] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    ha: Optional[Mapping[str, Mapping[str, str]]] = None
    uses: tuple[VolumeUse, ...] = ()
    unread: Mapping[int, str] = field(default_factory=dict)
    firewall: str = ""
    mapped: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
