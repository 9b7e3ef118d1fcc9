# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a cluster has, in the form in which a fabric is declared: so that one that was made by hand is taken over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ...model.kube.calico import ObservedCalico
from ...model.kube.fabric import FULL_MESH, Fabric, bare, family
from .blocks import announced
from .objects import meaning
from .proof import Expected
from .sessions import sessions
from .standing import declared

_EQUALS = re.compile(r"(\S+) == '([^']*)'")


def fabric_of(observed: ObservedCalico) -> dict[str, Any]:
    """As ``bgp_fabric`` takes it. Spines, and what else only the switches know, are not in it."""
    group_label, reflector_label = _labels(observed)
    groups: dict[str, list[str]] = {}
    for name, node in sorted(observed.nodes.items()):
        groups.setdefault(node.labels.get(group_label, "nodes"), []).append(name)
    peers = _leaf_peers(observed, groups)
    specs = [spec for own in peers.values() for spec in own]
    found: dict[str, Any] = {
        "topology": _topology(observed),
        "groups": [_group(observed, *one, reflector_label, peers) for one in sorted(groups.items())],
        "leaves": [_leaf(group, own) for group, own in sorted(peers.items())],
        "group_label": group_label,
        "reflector_label": reflector_label,
    }
    if told := (observed.config or {}).get("serviceClusterIPs"):
        found["service_prefixes"] = [one["cidr"] for one in told]
    for secret in (spec["password"]["secretKeyRef"] for spec in specs if spec.get("password")):
        found["password_secret"] = {"name": secret["name"], "entry": secret["key"]}
    return found


def describe(observed: ObservedCalico) -> dict[str, Any]:
    own = announced(observed)
    return {
        "fabric": fabric_of(observed),
        "mesh": observed.mesh,
        "nodes": [
            {
                "name": name,
                "addresses": list(node.addresses),
                "asn": observed.as_of(node),
                "asn_inherited": node.asn is None,
                "cluster_id": node.cluster_id,
                "uid": node.uid,
                "announces": list(own.get(name, ())),
            }
            for name, node in sorted(observed.nodes.items())
        ],
        "peers": [{"name": name, **spec} for name, spec in sorted(observed.peers.items())],
        "sessions": [
            {"node": name, "peer": seen.peer, "state": seen.state, "mesh": seen.mesh}
            for name, status in sorted((observed.statuses or {}).items())
            for seen in status.sessions
        ],
    }


def held_against(fabric: Fabric, observed: ObservedCalico) -> dict[str, Any]:
    """Which sessions a declaration means, and what is missing of them and of the routes."""
    proof = Expected(observed).proof(declared(fabric), reflected=fabric.topology != FULL_MESH)
    ordered = sorted(sessions(fabric), key=lambda one: (one.kind, one.one.address, one.other.address))
    return {"expected": [asdict(one) for one in ordered], "missing": list(proof.missing(observed.statuses or {}))}


def _topology(observed: ObservedCalico) -> str:
    if any(node.cluster_id for node in observed.nodes.values()):
        return "route_reflector"
    return "full_mesh" if observed.mesh else "top_of_rack"


def _labels(observed: ObservedCalico) -> tuple[str, str]:
    """The keys by which peers between nodes choose members and reflectors; the usual ones where there are none."""
    for spec in observed.peers.values():
        told = meaning(spec)
        members = _EQUALS.fullmatch(told.get("nodeSelector", ""))
        reflectors = _EQUALS.fullmatch(told.get("peerSelector", ""))
        if members and reflectors:
            return members.group(1), reflectors.group(1)
    return "rr-group", "rr-id"


def _leaf_peers(observed: ObservedCalico, groups: Mapping[str, list[str]]) -> dict[str, list[Mapping[str, Any]]]:
    """Group → the peers of the leaf that its nodes, or its reflectors, speak to: one for each family."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for spec in observed.peers.values():
        chosen = _EQUALS.search(meaning(spec).get("nodeSelector", ""))
        if spec.get("peerIP") and chosen and chosen.group(2) in groups:
            found.setdefault(chosen.group(2), []).append(spec)
    return found


def _leaf(group: str, specs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": f"leaf-{group}", "asn": str(specs[0].get("asNumber", ""))}
    for spec in specs:
        address = bare(spec["peerIP"])
        found["address6" if family(address) == "ipv6" else "address"] = address
    return found


def _group(
    observed: ObservedCalico,
    name: str,
    members: list[str],
    reflector_label: str,
    peers: Mapping[str, Sequence[Mapping[str, Any]]],
) -> dict[str, Any]:
    nodes = [observed.nodes[member] for member in members]
    reflectors = [node for node in nodes if node.labels.get(reflector_label) and node.cluster_id]
    return {
        "name": name,
        "asn": str(observed.as_of(nodes[0])),
        "leaf": f"leaf-{name}" if name in peers else "",
        "members": members,
        "reflectors": [node.name for node in reflectors],
        "addresses": {node.name: node.address for node in nodes if node.address},
        "addresses6": {node.name: node.address6 for node in nodes if node.address6},
        "cluster_ids": {node.name: node.cluster_id for node in reflectors if node.cluster_id != node.address},
        "own_as_allowed": max(
            (int(spec.get("numAllowedLocalASNumbers") or 0) for spec in peers.get(name, ())), default=0
        ),
    }
