"""Configurations of vGPUs: what a card can have, and a node that has to offer what was chosen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.gpu.vgpu import CONFIG_LABEL, STATE_LABEL, kind_of
from ansible_collections.baremetal.virt.plugins.modules.kubevirt_vgpu import SUBJECT

from ....doubles.kubevirt_api import KubevirtApi

MAP = "/api/v1/namespaces/gpu-operator/configmaps/vgpus"
CONFIGS: list[dict[str, Any]] = [
    {"name": "halves", "parts": [{"types": {"A10-12Q": 2}}]},
    {"name": "sixths", "parts": [{"types": {"A10-4Q": 6}}]},
]


class Managed(KubevirtApi):
    """With a device manager, which acts on a changed label alone, and a plugin. ``short``: so many fewer than it should
    be, and it says success."""

    def __init__(self, state: str = "success", short: int = 0, cards: int = 2) -> None:
        super().__init__()
        self.state, self.short, self.cards = state, short, cards
        self.seen: str | None = None
        self.node("gpu1", {"nvidia.com/NVIDIA_A10-12Q": 4}, nvidia_com__gpu_workload_config="vm-vgpu")

    def after(self) -> None:
        text = self.objects[MAP]["data"]["config.yaml"]
        configs = json.loads(text)["vgpu-configs"]
        for path, node in self.objects.items():
            chosen = node["metadata"].get("labels", {}).get(CONFIG_LABEL) if path.startswith("/api/v1/nodes/") else None
            if not path.startswith("/api/v1/nodes/") or chosen == self.seen:
                continue
            self.seen = chosen
            if chosen:
                node["metadata"]["labels"][STATE_LABEL] = self.state
                types = configs[chosen][0]["vgpu-devices"]
                counts = {f"nvidia.com/NVIDIA_{one}": str(n * self.cards - self.short) for one, n in types.items()}
                old = dict.fromkeys((key for key in node["status"]["capacity"] if "NVIDIA_" in key), "0")
                node["status"]["capacity"] = node["status"]["allocatable"] = {"cpu": "64", **old, **counts}


def params(config: str = "sixths", configs: Any = None, gpus: int = 2, **more: Any) -> dict[str, Any]:
    said = {"kubeconfig": "/tmp/kubeconfig", "config_map": "vgpus", "configs": configs or CONFIGS, "timeout": 1, **more}
    node = {"node": "gpu1", "config": config, "gpus": gpus}
    checked = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate({"nodes": [node], **said})
    assert not checked.error_messages, checked.error_messages
    validated: dict[str, Any] = checked.validated_parameters
    return validated


def plan(api: KubevirtApi, *said: Any, **more: Any) -> Plan:
    return make_plan(SUBJECT, params(*said, **more), api)


def run(api: KubevirtApi, *said: Any, **more: Any) -> dict[str, Any]:
    return converge(SUBJECT, params(*said, **more), api, False, lambda step, reader: api.act(step))


@pytest.mark.parametrize(
    ("name", "most"),
    [
        *(("A10-8Q", 3), ("A10-12Q", 2), ("A10-4Q", 6), ("A10-24Q", 1), ("A10-1Q", 24)),
        *(("T4-8Q", 2), ("V100-8Q", 2), ("V100D-8Q", 4), ("L40S-1Q", 32), ("A40-24Q", 2), ("A30-6C", 4)),
        *(("A100-5C", 8), ("A100D-16C", 5), ("H100-40C", 2), ("H100XL-15C", 6), ("H200-8C", 16), ("H200-4C", 32)),
        *(("A100-1-5C", 7), ("RTX6000-Ada-16Q", 3)),
    ],
)
def test_how_many_of_a_type_a_card_has(name: str, most: int) -> None:
    kind = kind_of(name)
    assert kind is not None and kind.most == most


@pytest.mark.parametrize("name", ["A10-5Q", "A11-4Q", "A100-8Q", "A100-2-10C", "A10", "GRID A10-4Q"])
def test_types_that_no_table_has(name: str) -> None:
    assert kind_of(name) is None


def test_two_cards_have_twelve_sixths_and_a_second_run_changes_nothing() -> None:
    api = Managed()
    result = run(api)
    assert [step["id"] for step in result["steps"]] == ["config_map.write:vgpus", "node.label:gpu1", "node.vgpus:gpu1"]
    capacity = api.objects["/api/v1/nodes/gpu1"]["status"]["capacity"]
    assert (capacity["nvidia.com/NVIDIA_A10-4Q"], capacity["nvidia.com/NVIDIA_A10-12Q"]) == ("12", "0")
    assert not run(api)["changed"]
    assert [step["id"] for step in run(api, "halves")["steps"]] == ["node.label:gpu1", "node.vgpus:gpu1"]


def test_a_state_that_lies() -> None:
    with pytest.raises(StepFailed, match="11 of 12 A10-4Q"):
        run(Managed(short=1))


def test_a_manager_that_has_failed_is_told_to_try_again() -> None:
    api = Managed(state="failed", short=1)
    with pytest.raises(StepFailed, match="the manager has failed"):
        run(api)
    api.state, api.short = "success", 0
    again = ["node.unlabel:gpu1", "node.label:gpu1", "node.vgpus:gpu1"]
    assert [step["id"] for step in run(api)["steps"]] == again
    assert not run(api)["changed"]


def test_another_content_under_the_same_name() -> None:
    api = Managed()
    run(api)
    thirds = [CONFIGS[0], {"name": "sixths", "parts": [{"types": {"A10-8Q": 3}}]}]
    assert run(api, configs=thirds)["changed"]
    assert api.objects["/api/v1/nodes/gpu1"]["status"]["capacity"]["nvidia.com/NVIDIA_A10-8Q"] == "6"


def test_a_manager_at_work_is_waited_for() -> None:
    api = Managed()
    run(api)
    api.objects["/api/v1/nodes/gpu1"]["metadata"]["labels"][STATE_LABEL] = "pending"
    assert [step.id for step in plan(api).steps] == ["node.vgpus:gpu1"]


def test_a_pod_that_has_one_of_them() -> None:
    api = Managed()
    api.pod("virt-launcher-cad", "gpu1", "nvidia.com/NVIDIA_A10-12Q")
    (refusal,) = plan(api).refusals
    assert str(refusal).startswith("vms/virt-launcher-cad has GPUs of gpu1.")
    del api.objects["/api/v1/pods/virt-launcher-cad"]
    run(api)
    api.pod("virt-launcher-cad", "gpu1", "nvidia.com/NVIDIA_A10-4Q")
    assert plan(api).refusals == ()


def test_nodes_that_are_for_something_else_or_not_there() -> None:
    api = Managed()
    api.node("gpu1", nvidia_com__gpu_workload_config="vm-passthrough")
    assert "for vm-passthrough, and not for vm-vgpu" in str(plan(api).refusals[0])
    del api.objects["/api/v1/nodes/gpu1"]
    assert str(plan(api).refusals[0]) == "There is no node gpu1."


def test_a_configuration_that_another_node_has_does_not_go() -> None:
    api = Managed()
    api.node("gpu2", nvidia_com__vgpu_config="quarters")
    assert plan(api).refusals == ()
    api.objects[MAP] = {"metadata": {"name": "vgpus"}, "data": {"config.yaml": "version: v1\n"}}
    assert str(plan(api).refusals[0]).startswith("gpu2 has the configuration quarters, which is not declared")
    assert plan(api, configs=[*CONFIGS, {"name": "quarters", "parts": [{"types": {"A10-6Q": 4}}]}]).refusals == ()


def part(devices: Any = None, /, **types: int) -> list[dict[str, Any]]:
    named = {name.replace("_", "-"): count for name, count in types.items()}
    return [{"name": "sixths", "parts": [{"types": named, **({"devices": devices} if devices else {})}]}]


@pytest.mark.parametrize(
    ("configs", "words"),
    [
        (part(A10_4Q=7), "a card has 6 of A10-4Q, and not 7"),
        (part(A10_4Q=3, A10_12Q=1), "cannot be on one card"),
        (part(A10_5Q=1), "is no type that is known"),
        (part(A100_1_5C=7), "divided by MIG"),
        (part(A10_4Q=0), "say how many"),
        (part([0, 2], A10_4Q=6), "names the card 2"),
        ([CONFIGS[0]], "has no configuration sixths"),
        ([CONFIGS[1], CONFIGS[1]], "twice"),
        ([{"name": "sixths", "parts": CONFIGS[1]["parts"] * 2}], "two parts name the same card"),
    ],
)
def test_what_no_card_can_have(configs: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        plan(Managed(), configs=configs)


def test_a_divided_card_where_it_is_allowed() -> None:
    assert plan(Managed(), configs=part(A100_1_5C=7), allow_mig=True).refusals == ()
