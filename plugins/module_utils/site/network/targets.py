# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom a node has to reach after its network was changed: every address of the others that it shares a network with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...model.network.interface import IPInterface, Kernel, Link
from ...model.network.network import DesiredNetwork
from ...model.network.target import Target


def targets_of(host: str, kernels: Mapping[str, Kernel], desired: Mapping[str, DesiredNetwork]) -> tuple[Target, ...]:
    """With packets as large as both ends take, also in networks that the node is only to get; and its gateways."""
    own = list(ends(kernels[host], desired.get(host, DesiredNetwork())))
    found = [
        Target(str(other.ip), f"{link.name} of {name}", min(mtu, link.mtu), str(mine.ip))
        for name, kernel in kernels.items()
        if name != host
        for link in kernel.links.values()
        for other in _lasting(link)
        for dummy, mine, mtu in own
        if other.ip in mine.network and other.ip != mine.ip
    ]
    gateways = [
        Target(str(gateway.ip), "the gateway", 1500)
        for one in desired.get(host, DesiredNetwork()).interfaces
        for gateway in one.gateways or ()
    ]
    routes = [route for route in kernels[host].routes if route.is_default and route.via]
    present = [Target(str(route.via), "the gateway", 1500) for route in routes if not gateways]
    return tuple(dict.fromkeys((*found, *gateways, *present)))


def ends(kernel: Kernel, desired: DesiredNetwork) -> Iterator[tuple[str, IPInterface, int]]:
    """The addresses of a node after the change, each with its interface and the size that this takes."""
    declared = {one.name: one for one in desired.interfaces}
    told = {name for name, one in declared.items() if one.addresses is not None or one.absent}
    for one in desired.interfaces:
        link = kernel.named(one.name) or kernel.named(one.take_over)
        mtu = one.mtu or (link.mtu if link else 1500)
        yield from ((one.name, address, mtu) for address in one.addresses or ())
    moved = {one.take_over: one for one in desired.interfaces if one.take_over}
    for link in kernel.links.values():
        if link.name in told or (link.name in moved and moved[link.name].addresses is not None):
            continue
        over = moved.get(link.name) or declared.get(link.name)
        mtu = (over.mtu if over else None) or link.mtu
        yield from ((over.name if over else link.name, address, mtu) for address in _lasting(link))


def _lasting(link: Link) -> Iterator[IPInterface]:
    for address in link.addresses:
        if not (address.ip.is_loopback or address.ip.is_link_local or address in link.expiring):
            yield address
