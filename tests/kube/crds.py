"""The kinds of Calico that we read or write, by the fields that its reference names: a real server checks them."""

from __future__ import annotations

from typing import Any

_TEXT, _NUMBER, _FLAG = {"type": "string"}, {"type": "integer", "format": "int32"}, {"type": "boolean"}
_ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_TEXTS = {"type": "array", "items": _TEXT}


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def _list(**fields: Any) -> dict[str, Any]:
    return {"type": "array", "items": _object(**fields)}


_RULES = _list(action={"type": "string", "enum": ["Accept", "Reject"]}, source=_TEXT, cidr=_TEXT, matchOperator=_TEXT)
_SECRET = _object(secretKeyRef=_object(name=_TEXT, key=_TEXT))
SPECS: dict[str, dict[str, Any]] = {
    "BGPPeer": _object(
        nodeSelector=_TEXT,
        peerIP=_TEXT,
        asNumber=_NUMBER,
        peerSelector=_TEXT,
        keepOriginalNextHop=_FLAG,
        nextHopMode={"type": "string", "enum": ["Auto", "Self", "Keep"]},
        numAllowedLocalASNumbers=_NUMBER,
        filters=_TEXTS,
        password=_SECRET,
        sourceAddress=_TEXT,
    ),
    "BGPConfiguration": _object(
        asNumber=_NUMBER,
        logSeverityScreen=_TEXT,
        nodeToNodeMeshEnabled=_FLAG,
        nodeMeshPassword=_SECRET,
        nodeMeshMaxRestartTime=_TEXT,
        serviceClusterIPs=_list(cidr=_TEXT),
    ),
    "BGPFilter": _object(exportV4=_RULES, exportV6=_RULES, importV4=_RULES, importV6=_RULES),
    "CalicoNodeStatus": _object(
        node=_TEXT,
        classes={"type": "array", "items": {"type": "string", "enum": ["Agent", "BGP", "Routes"]}},
        updatePeriodSeconds=_NUMBER,
    ),
    "IPPool": _object(cidr=_TEXT, ipipMode=_TEXT, vxlanMode=_TEXT, disabled=_FLAG, disableBGPExport=_FLAG),
    "BlockAffinity": _object(cidr=_TEXT, node=_TEXT, state=_TEXT, deleted=_TEXT),
    "IPAMBlock": _ANYTHING,
    "ClusterInformation": _object(calicoVersion=_TEXT),
}
_PLURALS = {
    "BlockAffinity": "blockaffinities",
    "CalicoNodeStatus": "caliconodestatuses",
    "ClusterInformation": "clusterinformations",
}


def plural(kind: str) -> str:
    return _PLURALS.get(kind, f"{kind.lower()}s")


def definitions() -> list[dict[str, Any]]:
    return [_definition(kind, spec) for kind, spec in SPECS.items()]


def _definition(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": spec, "status": _ANYTHING}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural(kind), "singular": kind.lower()}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural(kind)}.crd.projectcalico.org"},
        "spec": {"group": "crd.projectcalico.org", "scope": "Cluster", "names": names, "versions": [version]},
    }
