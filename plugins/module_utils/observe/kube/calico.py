# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask Kubernetes' API what a cluster with Calico has, as far as it is about routes."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

from ...engine.reader import CLUSTER, Question, Reader
from ...model.kube.calico import GROUP, MARK, UID, Block, Borrowed, Node, ObservedCalico, Pod, Pool, Wiring
from ...model.kube.fabric import Fabric, network
from ...model.kube.pods import pod_from, pods_path, runs
from ...model.kube.status import reports, statuses_from

Objects = list[Mapping[str, Any]]
_CRD: Wiring = "crd.projectcalico.org/v1"
_V3: Wiring = "projectcalico.org/v3"
#: An older Calico has none.
_YOUNG = "bgpfilters"
_KINDS = (
    "ippools",
    "blockaffinities",
    "ipamblocks",
    "bgpconfigurations",
    "bgppeers",
    _YOUNG,
    "clusterinformations",
)


def observe(reader: Reader, fabric: Fabric) -> ObservedCalico:
    groups = reader.get("/apis")["groups"]
    wiring = _wiring(groups)
    lists = [f"/apis/{wiring}/{plural}" for plural in _KINDS]
    paths = ["/api/v1/nodes", "/apis/apps/v1/daemonsets?labelSelector=k8s-app%3Dcalico-node", *lists]
    answers = reader.get_many(paths)
    nodes, daemons, pools, affinities, blocks, configs, peers, filters, information = map(_items, answers)
    unknown = [kind for kind, answer in zip(_KINDS, answers[-len(_KINDS) :]) if answer is None]
    config = next((one for one in configs if _name(one) == "default"), None)
    statuses = _items(reader.get(f"/apis/{wiring}/caliconodestatuses"), none_known=True)
    reporting = [one for one in statuses or () if reports(one)]
    namespace, environment = _daemon(daemons)
    return ObservedCalico(
        wiring=wiring,
        nodes=_nodes(nodes, _pods(reader, fabric, nodes, config)),
        peers={_name(one): one.get("spec") or {} for one in peers},
        filters={_name(one): one.get("spec") or {} for one in filters},
        config=None if config is None else config.get("spec") or {},
        statuses=None if statuses is None else statuses_from(reporting),
        status_names={one["spec"]["node"]: _name(one) for one in reporting},
        known_uids=_uids(reporting),
        unproved=json.loads(_annotations(config or {}).get(MARK, "null")),
        pools=tuple(map(_pool, pools)),
        blocks=tuple(_affinities(affinities)),
        borrowed=tuple(one for block in blocks for one in _borrowed(block)),
        tenants={network(block["spec"]["cidr"]): tuple(_tenants(block)) for block in blocks},
        environment=environment,
        namespace=namespace,
        policy=_policy(groups),
        secret_readable=_secret_readable(reader, fabric, namespace),
        release=_release(information),
        untold=tuple(kind for kind in unknown if kind != _YOUNG),
        objects={"nodes": nodes, "bgppeers": peers, "bgpfilters": filters, "bgpconfigurations": configs},
    )


def _wiring(groups: Objects) -> Wiring:
    """The form in which Calico itself stores them, where it is there: IPAM blocks are in no other."""
    return _CRD if any(group["name"] == f"crd.{GROUP}" for group in groups) else _V3


def _policy(groups: Objects) -> str:
    return next(
        (group["preferredVersion"]["groupVersion"] for group in groups if group["name"] == "policy"), "policy/v1"
    )


def _items(answer: Optional[Mapping[str, Any]], none_known: bool = False) -> Any:
    """A kind that the server does not know has no objects; None where that is to be told apart."""
    if answer is None:
        return None if none_known else []
    return list(answer["items"])


def _name(one: Mapping[str, Any]) -> str:
    return str(one["metadata"]["name"])


def _annotations(one: Mapping[str, Any]) -> Mapping[str, str]:
    """Also those that Calico keeps for an object of the other form."""
    plain = dict((one.get("metadata") or {}).get("annotations") or {})
    inner = json.loads(plain.get(f"{GROUP}/metadata", "{}")).get("annotations") or {}
    return {**inner, **plain}


def _uids(statuses: Objects) -> dict[str, str]:
    found = {one["spec"]["node"]: _annotations(one).get(UID, "") for one in statuses}
    return {name: uid for name, uid in found.items() if uid}


def _nodes(told: Objects, pods: Mapping[str, tuple[Pod, ...]]) -> dict[str, Node]:
    return {
        _name(one): Node(
            name=_name(one),
            uid=str(one["metadata"]["uid"]),
            labels=one["metadata"].get("labels") or {},
            annotations=one["metadata"].get("annotations") or {},
            unschedulable=bool((one.get("spec") or {}).get("unschedulable")),
            pods=pods.get(_name(one), ()),
        )
        for one in told
    }


def _pods(
    reader: Reader, fabric: Fabric, told: Objects, config: Optional[Mapping[str, Any]]
) -> dict[str, tuple[Pod, ...]]:
    """Of the nodes that a change may have to drain: others can have very many."""
    default = ((config or {}).get("spec") or {}).get("asNumber")
    nodes = _nodes(told, {})
    names = [name for name, node in nodes.items() if name in fabric.members and _may_change(fabric, node, default)]
    paths = [pods_path(name) for name in names]
    answers = reader.get_many(paths) if paths else []
    return {name: tuple(pod_from(one) for one in answer["items"] if runs(one)) for name, answer in zip(names, answers)}


def _may_change(fabric: Fabric, node: Node, default: object) -> bool:
    """Whether its AS, its group or what it reflects is another one than declared, or may be: never fewer than
    ``disrupts`` of ``site/kube/objects.py`` finds, which knows all nodes.
    """
    group, member = fabric.members[node.name]
    reflects = member.reflector and fabric.topology == "route_reflector"
    labelled = node.labels.get(fabric.reflector_label, "") == (group.name if reflects else "")
    same_as = (str(node.asn) if node.asn else str(default)) == str(group.asn)
    stays = node.labels.get(fabric.group_label) in (None, group.name)
    identified = node.cluster_id in ("", member.cluster_id or member.address)
    return not (labelled and same_as and stays and identified and bool(node.cluster_id) == reflects)


def _pool(told: Mapping[str, Any]) -> Pool:
    spec = told["spec"]
    hidden, ipip = bool(spec.get("disableBGPExport")), spec.get("ipipMode") or "Never"
    return Pool(network(spec["cidr"]), not hidden, ipip, spec.get("vxlanMode") or "Never")


def _affinities(told: Objects) -> Iterator[Block]:
    """``deleted`` is a text: the object goes as soon as nobody needs it."""
    for one in told:
        spec = one["spec"]
        gone = str(spec.get("deleted", "")).lower() == "true"
        yield Block(network(spec["cidr"]), str(spec["node"]), "deleted" if gone else str(spec.get("state", "")))


def _allocated(block: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Address and what is noted of whoever has it."""
    spec = block["spec"]
    first = ipaddress.ip_network(spec["cidr"], strict=False).network_address
    for ordinal, index in enumerate(spec.get("allocations") or ()):
        if index is not None:
            attributes = (spec.get("attributes") or [])[index]
            yield str(first + ordinal), attributes.get("secondary") or {}


def _borrowed(block: Mapping[str, Any]) -> Iterator[Borrowed]:
    owner = str(block["spec"].get("affinity") or "").partition("host:")[2]
    for address, noted in _allocated(block):
        user = noted.get("node", "")
        if owner and user and user != owner:
            yield Borrowed(network(address), owner, user)


def _tenants(block: Mapping[str, Any]) -> Iterator[str]:
    for address, noted in _allocated(block):
        if noted.get("pod"):
            yield f"{noted.get('namespace', '')}/{noted['pod']} ({address})"


def _daemon(daemons: Objects) -> tuple[str, dict[str, str]]:
    """Where calico-node is, and what its environment says."""
    for one in daemons:
        containers = one["spec"]["template"]["spec"]["containers"]
        said = next((item.get("env") or () for item in containers if item["name"] == "calico-node"), ())
        return one["metadata"]["namespace"], {each["name"]: str(each.get("value") or "") for each in said}
    return "kube-system", {}


def _release(information: Iterable[Mapping[str, Any]]) -> Optional[tuple[int, int]]:
    for one in information:
        found = re.match(r"v?(\d+)\.(\d+)", str((one.get("spec") or {}).get("calicoVersion", "")))
        if found:
            return int(found.group(1)), int(found.group(2))
    return None


def _secret_readable(reader: Reader, fabric: Fabric, namespace: str) -> bool:
    """Whether calico-node may read the secret of the password, and it is there; not its content."""
    if fabric.password is None:
        return True
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": f"system:serviceaccount:{namespace}:calico-node",
            "resourceAttributes": {
                "namespace": namespace,
                "verb": "get",
                "resource": "secrets",
                "name": fabric.password.name,
            },
        },
    }
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    allowed = reader.look(Question("api", (path, json.dumps(review)), CLUSTER))["status"]["allowed"]
    there = reader.get(f"/api/v1/namespaces/{namespace}/secrets?fieldSelector=metadata.name%3D{fabric.password.name}")
    return bool(allowed and there["items"])
