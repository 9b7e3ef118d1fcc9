"""What a node is told of its GPUs for its boots: which devices are meant, and which are not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.gpu.host import MODPROBE, MODULES, UNIT_FILE

from ....doubles import gpu_trees as trees
from ....doubles.gpu_host import prepared, reboot
from ....doubles.gpu_trees import DEVICES
from .test_host import A10, plan, run


def test_options_of_modules() -> None:
    node = prepared(trees.passed_through())
    run(node, "vm-passthrough")
    text = node.files[MODPROBE]
    assert "options vfio-pci ids=10de:228e,10de:2504\n" in text
    for module in ("nouveau", "nvidia", "snd_hda_intel"):
        assert f"softdep {module} pre: vfio-pci\n" in text
    assert "blacklist nouveau\n" in text and "blacklist snd" not in text
    assert node.files[MODULES].splitlines()[1:] == ["vfio", "vfio_iommu_type1", "vfio_pci"]


def test_of_two_alike_one_is_named_by_its_address() -> None:
    node = prepared(trees.two_of_one_kind())
    cards = ({"card": "41:00.0", "workload": "vm-passthrough"}, {"card": A10, "workload": "container"})
    run(node, "", *cards)
    text = node.files[MODPROBE]
    assert "ids=" not in text and "blacklist" not in text
    assert "&& echo vfio-pci > /sys/bus/pci/devices/0000:41:00.0/driver_override; /sbin/modprobe" in text
    reboot(node)
    assert [one["in_the_way"] for one in plan(node, "", *cards).tells["gpus"]] == [[], []]


@pytest.mark.parametrize("device", ["2236", "1533"])
def test_another_device_that_has_come_to_an_address_is_left_alone(device: str, tmp_path: Path) -> None:
    node = prepared(trees.two_of_one_kind())
    run(node, "", {"card": "41:00.0", "workload": "vm-passthrough"})
    shared = prepared(trees.a10(0))
    run(shared, "", {"card": A10, "workload": "vm-vgpu", "functions": 4})
    given = node.files[MODPROBE].partition("install vfio-pci ")[2].partition("; /sbin/modprobe")[0]
    made = shared.files[UNIT_FILE].partition("/bin/sh -c '")[2].partition("'\n")[0]
    for address, command, name in (
        ("0000:41:00.0", given, "driver_override"),
        ("0000:65:00.0", made, "sriov_numvfs"),
    ):
        folder = tmp_path / address
        folder.mkdir()
        texts = {"vendor": "0x10de", "device": f"0x{device}", name: "0"}
        for file, content in texts.items():
            (folder / file).write_text(f"{content}\n")
        done = subprocess.run(["sh", "-c", command.replace(DEVICES, str(tmp_path))], check=False)
        assert (done.returncode == 0) == (device == "2236")
        assert ((folder / name).read_text() != "0\n") == (device == "2236")


def test_a_card_of_which_nothing_is_wanted_keeps_its_driver() -> None:
    node = prepared(trees.two_of_one_kind())
    card = {"card": "41:00.0", "workload": "vm-passthrough"}
    run(node, "", card)
    assert "ids=" not in node.files[MODPROBE] and "blacklist" not in node.files[MODPROBE]
    assert "/devices/0000:41:00.0/driver_override" in node.files[MODPROBE]
    node = prepared(trees.amd())
    node.add("0000:c6:00.0", "1002:15bf", "030000", "amdgpu", 9, boot_vga=1, reset=True)
    run(node, "", {"card": "1002:74a1", "workload": "vm-passthrough"})
    assert "options vfio-pci ids=1002:74a1\n" in node.files[MODPROBE]
    assert "softdep amdgpu pre: vfio-pci\n" in node.files[MODPROBE] and "blacklist" not in node.files[MODPROBE]
