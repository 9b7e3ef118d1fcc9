# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fabric of routes as it is declared: spines, leaves, groups of nodes behind them, and how they tell their routes.

One declaration says what all sides need: Calico's objects, the configuration of the switches, and what has to be seen.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

Family = Literal["ipv4", "ipv6"]
Topology = Literal["full_mesh", "route_reflector", "top_of_rack"]
FULL_MESH: Topology = "full_mesh"
ROUTE_REFLECTOR: Topology = "route_reflector"
TOP_OF_RACK: Topology = "top_of_rack"

#: What Calico takes where nothing says otherwise.
DEFAULT_AS = 64512


@dataclass(frozen=True)
class Spine:
    """``links``: leaf → (address of the spine, address of the leaf) on the cable between them, for each family."""

    name: str
    asn: int
    links: Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Leaf:
    """``address``: the one that nodes speak to. ``ibgp``: leaves of its AS tell each other their routes by iBGP.
    ``networks``: of its nodes, which it tells others.
    """

    name: str
    asn: int
    address: str
    router_id: str = ""
    ibgp: bool = False
    address6: str = ""
    networks: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        return known(self.address, self.address6)


@dataclass(frozen=True)
class Member:
    """A node of a group. ``cluster_id``: of a reflector; empty where whatever it has, or its address, is right."""

    name: str
    address: str
    reflector: bool = False
    cluster_id: str = ""
    address6: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        return known(self.address, self.address6)


@dataclass(frozen=True)
class Group:
    """Nodes with one AS, behind one leaf or none. ``own_as_allowed``: so often may their own AS be in a path."""

    name: str
    asn: int
    members: tuple[Member, ...]
    leaf: str = ""
    own_as_allowed: int = 0

    @property
    def reflectors(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.reflector)


@dataclass(frozen=True)
class SecretKey:
    """Where a password lies, in the namespace of calico-node; never the password."""

    name: str
    key: str


@dataclass(frozen=True)
class Fabric:
    """``group_label`` and ``reflector_label``: the keys of the labels that choose members and reflectors."""

    topology: Topology
    groups: tuple[Group, ...]
    leaves: tuple[Leaf, ...] = ()
    spines: tuple[Spine, ...] = ()
    service_prefixes: Optional[tuple[str, ...]] = None
    asn: Optional[int] = None
    password: Optional[SecretKey] = None
    group_label: str = "rr-group"
    reflector_label: str = "rr-id"
    single_reflector_ok: bool = False
    members: Mapping[str, tuple[Group, Member]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = {member.name: (group, member) for group in self.groups for member in group.members}
        object.__setattr__(self, "members", found)

    def leaf_of(self, group: Group) -> Optional[Leaf]:
        return next((leaf for leaf in self.leaves if leaf.name == group.leaf), None)


def known(*addresses: str) -> tuple[str, ...]:
    """Those that there are."""
    return tuple(address for address in addresses if address)


def family(address: str) -> Family:
    """Of an address or a prefix.

    >>> family("172.20.0.11"), family("fd00::/64")
    ('ipv4', 'ipv6')
    """
    return "ipv6" if ":" in address else "ipv4"


def bare(address: str) -> str:
    """An address without the length of its prefix.

    >>> bare("172.20.0.11/24")
    '172.20.0.11'
    """
    return address.partition("/")[0]


def as_number(text: object) -> Optional[int]:
    """An AS number, plain or dotted; None for what is none.

    >>> as_number("1.10"), as_number(64512), as_number("x")
    (65546, 64512, None)
    """
    high, dot, low = str(text).partition(".")
    if not high.isdecimal() or (dot and not low.isdecimal()):
        return None
    return int(high) * 65536 + int(low) if dot else int(high)


def within(inner: str, outer: str) -> bool:
    """Whether a prefix, or an address, lies in another prefix.

    >>> within("10.0.1.0/24", "10.0.0.0/16"), within("10.0.0.0/16", "10.0.1.0/24"), within("fd00::1", "10.0.0.0/8")
    (True, False, False)
    """
    one, other = ipaddress.ip_network(inner), ipaddress.ip_network(outer)
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return one.subnet_of(other)
    return isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network) and one.subnet_of(other)


def network(prefix: str) -> str:
    """One spelling of a prefix; an address alone is one of full length."""
    return str(ipaddress.ip_network(prefix, strict=False))
