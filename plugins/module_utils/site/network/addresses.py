# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What only all nodes together can tell of their networks: an address has one node, and a network one MTU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Optional

from ...engine.plan import Refusal
from ...model.network.interface import IPAddress, Kernel
from ...model.network.network import DesiredNetwork
from .targets import ends


def refuse_network_of_site(desired: Mapping[str, DesiredNetwork], shown: Mapping[str, Kernel]) -> Iterator[Refusal]:
    """host → what is wanted of it, and what it has now; a host may be in one of the two alone."""
    yield from _refuse_same_address(desired, shown)
    yield from _refuse_other_sizes(desired, shown)


def _refuse_same_address(desired: Mapping[str, DesiredNetwork], shown: Mapping[str, Kernel]) -> Iterator[Refusal]:
    """Of a host whose interface is declared with addresses, only those count; of all others what they have."""
    owners: dict[IPAddress, dict[str, str]] = {}
    for host in {**desired, **shown}:
        for name, ip in _addresses(desired.get(host, DesiredNetwork()), shown.get(host, Kernel())):
            owners.setdefault(ip, {}).setdefault(host, name)
    for ip, found in owners.items():
        declared = [host for host in found if _declares(desired.get(host), ip)]
        if len(found) > 1 and declared:
            words = " and ".join(f"{name} of {host}" for host, name in found.items())
            yield Refusal(f"{ip} would be on {words}.", "Give each node an address of its own.")


def _addresses(desired: DesiredNetwork, shown: Kernel) -> Iterator[tuple[str, IPAddress]]:
    told = {one.name for one in desired.interfaces if one.addresses is not None or one.absent}
    moved = {one.take_over for one in desired.interfaces if one.take_over and one.addresses is not None}
    for one in desired.interfaces:
        yield from ((one.name, address.ip) for address in one.addresses or ())
    for link in shown.links.values():
        if link.name not in told | moved:
            ips = (address.ip for address in link.addresses)
            yield from ((link.name, ip) for ip in ips if not (ip.is_loopback or ip.is_link_local))


def _declares(desired: Optional[DesiredNetwork], ip: IPAddress) -> bool:
    return desired is not None and any(
        ip == address.ip for one in desired.interfaces for address in one.addresses or ()
    )


def _refuse_other_sizes(desired: Mapping[str, DesiredNetwork], shown: Mapping[str, Kernel]) -> Iterator[Refusal]:
    """Packets of the larger size are lost without a word, and Ceph and corosync stall. Only where one is declared."""
    sizes: dict[str, dict[int, str]] = {}
    told: set[str] = set()
    for host in {**desired, **shown}:
        network = desired.get(host, DesiredNetwork())
        declared = {one.name for one in network.interfaces if one.mtu is not None}
        for name, address, mtu in ends(shown.get(host, Kernel()), network):
            if address.network.num_addresses > 1:
                sizes.setdefault(str(address.network), {}).setdefault(mtu, f"{name} of {host}")
                told.update({str(address.network)} if name in declared else ())
    for subnet, found in sizes.items():
        if len(found) > 1 and subnet in told:
            words = ", ".join(f"{mtu} on {where}" for mtu, where in sorted(found.items()))
            yield Refusal(
                f"The nodes have different MTUs in {subnet}: {words}.", "Declare the same mtu on all of them."
            )
