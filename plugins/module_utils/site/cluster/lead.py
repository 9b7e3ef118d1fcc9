# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which node acts for all of them, and where the others reach it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Optional

from ...model.cluster.cluster import CREATING
from ...model.cluster.node_info import NodeInfo
from ...model.node.host import IPNetwork


def choose_lead(infos: Mapping[str, NodeInfo], name: Optional[str] = None) -> str:
    """A quorate member of the cluster; else any member of it; else a node on which its creation was cut short; else the
    first host. Without a name, of whatever cluster they are in."""
    return min(infos, key=lambda host: _rank(infos[host], name))  # min keeps the order among equals


def _rank(info: NodeInfo, name: Optional[str]) -> int:
    if name is not None and info.name != name:
        return 3
    if info.member:
        return 0 if info.quorate else 1
    return 2 if info.state == CREATING else 3


def reachable_address(lead: NodeInfo, joiner: NodeInfo) -> str:
    """The address of the lead's name, or one in a network that the joiner is in, too, when that name's is in none."""
    networks = [ipaddress.ip_interface(address).network for address in joiner.addresses]
    known = (lead.address, *lead.links.addresses, *(address.partition("/")[0] for address in lead.addresses))
    near = (address for address in known if address and _is_in(address, networks))
    return next(near, lead.address) or ""


def _is_in(address: str, networks: Sequence[IPNetwork]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False  # a name, as a link may have
    return any(found in network for network in networks)
