# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Network cards whose names may change with the kernel. Upstream: systemd.link(5), pve-network(5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..network.interface import Interface, Link
from ..network.meaning import interfaces
from ..network.network import ObservedNetwork
from ..network.patterns import name_matches
from ..network.reading import read


@dataclass(frozen=True)
class Card:
    """``used_by``: what stands on it, itself if it has an address. pinned: a .link file or a rule of udev names it."""

    name: str
    address: str
    used_by: tuple[str, ...] = ()
    pinned: bool = False

    @property
    def at_risk(self) -> bool:
        """Something stands on it, and another kernel may call it otherwise."""
        return bool(self.used_by) and not self.pinned


def cards_of(network: ObservedNetwork) -> tuple[Card, ...]:
    """All that are hardware: they have a place on a bus."""
    links = network.kernel.links
    written = {} if network.program is None else interfaces(read(network.files, network.program))
    return tuple(_card(link, network, written) for link in links.values() if link.pci)


def _card(link: Link, network: ObservedNetwork, written: Mapping[str, Interface]) -> Card:
    address = link.permanent_mac or link.mac
    pinned = any(pin.name == link.name and pin.mac == address.lower() for pin in network.pins)
    return Card(link.name, address, tuple(sorted(_users(link, network.kernel.links, written))), pinned)


def _users(link: Link, links: Mapping[str, Link], written: Mapping[str, Interface]) -> set[str]:
    """As the kernel has it, and as it is written: ports that are down, or that a pattern names."""
    running = {one.name for one in links.values() if one.name == link.master or one.below == link.name}
    declared = {name for name, one in written.items() if any(name_matches(link.name, low) for low in one.lower)}
    own = written.get(link.name)
    itself = bool(link.addresses) or (own is not None and own.has_address)
    return running | declared | ({link.name} if itself else set())
