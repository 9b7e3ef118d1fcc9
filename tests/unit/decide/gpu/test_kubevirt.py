"""KubeVirt is told of GPUs, by its version and as sets; nodes get their workload, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.gpu.kubevirt import LABEL, SANDBOX_LABELS
from ansible_collections.baremetal.virt.plugins.module_utils.model.gpu.names import AGES, pairs, resource_name

from ....doubles.gpu_trees import right, text
from ....doubles.kubevirt_api import KUBEVIRT, KubevirtApi, plan, run

A10 = "nvidia.com/GA102GL_A10"
CASE = "name-made-from-a-list"
SAID: dict[str, Any] = {
    "pci_devices": [{"id": "10de:2236", "resource": A10}],
    "mediated_devices": [{"type": "NVIDIA A10-12Q"}],
}


def refusals(found: Plan) -> str:
    return "\n".join(map(str, found.refusals))


def test_a_second_run_changes_nothing() -> None:
    api = KubevirtApi()
    assert run(api, **SAID)["changed"]
    assert not run(api, **SAID)["changed"]
    assert api.configuration == {
        "developerConfiguration": {"featureGates": ["GPU", "DisableMDEVConfiguration"]},
        "permittedHostDevices": {
            "pciHostDevices": [
                {"pciVendorSelector": "10DE:2236", "resourceName": A10, "externalResourceProvider": True}
            ],
            "mediatedDevices": [
                {
                    "mdevNameSelector": "NVIDIA A10-12Q",
                    "resourceName": "nvidia.com/NVIDIA_A10-12Q",
                    "externalResourceProvider": True,
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("version", "gates", "setting"),
    [
        ("v0.50.0", ["GPU"], False),
        ("v0.58.2", ["GPU", "DisableMDEVConfiguration"], False),
        ("v1.3.1", ["GPU", "DisableMDEVConfiguration"], False),
        ("v1.4.0", ["DisableMDEVConfiguration"], False),
        ("v1.7.2", ["DisableMDEVConfiguration"], False),
        ("v1.8.0", [], True),
        ("v1.9.0", [], True),
    ],
)
def test_gates_by_version(version: str, gates: list[str], setting: bool) -> None:
    api = KubevirtApi(version)
    run(api, **SAID)
    assert (api.configuration.get("developerConfiguration") or {}).get("featureGates", []) == gates
    assert ("mediatedDevicesConfiguration" in api.configuration) == setting
    run(api, **SAID, host_devices=True)
    assert "HostDevices" in api.configuration["developerConfiguration"]["featureGates"]


def test_what_others_have_permitted_stays_and_what_was_added_twice_is_once() -> None:
    api = KubevirtApi()
    usb = {"resourceName": "kubevirt.io/storage", "selectors": [{"vendor": "46f4", "product": "0001"}]}
    other = {"pciVendorSelector": "8086:1533", "resourceName": "intel.com/i210"}
    old = {"pciVendorSelector": "10de:2236", "resourceName": "nvidia.com/OLD"}
    api.configuration["permittedHostDevices"] = {"usb": [usb], "pciHostDevices": [other, old]}
    api.configuration["developerConfiguration"] = {"featureGates": ["Snapshot", "GPU", "GPU"], "logVerbosity": {}}
    run(api, **SAID)
    permitted = api.configuration["permittedHostDevices"]
    assert (permitted["usb"], permitted["pciHostDevices"][0]) == ([usb], other)
    assert [one["resourceName"] for one in permitted["pciHostDevices"]] == ["intel.com/i210", A10]
    developer = api.configuration["developerConfiguration"]
    assert developer == {"featureGates": ["Snapshot", "GPU", "DisableMDEVConfiguration"], "logVerbosity": {}}


def test_another_spelling_of_the_same_device_is_no_change() -> None:
    api = KubevirtApi("v1.9.0")
    run(api, **SAID)
    permitted = api.configuration["permittedHostDevices"]
    permitted["pciHostDevices"][0]["pciVendorSelector"] = "10de:2236"
    permitted["mediatedDevices"][0]["mdevNameSelector"] = "NVIDIA_A10-12Q"
    assert plan(api, **SAID).steps == ()
    permitted["pciHostDevices"][0]["externalResourceProvider"] = False
    assert [step.id for step in plan(api, **SAID).steps] == ["kubevirt.change"]


def test_somebody_who_writes_in_between_is_not_overwritten() -> None:
    api = KubevirtApi()
    (step,) = plan(api, **SAID).steps
    api.objects[KUBEVIRT]["metadata"]["resourceVersion"] = "8"
    with pytest.raises(StepFailed, match="modified"):
        api.act(step)


@pytest.mark.parametrize("age", AGES)
def test_names_by_the_age_of_the_plugin(age: Any) -> None:
    ids = text(CASE, "pci.ids")
    for device, name in right(CASE)["names"][age].items():
        assert resource_name(device, ids, age) == name


def test_a_name_that_nobody_offers_and_the_one_that_is_the_same_card() -> None:
    expected = right(CASE)["cr"]
    offered = yaml.safe_load(text(CASE, "offered.yml"))
    entries = yaml.safe_load(text(CASE, "cr.yml"))["permittedHostDevices"]["pciHostDevices"]
    permitted = [entry["resourceName"] for entry in entries]
    assert pairs(permitted, offered["gpu1"]) == [tuple(one) for one in expected["same_card"]]
    api = KubevirtApi()
    for name, resources in offered.items():
        api.node(name, dict.fromkeys(resources, 1))
    api.configuration["permittedHostDevices"] = {}
    devices = [{"id": entry["pciVendorSelector"], "resource": entry["resourceName"]} for entry in entries]
    found = plan(api, pci_devices=devices, pci_ids=text(CASE, "pci.ids"))
    assert found.warnings == (
        "nvidia.com/TU104GL_Tesla_T4 is permitted, and no node offers it; nvidia.com/TU104GL_TESLA_T4 is offered, and"
        " is the same card.",
        "The plugin calls 10DE:1EB8 nvidia.com/TU104GL_TESLA_T4, and not nvidia.com/TU104GL_Tesla_T4.",
    )
    (device,) = [one for one in devices if one["id"] == "10DE:1EB8"]
    run(api, pci_devices=[{"id": device["id"]}], pci_ids=text(CASE, "pci.ids"))
    (entry,) = api.configuration["permittedHostDevices"]["pciHostDevices"]
    assert entry["resourceName"] == expected["planned"]["resourceName"]


def test_the_first_list_shuts_others_out() -> None:
    api = KubevirtApi()
    assert [one for one in plan(api, **SAID).warnings if "permits all" in one]
    assert plan(api, workloads={}).warnings == ()
    run(api, **SAID)
    assert plan(api, **SAID).warnings == ()


def test_nodes_are_labelled_and_the_operator_deploys_anew() -> None:
    api = KubevirtApi()
    api.node("gpu1", nvidia_com__gpu_workload_config="vm-passthrough")
    labels = api.objects["/api/v1/nodes/gpu1"]["metadata"]["labels"]
    labels[SANDBOX_LABELS[0]] = "true"
    api.node("gpu2")
    assert run(api, workloads={"gpu1": "vm-vgpu", "gpu2": "container"})["changed"]
    assert labels == {LABEL: "vm-vgpu"}
    assert api.sent == ["node.label:gpu1", "node.label:gpu2"]
    assert not run(api, workloads={"gpu1": "vm-vgpu", "gpu2": "container"})["changed"]


def test_a_node_whose_cards_pods_have_keeps_its_workload() -> None:
    api = KubevirtApi()
    api.node("gpu1", {A10: 2}, nvidia_com__gpu_workload_config="vm-passthrough")
    api.pod("virt-launcher-cad", "gpu1", A10)
    api.pod("done", "gpu1", A10, phase="Succeeded")
    found = plan(api, workloads={"gpu1": "vm-vgpu"})
    assert refusals(found) == "vms/virt-launcher-cad has GPUs of gpu1. Stop them, or move them away, first."
    assert found.tells["nodes"] == [
        {"node": "gpu1", "workload": "vm-passthrough", "offered": {A10: 2}, "users": {A10: ["vms/virt-launcher-cad"]}}
    ]
    assert plan(api, workloads={"gpu1": "vm-passthrough"}).refusals == ()


def test_a_node_that_is_a_virtual_machine() -> None:
    api = KubevirtApi()
    api.node("worker1", provider="proxmox://cluster/100")
    assert "virtual machine without an IOMMU" in refusals(plan(api, workloads={"worker1": "vm-vgpu"}))
    assert plan(api, workloads={"worker1": "container"}).refusals == ()
    api.objects["/api/v1/nodes/worker1"]["metadata"]["labels"]["feature.node.kubernetes.io/iommu-enabled"] = "true"
    assert plan(api, workloads={"worker1": "vm-vgpu"}).refusals == ()
    assert "There is no node worker9." in refusals(plan(api, workloads={"worker9": "vm-vgpu"}))


@pytest.mark.parametrize("version", ["v1.3.1", "v1.9.0"])
def test_a_kubevirt_that_makes_mediated_devices_goes_on_with_it(version: str) -> None:
    api = KubevirtApi(version)
    api.configuration["mediatedDevicesConfiguration"] = {"mediatedDeviceTypes": ["nvidia-592"]}
    assert "by mediatedDeviceTypes, and would not any more" in refusals(plan(api, **SAID))
    assert run(api, **SAID, leave_mediated=False)["changed"]
    assert api.configuration["mediatedDevicesConfiguration"] == {"mediatedDeviceTypes": ["nvidia-592"]}
    api.configuration["mediatedDevicesConfiguration"]["enabled"] = False
    api.configuration["developerConfiguration"] = {"featureGates": ["DisableMDEVConfiguration"]}
    assert plan(api, **SAID, host_devices=True).refusals == ()


def test_workloads_that_nobody_knows() -> None:
    api = KubevirtApi()
    api.node("gpu1", nvidia_com__gpu_workload_config="vm-passtrough")
    (warning,) = plan(api).warnings
    assert warning == "gpu1 has the workload 'vm-passtrough', of which the operator silently makes its default."
    with pytest.raises(Invalid, match="gpu1: 'vm-passtrough'"):
        plan(api, workloads={"gpu1": "vm-passtrough"})


def test_a_kubevirt_that_is_not_there_or_says_no() -> None:
    api = KubevirtApi()
    api.configuration["developerConfiguration"] = {"disabledFeatureGates": ["GPU"]}
    assert "disabledFeatureGates names GPU" in refusals(plan(api, **SAID))
    api.objects[KUBEVIRT]["status"] = {}
    assert "does not tell its version" in refusals(plan(api, **SAID))
    del api.objects[KUBEVIRT]
    assert "There are 0 KubeVirt objects" in refusals(plan(api, **SAID))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"pci_devices": [{"id": "10de:2236"}]}, "lacks resource"),
        ({"pci_devices": [{"id": "A10", "resource": A10}]}, "id"),
        ({"pci_devices": [{"id": "10de:2236", "resource": "A10"}]}, "no name of a resource"),
        ({"pci_devices": [{"id": one, "resource": A10} for one in ("10de:2236", "10DE:2236")]}, "twice"),
    ],
)
def test_what_contradicts_itself(said: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        plan(KubevirtApi(), **said)
