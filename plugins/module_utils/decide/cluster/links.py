# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find a node's address on every link, and refuse what would only show as a cluster that never forms.

pvecm itself accepts, without a word, a link address that the node does not have or that another node uses.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Optional

from ...engine.errors import Invalid
from ...engine.plan import Refusal
from ...model.cluster.context import Lead
from ...model.cluster.desired import DesiredCluster
from ...model.cluster.links import MAX_LINKS, LinkRequest, Links, is_public, link_name
from ...model.node.host import Address, Host, IPNetwork

_INTERFACE = re.compile(r"[^\s/:]{1,15}")


def parse_link(text: str) -> LinkRequest:
    """A network in CIDR form, an address, or else the name of an interface."""
    if "/" in text:
        try:
            return ipaddress.ip_network(text)
        except ValueError as error:
            hint = "Write the network itself (10.10.2.0/24), or the address without a prefix (10.10.2.11)."
            raise Invalid(f"The link {text!r} is not a network in CIDR form: {error}.", hint) from None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        if not _INTERFACE.fullmatch(text) or re.fullmatch(r"[0-9.]+", text):
            hint = "Give a network in CIDR form, an address, or the name of an interface."
            raise Invalid(f"The link {text!r} is neither a network nor an address nor an interface.", hint) from None
        return text


def parse_links(texts: Sequence[str]) -> tuple[LinkRequest, ...]:
    if len(texts) > MAX_LINKS:
        raise Invalid(f"{len(texts)} links are given.", f"A cluster has at most {MAX_LINKS} (link0 to link7).")
    return tuple(parse_link(text) for text in texts)


def resolve_links(requests: Sequence[LinkRequest], host: Host) -> tuple[Links, tuple[Refusal, ...]]:
    """The node's address for each request, and why there is no single one where there is none."""
    found: list[Optional[Address]] = []
    refusals: list[Refusal] = []
    for number, request in enumerate(requests or _own_address(host)):
        candidates = _candidates(request, host)
        found.append(candidates[0] if len(candidates) == 1 else None)
        if len(candidates) != 1:
            refusals.append(_refuse_choice(number, request, candidates, host))
    links = Links.in_order([str(address.ip) if address is not None else "" for address in found])
    return links, (*refusals, *_refuse_repeated(links.addresses, host))


def _own_address(host: Host) -> tuple[LinkRequest, ...]:
    """Without links, a node uses the address that its name resolves to (as pvecm does)."""
    return host.resolves_to[:1]


def _candidates(request: LinkRequest, host: Host) -> tuple[Address, ...]:
    """One for each address, on however many ports it stands: of a mesh without a switch it stands on all of them."""
    if isinstance(request, str):
        found = host.addresses_of(request)
    elif isinstance(request, (ipaddress.IPv4Network, ipaddress.IPv6Network)):
        found = host.addresses_in(request)
    else:
        found = tuple(address for address in host.usable if address.ip == request)
    return tuple({address.ip: address for address in reversed(found)}.values())[::-1]


def _refuse_choice(number: int, request: LinkRequest, candidates: tuple[Address, ...], host: Host) -> Refusal:
    if candidates:
        listed = ", ".join(map(str, candidates))
        reason = f"{host.name} has {len(candidates)} addresses for {link_name(number)} ({request}): {listed}."
        return Refusal(reason, "Give this node the address itself (links of the host, for example in host_vars).")
    listed = ", ".join(map(str, host.usable)) or "none that others can reach"
    reason = f"{host.name} has no address for {link_name(number)} ({request}); its addresses are: {listed}."
    return Refusal(reason, "Configure the address on the node first, or correct the link.")


def _refuse_repeated(addresses: tuple[str, ...], host: Host) -> tuple[Refusal, ...]:
    repeated = sorted({address for address in addresses if address and addresses.count(address) > 1})
    return tuple(
        Refusal(
            f"{host.name} would use {address} for more than one link.",
            "Every link needs an address of its own, best in a network of its own.",
        )
        for address in repeated
    )


def refuse_shared(desired: DesiredCluster, links: Links, host: Host) -> tuple[Refusal, ...]:
    """Names and addresses that another node has, too: in this run, or in the running cluster."""
    refusals = []
    if [node.name for node in desired.nodes].count(host.name) > 1:
        refusals.append(
            Refusal(f"Two nodes of this run call themselves {host.name}.", "Node names are unique: rename one of them.")
        )
    used = [(node.name, address) for node in desired.nodes for address in node.links.values()]
    if desired.lead is not None:
        used += [(one.name, address) for one in desired.lead.members or () for address in one.links.values()]
    for address in filter(None, links.values()):
        others = sorted({name for name, other in used if other == address and name != host.name})
        if others:
            reason = f"{address} is a link address of {host.name} and of {', '.join(others)}."
            refusals.append(Refusal(reason, "Give every node an address of its own."))
    return tuple(refusals)


def refuse_other_links(lead: Lead, links: Links, host: Host) -> tuple[Refusal, ...]:
    """The links of the running cluster decide which links a node that joins must have, and in which order."""
    members = [one for one in lead.members or () if one.links and one.name != host.name]
    if not members:
        return ()
    member = members[0]
    if len({tuple(one.links) for one in members}) > 1:
        listed = "; ".join(f"{one.name}: {one.links}" for one in members)
        reason = f"The nodes of the cluster have different links ({listed}), and with that corosync of no node starts."
        return (Refusal(reason, "Give all of them the same links first: cluster_links, in a run for all of them."),)
    if list(member.links) != list(links):
        reason = (
            f"The cluster has these links ({member.name}): {member.links}; {host.name} would join with {len(links)}."
        )
        return (Refusal(reason, "Every node of a cluster has the same links."),)
    networks = {str(address.ip): address.network for address in host.addresses}
    for number, address in links.items():
        elsewhere = [
            link_name(other)
            for other, text in member.links.items()
            if other != number and _inside(text, networks.get(address))
        ]
        if elsewhere and not _inside(member.links[number], networks.get(address)):
            reason = (
                f"{address} would be {link_name(number)} of {host.name}; the cluster has these links: {member.links}."
            )
            return (Refusal(reason, f"Its network is that of {elsewhere[0]}: list the links in the cluster's order."),)
    return ()


def _inside(text: str, network: Optional[IPNetwork]) -> bool:
    try:
        return network is not None and ipaddress.ip_address(text) in network
    except ValueError:
        return False  # a name, which only the resolver of that member can judge


def warn_public(desired: DesiredCluster, links: Links) -> tuple[str, ...]:
    """Corosync traffic belongs in a network of one's own."""
    if desired.allow_public_networks:
        return ()
    pairs = zip(desired.requests or links.values(), links.values())
    targets = [address if isinstance(request, str) else request for request, address in pairs]
    return tuple(
        f"The link network {found} is public address space (private are 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and "
        "fc00::/7). Set allow_public_networks if this is meant."
        for found in targets
        if found != "" and is_public(found)
    )
