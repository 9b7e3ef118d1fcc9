# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``cluster_info`` tells of a node: the running cluster in the form in which ``cluster`` takes the wanted one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from ...model.cluster.cluster import MEMBER, Member, ObservedCluster, links_document
from .links import parse_links, resolve_links


def describe(observed: ObservedCluster, wanted: Sequence[str] = (), votes: Optional[int] = None) -> dict[str, Any]:
    """``wanted`` and ``votes``: the links and votes the node is to have."""
    host, config, links = observed.host, observed.config, _links(observed, wanted)
    own = config.member(host.name) if config is not None else None
    mtus = {str(found.ip): found.mtu for found in host.addresses}
    addresses = [str(ip) for ip in host.resolves_to if not ip.is_loopback] or [link for link in links if link]
    return {
        "node": host.name,
        "address": addresses[0] if addresses else None,
        "addresses": [f"{found.ip}/{found.prefix}" for found in host.usable],
        "state": observed.state,
        "member": observed.state == MEMBER,
        "name": config.name if config is not None else None,
        "version": config.version if config is not None else None,
        "quorate": observed.membership is not None and observed.membership.quorate,
        "links": links,
        "mtus": [mtus.get(link, 0) for link in links],
        "debian": host.release,
        "wanted": {"name": host.name, "links": _wanted(observed, wanted), "votes": votes},
        "nodeid": own.nodeid if own is not None else None,
        "votes": own.votes if own is not None else None,
        "link_priorities": [config.priorities.get(number, 0) for number in config.links] if config is not None else [],
        "token_coefficient": config.token_coefficient if config is not None else None,
        "qdevice": config.qdevice.host if config is not None and config.qdevice is not None else None,
        "nodes": [_node(member) for member in observed.members],
        "authorized_keys": [{"key": key.key, "comment": key.comment} for key in observed.keys],
    }


def _links(observed: ObservedCluster, wanted: Sequence[str]) -> list[str]:
    """The running links of a member; otherwise those it would get ("" where that is not clear)."""
    own = observed.config.member(observed.host.name) if observed.config is not None else None
    if own is not None:
        return list(own.addresses)
    return list(resolve_links(parse_links(wanted), observed.host)[0])


def _wanted(observed: ObservedCluster, wanted: Sequence[str]) -> list[str]:
    """What was asked for, as addresses; empty when nothing was, which leaves the links as they are."""
    return list(resolve_links(parse_links(wanted), observed.host)[0]) if wanted else []


def _node(member: Member) -> dict[str, Any]:
    return {
        "name": member.name,
        "nodeid": member.nodeid,
        "votes": member.votes,
        "online": member.online,
        "links": links_document(member.links),
        "left": None if member.left is None else list(member.left),
    }
