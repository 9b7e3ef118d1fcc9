# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cluster in a report: who belongs to it, what each node counts, and which node reaches which on which link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from ...model.cluster.links import link_name
from ...model.cluster.quorum import QuorumStatus
from ...model.cluster.running_links import RunningLink
from ...model.node.look import Unknown, known
from .nodes import Site, SiteNode, ask
from .section import Missing, section


def cluster_section(site: Site) -> dict[str, Any]:
    config = site.config
    device = config.qdevice if config else None
    return section(
        [_node(site, node) for node in site.nodes],
        ask(site.nodes, lambda look: look.running)[1],
        name=config.name if config else None,
        version=config.version if config else None,
        quorate=quorate(site),
        pmxcfs=[one.document for one in _without_pmxcfs(site)],
        untold=[one.document for one in _untold(site)],
        device=None if device is None else {"host": device.host, "algorithm": device.algorithm},
    )


def _without_pmxcfs(site: Site) -> Iterator[Missing]:
    """Nodes that answer, and whose /etc/pve does not: frozen, or not mounted."""
    for node in site.answering:
        mounted = node.part(lambda look: look.pmxcfs)
        if isinstance(mounted, Unknown):
            yield Missing(node.name, mounted.why)
        elif not mounted and _installed(node):
            yield Missing(node.name, "/etc/pve is not mounted.")


def _installed(node: SiteNode) -> bool:
    cluster, proxmox = known(node.part(lambda look: look.cluster)), known(node.part(lambda look: look.proxmox))
    return bool((cluster and cluster.installed) or (proxmox and proxmox.installed))


def _untold(site: Site) -> Iterator[Missing]:
    """Nodes that did not tell of their cluster, though not for want of /etc/pve."""
    silent = {one.who for one in _without_pmxcfs(site)}
    for node in site.answering:
        found = node.part(lambda look: look.cluster)
        if isinstance(found, Unknown) and node.name not in silent:
            yield Missing(node.name, found.why)


def quorate(site: Site) -> Optional[bool]:
    """True: a part of the cluster has quorum. False: no node has, and all tell. None: not known."""
    told = [quorum_of(node) for node in site.nodes]
    holding = [node for node, one in zip(site.nodes, told) if one is not None and one.quorate]
    if any(_holds(site, node) for node in holding):
        return True
    if holding:
        return None
    return None if ask(site.nodes, lambda look: look.running)[1] else False


def _holds(site: Site, node: SiteNode) -> bool:
    """It has quorum also without the members that it counts and no link of it reaches: corosync needs some seconds
    until it gives a member up."""
    quorum = quorum_of(node)
    if quorum is None:
        return False
    lost = sum(quorum.members.get(number, 0) for number in unreached(node))
    return quorum.quorate and quorum.total - lost >= quorum.quorum


def unreached(node: SiteNode) -> list[int]:
    """Members that a node counts though none of its links reaches them."""
    found = known(node.part(lambda look: look.running))
    links = found.links if found else ()
    told = {link.nodeid for link in links} - {link.nodeid for link in links if link.connected}
    counted = found.quorum.members if found and found.quorum else {}
    return sorted(told & set(counted))


def quorum_of(node: SiteNode) -> Optional[QuorumStatus]:
    found = known(node.part(lambda look: look.running))
    return None if found is None else found.quorum


def _node(site: Site, node: SiteNode) -> dict[str, Any]:
    quorum, member = quorum_of(node), site.members.get(node.name)
    services = known(node.part(lambda look: look.services))
    proxmox = known(node.part(lambda look: look.proxmox))
    return {
        "node": node.name,
        "host": node.host or None,
        "answered": node.look is not None,
        "why": node.silence or None,
        "member": member is not None,
        "votes": member.votes if member else None,
        "links": member.links.document() if member else {},
        "quorum": None if quorum is None else _quorum(site, node, quorum),
        "installed": proxmox.installed if proxmox else None,
        "web": proxmox.answers if proxmox and proxmox.installed else None,
        "services": None if services is None else {one.name: one.state for one in services},
    }


def _quorum(site: Site, node: SiteNode, quorum: QuorumStatus) -> dict[str, Any]:
    """As this node counts. ``device``: whether the vote of the quorum device counts for it; None without one."""
    member = site.members.get(node.name)
    votes = None if member is None else member.nodeid in quorum.casting
    return {
        "quorate": quorum.quorate,
        "votes": quorum.total,
        "expected": quorum.expected,
        "needed": quorum.quorum,
        "device": votes if quorum.has_device else None,
        "unreached": [site.numbered(number) for number in unreached(node)],
        "sees": [site.numbered(number) for number in sorted(quorum.members)],
    }


def links_section(site: Site) -> dict[str, Any]:
    """Every way from one node to another: its state as the first of the two sees it."""
    missing = ask(site.nodes, lambda look: look.running)[1]
    return section(list(_ways(site)), missing if len(site.members) != 1 else [])


def _ways(site: Site) -> Iterator[dict[str, Any]]:
    for node in site.nodes:
        own = site.members.get(node.name)
        running = known(node.part(lambda look: look.running))
        seen = {(one.nodeid, one.number): one for one in (running.links if running else ())}
        for other in site.members.values() if own else ():
            if own is None or other.name == own.name:
                continue
            for number in sorted(set(own.links) | set(other.links)):
                found = seen.get((other.nodeid, number))
                yield {
                    "from": own.name,
                    "to": other.name,
                    "link": link_name(number),
                    "source": own.links.get(number),
                    "target": other.links.get(number),
                    **_state(found, running is not None),
                }


def _state(found: Optional[RunningLink], asked: bool) -> dict[str, Any]:
    """A link that a node does not list when asked is down: its corosync does not run, or knows of no such way."""
    if found is None:
        return {"state": "down" if asked else "unknown", "mtu": None, "latency_ms": None}
    return {"state": "up" if found.connected else "down", "mtu": found.mtu, "latency_ms": found.latency}
