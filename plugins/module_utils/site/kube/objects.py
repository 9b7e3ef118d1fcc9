# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The objects that a fabric asks for: BGPPeers, the labels and annotations of nodes, the configuration.

Two peers are equal when they mean the same, whatever they are called and however a selector is spelled.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Optional

from ...model.kube.calico import AS_NUMBER, CLUSTER_ID, Node, ObservedCalico
from ...model.kube.fabric import ROUTE_REFLECTOR, TOP_OF_RACK, Fabric, Group, Leaf, Member, as_number, family

Spec = Mapping[str, Any]

#: The peer that keeps reflectors in touch with every node while there is a mesh that they are not part of.
BRIDGE = "reflectors-to-all-until-the-mesh-is-off"
#: What the nodes of a rack tell their leaf: own routes. With a mesh it would have every block through every node.
OWN_ONLY = "own-routes-only"
OWN_ONLY_SPEC: Spec = {
    "exportV4": [{"action": "Reject", "source": "RemotePeers"}],
    "exportV6": [{"action": "Reject", "source": "RemotePeers"}],
}
_V6 = "-ipv6"
_DEFAULTS = {"sourceAddress": "UseNodeIP", "nextHopMode": "Auto", "reversePeering": "Auto"}


def leaf_peer(group: Group, address: str) -> str:
    """Each family has a peer of its own: of its reflectors with the leaf."""
    return f"{group.name}-to-{group.leaf}-peer{_V6 if family(address) == 'ipv6' else ''}"


def group_peer(group: Group) -> str:
    return f"{group.name}-to-node-peer"


def rack_peer(group: Group, address: str) -> str:
    return f"{group.name}-nodes-to-{group.leaf}-peer{_V6 if family(address) == 'ipv6' else ''}"


def wanted_peers(fabric: Fabric) -> dict[str, Spec]:
    """Name → spec of the BGPPeers of the topology."""
    found: dict[str, Spec] = {}
    for group in fabric.groups:
        leaf = fabric.leaf_of(group)
        if fabric.topology == ROUTE_REFLECTOR:
            if leaf is not None:
                chosen = f"{fabric.reflector_label} == '{group.name}'"
                for address in leaf.addresses:
                    spec = _to_leaf(fabric, group, leaf, address, chosen)
                    found[leaf_peer(group, address)] = {**spec, "keepOriginalNextHop": True}
            found[group_peer(group)] = {
                "nodeSelector": f"{fabric.group_label} == '{group.name}'",
                "peerSelector": f"{fabric.reflector_label} == '{group.name}'",
            }
        elif fabric.topology == TOP_OF_RACK and leaf is not None:
            chosen = f"{fabric.group_label} == '{group.name}' && !has({fabric.reflector_label})"
            for address in leaf.addresses:
                spec = _to_leaf(fabric, group, leaf, address, chosen)
                found[rack_peer(group, address)] = {**spec, "filters": [OWN_ONLY]}
    return found


def bridge_peer(fabric: Fabric) -> Spec:
    return {"nodeSelector": f"has({fabric.reflector_label})", "peerSelector": "all()"}


def _to_leaf(fabric: Fabric, group: Group, leaf: Leaf, address: str, selector: str) -> dict[str, Any]:
    """A rack of one AS behind a leaf of another one hears of itself by paths with its own AS in them."""
    found: dict[str, Any] = {"nodeSelector": selector, "peerIP": address, "asNumber": leaf.asn}
    own = 1 if fabric.topology == TOP_OF_RACK and group.asn != leaf.asn and len(group.members) > 1 else 0
    if max(group.own_as_allowed, own):
        found["numAllowedLocalASNumbers"] = max(group.own_as_allowed, own)
    if fabric.password is not None:
        found["password"] = {"secretKeyRef": {"name": fabric.password.name, "key": fabric.password.key}}
    return found


def meaning(spec: Spec) -> dict[str, Any]:
    """A spec in one spelling, without what is the default.

    >>> meaning({"nodeSelector": 'rr-id=="a"', "asNumber": "1.1", "nextHopMode": "Keep", "node": ""})
    {'nodeSelector': "rr-id == 'a'", 'asNumber': 65537, 'keepOriginalNextHop': True}
    """
    found: dict[str, Any] = {}
    for key, value in spec.items():
        if key == "nextHopMode" and value == "Keep":
            key, value = "keepOriginalNextHop", True
        elif key.endswith("Selector"):
            value = " ".join(re.sub(r"\s*([!=]=)\s*", r" \1 ", str(value).replace('"', "'")).split())
        elif key == "asNumber":
            value = as_number(value)
        elif key == "peerIP":
            value = _spelled(str(value))
        if value not in (None, "", 0, False, [], {}) and value != _DEFAULTS.get(key):
            found[key] = value
    return found


def _spelled(peer: str) -> str:
    """An IPv6 address has many spellings; one with a port stays as it is."""
    try:
        return str(ipaddress.ip_address(peer))
    except ValueError:
        return peer


def holder(name: str, spec: Spec, peers: Mapping[str, Spec]) -> Optional[str]:
    """The peer that is there for one that is wanted: one of the same meaning, else the same but for next hops that it
    does not keep, else the one of the same name.
    """
    wanted = meaning(spec)
    for alike in (wanted, {key: value for key, value in wanted.items() if key != "keepOriginalNextHop"}):
        found = [one for one in sorted(peers) if meaning(peers[one]) == alike]
        if found:
            return name if name in found else found[0]
    return name if name in peers else None


def node_change(fabric: Fabric, node: Node, observed: ObservedCalico) -> dict[str, dict[str, Optional[str]]]:
    """What its labels and annotations lack, as a merge: key → value, None where it is to go."""
    group, member = fabric.members[node.name]
    reflects = fabric.topology == ROUTE_REFLECTOR and member.reflector
    labels = {
        fabric.group_label: group.name if fabric.topology != "full_mesh" else None,
        fabric.reflector_label: group.name if reflects else None,
    }
    own_as: Optional[str] = str(group.asn)
    if node.asn == group.asn or (fabric.topology == "full_mesh" and observed.as_of(node) == group.asn):
        own_as = node.annotations.get(AS_NUMBER)
    annotations = {AS_NUMBER: own_as, CLUSTER_ID: _cluster_id(group, member, node, observed) if reflects else None}
    change = {"labels": _differing(labels, node.labels), "annotations": _differing(annotations, node.annotations)}
    return {part: found for part, found in change.items() if found}


def _cluster_id(group: Group, member: Member, node: Node, observed: ObservedCalico) -> str:
    """The declared one, else a good one that it has, else its address."""
    if member.cluster_id:
        return member.cluster_id
    own = {one.name for one in group.members}
    elsewhere = {one.cluster_id for one in observed.nodes.values() if one.name not in own}
    return node.cluster_id if _ipv4(node.cluster_id) and node.cluster_id not in elsewhere else member.address


def _ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _differing(wanted: Mapping[str, Optional[str]], found: Mapping[str, str]) -> dict[str, Optional[str]]:
    return {key: value for key, value in wanted.items() if found.get(key) != value}


def disrupts(fabric: Fabric, node: Node, observed: ObservedCalico) -> bool:
    """Whether the change of a node ends sessions that it has. A label more only begins some."""
    change = node_change(fabric, node, observed)
    labels, annotations = change.get("labels", {}), change.get("annotations", {})
    if fabric.group_label in labels and fabric.group_label in node.labels and labels[fabric.group_label] is not None:
        return True
    group, dummy = fabric.members[node.name]
    other_as = AS_NUMBER in annotations and observed.as_of(node) != group.asn
    return other_as or CLUSTER_ID in annotations or fabric.reflector_label in labels
