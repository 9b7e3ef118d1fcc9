# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the vGPUs that nodes have to those that are declared: written, chosen by a label, waited for and counted.

The label in which the device manager tells how it went has said success after failures. So what the node offers is
compared with what it should.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ...engine.condition import Condition
from ...engine.plan import Plan, Refusal, Send, Step, Wait
from ...engine.reader import CLUSTER, Question
from ...model.gpu.kubevirt import LABEL
from ...model.gpu.names import PREFIX
from ...model.gpu.vgpu import CONFIG_KEY, CONFIG_LABEL, STATE_LABEL, DesiredVgpus, ObservedVgpus, VgpuNode

#: The device manager does nothing more about what was chosen.
_ENDED = ("success", "failed")
_HINT = "See the log of nvidia-vgpu-device-manager on that node. After a failure the old vGPUs are gone, too."


@dataclass(frozen=True)
class Shows:
    """What is missing on a node: an object of the API → sentences."""

    expected: Mapping[str, int]

    def __call__(self, node: Any) -> list[str]:
        labels = node["metadata"].get("labels") or {}
        capacity = (node.get("status") or {}).get("allocatable") or {}
        offered = {key: int(value) for key, value in capacity.items() if key.startswith(PREFIX)}
        found = (
            [] if labels.get(STATE_LABEL) == "success" else [f"its state is {labels.get(STATE_LABEL) or 'not told'}"]
        )
        return found + differences(self.expected, offered)


def differences(expected: Mapping[str, int], offered: Mapping[str, int]) -> list[str]:
    """By the end of a resource's name, as older drivers call the same types GRID instead of NVIDIA."""
    counts = {name: sum(n for key, n in offered.items() if key.endswith(f"_{name}")) for name in expected}
    return [f"{counts[name]} of {count} {name}" for name, count in expected.items() if counts[name] != count]


def decide(desired: DesiredVgpus, observed: ObservedVgpus) -> Plan:
    return Plan(
        steps=(*_config_map(desired, observed), *_labels(desired, observed)),
        refusals=tuple(_refuse(desired, observed)),
        before={"config": observed.text},
        after={"config": config_text(desired)},
    )


def config_text(desired: DesiredVgpus) -> str:
    """JSON, which is YAML, too."""
    configs = {
        name: [
            {"devices": "all" if part.devices is None else list(part.devices), "vgpu-devices": dict(part.types)}
            for part in parts
        ]
        for name, parts in desired.configs.items()
    }
    return json.dumps({"version": "v1", "vgpu-configs": configs}, indent=1, sort_keys=True) + "\n"


def _config_map(desired: DesiredVgpus, observed: ObservedVgpus) -> Iterator[Step]:
    text = config_text(desired)
    if observed.text == text:
        return
    folder = f"/api/v1/namespaces/{desired.namespace}/configmaps"
    data = {"data": {CONFIG_KEY: text}}
    why = f"write the configurations of vGPUs into {desired.namespace}/{desired.config_map}"
    if observed.there:
        send = Send("PATCH", f"{folder}/{desired.config_map}", json.dumps(data))
    else:
        made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": desired.config_map}, **data}
        send = Send("POST", folder, json.dumps(made))
    yield Step(why, send, f"config_map.write:{desired.config_map}", "guest")


def _labels(desired: DesiredVgpus, observed: ObservedVgpus) -> Iterator[Step]:
    for name, wish in sorted(desired.nodes.items()):
        node = observed.nodes.get(name)
        if node is None or not _differs(name, wish, desired, observed):
            continue
        chosen = node.labels.get(CONFIG_LABEL) == wish.config
        ended = node.labels.get(STATE_LABEL) in _ENDED
        if chosen and ended:
            yield _label(name, None, f"take the choice from {name}, as the device manager acts on another one only")
        if not chosen or ended:
            yield _label(name, wish.config, f"choose the vGPUs {wish.config} on {name}")
        yield _wait(name, wish, desired)


def _label(name: str, config: Optional[str], why: str) -> Step:
    labels = {"metadata": {"labels": {CONFIG_LABEL: config, STATE_LABEL: None}}}
    verb = "unlabel" if config is None else "label"
    return Step(why, Send("PATCH", f"/api/v1/nodes/{name}", json.dumps(labels)), f"node.{verb}:{name}", "guest")


def _differs(name: str, wish: VgpuNode, desired: DesiredVgpus, observed: ObservedVgpus) -> bool:
    node = observed.nodes[name]
    as_chosen = node.labels.get(CONFIG_LABEL) == wish.config and node.labels.get(STATE_LABEL) == "success"
    return not as_chosen or bool(differences(desired.expected(wish), node.allocatable))


def _wait(name: str, wish: VgpuNode, desired: DesiredVgpus) -> Step:
    question = Question("api", (f"/api/v1/nodes/{name}",), CLUSTER)
    shows = Condition(question, (), "passes", Shows(desired.expected(wish)), f"the vGPUs of {name}")
    failed = Condition(question, ("metadata", "labels", STATE_LABEL), "is", "failed", f"{name}: the manager has failed")
    wait = Wait((shows,), timeout=desired.timeout, interval=5, lost=(failed,))
    return Step(f"wait until {name} offers them", wait, f"node.vgpus:{name}", "guest", hint=_HINT)


def _refuse_lost(desired: DesiredVgpus, observed: ObservedVgpus) -> Iterator[Refusal]:
    for name, node in sorted(observed.nodes.items()):
        config = node.labels.get(CONFIG_LABEL)
        if config and config not in desired.configs and name not in desired.nodes:
            hint = "Declare it as well: at its next boot that node would have no vGPUs."
            yield Refusal(f"{name} has the configuration {config}, which is not declared and would go.", hint)


def _refuse(desired: DesiredVgpus, observed: ObservedVgpus) -> Iterator[Refusal]:
    if observed.text not in (None, config_text(desired)):
        yield from _refuse_lost(desired, observed)
    for name, wish in sorted(desired.nodes.items()):
        node = observed.nodes.get(name)
        if node is None:
            yield Refusal(f"There is no node {name}.")
            continue
        if node.labels.get(LABEL) not in (None, "vm-vgpu"):
            yield Refusal(
                f"The cards of {name} are for {node.labels[LABEL]}, and not for vm-vgpu.", "See kubevirt_gpu."
            )
        users = sorted({pod for pods in node.users.values() for pod in pods})
        if users and _differs(name, wish, desired, observed):
            hint = "Stop them, or move them away, first: all vGPUs of the node are made anew."
            yield Refusal(f"{', '.join(users)} has GPUs of {name}.", hint)
