"""A Kubernetes cluster with KubeVirt and GPUs, in memory: objects as the API has them, changed by merge patches."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Send, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question, Reader
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.kubevirt_gpu import SUBJECT

from .calico_parts import merge

KUBEVIRT = "/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt"


class KubevirtApi(Reader):
    """``objects``: path → object. ``lists``: path of a list → the beginning of the paths of what is in it."""

    def __init__(self, version: str = "v1.3.1") -> None:
        self.objects: dict[str, dict[str, Any]] = {
            KUBEVIRT: {
                "metadata": {"name": "kubevirt", "namespace": "kubevirt", "resourceVersion": "7"},
                "spec": {"configuration": {}},
                "status": {"observedKubeVirtVersion": version},
            }
        }
        self.sent: list[str] = []

    @property
    def configuration(self) -> dict[str, Any]:
        found: dict[str, Any] = self.objects[KUBEVIRT]["spec"]["configuration"]
        return found

    def node(self, name: str, offered: Mapping[str, int] | None = None, provider: str = "", **labels: str) -> None:
        """``labels``: with two underscores for a slash, one for a dot."""
        named = {key.replace("__", "/").replace("_", "."): value for key, value in labels.items()}
        capacity = {"cpu": "64", **{resource: str(count) for resource, count in (offered or {}).items()}}
        self.objects[f"/api/v1/nodes/{name}"] = {
            "metadata": {"name": name, "labels": named},
            "spec": {"providerID": provider},
            "status": {"capacity": capacity, "allocatable": capacity},
        }

    def pod(self, name: str, node: str, resource: str, phase: str = "Running") -> None:
        self.objects[f"/api/v1/pods/{name}"] = {
            "metadata": {"name": name, "namespace": "vms"},
            "spec": {"nodeName": node, "containers": [{"resources": {"limits": {resource: "1"}}}]},
            "status": {"phase": phase},
        }

    def look(self, question: Question) -> Any:
        path = question.argument[0]
        if path in self.objects or "/configmaps/" in path:
            return copy.deepcopy(self.objects.get(path))
        prefix = "/apis/kubevirt.io/v1/namespaces/" if path.endswith("/kubevirts") else f"{path}/"
        return {"items": [copy.deepcopy(one) for at, one in sorted(self.objects.items()) if at.startswith(prefix)]}

    def act(self, step: Step) -> str:
        action = step.action
        assert isinstance(action, Send), step
        document = json.loads(action.document)
        if action.method == "POST":
            self.objects[f"{action.path}/{document['metadata']['name']}"] = document
            self.sent.append(step.id)
            return ""
        found = self.objects[action.path]
        expected = document.get("metadata", {}).get("resourceVersion")
        if expected is not None and expected != found["metadata"]["resourceVersion"]:
            raise StepFailed(f"{step.why} failed: 409 the object has been modified", id=step.id)
        merge(found, document)
        if expected is not None:
            found["metadata"]["resourceVersion"] = str(int(expected) + 1)
        self.sent.append(step.id)
        self.after()
        return ""

    def after(self) -> None:
        """What others do when something was changed."""


def params(**said: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate({"kubeconfig": "/tmp/kubeconfig", **said})
    assert not checked.error_messages, checked.error_messages
    validated: dict[str, Any] = checked.validated_parameters
    return validated


def plan(api: KubevirtApi, **said: Any) -> Plan:
    return make_plan(SUBJECT, params(**said), api)


def run(api: KubevirtApi, **said: Any) -> dict[str, Any]:
    """The plan, carried out and proved."""
    return converge(SUBJECT, params(**said), api, False, lambda step, reader: api.act(step))
