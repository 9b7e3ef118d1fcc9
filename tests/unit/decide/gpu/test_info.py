"""Whether a GPU can be given to guests, on trees of sysfs: the verdict, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.modules.gpu_info import INQUIRY

from ....doubles import gpu_trees as trees
from ....doubles.gpu_trees import DEVICES, GpuNode

PASS, VGPU, HOST = "vm-passthrough", "vm-vgpu", "container"


def ask(node: GpuNode, workload: Optional[str] = None) -> dict[str, Any]:
    return dict(INQUIRY.answer(node, {"workload": workload, "sysfs": "/sys"}))


def codes(told: dict[str, Any]) -> list[list[str]]:
    return [[one["code"] for one in gpu["reasons"]] for gpu in told["gpus"]]


@pytest.mark.parametrize(
    ("tree", "workload", "expected"),
    [
        (trees.consumer, PASS, ["driver", "companion_unbound", "console"]),
        (trees.consumer, HOST, []),
        (trees.passed_through, PASS, []),
        (trees.passed_through, HOST, ["driver"]),
        (trees.four_functions, PASS, ["companion_unbound", "companion_unbound"]),
        (trees.a10, VGPU, []),
        (lambda: trees.a10(4, "mdev"), VGPU, []),
        (lambda: trees.a10(0), VGPU, ["functions_missing"]),
        (trees.t4, VGPU, []),
        (trees.shared_group, PASS, ["group_shared"]),
        (trees.integrated, PASS, ["driver", "console"]),
        (trees.amd, HOST, []),
        (trees.amd, PASS, ["driver"]),
        (trees.no_iommu, PASS, ["iommu_off"]),
        (trees.wrong_driver, PASS, ["driver"]),
        (trees.dead, PASS, ["config_unreadable"]),
        (trees.asleep, PASS, []),
        (trees.unresettable, PASS, []),
        (trees.functions_in_one_group, VGPU, ["group_shared"]),
        (trees.wrong_driver, VGPU, ["no_vgpu"]),
    ],
)
def test_the_verdict_on_a_tree(tree: Callable[[], GpuNode], workload: str, expected: list[str]) -> None:
    told = ask(tree(), workload)
    assert codes(told) == [expected]
    assert told["gpus"][0]["verdict"] == (expected[0] if expected else "ready")


@pytest.mark.parametrize(
    ("tree", "workload"), [(trees.consumer, HOST), (trees.passed_through, PASS), (trees.a10, VGPU), (trees.t4, VGPU)]
)
def test_what_a_card_is_there_for_now(tree: Callable[[], GpuNode], workload: str) -> None:
    (gpu,) = ask(tree())["gpus"]
    assert (gpu["workload"], gpu["verdict"]) == (workload, "ready")


def test_the_group_names_what_the_node_would_lose_and_no_bridge() -> None:
    (gpu,) = ask(trees.shared_group(), PASS)["gpus"]
    assert gpu["shared_with"] == [{"address": "0000:02:00.0", "id": "8086:1533", "driver": "igb", "iommu_group": 2}]
    assert "0000:02:00.0 (8086:1533, igb)" in gpu["reasons"][0]["text"]


def test_a_variant_of_vfio_is_as_good() -> None:
    node = trees.wrong_driver()
    node.bind("0000:01:00.0", "nvgrace_gpu_vfio_pci")
    assert codes(ask(node, PASS)) == [[]]


def test_an_own_console_of_the_server_frees_the_card() -> None:
    node = trees.consumer()
    node.add("0000:03:00.0", "1a03:2000", "030000", "ast", 20, subsystem="1a03:2000")
    told = ask(node, PASS)
    assert "console" not in codes(told)[0]
    assert (told["consoles"], told["gpus"][0]["console"]) == (["0000:03:00.0"], True)


def test_a_card_without_reset_is_told_and_no_less_ready() -> None:
    (gpu,) = ask(trees.unresettable(), PASS)["gpus"]
    assert gpu["notices"] == [
        "0000:05:00.0 cannot be reset: it can be given to a guest once after each boot of the node"
    ]


def test_functions_and_types_of_a_card() -> None:
    (gpu,) = ask(trees.a10(12, "mdev"))["gpus"]
    assert gpu["functions"][:5] == [f"0000:65:00.{number}" for number in (4, 5, 6, 7)] + ["0000:65:01.0"]
    assert (gpu["functions_total"], len(gpu["functions"])) == (32, 12)
    assert gpu["vgpu_types"] == [{"name": "nvidia-592", "title": "NVIDIA A10-4Q", "available": 1}]
    (by_files,) = ask(trees.a10(4))["gpus"]
    assert by_files["vgpu_types"] == [{"name": "nvidia-592", "title": "NVIDIA A10-4Q", "available": None}]


def test_a_server_with_nvswitches() -> None:
    told = ask(trees.nvswitch_server(), HOST)
    first = told["gpus"][0]
    assert (len(told["gpus"]), len(told["nvswitches"]), first["address"]) == (8, 4, "0000:10:00.0")
    assert first["nvlink"] == [f"0000:{16 + number:02x}:00.0" for number in range(1, 8)]
    assert [one["numa_node"] for one in told["gpus"]] == [0] * 4 + [1] * 4
    assert [one["title"] for one in first["vgpu_types"]] == ["NVIDIA H100XM-40C", "NVIDIA H100XM-80C"]


def test_what_nobody_can_tell_is_not_no_link() -> None:
    node = trees.nvswitch_server()
    node.commands.clear()
    assert [gpu["nvlink"] for gpu in ask(node)["gpus"]] == [None] * 8
    assert ask(trees.amd())["gpus"][0]["nvlink"] == []


def test_who_uses_a_card() -> None:
    case = "who-uses-the-card"
    node = trees.of_case(case, "tree.sysfs")
    for line in trees.text(case, "nvidia_information.txt").splitlines():
        address, said = line.split("\t")
        node.files[f"/proc/driver/nvidia/gpus/{address}/information"] = f"Model: \t\t A10\n{said}\n"
    told, expected = ask(node), trees.right(case)
    for gpu in told["gpus"]:
        wanted = expected[gpu["address"]]
        assert (gpu["used_by"], gpu["possibly_used_by"]) == (wanted["used_by"], wanted["possible"])
    assert (told["any_card"], told["rights_only"]) == (expected["any_card"], expected["rights_only"])


@pytest.mark.parametrize(
    ("line", "used"),
    [
        ("hostpci0: host=0000:41:00,pcie=1", True),
        ("hostpci0: 41:00.1", True),
        ("hostpci0: 0001:41:00.0", False),
        ("args: -device vfio-pci,id=gpu,host=41:00.0,bus=pcie.0", True),
        ("args: -device vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:41:00.0", True),
        ("args: -device virtio-net-pci,host=41:00.0", False),
        ("net0: virtio=BC:24:11:00:41:00,bridge=vmbr0", False),
    ],
)
def test_spellings_in_a_virtual_machine(line: str, used: bool) -> None:
    node = trees.GpuNode()
    node.add("0000:41:00.0", "10de:1eb8", "030200", "vfio-pci", 30)
    node.add("0000:41:00.1", "10de:10f8", "040300", "vfio-pci", 30)
    node.guests({"100.conf": f"name: cad\n{line}\n[PENDING]\nhostpci3: 41:00\n"})
    assert ask(node)["gpus"][0]["used_by"] == [100] * used


@pytest.mark.parametrize(
    ("line", "used"),
    [
        ("mp3: /dev,mp=/host-dev", True),
        ("lxc.mount.entry: /dev/dri/by-path/pci-0000:41:00.0-render dev/x none bind", True),
        ("lxc.mount.entry: /dev/dri/card1 dev/dri/card1 none bind", True),
        ("lxc.mount.entry: /dev/dri/card0 dev/dri/card0 none bind", False),
        ("mp0: local:200/vm-200-disk-0.raw,mp=/dev/dri", False),
        ("#dev0: /dev/dri/card1", False),
        ("dev1: /dev/kfd", False),
    ],
)
def test_spellings_in_a_container(line: str, used: bool) -> None:
    node = trees.GpuNode()
    node.add("0000:41:00.0", "10de:1eb8", "030200", "nvidia", 30)
    node.links["/sys/class/drm/card1/device"] = "../../../0000:41:00.0"
    node.guests({"200.conf": f"{line}\n"})
    assert ask(node)["gpus"][0]["used_by"] == [200] * used


def test_an_address_that_has_become_something_else() -> None:
    node = trees.wrong_driver()
    node.guests(
        {"100.conf": "hostpci0: 01:00.0\n", "101.conf": "hostpci0: 0000:07:00\n", "102.conf": "hostpci0: 09:00\n"}
    )
    node.add("0000:07:00.0", "1000:00af", "010700", "mpt3sas", 50, subsystem="1000:3010")
    node.files["/var/lib/baremetal.virt/gpus.json"] = (
        '{"0000:01:00.0": "10de:2236 10de:1482", "0000:07:00.0": "10de:2236 10de:1482", "0000:09:00.0": "10de:1eb8"}'
    )
    assert ask(node)["changed_addresses"] == [
        "VM 101: hostpci0 names 0000:07:00, where 10de:2236 10de:1482 stood, and 1000:00af 1000:3010 now",
        "VM 102: hostpci0 names 0000:09:00, where 10de:1eb8 stood, and nothing now",
    ]


def test_mappings_that_are_not_what_they_say() -> None:
    node = trees.a10(2)
    good = "id=10de:2236,subsystem-id=10de:1482"
    lines = [
        f"map node=pve1,path=0000:65:00.4,{good},iommugroup=70",
        f"map node=pve1,path=0000:65:00.5,{good},iommugroup=7",
        f"map node=pve1,path=0000:65:00.6,{good},iommugroup=72",
        "map node=pve1,path=0000:65:00.0,id=10DE:2236,subsystem-id=10de:1482,iommugroup=60",
        "map node=pve1,path=0000:65:00.5,id=10de:2236,iommugroup=71",
        f"map node=pve2,path=0000:99:00.0,{good}",
    ]
    node.files["/etc/pve/mapping/pci.cfg"] = "gpu\n" + "".join(f"\t{line}\n" for line in lines)
    assert ask(node)["wrong_mappings"] == [
        "gpu: 'iommugroup' does not match for '0000:65:00.5' (71 != 7)",
        "gpu: pci device '0000:65:00.6' not found",
        "gpu: 'id' does not match for '0000:65:00.0' (10de:2236 != 10DE:2236)",
        "gpu: 'subsystem-id' does not match for '0000:65:00.5' (10de:1482 != none)",
    ]


def test_guests_that_nobody_can_read_are_not_none() -> None:
    node = trees.passed_through()
    node.files["/usr/bin/pvecm"] = ""
    with pytest.raises(Unreadable, match="/etc/pve is not mounted"):
        ask(node)
    node.guests({})
    assert ask(node)["gpus"][0]["used_by"] == []


def test_a_node_without_gpus() -> None:
    node = trees.GpuNode()
    node.add("0000:02:00.0", "8086:1533", "020000", "igb", 2)
    told = ask(node)
    assert (told["gpus"], told["iommu"]) == ([], {"on": True, "because": "", "notices": []})


def test_a_driver_file_below_the_card_is_looked_at_only_where_it_is() -> None:
    node = trees.a10(1)
    del node.files[f"{DEVICES}/0000:65:00.4/nvidia/current_vgpu_type"]
    assert codes(ask(node, VGPU)) == [[]]


def test_functions_that_are_gone_after_a_boot() -> None:
    case = "gone-with-the-reboot"
    expected = trees.right(case)
    (before,) = ask(trees.of_case(case, "before.sysfs"), VGPU)["gpus"]
    assert before["functions"] == expected["before.sysfs"]["mapping_members"]
    assert len(before["vgpus_in_use"]) == expected["before.sysfs"]["in_use"]
    node = trees.of_case(case, "after.sysfs")
    told = ask(node, VGPU)
    (after,) = told["gpus"]
    assert after["verdict"] == expected["after.sysfs"]["topic"]
    assert after["reasons"][0]["text"].endswith("VM 101, VM 102 will not start")
    assert len(told["wrong_mappings"]) == 4
