"""A Kubernetes cluster with Calico behind leaves and a spine, in memory: objects as the API has them, and BGP.

It plays confd and BIRD: which sessions follow from the objects, and which routes from the sessions. A session whose
two ends are configured otherwise than before ends, and begins again. ``settle`` is the moment after that, and what is
between, in which only what was there before and still is carries packets, is looked at by ``lost_now``.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Clear, Send, Step, Wait, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question, Reader

from .bgp import Path, Peering, Speaker, converge_routes
from .calico_parts import Switch, chosen, family_of, kept, merge, of_family

CRD = "/apis/crd.projectcalico.org/v1"
KINDS = (
    "bgppeers",
    "bgpfilters",
    "bgpconfigurations",
    "caliconodestatuses",
    "ippools",
    "blockaffinities",
    "ipamblocks",
)
PREFIX = "projectcalico.org/"
FAMILIES = ("V4", "V6")
_BEGAN = datetime(2026, 11, 30, tzinfo=timezone.utc)


class CalicoFabric(Reader):
    """Each node has two pods of a Deployment, and one of a DaemonSet.

    ``blocks``: node → its prefix. ``untold``: kinds that the API does not know, although there are objects.
    ``silent``: node whose calico-node tells nothing any more → what it told last; its BIRD goes on.
    """

    def __init__(
        self,
        nodes: Mapping[str, str],
        switches: Sequence[Switch] = (),
        release: str = "v3.28.1",
        nodes6: Mapping[str, str] | None = None,
    ) -> None:
        self.switches = tuple(switches)
        self.store: dict[str, dict[str, Any]] = {kind: {} for kind in (*KINDS, "nodes", "pods")}
        self.release, self.environment = release, dict[str, str]()
        self.files: dict[str, str] = {}
        self.down: set[str] = set()
        self.untold: set[str] = set()
        self.silent: dict[str, dict[str, Any]] = {}
        self.performed: list[Step] = []
        self._time = 0
        self._known: dict[Any, Mapping[str, Mapping[str, Sequence[Path]]]] = {}
        self.add("ippools", "all", {"cidr": "10.233.64.0/18", "ipipMode": "CrossSubnet"})
        for number, (name, address) in enumerate(nodes.items()):
            self.add_node(name, address, f"uid-{name}")
            block = f"10.233.{64 + number // 4}.{number % 4 * 64}/26"
            self.add("blockaffinities", f"{name}-block", {"node": name, "cidr": block, "state": "confirmed"})
            for pod in ("web", "db", "agent"):
                self.add_pod(f"{pod}-{name}", name, "DaemonSet" if pod == "agent" else "ReplicaSet")
        for number, (name, address) in enumerate((nodes6 or {}).items()):
            self.store["ippools"].setdefault("six", {"metadata": {"name": "six"}, "spec": {"cidr": "fd00:10:233::/48"}})
            self.store["nodes"][name]["metadata"]["annotations"][f"{PREFIX}IPv6Address"] = f"{address}/64"
            block = f"fd00:10:233::{number + 1:x}00/122"
            self.add("blockaffinities", f"{name}-block6", {"node": name, "cidr": block, "state": "confirmed"})
        self._peerings: frozenset[Peering] = frozenset()
        self.settle()

    # --- what there is ---

    def add(self, kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> None:
        self.store[kind][name] = {"metadata": {"name": name, **metadata}, "spec": dict(spec)}

    def add_node(self, name: str, address: str, uid: str, **labels: str) -> None:
        annotations = {f"{PREFIX}IPv4Address": f"{address}/24"}
        metadata = {"uid": uid, "labels": {"kubernetes.io/hostname": name, **labels}, "annotations": annotations}
        self.add("nodes", name, {}, **metadata)

    def add_pod(self, name: str, node: str, owner: str = "ReplicaSet") -> None:
        owners = [{"kind": owner, "name": "x", "controller": True}] if owner else []
        self.store["pods"][name] = {
            "metadata": {"name": name, "namespace": "shop", "uid": f"{name}@{node}", "ownerReferences": owners},
            "spec": {"nodeName": node},
            "status": {"phase": "Running"},
        }

    def note(self, node: str, key: str) -> str:
        return str(self.store["nodes"][node]["metadata"]["annotations"].get(PREFIX + key, ""))

    def address(self, node: str) -> str:
        return self.note(node, "IPv4Address").partition("/")[0]

    def addresses(self, node: str) -> tuple[str, ...]:
        """One for each family."""
        both = (self.note(node, key).partition("/")[0] for key in ("IPv4Address", "IPv6Address"))
        return tuple(address for address in both if address)

    def block(self, node: str, ending: str = "") -> str:
        return str(self.store["blockaffinities"][f"{node}-block{ending}"]["spec"]["cidr"])

    def asn(self, node: str) -> int:
        return int(self.note(node, "ASNumber") or self._config.get("asNumber", 64512))

    @property
    def _config(self) -> dict[str, Any]:
        return dict(self.store["bgpconfigurations"].get("default", {"spec": {}})["spec"])

    @property
    def mesh(self) -> bool:
        return bool(self._config.get("nodeToNodeMeshEnabled", True))

    # --- the API ---

    def look(self, question: Question) -> Any:
        path, dummy, query = question.argument[0].partition("?")
        if question.kind == "read":
            return self.files.get(path)
        if path == "/apis":
            names = ("crd.projectcalico.org", "policy")
            return {"groups": [{"name": one, "preferredVersion": {"groupVersion": f"{one}/v1"}} for one in names]}
        if path.endswith("/subjectaccessreviews"):
            return {"status": {"allowed": True}}
        kind = path.rpartition("/")[2]
        if kind == "daemonsets":
            env = [{"name": name, "value": value} for name, value in self.environment.items()]
            spec = {"template": {"spec": {"containers": [{"name": "calico-node", "env": env}]}}}
            return {"items": [{"metadata": {"name": "calico-node", "namespace": "kube-system"}, "spec": spec}]}
        if kind == "clusterinformations":
            return {"items": [{"metadata": {"name": "default"}, "spec": {"calicoVersion": self.release}}]}
        if kind == "secrets":
            return {"items": [{"metadata": {"name": query.rpartition("%3D")[2]}}]}
        if kind not in self.store or kind in self.untold:
            return None
        found = list(self.store[kind].values())
        if kind == "pods" and query:
            node = query.rpartition("%3D")[2]
            found = [pod for pod in found if pod["spec"]["nodeName"] == node]
        if kind == "caliconodestatuses":
            table = self.routes()
            return {"items": [self._reported(one, table) for one in found]}
        return {"items": copy.deepcopy(found)}

    def act(self, step: Step) -> str:
        """Carry out a step; what it changes has not settled yet."""
        action = step.action
        if isinstance(action, WriteFile):
            self.files[action.path] = action.content
        elif isinstance(action, Send):
            self._send(action)
        elif isinstance(action, Clear):
            for _words, sent in action.left(self.look(action.question)):
                if sent is not None:
                    self._send(sent)
            if left := [words for words, dummy in action.left(self.look(action.question))]:
                raise StepFailed(f"{step.why}: left are {left}")
        elif isinstance(action, Wait):
            until = [condition.begun(self) for condition in action.until]
            self.settle()
            for condition in until:
                if not condition.holds(self):
                    raise StepFailed(f"{step.why}: {condition.lacking(self)}", step.hint)
        self.performed.append(step)
        return ""

    def _send(self, action: Send) -> None:
        document = json.loads(action.document or "null")
        parts = action.path.strip("/").split("/")
        if parts[-1] == "eviction":
            self._evict(parts[-2])
        elif action.method == "POST":
            assert document["metadata"]["name"] not in self.store[parts[-1]], action
            self.store[parts[-1]][document["metadata"]["name"]] = document
        elif action.method == "DELETE":
            self.store[parts[-2]].pop(parts[-1], None)
        else:
            merge(self.store[parts[-2]][parts[-1]], document)

    def _evict(self, name: str) -> None:
        """The pod is started again where pods may be started."""
        was = self.store["pods"].pop(name)["spec"]["nodeName"]
        free = [
            one for one, node in self.store["nodes"].items() if one != was and not node["spec"].get("unschedulable")
        ]
        assert free, f"there is no node for {name}"
        self.add_pod(f"{name.partition('-')[0]}-{len(self.performed)}-{name[-6:]}", sorted(free)[0])

    # --- confd and BIRD ---

    def settle(self) -> None:
        """Sessions that can be up are up, and everybody has told what he knows."""
        self._peerings = self._configured()
        self.tell(20)

    def tell(self, later: int) -> None:
        """Some seconds later each tells what it sees."""
        self._time += later

    def routes(self, between: bool = False) -> Mapping[str, Mapping[str, Sequence[Path]]]:
        """Speaker → prefix → paths, the best one first. ``between``: of sessions that a change leaves alone."""
        configured = self._configured()
        up = configured & self._peerings if between else configured
        tables = [self._converged(family, up) for family in FAMILIES]
        return {name: {**tables[0].get(name, {}), **tables[1].get(name, {})} for name in {*tables[0], *tables[1]}}

    def _converged(self, family: str, up: frozenset[Peering]) -> Mapping[str, Mapping[str, Sequence[Path]]]:
        """There is a BIRD for each family."""
        speakers = self._speakers(family)
        up = frozenset(one for one in up if dict(one.options)["family"] == family)
        key = (up, tuple(speakers.values()))
        if key not in self._known:
            self._known[key] = converge_routes(speakers, up)
        return self._known[key]

    def _speakers(self, family: str) -> dict[str, Speaker]:
        found = {name: of_family(one, family) for name, one in self._all_speakers().items()}
        return {name: one for name, one in found.items() if one.addresses}

    def _all_speakers(self) -> dict[str, Speaker]:
        pools = [
            one["spec"]["cidr"] for one in self.store["ippools"].values() if not one["spec"].get("disableBGPExport")
        ]
        found = {}
        for name in self.store["nodes"]:
            if name not in self.down:
                own = [
                    one["spec"]["cidr"] for one in self.store["blockaffinities"].values() if one["spec"]["node"] == name
                ]
                cluster = self.note(name, "RouteReflectorClusterID")
                found[name] = Speaker(name, self.asn(name), self.addresses(name), tuple(own), cluster, tuple(pools))
        for switch in self.switches:
            found[switch.name] = Speaker(
                switch.name, switch.asn, switch.addresses, (), "", (), switch.network, switch.network6
            )
        return found

    def _configured(self) -> frozenset[Peering]:
        """A session needs both ends, with the AS that the other one has."""
        speakers = self._all_speakers()
        owner = {address: name for name, one in speakers.items() for address in one.addresses}
        ends: dict[tuple[str, str, str], dict[str, Any]] = {}
        for name, speaker in speakers.items():
            own = {family_of(address) for address in speaker.addresses}
            for peer, end in self._ends(name).items():
                if peer in owner and family_of(peer) in own:
                    ends[(name, owner[peer], family_of(peer))] = {**end, "family": family_of(peer)}
        found = set()
        for (one, other, family), end in ends.items():
            back = ends.get((other, one, family))
            if (
                one < other
                and back is not None
                and end["asn"] == speakers[other].asn
                and back["asn"] == speakers[one].asn
            ):
                options = tuple(sorted((key, value) for key, value in end.items()))
                found.add(Peering(one, other, options, tuple(sorted(back.items()))))
        return frozenset(found)

    def _ends(self, name: str) -> dict[str, dict[str, Any]]:
        """Address of the neighbour → how this speaker speaks to it."""
        switch = next((one for one in self.switches if one.name == name), None)
        if switch is not None:
            return {address: {"asn": asn} for address, asn in switch.neighbours.items()}
        cluster = self.note(name, "RouteReflectorClusterID")
        found: dict[str, dict[str, Any]] = {}
        for peer in self._peers_of(name):
            for address, end in self._end(name, peer, "node"):
                found.setdefault(address, end)
        if self.mesh and not cluster:
            for other in self.store["nodes"]:
                if other != name and not self.note(other, "RouteReflectorClusterID"):
                    # of two protocols with one neighbour the one that was there first is up
                    found.update(self._end(name, {"node": other}, "mesh"))
        return found

    def _end(self, name: str, peer: Mapping[str, Any], kind: str) -> list[tuple[str, dict[str, Any]]]:
        """Addresses of a neighbour, and how it is spoken to: in each family that both have."""
        own = {family_of(address) for address in self.addresses(name)}
        cluster = self.note(name, "RouteReflectorClusterID")
        if "node" in peer:
            other = peer["node"]
            asn, theirs = self.asn(other), self.note(other, "RouteReflectorClusterID")
            client = bool(cluster) and asn == self.asn(name) and theirs != cluster
            options = {"asn": asn, "kind": kind, "client": client, "keep": False, "own_as": 0}
            return [(address, options) for address in self.addresses(other) if family_of(address) in own]
        keep = bool(peer.get("keepOriginalNextHop"))
        own_as = int(peer.get("numAllowedLocalASNumbers", 0))
        only = "own-routes-only" in peer.get("filters", ()) and "own-routes-only" in self.store["bgpfilters"]
        if family_of(peer["peerIP"]) not in own:
            return []
        options = {
            "asn": peer["asNumber"],
            "kind": kind,
            "client": False,
            "keep": keep,
            "own_as": own_as,
            "own_only": only,
        }
        return [(peer["peerIP"], options)]

    def _peers_of(self, name: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        labels = {one: node["metadata"]["labels"] for one, node in self.store["nodes"].items()}
        for peer in self.store["bgppeers"].values():
            spec = peer["spec"]
            mine = chosen(labels[name], spec.get("nodeSelector", "all()"))
            if "peerIP" in spec:
                found += [spec] if mine else []
                continue
            for other in self.store["nodes"]:
                forth = mine and chosen(labels[other], spec["peerSelector"])
                back = chosen(labels[name], spec["peerSelector"]) and chosen(labels[other], spec["nodeSelector"])
                if other != name and (forth or back):
                    found.append({"node": other})
        return found

    def _reported(self, status: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
        """As calico-node of a node would tell after the last time that all was settled."""
        name = status["spec"]["node"]
        if name in self.silent:
            return self.silent[name]
        if name in self.down or name not in self.store["nodes"]:
            return dict(status)
        speakers = self._all_speakers()
        up = {
            (one.other if one.one == name else one.one, dict(one.options)["family"])
            for one in self._peerings
            if name in (one.one, one.other)
        }
        peers: dict[str, list[dict[str, str]]] = {family: [] for family in FAMILIES}
        for address, end in self._ends(name).items():
            other = next((one.name for one in speakers.values() if address in one.addresses), "")
            kind = "NodeMesh" if end["kind"] == "mesh" else "NodePeer"
            state = "Established" if (other, family_of(address)) in up else "Active"
            peers[family_of(address)].append({"peerIP": address, "type": kind, "state": state})
        routes: dict[str, list[dict[str, Any]]] = {family: [] for family in FAMILIES}
        for prefix, paths in table.get(name, {}).items():
            for number, path in enumerate(paths):
                learned = {"peerIP": path.source} if path.source else {"sourceType": "Static"}
                gateway = path.next_hop or "N/A"
                kind = "FIB" if number == 0 else "RIB"
                route = {"type": kind, "destination": prefix, "gateway": gateway, "learnedFrom": learned}
                routes[family_of(prefix)].append(route)
        own = {family_of(address) for address in self.addresses(name)}
        told = {
            "bgp": {f"peers{family}": found for family, found in peers.items()},
            "routes": {f"routes{family}": routes[family] for family in FAMILIES},
            "agent": {f"bird{family}": {"state": "Ready" if family in own else "NotReady"} for family in FAMILIES},
        }
        return {**status, "status": {**told, "lastUpdated": (_BEGAN + timedelta(seconds=self._time)).isoformat()}}

    # --- packets ---

    def lost(self, between: bool = False) -> list[str]:
        """Pairs of nodes with pods between which no packet arrives now."""
        table = self.routes(between)
        hosts = sorted({pod["spec"]["nodeName"] for pod in self.store["pods"].values() if not kept(pod)} - self.down)
        pairs = [(one, other) for one in hosts for other in hosts if one != other]
        found = [f"{one} -> {other}" for one, other in pairs if not self._way(table, one, other)]
        six = [pair for pair in pairs if all(len(self.addresses(one)) == 2 for one in pair)]
        return found + [f"{one} -> {other} by IPv6" for one, other in six if not self._way(table, one, other, "6")]

    def way(self, one: str, other: str) -> list[str]:
        """The speakers that a packet passes, with both ends; empty when it does not arrive."""
        return self._way(self.routes(), one, other)

    def _way(
        self, table: Mapping[str, Mapping[str, Sequence[Path]]], one: str, other: str, ending: str = ""
    ) -> list[str]:
        speakers = self._all_speakers()
        owner = {address: name for name, speaker in speakers.items() for address in speaker.addresses}
        way = [one]
        while way[-1] != other and len(way) < 10:
            paths = table.get(way[-1], {}).get(self.block(other, ending), ())
            following: Optional[str] = owner.get(paths[0].next_hop) if paths else None
            if following is None:
                return []
            way.append(following)
        return way if way[-1] == other else []
