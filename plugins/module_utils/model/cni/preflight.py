# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Kubernetes on this machine will meet: room for its overlay, filters on bridges, forwarding, connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Optional

from ..network.interface import Link

Topic = Literal["forwarding", "bridge_filters", "connections", "vxlan_in_vxlan"]

FORWARDING = {4: "net/ipv4/ip_forward", 6: "net/ipv6/conf/all/forwarding"}
BRIDGE_FILTERS = "net/bridge/bridge-nf-call-iptables"
CONNECTIONS, LARGEST = "net/netfilter/nf_conntrack_count", "net/netfilter/nf_conntrack_max"
SETTINGS = (*FORWARDING.values(), BRIDGE_FILTERS, CONNECTIONS, LARGEST)
#: What an overlay takes of each packet, between addresses of IPv4.
OVERHEAD = {"none": 0, "ipip": 20, "vxlan": 50, "wireguard": 60}
#: So many per cent of the table of connections are taken for nearly full.
_FULL = 80


@dataclass(frozen=True)
class Finding:
    topic: Topic
    text: str


def findings(links: Mapping[str, Link], settings: Mapping[str, Optional[int]], room: int) -> Iterator[Finding]:
    """``settings``: what the kernel says; None where it does not have it. ``room``: MTU of the way to other nodes."""
    versions = {address.version for link in links.values() for address in link.addresses if link.kind != "loopback"}
    for version, name in FORWARDING.items():
        if version in versions and settings.get(name) == 0:
            yield Finding("forwarding", f"{name} is 0: no packet gets from a pod to another node over IPv{version}.")
    if settings.get(BRIDGE_FILTERS) == 1:
        text = "packets between ports of one bridge, those of guests too, pass the iptables of this machine"
        yield Finding("bridge_filters", f"{BRIDGE_FILTERS} is 1: {text}.")
    elif any(link.kind == "bridge" for link in links.values()):
        text = "answers of pods on one bridge do not pass the rules for services, and come from the wrong address"
        yield Finding("bridge_filters", f"{BRIDGE_FILTERS} is not 1: {text}.")
    used, most = settings.get(CONNECTIONS), settings.get(LARGEST)
    if used is not None and most and used * 100 >= most * _FULL:
        yield Finding("connections", f"{used} of {most} connections are tracked: new ones will soon be dropped.")
    yield from _tunnels(links, room)


def _tunnels(links: Mapping[str, Link], room: int) -> Iterator[Finding]:
    """A bridge, such as a vnet, whose packets travel in VXLAN already, and who carries pods' packets in VXLAN again."""
    for link in links.values():
        bridge = links.get(link.master)
        if link.kind != "vxlan" or bridge is None or not room:
            continue
        carried = room - OVERHEAD["vxlan"]
        text = f"{bridge.name} is carried in VXLAN by {link.name}, with an MTU of {bridge.mtu}"
        if bridge.mtu > carried:
            yield Finding("vxlan_in_vxlan", f"{text}: more than the {carried} that get through.")
        yield Finding(
            "vxlan_in_vxlan", f"{text}: pods with an overlay of their own get {min(bridge.mtu, carried) - 50} at most."
        )


def pod_mtu(room: int) -> dict[str, int]:
    """Overlay → the largest MTU that pods may have."""
    return {name: room - taken for name, taken in OVERHEAD.items()} if room else {}
