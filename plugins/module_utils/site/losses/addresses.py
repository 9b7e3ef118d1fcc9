# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who holds an address: a node, a guest, or nobody that is known. Asked of every server that a site depends on."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

from .reading import PlacedGuest, Reading
from .words import phrase


@dataclass(frozen=True)
class Holder:
    """``node`` or ``guest`` has the address; none of both: nobody that is known.

    suspects: nodes that may have it, or run a guest that may. doubts: why that is not known.
    """

    node: str = ""
    guest: Optional[PlacedGuest] = None
    suspects: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The node that it is on."""
        return self.guest.node if self.guest is not None else self.node

    def goes_with(self, nodes: Collection[str]) -> Optional[bool]:
        """Whether it is lost together with these nodes; None when nobody knows."""
        if self.place:
            return self.place in nodes
        return None if self.suspects & frozenset(nodes) else False

    def __str__(self) -> str:
        if self.guest is not None:
            return phrase("{guest} on {node}", guest=self.guest.guest, node=self.guest.node)
        return self.node or ("unknown" if self.doubts else phrase("nobody known"))


def holder_of(server: str, reading: Reading) -> Holder:
    """``server``: an address, or a name that is resolved as the nodes do."""
    wanted = _addresses(server, reading)
    everywhere = frozenset(node.name for node in reading.nodes)
    if not wanted:
        return Holder(suspects=everywhere, doubts=(phrase("the address of {server} is not known", server=server),))
    for address in sorted(wanted):
        if address in reading.node_at:
            return Holder(node=reading.node_at[address])
    for placed in reading.guests.value or ():
        if wanted & {plain(address) for address in placed.addresses or ()}:
            return Holder(guest=placed)
    return _nobody(server, reading, everywhere)


def _nobody(server: str, reading: Reading, everywhere: frozenset[str]) -> Holder:
    doubts = [
        phrase("the addresses of {name} are not known", name=node.name)
        for node in reading.nodes
        if not node.addresses.known
    ]
    suspects = {node.name for node in reading.nodes if not node.addresses.known}
    if reading.guests.value is None:
        return Holder(
            suspects=everywhere,
            doubts=(*doubts, phrase("which guests there are is not known ({server})", server=server)),
        )
    for placed in reading.guests.value:
        if placed.addresses is None:
            doubts.append(phrase("the addresses of {guest} are not known", guest=placed.guest))
            suspects.add(placed.node)
    return Holder(suspects=frozenset(suspects), doubts=tuple(doubts))


def _addresses(server: str, reading: Reading) -> frozenset[str]:
    if is_address(server):
        return frozenset((plain(server),))
    known = reading.names.value or {}
    return frozenset(map(plain, known.get(server, ())))


@lru_cache(maxsize=1024)
def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def plain(address: str) -> str:
    """One spelling, without the length of the prefix: ``10.0.0.1/24``, ``[fd00::1]``."""
    bare = address.partition("/")[0].strip("[]")
    return str(ipaddress.ip_address(bare)) if is_address(bare) else bare
