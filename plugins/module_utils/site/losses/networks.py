# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What else goes over the network of a link that is lost, as far as addresses tell.

Which ports and switches carry it only people know: a link is lost here with its network, not with a switch.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Optional

from ...model.node.host import Address, IPNetwork
from .addresses import is_address, plain
from .reading import Reading
from .things import Thing


def dead_networks(thing: Thing, reading: Reading) -> Optional[frozenset[tuple[str, IPNetwork]]]:
    """(node, network) of the ends of links that are dead; None when not all are known."""
    config = reading.config.value
    found = set()
    for name, link in thing.links:
        member = config.member(name) if config is not None else None
        address = _address(name, member.links.get(link, ""), reading) if member is not None else None
        if address is None:
            return None
        found.add((name, address.network))
    return frozenset(found)


def _address(node: str, spelled: str, reading: Reading) -> Optional[Address]:
    """The address that a node has on a link; corosync.conf may have a name for it."""
    found = reading.node(node)
    if found is None or found.addresses.value is None:
        return None
    names = (reading.names.value or {}).get(spelled, ())
    wanted = {plain(spelled)} if is_address(spelled) else {plain(name) for name in names}
    return next((one for one in found.addresses.value if str(one.ip) in wanted), None)


def on_dead_link(thing: Thing, server: str, reading: Reading) -> Optional[bool]:
    """Whether nodes reach this server over the network of a dead link; None when that is not known."""
    if not thing.links:
        return False
    dead = dead_networks(thing, reading)
    texts = [server] if is_address(server) else list((reading.names.value or {}).get(server, ()))
    if dead is None or not texts:
        return None
    return any(ipaddress.ip_address(plain(text)) in network for text in texts for dummy, network in dead)


def nodes_cut(thing: Thing, networks: Iterable[str], reading: Reading) -> Optional[frozenset[str]]:
    """The nodes that are cut off from these networks by dead links; None when that is not known."""
    if not thing.links:
        return frozenset()
    dead = dead_networks(thing, reading)
    if dead is None:
        return None
    wanted = [ipaddress.ip_network(text, strict=False) for text in networks]
    return frozenset(name for name, network in dead if any(_overlap(network, one) for one in wanted))


def _overlap(one: IPNetwork, other: IPNetwork) -> bool:
    return one.version == other.version and one.overlaps(other)
