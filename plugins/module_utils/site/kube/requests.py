# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests to Kubernetes' API as steps, each of which changes one thing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Optional

from ...engine.condition import Condition
from ...engine.plan import Clear, Send, Step, Wait
from ...engine.reader import CLUSTER, Question
from ...model.kube.calico import Pod
from ...model.kube.pods import pod_from, pods_path, runs


def send(
    id_: str,
    why: str,
    method: Literal["POST", "PATCH", "DELETE"],
    path: str,
    document: object = None,
    *,
    because: str = "",
    destructive: bool = False,
) -> Step:
    text = "" if document is None else json.dumps(document, sort_keys=True)
    return Step(why, Send(method, path, text), id_, "routes", destructive=destructive, because=because)


def create(
    id_: str, why: str, wiring: str, kind: str, plural: str, name: str, spec: Mapping[str, Any], **meta: Any
) -> Step:
    document = {"apiVersion": wiring, "kind": kind, "metadata": {"name": name, **meta}, "spec": dict(spec)}
    return send(id_, why, "POST", f"/apis/{wiring}/{plural}", document)


def node_patch(id_: str, why: str, name: str, document: Mapping[str, Any], because: str = "") -> Step:
    return send(id_, why, "PATCH", f"/api/v1/nodes/{name}", document, because=because)


def wait(id_: str, why: str, until: Condition, timeout: float, hint: str = "") -> Step:
    return Step(why, Wait((until,), timeout=timeout, interval=2), id_, "routes", hint=hint)


@dataclass(frozen=True)
class Evictions:
    """The pods of a node that are to leave it. Nobody evicts one that nobody would start again."""

    policy: str

    def __call__(self, answer: Mapping[str, Any]) -> list[tuple[str, Optional[Send]]]:
        found: list[tuple[str, Optional[Send]]] = []
        for told in filter(runs, answer["items"]):
            pod = pod_from(told)
            if not pod.kept:
                going = "deletionTimestamp" in told["metadata"]
                found.append((str(pod), None if going or not pod.controlled else self._eviction(pod)))
        return found

    def _eviction(self, pod: Pod) -> Send:
        named = {"name": pod.name, "namespace": pod.namespace}
        document = {"apiVersion": self.policy, "kind": "Eviction", "metadata": named}
        path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/eviction"
        return Send("POST", path, json.dumps(document, sort_keys=True))


def drain(node: str, policy: str, timeout: float) -> Step:
    """Its pods go, but for those that belong to the node, also those that come until then."""
    question = Question("api", (pods_path(node),), CLUSTER)
    action = Clear(question, Evictions(policy), timeout=timeout)
    return Step(f"evict the pods of {node}, but for those of its own", action, f"node.drain:{node}", "routes")
