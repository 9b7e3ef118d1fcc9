# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask Kubernetes' API how KubeVirt is configured, what nodes offer of GPUs, and which pods have some of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.reader import Reader
from ...model.gpu.kubevirt import DesiredKubevirt, KubeNode, ObservedKubevirt, Version
from ...model.gpu.names import PREFIX

KUBEVIRTS = "/apis/kubevirt.io/v1/kubevirts"
_GUEST = "feature.node.kubernetes.io/cpu-cpuid.HYPERVISOR"
_VIOMMU = "feature.node.kubernetes.io/iommu-enabled"
_ENDED = ("Succeeded", "Failed")
Told = Mapping[str, Any]


def observe(reader: Reader, desired: Optional[DesiredKubevirt] = None) -> ObservedKubevirt:
    """``desired`` is not looked at: the cluster is read as it is."""
    answers = reader.get_many([KUBEVIRTS, "/api/v1/nodes", "/api/v1/pods"])
    kubevirts, nodes, pods = (list((answer or {}).get("items") or ()) for answer in answers)
    only: Told = kubevirts[0] if len(kubevirts) == 1 else {}
    meta = only.get("metadata") or {}
    users = list(_users(pods))
    return ObservedKubevirt(
        path=f"/apis/kubevirt.io/v1/namespaces/{meta['namespace']}/kubevirts/{meta['name']}" if only else "",
        version=_version(only),
        configuration=(only.get("spec") or {}).get("configuration") or {},
        resource_version=meta.get("resourceVersion", ""),
        nodes={node["metadata"]["name"]: _node(node, users) for node in nodes},
        count=len(kubevirts),
    )


def _version(kubevirt: Told) -> Optional[Version]:
    text = (kubevirt.get("status") or {}).get("observedKubeVirtVersion") or ""
    found = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _node(node: Told, users: list[tuple[str, str, str]]) -> KubeNode:
    name = node["metadata"]["name"]
    labels = node["metadata"].get("labels") or {}
    offered, allocatable = _counts(node, "capacity"), _counts(node, "allocatable")
    its = {(resource, pod) for where, resource, pod in users if where == name}
    resources = {resource for resource, dummy in its}
    provider = str((node.get("spec") or {}).get("providerID") or "")
    return KubeNode(
        name,
        labels,
        {key: count for key, count in offered.items() if count},
        {one: tuple(sorted(pod for resource, pod in its if resource == one)) for one in sorted(resources)},
        guest=labels.get(_GUEST) == "true" or provider.startswith("proxmox://"),
        viommu=labels.get(_VIOMMU) == "true",
        allocatable=allocatable,
    )


def _counts(node: Told, what: str) -> dict[str, int]:
    listed = (node.get("status") or {}).get(what) or {}
    return {key: int(value) for key, value in listed.items() if key.startswith(PREFIX)}


def _users(pods: list[Told]) -> Iterator[tuple[str, str, str]]:
    """Node, resource, pod. What a node calls allocatable does not say what is free of it."""
    for pod in pods:
        spec, meta = pod.get("spec") or {}, pod["metadata"]
        if (pod.get("status") or {}).get("phase") in _ENDED:
            continue
        for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
            said = container.get("resources") or {}
            for resource in {**(said.get("requests") or {}), **(said.get("limits") or {})}:
                if resource.startswith(PREFIX):
                    yield spec.get("nodeName") or "", resource, f"{meta['namespace']}/{meta['name']}"
