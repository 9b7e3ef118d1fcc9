# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of the written network the kernel does not have. An exit code of ifreload or ifup proves nothing of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...model.network.interface import OVS_KIND, OVS_SYSTEM, Interface, Kernel, Link, Ovs, Use
from ...model.network.meaning import numbers, ranges, routes_of

#: The kernel lets it through untagged on every port, whether it is declared or not.
_DEFAULT_TAG = 1


def lacks(
    interfaces: dict[str, Interface],
    kernel: Kernel,
    uses: Collection[Use] = (),
    alone: Collection[str] = (),
) -> Iterator[str]:
    """A sentence for each thing; of interfaces that come up at boot. alone: bonds whose partner does not speak LACP."""
    for one in interfaces.values():
        if one.auto and one.kind not in ("loopback", "other"):
            link = kernel.named(one.name)
            yield from _of_link(one, link) if link else [f"{one.name} is not there."]
            yield from _of_ports(one, kernel, uses)
            yield from _of_routes(one, kernel)
            if one.name in alone and one.bond and one.bond.mode == "802.3ad":
                yield f"{one.name} speaks LACP, and nobody answers."


def _of_link(one: Interface, link: Link) -> Iterator[str]:
    if not link.up:
        yield f"{one.name} is down."
    if one.mtu is not None and link.mtu != one.mtu:
        yield f"{one.name} has MTU {link.mtu}, not {one.mtu}."
    if one.mac and link.mac != one.mac:
        yield f"{one.name} has the hardware address {link.mac}, not {one.mac}."
    if one.dhcp:
        return
    present = {address for address in link.addresses if not address.ip.is_link_local}
    for address in one.addresses:
        if address not in link.addresses:
            yield f"{one.name} does not have {address}."
    for address in sorted(present - set(one.addresses), key=str):
        yield f"{one.name} also has {address}."
    for address in link.expiring:
        yield f"{one.name} has {address} only for a time: a dhcp client gave it."


def _of_ports(one: Interface, kernel: Kernel, uses: Collection[Use]) -> Iterator[str]:
    if one.ovs:
        yield from _of_ovs(one, one.ovs, kernel)
    lower = one.bridge.ports if one.bridge else one.bond.members if one.bond else ()
    for port in lower:
        link = kernel.named(port)
        if link is None or link.master != one.name:
            yield f"{port} is not in {one.name}."
        elif one.bridge and one.bridge.vlan_aware:
            yield from _of_tags(one, port, numbers(one.bridge.vids), kernel, uses)


def _of_ovs(one: Interface, ovs: Ovs, kernel: Kernel) -> Iterator[str]:
    """Its database tells which bridge has a port; the kernel, whether a device is really in Open vSwitch."""
    for port in ovs.ports:
        link = kernel.named(port)
        loose = link is not None and link.master != OVS_SYSTEM and link.kind != OVS_KIND
        if loose or kernel.switched.get(port) != one.name:
            yield f"{port} is not in {one.name}."
    if ovs.bridge and kernel.tags.get(one.name) != ovs.tag:
        yield f"{one.name} has the tag {kernel.tags.get(one.name)}, not {ovs.tag}."


def _of_tags(
    one: Interface, port: str, wanted: Collection[int], kernel: Kernel, uses: Collection[Use]
) -> Iterator[str]:
    """PVID 1 stays, whether it is declared or not."""
    present = set(kernel.vlans.get(port, ()))
    missing, more = set(wanted) - present, present - set(wanted) - {_DEFAULT_TAG}
    users = [f"{use.what} uses {use.tag}" for use in uses if use.interface == one.name and use.tag in missing]
    if missing:
        told = f"; {', '.join(users)}" if users else ""
        yield f"{port} does not let the VLANs {ranges(sorted(missing))} through{told}."
    if more:
        yield f"{port} also lets the VLANs {ranges(sorted(more))} through."


def _of_routes(one: Interface, kernel: Kernel) -> Iterator[str]:
    found = {(route.to, route.via) for route in kernel.routes if route.interface == one.name}
    for route in routes_of(one):
        if (route.to, route.via) not in found:
            yield f"There is no route to {route.to} by way of {route.via or 'the network itself'} on {one.name}."
