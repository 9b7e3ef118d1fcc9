# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What else goes over the network of a link that is lost, as far as addresses tell.

Which ports and switches carry it only people know: a link is lost here with its network, not with a switch.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

from ...model.node.host import Address, IPNetwork
from .addresses import is_address, plain
from .reading import NodeReading, Reading
from .things import Thing


@dataclass(frozen=True)
class Dead:
    """An end of a link that is dead. network: that of its address. beside: networks of the node on the same port."""

    node: str
    network: IPNetwork
    beside: tuple[IPNetwork, ...] = ()

    def carries(self, wanted: Iterable[IPNetwork]) -> Optional[bool]:
        """Whether one of these networks is dead with it; None where it only shares the port."""
        networks = list(wanted)
        if any(_overlap(self.network, one) for one in networks):
            return True
        return None if any(_overlap(other, one) for other in self.beside for one in networks) else False


def dead_ends(thing: Thing, reading: Reading) -> Optional[tuple[Dead, ...]]:
    """The ends of links that are dead; None when not all are known."""
    config = reading.config.value
    found = []
    for name, link in sorted(thing.links):
        member, node = config.member(name) if config is not None else None, reading.node(name)
        address = _address(node, member.links.get(link, ""), reading) if member is not None else None
        if address is None or node is None:
            return None
        same = [one for one in node.addresses.value or () if _port(one) == _port(address)]
        found.append(Dead(name, address.network, tuple(one.network for one in same if one.network != address.network)))
    return tuple(found)


def _port(address: Address) -> str:
    """``eno1`` of ``eno1.50``: VLANs go down with it."""
    return address.interface.partition(".")[0]


def _address(node: Optional[NodeReading], spelled: str, reading: Reading) -> Optional[Address]:
    """The address that a node has on a link; corosync.conf may have a name for it."""
    if node is None or node.addresses.value is None:
        return None
    names = (reading.names.value or {}).get(spelled, ())
    wanted = {plain(spelled)} if is_address(spelled) else {plain(name) for name in names}
    return next((one for one in node.addresses.value if str(one.ip) in wanted), None)


def on_dead_link(thing: Thing, server: str, reading: Reading) -> Optional[bool]:
    """Whether nodes reach this server over the network of a dead link; None when that is not known."""
    if not thing.links:
        return False
    dead = dead_ends(thing, reading)
    texts = [server] if is_address(server) else list((reading.names.value or {}).get(server, ()))
    if dead is None or not texts:
        return None
    return _any(end.carries([ipaddress.ip_network(plain(text)) for text in texts]) for end in dead)


def nodes_cut(thing: Thing, networks: Iterable[str], reading: Reading) -> Optional[frozenset[str]]:
    """The nodes that are cut off from these networks by dead links; None when that is not known."""
    if not thing.links:
        return frozenset()
    dead = dead_ends(thing, reading)
    if dead is None:
        return None
    wanted = [ipaddress.ip_network(text, strict=False) for text in networks]
    answers = {end.node: end.carries(wanted) for end in dead}
    return None if None in answers.values() else frozenset(name for name, answer in answers.items() if answer)


def _any(answers: Iterable[Optional[bool]]) -> Optional[bool]:
    found = list(answers)
    return True if True in found else None if None in found else False


def _overlap(first: IPNetwork, second: IPNetwork) -> bool:
    return first.version == second.version and first.overlaps(second)
