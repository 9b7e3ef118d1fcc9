# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The order in which a cluster goes from what it is to what is declared, without a moment in which a route is missing.

What is added comes first, and is proved. Then the nodes whose sessions end for a moment, one at a time, drained; then
the mesh goes off, and what is no longer wanted. Each of these is proved before the next one begins. While a reflector
is not part of the mesh any more and its leaf does not yet reach everybody, it is bridged: it speaks to every node.

The plan starts from what is there. So whatever a run was cut short at, the next one goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Optional

from ...decide.kube.desired import DesiredCalico
from ...engine.plan import Plan, Step, WriteFile
from ...model.kube.calico import AS_NUMBER, CLUSTER_ID, MARK, UID, Node, ObservedCalico
from ...model.kube.fabric import DEFAULT_AS
from ...model.kube.status import CLASSES, PERIOD
from .backup import backup_name, backup_text
from .objects import BRIDGE, OWN_ONLY, OWN_ONLY_SPEC, bridge_peer, disrupts, holder, meaning, node_change, wanted_peers
from .proof import Expected, Proof, condition
from .refusals import refuse
from .requests import create, drain, node_patch, send, wait
from .standing import Standing, declared, standing
from .told import warnings

#: Calico takes them only where the mesh is on.
_ONLY_WITH_MESH = ("nodeMeshPassword", "nodeMeshMaxRestartTime")
_HINT = "`bgp_proof_info` on the nodes and switches tells why a session or a route is missing."


def decide(desired: DesiredCalico, observed: ObservedCalico) -> Plan:
    refusals = tuple(refuse(desired, observed))
    if refusals:
        return Plan(refusals=refusals, warnings=tuple(warnings(desired, observed, ())))
    steps = tuple(_Way(desired, observed).steps())
    if steps:
        steps = (_saved(desired, observed), *steps)
    return Plan(
        steps=steps,
        warnings=tuple(warnings(desired, observed, steps)),
        before=_shown(observed),
        after={"peers": {name: dict(spec) for name, spec in wanted_peers(desired.fabric).items()}},
    )


def _shown(observed: ObservedCalico) -> dict[str, Any]:
    return {"peers": {name: dict(spec) for name, spec in observed.peers.items()}, "mesh": observed.mesh}


def _saved(desired: DesiredCalico, observed: ObservedCalico) -> Step:
    """The name tells the content: what was put away once is the same file."""
    path = f"{desired.backup_folder.rstrip('/')}/{backup_name(observed)}"
    why = f"put away all nodes, peers and the configuration, as they are, in {path}"
    return Step(why, WriteFile(path, backup_text(observed), mode=0o600), "objects.save", "routes")


class _Way:
    """``now``: how the cluster stands after the steps so far."""

    def __init__(self, desired: DesiredCalico, observed: ObservedCalico) -> None:
        self.desired, self.observed, self.fabric = desired, observed, desired.fabric
        self.now = standing(self.fabric, observed)
        self.end = declared(self.fabric)
        self.expected = Expected(observed)
        self.changes = {
            name: found
            for name in self.fabric.members
            if name in observed.nodes and (found := node_change(self.fabric, observed.nodes[name], observed))
        }
        self.ending = [name for name in self._in_order() if disrupts(self.fabric, observed.nodes[name], observed)]

    def _in_order(self) -> list[str]:
        """Those that reflect, or are to, come last in their group."""
        found = []
        for group in self.fabric.groups:
            own = [member.name for member in group.members if member.name in self.changes]
            found += sorted(own, key=lambda name: name in self.end.reflectors or name in self.now.apart)
        return found

    def steps(self) -> Iterator[Step]:
        yield from self._statuses()
        adding = [*self._peers(), *self._service(adding=True), *self._labels(adding=True)]
        yield from adding
        if self.end.mesh and not self.now.mesh:
            yield self._mesh("mesh.on", "switch the mesh on, beside the peers", _with_mesh(self.observed))
            self.now = replace(self.now, mesh=True)
        if adding or (self.ending and self.now.mesh):
            yield self._proved("added", "what was added is there")
        for name in self.ending:
            yield from self._ending(name)
        yield from self._drained_before()
        yield from self._mesh_off()
        taking = [*self._bridge_off(), *self._stale(), *self._labels(adding=False), *self._service(adding=False)]
        yield from taking
        if taking:
            yield self._proved("end", "all sessions and routes are there")
        if self.observed.unproved is not None or (self.observed.mesh and not self.now.mesh):
            yield self._mesh("mesh.confirm", "note that the routes are there without the mesh", None)
        yield from self._default_as()

    def _proved(self, id_: str, what: str, proof: Optional[Proof] = None) -> Step:
        until = condition(proof or self.expected.proof(self.now), self.observed.wiring, what)
        return wait(f"routes.prove:{id_}", f"wait until {what}", until, self.desired.timeout, _HINT)

    def _statuses(self) -> Iterator[Step]:
        known = self.observed.statuses or {}
        for name, node in sorted(self.observed.nodes.items()):
            if name not in known:
                spec = {"node": name, "classes": list(CLASSES), "updatePeriodSeconds": PERIOD}
                called, why = f"bgp-proof.{name}", f"have {name} tell its sessions and routes"
                place = (self.observed.wiring, "CalicoNodeStatus", "caliconodestatuses", called)
                yield create(f"status.create:{name}", why, *place, spec, annotations={UID: node.uid})
            elif self.observed.known_uids.get(name, node.uid) != node.uid:
                path = f"/apis/{self.observed.wiring}/caliconodestatuses/{self.observed.status_names[name]}"
                document = {"metadata": {"annotations": {UID: node.uid}}}
                yield send(f"status.write:{name}", f"note that {name} is a new node", "PATCH", path, document)

    def _peers(self) -> Iterator[Step]:
        if self.observed.config is None:
            config = {"logSeverityScreen": "Info", "nodeToNodeMeshEnabled": True, "asNumber": DEFAULT_AS}
            place = (self.observed.wiring, "BGPConfiguration", "bgpconfigurations", "default")
            yield create("config.create", "write down what Calico does without a configuration", *place, config)
        wanted = wanted_peers(self.fabric)
        if (
            any(OWN_ONLY in spec.get("filters", ()) for spec in wanted.values())
            and OWN_ONLY not in self.observed.filters
        ):
            place = (self.observed.wiring, "BGPFilter", "bgpfilters", OWN_ONLY)
            yield create(f"filter.create:{OWN_ONLY}", f"add the filter {OWN_ONLY}", *place, OWN_ONLY_SPEC)
        for name, spec in wanted.items():
            there = holder(name, spec, self.observed.peers)
            if there is None:
                yield self._peer(name, spec)
            elif self.desired.allow_restart and meaning(self.observed.peers[there]) != meaning(spec):
                left = dict.fromkeys(self.observed.peers[there])
                path = f"/apis/{self.observed.wiring}/bgppeers/{there}"
                yield send(f"peer.write:{there}", f"change the peer {there}", "PATCH", path, {"spec": {**left, **spec}})
        self.now = replace(self.now, peers=self.now.peers | self.end.peers)
        if self._bridging and BRIDGE not in self.now.peers:
            yield self._peer(BRIDGE, bridge_peer(self.fabric))
            self.now = replace(self.now, peers=self.now.peers | {BRIDGE})

    @property
    def _bridging(self) -> bool:
        """Whether a node comes to reflect, or ceases to, while there is a mesh."""
        turning = any((name in self.end.apart) != (name in self.now.apart) for name in self.ending)
        return turning and (self.now.mesh or self.end.mesh)

    def _peer(self, name: str, spec: Mapping[str, Any]) -> Step:
        place = (self.observed.wiring, "BGPPeer", "bgppeers", name)
        return create(f"peer.create:{name}", f"add the peer {name}", *place, spec)

    def _labels(self, adding: bool) -> Iterator[Step]:
        """Changes of nodes that end no session, or only those that are no longer wanted."""
        for name, change in self.changes.items():
            takes = any(value is None for value in change.get("labels", {}).values())
            if name not in self.ending and takes != adding:
                self.now = self._after(name)
                yield self._written(name)

    def _after(self, name: str) -> Standing:
        group, reflects = self.end.members.get(name), self.end.reflectors.get(name)
        return self.now.with_node(name, group, reflects, name in self.end.apart)

    def _written(self, name: str) -> Step:
        change = self.changes[name]
        told = {**change.get("labels", {}), **change.get("annotations", {})}
        words = [
            f"{key.rpartition('/')[2]} {value}" if value else f"no {key.rpartition('/')[2]}"
            for key, value in told.items()
        ]
        return node_patch(f"node.write:{name}", f"give {name} {', '.join(words)}", name, {"metadata": change})

    def _ending(self, name: str) -> Iterator[Step]:
        """A node whose sessions end for a moment: the others do without it, and it has no pods."""
        node = self.observed.nodes[name]
        if not self.now.mesh and self.now.reflectors:
            others = self.expected.spared(self.now, name)
            yield self._proved(f"without {name}", f"the others have all routes without {name}", others)
        if MARK not in node.annotations:
            yield node_patch(f"node.cordon:{name}", f"cordon {name}", name, _cordoned(node, self.changes[name]))
        yield drain(name, self.observed.policy, self.desired.timeout)
        self.now = self._after(name)
        yield self._written(name)
        yield self._proved(name, f"{name} and all others have their sessions and routes")
        yield _uncordoned(node)

    def _drained_before(self) -> Iterator[Step]:
        """Nodes that an earlier run has changed, and drained for that."""
        for name, node in sorted(self.observed.nodes.items()):
            if MARK in node.annotations and name not in self.ending:
                yield self._proved(name, f"{name} and all others have their sessions and routes")
                yield _uncordoned(node)

    def _mesh_off(self) -> Iterator[Step]:
        if self.end.mesh:
            return
        if self.now.mesh:
            ready = self.expected.proof(self.now, reflected=True)
            yield self._proved("without the mesh", "every route comes by another way than the mesh, too", ready)
            told = self.observed.config or {}
            held = {key: told[key] for key in _ONLY_WITH_MESH if key in told}
            spec = {**dict.fromkeys(held), "nodeToNodeMeshEnabled": False}
            yield self._mesh("mesh.off", "switch the mesh off", spec, held)
            self.now = replace(self.now, mesh=False)
            yield self._proved("mesh", "all routes are there without the mesh")
        elif self.observed.unproved is not None:
            yield self._proved("mesh", "all routes are there without the mesh")

    def _mesh(
        self, id_: str, why: str, spec: Optional[Mapping[str, Any]], held: Optional[Mapping[str, Any]] = None
    ) -> Step:
        """A mesh that is off bears a mark until it is proved that nobody needs it: what it ``held`` besides."""
        note = None if held is None else json.dumps(held, sort_keys=True)
        document: dict[str, Any] = {"metadata": {"annotations": {MARK: note}}}
        if spec is not None:
            document["spec"] = dict(spec)
        return send(id_, why, "PATCH", f"/apis/{self.observed.wiring}/bgpconfigurations/default", document)

    def _bridge_off(self) -> Iterator[Step]:
        if BRIDGE in self.now.peers:
            self.now = replace(self.now, peers=self.now.peers - {BRIDGE})
            yield self._gone(BRIDGE)

    def _stale(self) -> Iterator[Step]:
        """Peers of another topology of this fabric, and with ``exclusive`` all others."""
        kept = {holder(name, spec, self.observed.peers) for name, spec in wanted_peers(self.fabric).items()}
        for name in sorted(set(self.observed.peers) - kept - {BRIDGE}):
            if self.desired.exclusive or name in self.now.peers:
                self.now = replace(self.now, peers=self.now.peers - {name})
                yield self._gone(name)

    def _gone(self, name: str) -> Step:
        path = f"/apis/{self.observed.wiring}/bgppeers/{name}"
        return send(f"peer.delete:{name}", f"remove the peer {name}", "DELETE", path)

    def _service(self, adding: bool) -> Iterator[Step]:
        wanted = self.fabric.service_prefixes
        had = [one["cidr"] for one in (self.observed.config or {}).get("serviceClusterIPs") or ()]
        if wanted is None or not (set(wanted) - set(had) if adding else set(had) - set(wanted)):
            return
        told = list(dict.fromkeys([*had, *wanted])) if adding else list(wanted)
        id_, verb = ("service.announce", "announce") if adding else ("service.withdraw", "announce only")
        document = {"spec": {"serviceClusterIPs": [{"cidr": one} for one in told]}}
        path = f"/apis/{self.observed.wiring}/bgpconfigurations/default"
        yield send(id_, f"{verb} the service prefixes {', '.join(wanted) or 'none'}", "PATCH", path, document)

    def _default_as(self) -> Iterator[Step]:
        """When every node has its own, it concerns only those that are still to come."""
        asn = self.fabric.asn
        if asn is not None and asn != self.observed.default_as:
            document = {"spec": {"asNumber": asn}}
            path = f"/apis/{self.observed.wiring}/bgpconfigurations/default"
            yield send(
                "config.write", f"make {asn} the AS of nodes that have none of their own", "PATCH", path, document
            )


def _with_mesh(observed: ObservedCalico) -> dict[str, Any]:
    """With what went with it, where it went off a moment ago."""
    return {**(observed.unproved or {}), "nodeToNodeMeshEnabled": True}


def _cordoned(node: Node, change: Mapping[str, Mapping[str, Optional[str]]]) -> dict[str, Any]:
    """The mark tells what to put back when the change has to be taken back."""
    before = {
        "labels": {key: node.labels.get(key) for key in change.get("labels", {})},
        "annotations": {key: node.annotations.get(key) for key in (AS_NUMBER, CLUSTER_ID)},
        "unschedulable": node.unschedulable,
    }
    mark = json.dumps(before, sort_keys=True)
    return {"spec": {"unschedulable": True}, "metadata": {"annotations": {MARK: mark}}}


def _uncordoned(node: Node) -> Step:
    before = json.loads(node.annotations[MARK]) if MARK in node.annotations else {"unschedulable": node.unschedulable}
    document: dict[str, Any] = {"metadata": {"annotations": {MARK: None}}}
    why = f"leave {node.name} cordoned, as it was"
    if not before.get("unschedulable"):
        document["spec"], why = {"unschedulable": None}, f"uncordon {node.name}"
    return node_patch(f"node.uncordon:{node.name}", why, node.name, document)


def undo(desired: DesiredCalico, observed: ObservedCalico) -> Plan:
    """What a change that failed takes back: the mesh comes on again, and nodes that have left it go back to it.

    Where there was no mesh nothing is taken back: what a node had before serves nobody there.
    """
    steps: list[Step] = []
    way = _Way(desired, observed)
    mesh = observed.mesh
    if observed.unproved is not None:
        steps.append(way._mesh("mesh.on", "switch the mesh on again", _with_mesh(observed)))
        mesh = True
    if mesh and way.now.reflectors and BRIDGE not in observed.peers:
        steps.append(way._peer(BRIDGE, bridge_peer(desired.fabric)))
    for name, node in sorted(observed.nodes.items()):
        if mesh and MARK in node.annotations:
            before = json.loads(node.annotations[MARK])
            metadata = {"labels": before["labels"], "annotations": {**before["annotations"], MARK: None}}
            document: dict[str, Any] = {"metadata": metadata}
            document["spec"] = {"unschedulable": before["unschedulable"] or None}
            steps.append(node_patch(f"node.restore:{name}", f"make {name} what it was", name, document))
    return Plan(steps=tuple(steps))
