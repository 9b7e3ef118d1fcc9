# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a cluster stands at one moment of its way, and which sessions that means: who is in the mesh, who reflects.

What a step is to lead to is computed by the same rules as what there is, never from what is found to be up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Optional

from ...model.kube.calico import Node, ObservedCalico
from ...model.kube.fabric import Fabric, Group, Leaf
from .objects import BRIDGE, group_peer, holder, leaf_peer, rack_peer, wanted_peers

Kind = Literal["mesh", "reflector", "leaf", "spine"]


@dataclass(frozen=True)
class Session:
    """Between two addresses, the smaller text first."""

    one: str
    other: str
    kind: Kind


@dataclass(frozen=True)
class Standing:
    """``members`` and ``reflectors``: node → the group that its label says. ``apart``: nodes with a cluster id, which
    the mesh passes by. ``peers``: names of the peers that are there, as the fabric calls them.
    """

    fabric: Fabric
    addresses: Mapping[str, str]
    mesh: bool
    members: Mapping[str, str]
    reflectors: Mapping[str, str]
    apart: frozenset[str]
    peers: frozenset[str]

    def with_node(self, name: str, group: Optional[str], reflects: Optional[str], apart: bool) -> Standing:
        """After a change of one node."""
        members = {
            **{one: label for one, label in self.members.items() if one != name},
            **({name: group} if group else {}),
        }
        others = {one: label for one, label in self.reflectors.items() if one != name}
        return replace(
            self,
            members=members,
            reflectors={**others, **({name: reflects} if reflects else {})},
            apart=self.apart | {name} if apart else self.apart - {name},
        )

    def peers_of(self, name: str) -> frozenset[str]:
        """The addresses that a node is to have a session with."""
        leaf = self.leaf_of(name)
        return frozenset((*self._node_peers(name), *((leaf.address,) if leaf is not None else ())))

    def _node_peers(self, name: str) -> Iterator[str]:
        if self.mesh and name not in self.apart:
            yield from (found for one, found in self.addresses.items() if one != name and one not in self.apart)
        if BRIDGE in self.peers:
            bridged = self.addresses if name in self.reflectors else self.reflectors
            yield from (self.addresses[one] for one in bridged if one != name and one in self.addresses)
        for group in self._groups_of(name):
            if group_peer(group) in self.peers:
                yield from (self.addresses[one] for one in self._in_group(name, group))

    def _groups_of(self, name: str) -> Iterator[Group]:
        labels = {self.members.get(name), self.reflectors.get(name)}
        return (group for group in self.fabric.groups if group.name in labels)

    def _in_group(self, name: str, group: Group) -> Iterator[str]:
        for one, label in self.reflectors.items():
            if label == group.name and one != name and one in self.addresses and self.members.get(name) == group.name:
                yield one
        if self.reflectors.get(name) == group.name:
            for one, label in self.members.items():
                if label == group.name and one != name and one in self.addresses:
                    yield one

    def leaf_of(self, name: str) -> Optional[Leaf]:
        """The leaf that it is to speak to; None where it is to speak to none."""
        for group in self._groups_of(name):
            leaf = self.fabric.leaf_of(group)
            reflects = self.reflectors.get(name) == group.name and leaf_peer(group) in self.peers
            if leaf is not None and (reflects or self._in_rack_of(name, group)):
                return leaf
        return None

    def in_rack(self, name: str) -> bool:
        """Whether it speaks to the leaf although it reflects for nobody."""
        return any(self._in_rack_of(name, group) for group in self._groups_of(name))

    def _in_rack_of(self, name: str, group: Group) -> bool:
        member = self.members.get(name) == group.name and name not in self.reflectors
        return member and rack_peer(group) in self.peers

    def reflectors_of(self, name: str) -> tuple[str, ...]:
        """The nodes that reflect for it."""
        group = self.members.get(name)
        if name in self.apart or group is None:
            return ()
        return tuple(one for one, label in self.reflectors.items() if label == group and one != name)


def standing(fabric: Fabric, observed: ObservedCalico) -> Standing:
    """As it is."""
    wanted = _all_wanted(fabric)
    there = {name for name, spec in wanted.items() if holder(name, spec, observed.peers) is not None}
    nodes = observed.nodes
    return Standing(
        fabric=fabric,
        addresses={name: node.address for name, node in nodes.items() if node.address},
        mesh=observed.mesh,
        members=_labelled(nodes, fabric.group_label),
        reflectors=_labelled(nodes, fabric.reflector_label),
        apart=frozenset(name for name, node in nodes.items() if node.cluster_id),
        peers=frozenset(there | ({BRIDGE} & set(observed.peers))),
    )


def declared(fabric: Fabric) -> Standing:
    """As it is to be in the end."""
    reflecting = fabric.topology == "route_reflector"
    members = fabric.members
    reflectors = {name: group.name for name, (group, member) in members.items() if member.reflector and reflecting}
    return Standing(
        fabric=fabric,
        addresses={name: member.address for name, (dummy, member) in members.items()},
        mesh=fabric.topology == "full_mesh",
        members={}
        if fabric.topology == "full_mesh"
        else {name: group.name for name, (group, dummy) in members.items()},
        reflectors=reflectors,
        apart=frozenset(reflectors),
        peers=frozenset(wanted_peers(fabric)),
    )


def sessions(fabric: Fabric) -> frozenset[Session]:
    """All that are expected in the end, between nodes and on the switches."""
    end = declared(fabric)
    leaves = {leaf.address for leaf in fabric.leaves}
    found = set()
    for name, address in end.addresses.items():
        for peer in end.peers_of(name):
            kind: Kind = "leaf" if peer in leaves else "mesh" if end.mesh else "reflector"
            found.add(_session(address, peer, kind))
    for spine in fabric.spines:
        found.update(_session(one, other, "spine") for one, other in spine.links.values())
    return frozenset(found)


def _session(one: str, other: str, kind: Kind) -> Session:
    return Session(min(one, other), max(one, other), kind)


def count(fabric: Fabric) -> int:
    """How many sessions there will be between nodes: n(n-1)/2 in a mesh, r(n-r)+r(r-1)/2 in a group."""
    if fabric.topology == "full_mesh":
        return len(fabric.members) * (len(fabric.members) - 1) // 2
    if fabric.topology == "top_of_rack":
        return 0
    pairs = [(len(group.members), len(group.reflectors)) for group in fabric.groups]
    return sum(r * (n - r) + r * (r - 1) // 2 for n, r in pairs)


def _labelled(nodes: Mapping[str, Node], key: str) -> dict[str, str]:
    return {name: node.labels[key] for name, node in nodes.items() if node.labels.get(key)}


def _all_wanted(fabric: Fabric) -> dict[str, Mapping[str, object]]:
    """The peers of every topology of the fabric: what is left of another one counts, too."""
    found: dict[str, Mapping[str, object]] = {}
    for topology in ("route_reflector", "top_of_rack"):
        found.update(wanted_peers(replace(fabric, topology=topology)))
    return found
