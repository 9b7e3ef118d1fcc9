# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a cluster stands at one moment of its way, and which sessions that means: who is in the mesh, who reflects.

What a step is to lead to is computed by the same rules as what there is, never from what is found to be up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Optional

from ...model.kube.calico import Node, ObservedCalico
from ...model.kube.fabric import Fabric, Family, Group, Leaf, family
from .objects import BRIDGE, group_peer, holder, leaf_peer, rack_peer, wanted_peers


@dataclass(frozen=True)
class Standing:
    """``addresses``: of each node, one of each family that it has. ``members`` and ``reflectors``: node → the group
    that its label says. ``apart``: nodes with a cluster id, which the mesh passes by. ``peers``: names of the peers
    that are there, as the fabric calls them.
    """

    fabric: Fabric
    addresses: Mapping[str, tuple[str, ...]]
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
        """The addresses that a node is to have a session with: in each family that both have."""
        own = self.families(name)
        others = (address for one in self._node_peers(name) for address in self.addresses[one])
        return frozenset((*(one for one in others if family(one) in own), *self.leaf_addresses(name)))

    def families(self, name: str) -> frozenset[Family]:
        return frozenset(map(family, self.addresses.get(name, ())))

    def _node_peers(self, name: str) -> Iterator[str]:
        if self.mesh and name not in self.apart:
            yield from (one for one in self.addresses if one != name and one not in self.apart)
        if BRIDGE in self.peers:
            bridged = self.addresses if name in self.reflectors else self.reflectors
            yield from (one for one in bridged if one != name and one in self.addresses)
        for group in self._groups_of(name):
            if group_peer(group) in self.peers:
                yield from self._in_group(name, group)

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
        spoken_to = self.leaf_addresses(name)
        return next((leaf for leaf in self.fabric.leaves if set(leaf.addresses) & set(spoken_to)), None)

    def leaf_addresses(self, name: str) -> tuple[str, ...]:
        """Those of its leaf that it is to have a session with."""
        own = self.families(name)
        for group in self._groups_of(name):
            leaf = self.fabric.leaf_of(group)
            reachable = () if leaf is None else (one for one in leaf.addresses if family(one) in own)
            found = tuple(one for one in reachable if self._speaks(name, group, one))
            if found:
                return found
        return ()

    def _speaks(self, name: str, group: Group, address: str) -> bool:
        """Whether a peer that is there gives it a session with this address of its leaf."""
        reflects = self.reflectors.get(name) == group.name and leaf_peer(group, address) in self.peers
        return reflects or self._in_rack_of(name, group, address)

    def in_rack(self, name: str) -> bool:
        """Whether it speaks to the leaf although it reflects for nobody."""
        spoken_to = self.leaf_addresses(name)
        return any(self._in_rack_of(name, group, one) for group in self._groups_of(name) for one in spoken_to)

    def _in_rack_of(self, name: str, group: Group, address: str) -> bool:
        member = self.members.get(name) == group.name and name not in self.reflectors
        return member and rack_peer(group, address) in self.peers

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
        addresses={name: node.addresses for name, node in nodes.items() if node.addresses},
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
        addresses={name: member.addresses for name, (dummy, member) in members.items()},
        mesh=fabric.topology == "full_mesh",
        members={}
        if fabric.topology == "full_mesh"
        else {name: group.name for name, (group, dummy) in members.items()},
        reflectors=reflectors,
        apart=frozenset(reflectors),
        peers=frozenset(wanted_peers(fabric)),
    )


def _labelled(nodes: Mapping[str, Node], key: str) -> dict[str, str]:
    return {name: node.labels[key] for name, node in nodes.items() if node.labels.get(key)}


def _all_wanted(fabric: Fabric) -> dict[str, Mapping[str, object]]:
    """The peers of every topology of the fabric: what is left of another one counts, too."""
    found: dict[str, Mapping[str, object]] = {}
    for topology in ("route_reflector", "top_of_rack"):
        found.update(wanted_peers(replace(fabric, topology=topology)))
    return found
