# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The links of a cluster, and the address that a node has on each of them.

Inside, a link is its number. A wish lists the links in order, link0 first; what runs names them (``link0``), since a
cluster may have a link1 and no link0. How corosync.conf spells them is known to ``corosync_conf.py`` alone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Union

from ..node.host import IPAddress, IPNetwork

#: corosync has links 0 to 7 (MAX_LINK_INDEX of pve-cluster).
MAX_LINKS = 8
#: What a link is asked for by: a network, an address, or the name of an interface.
LinkRequest = Union[IPAddress, IPNetwork, str]

_NAME = "link"
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)


class Links(Mapping[int, str]):
    """Number of a link → address of one node there; "" where no single address was found for a wanted link.

    Addresses are held in their usual spelling, so equal ones are equal; a name that leads to none stays a name.

    >>> str(Links({1: "10.10.2.11", 0: "fd00:0::11"})), Links.in_order(["10.10.1.11", ""]).complete
    ('link0 fd00::11, link1 10.10.2.11', False)
    """

    def __init__(self, addresses: Mapping[int, str]) -> None:
        self._addresses = {number: canonical(address) for number, address in sorted(addresses.items())}

    @classmethod
    def in_order(cls, addresses: Sequence[str]) -> Links:
        return cls(dict(enumerate(addresses)))

    @classmethod
    def parse(cls, document: Mapping[str, str]) -> Links:
        """From what ``document`` gives. Raises ValueError."""
        return cls({_number(name): address for name, address in document.items()})

    def __getitem__(self, number: int) -> str:
        return self._addresses[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._addresses)

    def __len__(self) -> int:
        return len(self._addresses)

    def __hash__(self) -> int:
        return hash(tuple(self.items()))

    def __repr__(self) -> str:
        return f"Links({self._addresses})"

    def __str__(self) -> str:
        """For people."""
        return ", ".join(f"{link_name(number)} {address or '(none)'}" for number, address in self.items()) or "(none)"

    @property
    def addresses(self) -> tuple[str, ...]:
        """In order; "" also for a link that other nodes have and this one does not."""
        return tuple(self.get(number, "") for number in range(max(self, default=-1) + 1))

    @property
    def complete(self) -> bool:
        return all(self.values())

    def numbered_as(self, running: Links) -> Links:
        """A wish only lists links: as many as there are have the numbers of those that run."""
        return Links(dict(zip(running, self.values()))) if len(running) == len(self) else self

    def document(self) -> dict[str, str]:
        """In the form of results and diffs."""
        return {link_name(number): address for number, address in self.items()}


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def canonical(text: str) -> str:
    """An address in its usual spelling; whatever else it is stays as it is."""
    return str(ipaddress.ip_address(text)) if is_address(text) else text


def link_name(number: int) -> str:
    return f"{_NAME}{number}"


def is_public(network: LinkRequest) -> bool:
    """Whether these addresses belong to somebody on the Internet (neither RFC 1918 nor RFC 4193)."""
    found = ipaddress.ip_network(network)
    return not any(found.network_address in one and found.broadcast_address in one for one in _PRIVATE)


def _number(name: str) -> int:
    if not name.startswith(_NAME):
        raise ValueError(f"{name!r} is no link")
    return int(name[len(_NAME) :])
