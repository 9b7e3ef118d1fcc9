# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Peers are nodes, and every node is a peer: one that is missed has a network that works for some minutes."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from .change import Change

_HINT = "Declare the addresses of all of its nodes in peers, and no others."


def refuse_peers(change: Change) -> Iterator[Refusal]:
    if change.observed.release is None:
        return
    for name, zone in change.wished("zone"):
        peers = set(zone.words("peers"))
        if zone.type == "vxlan" and peers:
            yield from _missed(change, f"zone {name}", peers, change.nodes_of(zone))
            yield from _strangers(change, f"zone {name}", peers, change.nodes_of(zone))
    for name, controller in change.wished("controller"):
        peers, reflectors = set(controller.words("peers")), change.desired.reflectors
        if controller.type == "evpn" and peers:
            nodes = tuple(sorted(change.observed.nodes))
            if not reflectors:
                yield from _missed(change, f"controller {name}", peers, nodes)
            yield from _strangers(change, f"controller {name}", peers - reflectors, nodes)


def _missed(change: Change, what: str, peers: set[str], nodes: tuple[str, ...]) -> Iterator[Refusal]:
    known = [(name, change.observed.nodes.get(name)) for name in nodes]
    missed = [name for name, node in known if node is not None and not node.addresses & peers]
    if missed:
        yield Refusal(f"No address of {', '.join(missed)} is among the peers of the {what}.", _HINT)


def _strangers(change: Change, what: str, peers: set[str], nodes: tuple[str, ...]) -> Iterator[Refusal]:
    """Only while all nodes tell their addresses."""
    known = [change.observed.nodes.get(name) for name in nodes]
    if any(node is None for node in known):
        return
    strangers = sorted(peers - {address for node in known if node is not None for address in node.addresses})
    if strangers:
        evpn = what.startswith("controller")
        hint = f"{_HINT} Route reflectors that are no nodes stand in reflectors, too." if evpn else _HINT
        yield Refusal(f"The {what} has peers that are none of its nodes: {', '.join(strangers)}.", hint)
