# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host is before anything of Proxmox VE is on it: its name, its addresses, its operating system."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional, Union

IPAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
IPNetwork = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


@dataclass(frozen=True)
class Address:
    """One address of an interface, with the length of its network's prefix and the interface's MTU."""

    interface: str
    ip: IPAddress
    prefix: int
    mtu: int = 1500

    @property
    def network(self) -> IPNetwork:
        return ipaddress.ip_network(f"{self.ip}/{self.prefix}", strict=False)

    def __str__(self) -> str:
        return f"{self.ip} ({self.interface})"


@dataclass(frozen=True)
class Host:
    """``name`` is the name up to the first dot, which Proxmox VE takes as the node's name; ``fqdn`` the canonical one.

    ``resolves_to``: the addresses that the host itself finds for its own name, in the resolver's order.
    ``distribution``, ``release`` and ``codename`` are ID, VERSION_ID and VERSION_CODENAME of os-release(5).
    ``container``: what systemd says this host runs in (``systemd-nspawn``, ``lxc``, ...); None on hardware and in VMs.
    """

    name: str
    fqdn: str
    addresses: tuple[Address, ...]
    resolves_to: tuple[IPAddress, ...]
    distribution: str
    release: str
    codename: str
    container: Optional[str] = None

    @property
    def usable(self) -> tuple[Address, ...]:
        """Addresses that other hosts can reach: neither loopback nor link-local."""
        return tuple(found for found in self.addresses if not (found.ip.is_loopback or found.ip.is_link_local))

    def addresses_in(self, network: IPNetwork) -> tuple[Address, ...]:
        return tuple(found for found in self.usable if found.ip in network)

    def addresses_of(self, interface: str) -> tuple[Address, ...]:
        return tuple(found for found in self.usable if found.interface == interface)

    def has(self, ip: IPAddress) -> bool:
        return any(found.ip == ip for found in self.addresses)

    def after(self, coming: tuple[Address, ...]) -> Host:
        """With the addresses that it gets before anything else is done; without any, as it is."""
        return replace(self, addresses=coming) if coming else self


def addresses_from(coming: Iterable[Mapping[str, Any]]) -> tuple[Address, ...]:
    """As the subject ``network`` tells them of its plan."""
    found = ((one, ipaddress.ip_interface(one["address"])) for one in coming)
    return tuple(Address(one["interface"], its.ip, its.network.prefixlen, one["mtu"]) for one, its in found)
