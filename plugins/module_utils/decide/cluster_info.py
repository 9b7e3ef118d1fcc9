# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``cluster_info`` tells of a node: the running cluster in the form in which ``cluster`` takes the wanted one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..model.cluster import MEMBER, ClusterObserved, Member, links_document
from .cluster_links import parse_links, resolve_links


def describe(observed: ClusterObserved, wanted: Sequence[str] = ()) -> dict[str, Any]:
    """``wanted``: the links a node is to have that is in no cluster yet."""
    host, links = observed.host, _links(observed, wanted)
    mtus = {str(found.ip): found.mtu for found in host.addresses}
    addresses = [str(ip) for ip in host.resolves_to if not ip.is_loopback] or [link for link in links if link]
    return {
        "node": host.name,
        "address": addresses[0] if addresses else None,
        "addresses": [f"{found.ip}/{found.prefix}" for found in host.usable],
        "state": observed.state,
        "member": observed.state == MEMBER,
        "name": observed.config.name if observed.config is not None else None,
        "version": observed.config.version if observed.config is not None else None,
        "quorate": observed.membership is not None and observed.membership.quorate,
        "links": links,
        "mtus": [mtus.get(link, 0) for link in links],
        "debian": host.release,
        "nodes": [_node(member) for member in observed.members],
        "authorized_keys": [{"key": key.key, "comment": key.comment} for key in observed.keys],
    }


def _links(observed: ClusterObserved, wanted: Sequence[str]) -> list[str]:
    """The running links of a member; otherwise those it would get ("" where that is not clear)."""
    own = observed.config.member(observed.host.name) if observed.config is not None else None
    if own is not None:
        return list(own.addresses)
    return list(resolve_links(parse_links(wanted), observed.host)[0])


def _node(member: Member) -> dict[str, Any]:
    return {
        "name": member.name,
        "nodeid": member.nodeid,
        "votes": member.votes,
        "online": member.online,
        "links": links_document(member.links),
    }
