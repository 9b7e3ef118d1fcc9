# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order nodes join, and what each of them has to know of the rest."""

from __future__ import annotations

from typing import Literal, Optional

from ...model.cluster.cluster import JOINING, STANDALONE
from ...model.cluster.context import ClusterContext, Lead, PlannedNode
from .lead import reachable_address
from .site import Site

#: files: its join was cut short when it had the cluster's files. While it is missing, the lead may have no quorum.
#: lead: creates the cluster, and changes what runs, before anybody else joins.
#: listed: its join was cut short when the lead had listed it. While it is missing, no other can join.
#: last: all others, one after the other.
Turn = Literal["files", "lead", "listed", "last"]


def turn_of(site: Site, host: str) -> Turn:
    info = site.infos[host]
    if host == site.lead:
        return "lead"
    if info.member or info.node not in {member.name for member in site.lead_info.nodes}:
        return "last"
    return "files" if info.state == JOINING else "listed"


def turns(site: Site) -> dict[Turn, list[str]]:
    """The hosts of the play by their turn, in the order of the inventory: in this one they get their numbers."""
    found: dict[Turn, list[str]] = {"files": [], "lead": [], "listed": [], "last": []}
    for host in site.wanted.play:
        if host in site.infos:
            found[turn_of(site, host)].append(host)
    return found


def last_joiner(site: Site) -> Optional[str]:
    """The host of the play that joins after all others: then the cluster is complete."""
    order = [host for hosts in turns(site).values() for host in hosts if is_joiner(site, host)]
    return order[-1] if order else None


def is_joiner(site: Site, host: str) -> bool:
    """Whether it is about to join, or to go on with it."""
    return host != site.lead and site.infos[host].state in (STANDALONE, JOINING)


def tries_links(site: Site, host: str) -> bool:
    """A joiner, and the lead that is to create the cluster: before that, they ask for strangers on the wire."""
    return is_joiner(site, host) or (host == site.lead and site.infos[host].state == STANDALONE)


def needs_admission(site: Site, host: str) -> bool:
    """A node that has the cluster's files needs nothing of the lead, unless that does not list it (any more)."""
    return is_joiner(site, host) and turn_of(site, host) != "files"


def context_of(site: Site, host: str) -> ClusterContext:
    device = site.wanted.device
    nodes = (PlannedNode(one.node, one.state, one.links, one.mtus, one.debian) for one in site.infos.values())
    return ClusterContext(
        lead=None if host == site.lead else _lead_of(site, host),
        nodes=tuple(nodes),
        silent=site.silent,
        third_vote=device.managed or device.dropped,
        odd_device=_odd_device(site) if host == site.lead else 0,
    )


def _odd_device(site: Site) -> int:
    """The number of nodes when all have joined, if it forbids the device that is to come then."""
    nodes = {info.node for info in site.playing.values()} | {member.name for member in site.lead_info.nodes}
    unwelcome = site.device.aside and len(nodes) % 2 and not site.wanted.device.allow_odd
    return len(nodes) if unwelcome else 0


def _lead_of(site: Site, host: str) -> Lead:
    """The lead as it is when the node joins: without the quorum device that this run takes out before."""
    lead = site.lead_info
    return Lead(
        address=reachable_address(lead, site.infos[host]),
        version=lead.version,
        members=site.members_then,
        keys=lead.authorized_keys,
        qdevice=None if site.device.pauses and site.leads_play else lead.qdevice,
    )
