# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``cluster_info`` tells of a node: the running cluster in the form in which ``cluster`` takes the wanted one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...model.cluster.cluster import ObservedCluster
from ...model.cluster.config import DesiredNode
from ...model.cluster.links import Links
from ...model.cluster.node_info import NodeInfo
from .links import parse_links, resolve_links


def describe(observed: ObservedCluster, wanted: Sequence[str] = (), votes: Optional[int] = None) -> NodeInfo:
    """``wanted`` and ``votes``: the links and votes the node is to have."""
    host, config = observed.host, observed.config
    own = config.member(host.name) if config is not None else None
    asked = resolve_links(parse_links(wanted), host)[0]
    links = own.links if own is not None else asked
    mtus = {str(found.ip): found.mtu for found in host.addresses}
    known = [str(ip) for ip in host.resolves_to if not ip.is_loopback] or [link for link in links.values() if link]
    return NodeInfo(
        node=host.name,
        wanted=DesiredNode(host.name, asked if wanted else Links({}), votes),
        address=known[0] if known else None,
        addresses=tuple(f"{found.ip}/{found.prefix}" for found in host.usable),
        state=observed.state,
        name=config.name if config is not None else None,
        version=config.version if config is not None else None,
        quorate=observed.membership is not None and observed.membership.quorate,
        links=links,
        mtus=tuple(mtus.get(address, 0) for address in links.addresses),
        debian=host.release,
        nodeid=own.nodeid if own is not None else None,
        votes=own.votes if own is not None else None,
        link_priorities=tuple(config.priorities.get(number, 0) for number in config.links) if config else (),
        token_coefficient=config.token_coefficient if config is not None else None,
        qdevice=config.qdevice.host if config is not None and config.qdevice is not None else None,
        nodes=observed.members,
        authorized_keys=observed.keys,
    )
