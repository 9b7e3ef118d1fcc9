# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network of a node: what is wanted of it, and everything about it that can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from .interface import DesiredInterface, Kernel, Use
from .statements import Program
from .target import Target

#: Who has configured an interface, as its addresses and routes show; which files exist says nothing about that.
Manager = Literal["ifupdown", "systemd-networkd", "dhclient", "NetworkManager"]


@dataclass(frozen=True)
class DesiredNetwork:
    """timeout: seconds after which a change that nobody has confirmed is taken back. targets: whom the node is to reach
    before it is confirmed.
    """

    interfaces: tuple[DesiredInterface, ...] = ()
    allow_dhcp: bool = False
    timeout: int = 60
    targets: tuple[Target, ...] = ()

    def named(self, name: str) -> Optional[DesiredInterface]:
        return next((one for one in self.interfaces if one.name == name), None)


@dataclass(frozen=True)
class Netplan:
    """A device below ``ethernets`` and the like. names: the links that its match finds now; several for a pattern."""

    label: str
    names: tuple[str, ...]
    renamed: bool = False
    pattern: str = ""
    addresses: tuple[str, ...] = ()
    dhcp: bool = False
    dns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


@dataclass(frozen=True)
class NetworkdUnit:
    """The .network file that systemd-networkd takes for a link, and those behind it that match as well."""

    link: str
    effective: str
    shadowed: tuple[str, ...] = ()
    dhcp: bool = False


@dataclass(frozen=True)
class Pin:
    """A .link file, or a rule of udev, that gives the device with this hardware address a name."""

    name: str
    mac: str
    path: str


@dataclass(frozen=True)
class Stranger:
    """Another machine that has an address which this node is to get, where it was asked, and its hardware address."""

    address: str
    interface: str
    mac: str


@dataclass(frozen=True)
class Rule:
    """A line of a firewall's configuration that is for one interface."""

    path: str
    interface: str
    text: str


@dataclass(frozen=True)
class ObservedNetwork:
    """program: the one that is installed; None where neither is. files: all that any program may be led to.

    staged: what the web interface has written and nobody has put in place. uses: who needs which interface.
    cloud_init: whether it writes the network anew at a boot. alone: bonds that speak LACP, and nobody answers.
    ovs: whether Open vSwitch is installed. watched: whether the HA stack resets the node when it has lost the cluster
    for a minute.
    unasked: why it is not known whether somebody has an address. dns, search: what systemd-resolved goes by. node: how
    it calls itself.
    """

    program: Optional[Program]
    files: Mapping[str, str] = field(default_factory=dict)
    staged: Optional[str] = None
    kernel: Kernel = field(default_factory=Kernel)
    managers: Mapping[str, Manager] = field(default_factory=dict)
    netplan: tuple[Netplan, ...] = ()
    networkd: tuple[NetworkdUnit, ...] = ()
    uses: tuple[Use, ...] = ()
    cloud_init: bool = False
    alone: frozenset[str] = frozenset()
    pins: tuple[Pin, ...] = ()
    rules: tuple[Rule, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    unasked: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    watched: bool = False
    ovs: bool = False
    node: str = ""

    def users_of(self, name: str) -> tuple[Use, ...]:
        return tuple(use for use in self.uses if use.interface == name)
