# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an interface of a node is: as it is written, as it is wanted, and as the kernel has it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional, Union

IPInterface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]
IPAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
IPNetwork = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

Kind = Literal["physical", "bond", "vlan", "bridge", "ovs_bridge", "ovs_bond", "ovs_port", "loopback", "other"]
OvsType = Literal["OVSBridge", "OVSPort", "OVSIntPort", "OVSBond"]
#: The kernel's own name for what all ports of Open vSwitch are in, and for the kind of its bridges and internal ports.
OVS_SYSTEM, OVS_KIND = "ovs-system", "openvswitch"
#: Driver → VLAN ids that the filter of its cards has room for.
FILTERS = {"mlx5_core": 512, "mlx4_en": 128}


@dataclass(frozen=True)
class Gateway:
    """A default route. metric 0 is what a gateway has of which nothing is said."""

    ip: IPAddress
    metric: int = 0


@dataclass(frozen=True)
class Route:
    to: IPNetwork
    via: Optional[IPAddress] = None
    metric: int = 0

    def command(self, interface: str) -> str:
        """As a hook that may be run any number of times."""
        via = f" via {self.via}" if self.via else ""
        metric = f" metric {self.metric}" if self.metric else ""
        family = " -6" if self.to.version == 6 else ""
        return f"ip{family} route replace {self.to}{via} dev {interface}{metric}"


@dataclass(frozen=True)
class Hook:
    """A command at a moment: pre-up, up, down, post-down, as ifupdown calls them."""

    when: str
    command: str


@dataclass(frozen=True)
class Bond:
    members: tuple[str, ...] = ()
    mode: str = ""
    miimon: Optional[int] = None
    hash_policy: str = ""
    lacp_rate: str = ""
    primary: str = ""


@dataclass(frozen=True)
class Vlan:
    below: str
    tag: Optional[int]


@dataclass(frozen=True)
class Bridge:
    """vids: as declared, in one spelling. patterned: ports told by a pattern, which nobody knows from the text."""

    ports: tuple[str, ...] = ()
    vlan_aware: bool = False
    vids: str = ""
    patterned: bool = False


@dataclass(frozen=True)
class Ovs:
    """What belongs to Open vSwitch. ports: of a bridge. bridge: of a port; one that is internal has no device below.

    others: the words of ovs_options beside the tag, which nobody declares.
    """

    type: OvsType
    ports: tuple[str, ...] = ()
    bridge: str = ""
    tag: Optional[int] = None
    others: str = ""

    @property
    def options(self) -> str:
        return " ".join([*([f"tag={self.tag}"] if self.tag is not None else []), *self.others.split()])


@dataclass(frozen=True)
class Interface:
    """What is written about an interface, in all its stanzas and files. dhcp: the families that ask a server.

    unreadable: values that are no address, no number, nothing that the option may have, with the name of the option.
    """

    name: str
    kind: Kind
    auto: bool = False
    addresses: tuple[IPInterface, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    peers: tuple[IPAddress, ...] = ()
    dhcp: tuple[str, ...] = ()
    mtu: Optional[int] = None
    mac: str = ""
    bond: Optional[Bond] = None
    vlan: Optional[Vlan] = None
    bridge: Optional[Bridge] = None
    ovs: Optional[Ovs] = None
    routes: tuple[Route, ...] = ()
    hooks: tuple[Hook, ...] = ()
    dns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def lower(self) -> tuple[str, ...]:
        return _lower(self)

    @property
    def has_address(self) -> bool:
        return bool(self.addresses or self.dhcp)


@dataclass(frozen=True)
class DesiredInterface:
    """What is declared; None and empty mean that what is there stays. take_over: the interface whose address, gateway
    and MAC a bridge or bond gets, with the hooks and routes that go with them."""

    name: str
    kind: Kind
    absent: bool = False
    mac: str = ""
    pci: str = ""
    auto: bool = True
    addresses: Optional[tuple[IPInterface, ...]] = None
    gateways: Optional[tuple[Gateway, ...]] = None
    mtu: Optional[int] = None
    bond: Optional[Bond] = None
    vlan: Optional[Vlan] = None
    bridge: Optional[Bridge] = None
    ovs: Optional[Ovs] = None
    routes: Optional[tuple[Route, ...]] = None
    comment: Optional[str] = None
    take_over: str = ""

    @property
    def lower(self) -> tuple[str, ...]:
        return _lower(self)


def _lower(one: Union[Interface, DesiredInterface]) -> tuple[str, ...]:
    """The interfaces that it stands on; of a bridge of Open vSwitch all ports, though it carries the internal ones."""
    members = one.bond.members if one.bond else ()
    ports = one.bridge.ports if one.bridge else one.ovs.ports if one.ovs else ()
    return (*members, *ports, *((one.vlan.below,) if one.vlan else ()))


@dataclass(frozen=True)
class Link:
    """An interface as the kernel has it. permanent_mac: where it differs from that in use. below: under a VLAN."""

    name: str
    mac: str = ""
    permanent_mac: str = ""
    alternatives: tuple[str, ...] = ()
    up: bool = False
    carrier: bool = False
    mtu: int = 1500
    master: str = ""
    kind: str = ""
    below: str = ""
    pci: str = ""
    driver: str = ""
    filters_vlans: bool = False
    addresses: tuple[IPInterface, ...] = ()
    expiring: tuple[IPInterface, ...] = ()


@dataclass(frozen=True)
class KernelRoute:
    to: IPNetwork
    via: Optional[IPAddress]
    interface: str
    metric: int = 0
    onlink: bool = False

    @property
    def is_default(self) -> bool:
        return self.to.prefixlen == 0


@dataclass(frozen=True)
class Use:
    """Somebody who needs an interface. what: in words, such as "VM 101". address: which one is needed. tag: of a guest.

    root: a disk, or a file system that is mounted over the network; it cannot wait until a change is taken back.
    """

    interface: str
    what: str
    kind: Literal["corosync", "ceph", "guest", "root"]
    address: str = ""
    tag: Optional[int] = None


@dataclass(frozen=True)
class Kernel:
    """The links, routes and VLAN filters that there are now. tags: of ports of Open vSwitch that have one. switched:
    the bridge of each of its ports.
    """

    links: Mapping[str, Link] = field(default_factory=dict)
    routes: tuple[KernelRoute, ...] = ()
    vlans: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)
    switched: Mapping[str, str] = field(default_factory=dict)

    def named(self, name: str) -> Optional[Link]:
        """By its name or by one of its other names."""
        found = self.links.get(name)
        return found or next((link for link in self.links.values() if name in link.alternatives), None)
