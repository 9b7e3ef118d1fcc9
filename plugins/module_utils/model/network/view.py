# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one node sees of the networks around it, and what it is to see after a change of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..cluster.running_links import RunningLink
from .target import Target


@dataclass(frozen=True)
class Expected:
    """What a node is to see after a change of its network. addresses: its own, with prefix. seconds: to look for it."""

    targets: tuple[Target, ...] = ()
    addresses: tuple[str, ...] = ()
    seconds: int = 30


_NAMED = ("addresses", "alone", "dark", "small")


@dataclass(frozen=True)
class NetworkView:
    """addresses: the node's own, with prefix. reached: which addresses answered in full size. links: corosync's.

    alone: bonds that speak LACP, and nobody answers: one of their links carries all. dark: links with an address and no
    carrier. small: addresses that did not answer in full size, but in the usual one.
    """

    addresses: tuple[str, ...] = ()
    reached: dict[str, bool] = field(default_factory=dict)
    links: tuple[RunningLink, ...] = ()
    alone: tuple[str, ...] = ()
    dark: tuple[str, ...] = ()
    small: tuple[str, ...] = ()

    @property
    def connected(self) -> frozenset[tuple[int, int]]:
        """Number of the other node, and of the link."""
        return frozenset((link.nodeid, link.number) for link in self.links if link.connected)

    @property
    def document(self) -> dict[str, Any]:
        links = [{**vars(link)} for link in self.links]
        named = {name: list(getattr(self, name)) for name in _NAMED}
        return {**named, "reached": dict(self.reached), "links": links}


def view_from(document: dict[str, Any]) -> NetworkView:
    links = tuple(RunningLink(**link) for link in document["links"])
    named = {name: tuple(document[name]) for name in _NAMED}
    return NetworkView(reached=dict(document["reached"]), links=links, **named)
