# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet: the same machines for each of many owners, until a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv6Interface
from typing import Any, Optional, Union

from .observed import ListedGuest
from .owner import Owners
from .size import format_size

Interface = Union[IPv4Interface, IPv6Interface]
#: In place of a day.
NEVER = "never"


@dataclass(frozen=True)
class FleetNetwork:
    """``first``: the address, with its network, of the machine with number 0; None where DHCP gives addresses.

    ``vlan``, ``vnet``: each owner's own, by adding his number to it.
    """

    bridge: str
    first: Optional[Interface] = None
    gateway: str = ""
    nameservers: tuple[str, ...] = ()
    search_domain: str = ""
    vlan: Optional[int] = None
    vnet: str = ""


@dataclass(frozen=True)
class Quota:
    """What the machines of one owner may have together. ``memory`` and ``disk`` in bytes; None is no limit.

    ``gpus``: devices that are given to them, whole ones and vGPUs alike.
    """

    cores: Optional[int] = None
    memory: Optional[int] = None
    disk: Optional[int] = None
    gpus: Optional[int] = None

    @property
    def limits(self) -> Mapping[str, int]:
        said = {"cores": self.cores, "memory": self.memory, "disk": self.disk, "gpus": self.gpus}
        return {name: value for name, value in said.items() if value is not None}

    def __str__(self) -> str:
        """In one word, as a mark takes it."""
        sizes = {name: str(value) if name == "cores" else format_size(value) for name, value in self.limits.items()}
        return "/".join(f"{name}:{size}" for name, size in sizes.items())


@dataclass(frozen=True)
class ReleaseRules:
    """``backup_to``: the storage for the last backup. ``discard``: volumes that are given up, as ``backup.Held`` names
    them. ``stop_timeout``: seconds that a machine gets to shut down before it is switched off."""

    backup_to: str
    discard: tuple[str, ...] = ()
    stop_timeout: int = 180


@dataclass(frozen=True)
class FleetMachine:
    """``wish``: as the role of guests takes it, without what the fleet says of each owner's own."""

    name: str
    container: bool
    wish: Mapping[str, Any]


@dataclass(frozen=True)
class DesiredFleet:
    """``ids``: the block of the term. ``list_file``: where the list of owners is, if it is not given.

    ``isolation``: what each machine has of a firewall, as the role of guests takes it; empty without any.
    ``ends``: the moment at which the last day is over in the fleet's zone; 0 is never.
    """

    id: str
    machines: tuple[FleetMachine, ...]
    ids: range
    network: FleetNetwork
    owners: Owners = Owners()
    list_file: str = ""
    realm: str = "pve"
    prefix: str = ""
    role: str = ""
    quota: Quota = Quota()
    expires: str = NEVER
    zone: str = "UTC"
    warn_days: int = 14
    grace_days: int = 14
    release: Optional[ReleaseRules] = None
    isolation: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DesiredFleets:
    """``confirm``: how many owners a list has that is shorter than before, as somebody has counted."""

    fleets: tuple[DesiredFleet, ...] = ()
    confirm: Optional[int] = None
    caller: str = ""

    def fleet(self, name: str) -> Optional[DesiredFleet]:
        return next((fleet for fleet in self.fleets if fleet.id == name), None)


@dataclass(frozen=True)
class ObservedFleets:
    """``clock``: of a node. ``guests``: of unknown status while their node is away. ``pools``: id → comment.

    ``users``: id → when he expires. ``configs``: as far as read. ``archived``: VMID → backups on the storages for last
    ones. ``sizes``: volume → bytes, of what has no size in a configuration; None of a volume whose storage does not
    tell. ``wiping``: realms whose sync removes what is not in the directory, such as the end of a user. ``lists``: file
    → its text; None where there is none. ``lacking``: rights without which whoever asks does not see all there is.
    ``half_seen``: storages of which whoever asks is told what guests have that he may change, and nothing of others.
    """

    release: int
    lacking: tuple[str, ...] = ()
    quorate: bool = True
    clock: int = 0
    guests: Mapping[int, ListedGuest] = field(default_factory=dict)
    configs: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, int] = field(default_factory=dict)
    archived: Mapping[int, Sequence[str]] = field(default_factory=dict)
    sizes: Mapping[str, Optional[int]] = field(default_factory=dict)
    wiping: frozenset[str] = frozenset()
    lists: Mapping[str, Optional[str]] = field(default_factory=dict)
    half_seen: frozenset[str] = frozenset()
