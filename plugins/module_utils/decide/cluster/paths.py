# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuse a join whose links would not carry corosync: what shows in the addresses, and what was found by trying them.

Corosync itself says little about such links: the node joins, and the cluster loses its quorum now and then.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Optional

from ...engine.plan import Refusal
from ...model.cluster.desired import DesiredCluster
from ...model.cluster.links import Links, link_name
from ...model.cluster.paths import CLOCK_LIMIT, Path, Paths
from ...model.node.host import Address, Host

_CABLE = "Check the cable, switch port, VLAN and firewall of both; corosync needs UDP 5405 to 5412 between them."


def refuse_paths(desired: DesiredCluster, links: Links, host: Host) -> tuple[Refusal, ...]:
    """Everything that is wrong with this node's links to the nodes that are, or will be, in the cluster."""
    own = [next((one for one in host.addresses if str(one.ip) == link), None) for link in links.addresses]
    return (
        *_refuse_networks(desired, own, host),
        *_refuse_mtus(desired, own, host),
        *_refuse_releases(desired, host),
        *_refuse_measured(desired, desired.paths, host),
        *refuse_strangers(desired, host),
    )


def refuse_strangers(desired: DesiredCluster, host: Host) -> Iterator[Refusal]:
    """Corosync would run, and lose the other nodes whenever the stranger is the one that answers for the address."""
    for one in desired.paths.strangers if desired.paths is not None else ():
        yield Refusal(
            f"{one.address}, {link_name(one.link)} of {host.name}, is the address of another machine, too: "
            f"{one.hardware} answers for it in the network of {one.interface}.",
            f"Find that machine (arping -D -I {one.interface} {one.address}), and give one of the two another address.",
        )


def warn_paths(desired: DesiredCluster) -> Iterator[str]:
    paths = desired.paths or Paths()
    if any(not way.tried for way in paths.ways):
        yield "This node has no ping, so nobody tried whether its links carry packets of full size."
    for why in paths.unknown:
        yield f"Nobody could be asked whether another machine has an address of this node, too ({why})."


def _refuse_networks(desired: DesiredCluster, own: Sequence[Optional[Address]], host: Host) -> tuple[Refusal, ...]:
    """A link is one network: a router between two nodes is one more thing that can fail, and costs latency.

    An address that is alone in its network (/32, /128) is that of a routed fabric, where others are reached by routes.
    """
    refusals = []
    for number, address in enumerate(own):
        elsewhere = [] if address is None else _elsewhere(desired, number, address, host)
        if address is not None and elsewhere:
            others = ", ".join(f"{other} ({name})" for name, other in elsewhere)
            reason = (
                f"{link_name(number)} of {host.name} is {address.ip}/{address.prefix}; not in that network: {others}."
            )
            refusals.append(Refusal(reason, "A link is one network: correct the addresses, or their prefix lengths."))
    return tuple(refusals)


def _elsewhere(desired: DesiredCluster, number: int, own: Address, host: Host) -> list[tuple[str, str]]:
    known = {node.name: node.links[number] for node in desired.nodes if number in node.links}
    members = desired.lead.members if desired.lead is not None else None
    known.update({one.name: one.links[number] for one in members or () if number in one.links})
    return sorted((name, text) for name, text in known.items() if name != host.name and _outside(text, own))


def _outside(text: str, own: Address) -> bool:
    try:
        return own.prefix < own.ip.max_prefixlen and ipaddress.ip_address(text) not in own.network
    except ValueError:
        return False  # not known yet, or a name, which only the resolver of that member can judge


def _refuse_mtus(desired: DesiredCluster, own: Sequence[Optional[Address]], host: Host) -> tuple[Refusal, ...]:
    refusals = []
    for number, address in enumerate(own):
        others = [(node.name, node.mtus[number]) for node in desired.nodes if number < len(node.mtus)]
        different = [f"{mtu} ({name})" for name, mtu in others if mtu and name != host.name]
        if address is not None and any(mtu and mtu != address.mtu for name, mtu in others if name != host.name):
            reason = f"The MTU of {link_name(number)} is {address.mtu} on {host.name} ({address.interface})"
            hint = "Give all interfaces of a link one MTU, and the switch ports between them, too."
            refusals.append(Refusal(f"{reason}; on the others: {', '.join(different)}.", hint))
    return tuple(refusals)


def _refuse_releases(desired: DesiredCluster, host: Host) -> tuple[Refusal, ...]:
    other = sorted(f"{one.name} (Debian {one.debian})" for one in desired.nodes if one.debian not in ("", host.release))
    if not other:
        return ()
    return (
        Refusal(
            f"{host.name} runs Debian {host.release}, other nodes another major release: {', '.join(other)}.",
            "All nodes of a cluster run one major release: upgrade the older ones first.",
        ),
    )


def _refuse_measured(desired: DesiredCluster, paths: Optional[Paths], host: Host) -> tuple[Refusal, ...]:
    if paths is None:
        return ()
    found = [_refuse_way(way, host, desired.latency_limit) for way in paths.ways if way.tried]
    refusals = [refusal for refusal in found if refusal is not None]
    needs_api = desired.lead is not None and desired.lead.members and not desired.over_ssh
    if paths.lead is not None and paths.skew is None and needs_api:
        reason = f"The API of the member to join through ({paths.lead}, port 8006) does not answer {host.name}."
        refusals.append(Refusal(reason, "Is pveproxy running there, and does a firewall let TCP 8006 pass?"))
    if paths.skew is not None and abs(paths.skew) > CLOCK_LIMIT:
        side = "behind" if paths.skew > 0 else "ahead of"
        reason = f"The clock of {host.name} is {abs(paths.skew):.0f} seconds {side} that of {paths.lead}."
        refusals.append(
            Refusal(reason, "Set it by NTP (chronyc makestep); logins, certificates and Ceph depend on it.")
        )
    return tuple(refusals)


def _refuse_way(way: Path, host: Host, limit: float) -> Optional[Refusal]:
    where = f"{way.node} on {link_name(way.link)} ({way.source} to {way.address})"
    if not way.reached:
        return Refusal(f"{host.name} does not reach {where}.", _CABLE)
    if not way.whole:
        reason = f"Packets of {way.mtu} bytes, the MTU of {host.name}, do not reach {where}; small ones do."
        return Refusal(reason, "Something between them has a smaller MTU: the switch, a tunnel or the other interface.")
    if way.latency is not None and way.latency > limit:
        reason = f"The latency from {host.name} to {where} is {way.latency:.1f} ms on average; the limit is {limit:g}."
        return Refusal(
            reason, "Corosync wants less than 5 ms between all nodes: see what is slow, or use another network."
        )
    return None
