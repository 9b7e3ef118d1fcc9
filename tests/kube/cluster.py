"""A cluster whose API server is real, and whose other programs are played: confd, BIRD and calico-node by the fabric in
memory, the kubelet and the controllers by what happens here to pods that are evicted."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.transport.kube.kube import Kube
from ansible_collections.baremetal.virt.plugins.module_utils.transport.kube.wire import Wire

from ..doubles.calico_fabric import CRD, KINDS, CalicoFabric
from .crds import definitions, plural

_PODS = "/api/v1/namespaces/shop/pods"


class Cluster(Kube):
    """``lost``: what did not arrive at one of the moments at which the nodes told what they see."""

    def __init__(self, kubeconfig: str, fabric: CalicoFabric) -> None:
        super().__init__(kubeconfig, "", "")
        self.fabric, self.lost = fabric, list[str]()
        self.performed: list[Step] = []
        self._calls = Wire(kubeconfig, "", "", 1)
        self._began = 0

    def fill(self) -> None:
        """Put everything that the fabric in memory has into the server."""
        for definition in definitions():
            self.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
        self._served()
        self.call("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
        for name, node in self.fabric.store["nodes"].items():
            metadata = {key: value for key, value in node["metadata"].items() if key != "uid"}
            self.call("POST", "/api/v1/nodes", {"metadata": {**metadata, "name": name}, "spec": {}})
        for name, pod in self.fabric.store["pods"].items():
            self._start_pod(name, pod["spec"]["nodeName"], pod["metadata"]["ownerReferences"][0]["kind"])
        for kind in ("IPPool", "BlockAffinity"):
            for name, one in self.fabric.store[plural(kind)].items():
                self.create(kind, name, one["spec"])
        self.create("ClusterInformation", "default", {"calicoVersion": self.fabric.release})
        self.call("POST", "/apis/apps/v1/namespaces/kube-system/daemonsets", _daemon())

    def create(self, kind: str, name: str, spec: Mapping[str, Any]) -> None:
        document = {"apiVersion": "crd.projectcalico.org/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}
        self.call("POST", f"{CRD}/{plural(kind)}", document)

    def call(self, method: str, path: str, document: Any = None) -> Any:
        return self._calls.exchange(method, path, "" if document is None else json.dumps(document))

    def look(self, question: Question) -> Any:
        if question.argument[0].startswith("/api/v1/pods"):
            self._kubelet()
        if question.argument[0].endswith("/caliconodestatuses"):
            self._calico()
        return super().look(question)

    def act(self, step: Step) -> str:
        self.performed.append(step)
        return super().act(step)

    def _served(self) -> None:
        deadline = time.monotonic() + 60
        while any(super(Cluster, self).look(Question("api", (f"{CRD}/{kind}",))) is None for kind in KINDS):
            assert time.monotonic() < deadline, "Calico's kinds are never served"
            time.sleep(0.5)

    def _calico(self) -> None:
        """Everybody reads what there is, speaks BGP, and tells what he sees."""
        for kind in KINDS:
            self.fabric.store[kind] = _by_name(self.call("GET", f"{CRD}/{kind}"))
        self.fabric.store["nodes"] = _by_name(self.call("GET", "/api/v1/nodes"))
        self.fabric.store["pods"] = _by_name(self.call("GET", _PODS))
        self.fabric.settle()
        self.lost += self.fabric.lost()
        told = self.fabric.look(Question("api", (f"{CRD}/caliconodestatuses",)))["items"]
        for one in told:
            path = f"{CRD}/caliconodestatuses/{one['metadata']['name']}"
            self.call("PATCH", path, {"status": one["status"]})

    def _kubelet(self) -> None:
        """What was evicted ends at once, and is started again where pods may be started."""
        nodes = _by_name(self.call("GET", "/api/v1/nodes"))
        free = sorted(name for name, node in nodes.items() if not node["spec"].get("unschedulable"))
        for name, pod in _by_name(self.call("GET", _PODS)).items():
            if "deletionTimestamp" in pod["metadata"]:
                self.call("DELETE", f"{_PODS}/{name}", {"gracePeriodSeconds": 0})
                self._began += 1
                self._start_pod(f"again-{self._began}", free[0], "ReplicaSet")

    def _start_pod(self, name: str, node: str, owner: str) -> None:
        owners = [{"apiVersion": "apps/v1", "kind": owner, "name": "x", "uid": f"uid-{owner}", "controller": True}]
        metadata = {"name": name, "ownerReferences": owners}
        spec = {"nodeName": node, "containers": [{"name": "c", "image": "none"}]}
        self.call("POST", _PODS, {"metadata": metadata, "spec": spec})


def _by_name(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {one["metadata"]["name"]: one for one in answer["items"]}


def _daemon() -> dict[str, Any]:
    labels = {"k8s-app": "calico-node"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "calico-node", "image": "none"}]}}
    return {
        "metadata": {"name": "calico-node", "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": pod},
    }
