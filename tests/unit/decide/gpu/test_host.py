"""A node is prepared for what its GPUs are for: what is written, kills, boots, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.gpu.host import (
    CMDLINE,
    GRUB,
    HELPER,
    HELPER_FILE,
    MODPROBE,
    MODULES,
    UNIT,
    UNIT_FILE,
    WANTS_BOOT,
)
from ansible_collections.baremetal.virt.plugins.modules.gpu_host import SUBJECT

from ....doubles import gpu_trees as trees
from ....doubles.gpu_host import OLD, prepared, reboot
from ....doubles.gpu_trees import DEVICES, GpuNode
from ....doubles.support import FakeNode, assert_converges_from_every_kill, printed

LOADERS = ["grub", "grub-esp", "systemd-boot"]
A10 = "10de:2236"


def params(workload: str = "", *cards: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = [{"functions": 0, **card} for card in cards]
    return {"workload": workload or None, "cards": listed, "give_console": False, "new_cards": False, **more}


def plan(node: GpuNode, workload: str = "", *cards: dict[str, Any], **more: Any) -> Plan:
    return make_plan(SUBJECT, params(workload, *cards, **more), node)


def run(node: GpuNode, workload: str = "", *cards: dict[str, Any], **more: Any) -> Plan:
    """As the module would: everything is done, and a second look finds nothing to do."""
    found = plan(node, workload, *cards, **more)
    assert not found.refusals, [str(one) for one in found.refusals]
    for step in found.steps:
        node.act(step)
    again = plan(node, workload, *cards, **more)
    assert (again.steps, again.refusals) == ((), ())
    return again


def ids(found: Plan) -> list[str]:
    return [step.id for step in found.steps]


def refusals(found: Plan) -> str:
    return "\n".join(map(str, found.refusals))


def off() -> GpuNode:
    """An A10 on a node whose kernel leaves Intel's IOMMU off."""
    node = GpuNode()
    node.units()
    node.add("0000:01:00.0", A10, "030200", "nouveau", reset=True)
    return node


@pytest.mark.parametrize("loader", LOADERS)
def test_a_card_is_given_away_and_a_boot_makes_it_so(loader: str) -> None:
    node = prepared(off(), loader, OLD)
    before = plan(node, "vm-passthrough").tells["reboot"]
    told = run(node, "vm-passthrough")
    assert told.tells["reboot"] == before
    assert told.tells["reboot"] == [
        "the IOMMU is off: the kernel's command line leaves it off",
        "0000:01:00.0 is bound to nouveau, not to vfio-pci",
    ]
    assert node.files[WANTS_BOOT].splitlines() == told.tells["reboot"]
    assert (CMDLINE in [step.id.partition(":")[2] for step in node.performed]) == (loader == "systemd-boot")
    assert (GRUB in node.files) == (loader != "systemd-boot")
    reboot(node, loader)
    after = plan(node, "vm-passthrough")
    assert (ids(after), after.refusals, after.tells["reboot"]) == ([], (), [])
    assert after.tells["gpus"][0]["in_the_way"] == []


@pytest.mark.parametrize("loader", LOADERS)
def test_the_plan_for_a_fresh_node(loader: str) -> None:
    written = CMDLINE if loader == "systemd-boot" else GRUB
    assert ids(plan(prepared(off(), loader, OLD), "vm-passthrough")) == [
        f"file.write:{MODULES}",
        f"file.write:{MODPROBE}",
        "initramfs.update",
        f"file.write:{written}",
        f"loader.update:{loader}",
        "file.write:/var/lib/baremetal.virt/gpu_host.json",
        "file.write:/var/lib/baremetal.virt/gpus.json",
        f"file.write:{WANTS_BOOT}",
    ]


@pytest.mark.parametrize("loader", LOADERS)
def test_a_kill_after_every_step(loader: str) -> None:
    assert (
        assert_converges_from_every_kill(SUBJECT, params("vm-passthrough"), lambda: prepared(off(), loader, OLD)) == 9
    )
    shared = params("", {"card": A10, "workload": "vm-vgpu", "functions": 4})
    assert assert_converges_from_every_kill(SUBJECT, shared, lambda: prepared(trees.a10(0), loader)) > 7


def test_after_a_boot_that_did_not_help_nobody_boots_again() -> None:
    node = prepared(trees.wrong_driver())
    run(node, "vm-passthrough")
    reboot(node)
    node.bind("0000:01:00.0", "nvidia")
    found = plan(node, "vm-passthrough")
    assert (ids(found), found.tells["reboot"]) == ([], [])
    assert found.warnings == ("Also after a boot: 0000:01:00.0 is bound to nvidia, not to vfio-pci.",)


def test_the_way_back_to_the_node() -> None:
    node = prepared(trees.wrong_driver())
    run(node, "vm-passthrough")
    reboot(node)
    back = run(node, "container")
    assert MODPROBE not in node.files and MODULES not in node.files
    assert back.tells["reboot"] == ["0000:01:00.0 is held by vfio-pci, so that no program of the node can use it"]
    reboot(node)
    assert plan(node, "container").tells["gpus"][0]["in_the_way"] == []


def test_virtual_functions_are_made_now_and_at_each_boot() -> None:
    node = prepared(trees.a10(0))
    card = {"card": A10, "workload": "vm-vgpu", "functions": 4}
    told = run(node, "", card)
    assert (told.tells["reboot"], told.tells["gpus"][0]["in_the_way"]) == ([], [])
    assert "Before=pve-guests.service" in node.files[UNIT_FILE]
    assert node.files[MODPROBE].splitlines()[1:] == ["blacklist nouveau"]
    assert MODULES not in node.files
    reboot(node)
    assert ids(plan(node, "", card)) == []
    more = {**card, "functions": 8}
    assert f"service.restart:{UNIT}" in ids(plan(node, "", more))
    run(node, "", more)
    run(node, "", {"card": A10, "workload": "container"})
    assert UNIT_FILE not in node.files


def test_functions_that_are_gone_after_a_boot_are_made_again() -> None:
    node = prepared(trees.of_case("gone-with-the-reboot", "after.sysfs"))
    expected = trees.right("gone-with-the-reboot")["wish"]
    found = plan(node, "", {"card": expected["card"], "workload": "vm-vgpu", "functions": expected["functions"]})
    (told,) = found.tells["gpus"]
    assert told["in_the_way"] == ["0000:65:00.0 has 0 virtual functions of 4; VM 101, VM 102 will not start"]
    assert f"service.restart:{UNIT}" in ids(found)
    assert not any("mapping" in one for one in ids(found))


def test_the_helper_of_nvidia_makes_all_functions() -> None:
    node = prepared(trees.a10(0))
    node.files[HELPER_FILE] = "[Unit]\n"
    node.commands["systemctl", "is-enabled", HELPER] = printed("disabled\n")
    found = plan(node, "", {"card": A10, "workload": "vm-vgpu", "functions": 32})
    assert f"service.enable:{HELPER}" in ids(found)
    assert not any(UNIT in one for one in ids(found))
    node.commands["systemctl", "is-enabled", HELPER] = printed("enabled\n")
    assert f"service.enable:{HELPER}" not in ids(plan(node, "", {"card": A10, "workload": "vm-vgpu", "functions": 32}))


def test_a_word_that_switches_the_iommu_off_goes_from_where_it_stands() -> None:
    node = prepared(
        off(), release="6.8.12-4-pve", words="root=/dev/mapper/pve-root ro intel_iommu=on quiet intel_iommu=off"
    )
    run(node, "vm-passthrough")
    assert node.files["/etc/default/grub"] == 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on quiet "\n'
    assert GRUB not in node.files
    reboot(node)
    assert plan(node, "vm-passthrough").tells["gpus"][0]["in_the_way"] == []


def test_of_two_loaders_the_other_one_is_left_alone() -> None:
    node = prepared(off(), "systemd-boot", OLD)
    before = node.files["/etc/default/grub"]
    run(node, "vm-passthrough")
    assert node.files[CMDLINE] == "root=/dev/mapper/pve-root ro quiet intel_iommu=on\n"
    assert node.files["/etc/default/grub"] == before


def test_a_command_line_of_which_nobody_knows_how_it_is_read() -> None:
    node = prepared(off(), "systemd-boot", OLD)
    node.files[CMDLINE] = "root=ZFS=rpool\nquiet\n"
    assert "does not have one line" in refusals(plan(node, "vm-passthrough"))
    del node.files[CMDLINE]
    assert "is not there" in refusals(plan(node, "vm-passthrough"))


def test_a_driver_that_hangs_delays_nobody() -> None:
    def asked(node: FakeNode) -> Completed:
        raise AssertionError("nvidia-smi")

    node = prepared(trees.nvswitch_server())
    node.commands.update({command: asked for command in node.commands if command[0] == "nvidia-smi"})
    assert plan(node, "container").refusals == ()


def test_amd_needs_no_word_and_gets_none() -> None:
    node = prepared(trees.amd())
    run(node, "vm-passthrough")
    assert GRUB not in node.files
    assert "softdep amdgpu pre: vfio-pci" in node.files[MODPROBE]


@pytest.mark.parametrize(
    ("tree", "workload", "words"),
    [
        (trees.shared_group, "vm-passthrough", "8086:1533"),
        (trees.functions_in_one_group, "vm-vgpu", "share an IOMMU group"),
        (trees.dead, "vm-passthrough", "does not answer"),
        (trees.consumer, "vm-passthrough", "only one that shows the console"),
        (trees.integrated, "vm-passthrough", "only one that shows the console"),
    ],
)
def test_what_is_refused_of_a_card(tree: Callable[[], GpuNode], workload: str, words: str) -> None:
    assert words in refusals(plan(prepared(tree()), workload))


def test_the_console_may_be_given_if_it_is_meant() -> None:
    assert plan(prepared(trees.consumer()), "vm-passthrough", give_console=True).refusals == ()


def test_of_several_cards_that_are_given_away_none_is_left_for_the_console() -> None:
    def two(kind: str) -> GpuNode:
        node = prepared(trees.consumer())
        node.add("0000:41:00.0", "10de:2504", kind, "nouveau", 30, reset=True)
        return node

    only = "0000:01:00.0 (10de:2504) is the only one that shows the console"
    first = {"card": "01:00.0", "workload": "vm-passthrough"}
    assert only in refusals(plan(two("030000"), "vm-passthrough"))
    assert only in refusals(plan(two("030200"), "", first))
    assert plan(two("030000"), "", first).refusals == ()
    assert plan(two("030000"), "container", first).refusals == ()


def test_an_iommu_that_no_file_switches_on() -> None:
    node = prepared(trees.no_iommu())
    assert "off in the firmware" in refusals(plan(node, "vm-passthrough"))
    node.units("dmar0")
    (refusal,) = plan(node, "vm-passthrough").refusals
    assert str(refusal).startswith("0000:01:00.0 is in no IOMMU group, although there are units.")
    node.units()
    node.processor("GenuineIntel", hypervisor=True)
    assert "virtual machine without an IOMMU" in refusals(plan(node, "vm-passthrough"))
    assert plan(node, "container").refusals == ()


def test_a_container_has_no_boot_loader() -> None:
    for tree in (off(), trees.wrong_driver()):
        node = prepared(tree, release=OLD)
        node.files["/run/systemd/container"] = "systemd-nspawn\n"
        found = plan(node, "vm-passthrough")
        assert (ids(found), "is a container" in refusals(found)) == ([], True)


def test_mixed_workloads() -> None:
    node = prepared(trees.two_of_one_kind())
    both = ({"card": "01:00.0", "workload": "container"}, {"card": "01:00.0", "workload": "vm-passthrough"})
    assert "is to be container and vm-passthrough" in refusals(plan(node, "", *both))
    shared = ({"card": "01:00.0", "workload": "container"}, {"card": "41:00.0", "workload": "vm-vgpu"})
    assert "container and vm-vgpu" in refusals(plan(node, "", *shared))
    node.links[f"{DEVICES}/0000:41:00.0/iommu_group"] = "../../../../kernel/iommu_groups/14"
    grouped = ({"card": "01:00.0", "workload": "container"}, {"card": "41:00.0", "workload": "vm-passthrough"})
    assert "IOMMU group 14 is to be mixed" in refusals(plan(node, "", *grouped))


def test_a_card_that_guests_use() -> None:
    node = prepared(trees.of_case("who-uses-the-card", "tree.sysfs"))
    node.links["/sys/class/drm/renderD128/device"] = "../../../0000:01:00.0"
    found = refusals(plan(node, "", {"card": "0000:01:00.0", "workload": "vm-passthrough"}))
    assert "container 204, container 206 uses 0000:01:00.0" in found
    assert "VM 100" not in found


def test_a_guest_that_runs_keeps_its_card() -> None:
    node = prepared(trees.passed_through())
    node.guests(
        {"100.conf": "name: cad\nhostpci0: 01:00\n", "101.conf": "hostpci0: mapping=pool\n"}, running=[100, 101]
    )
    node.files["/etc/pve/mapping/pci.cfg"] = "pool\n\tmap node=pve1,path=0000:01:00.0,id=10de:2504\n"
    assert "VM 100 (cad), VM 101 uses 0000:01:00.0" in refusals(plan(node, "container"))
    assert plan(node, "vm-passthrough").refusals == ()


def test_functions_do_not_change_while_one_is_in_use() -> None:
    node = prepared(trees.a10(4))
    node.files[f"{DEVICES}/0000:65:00.5/nvidia/current_vgpu_type"] = "592\n"
    found = plan(node, "", {"card": A10, "workload": "vm-vgpu", "functions": 8})
    assert "Somebody (0000:65:00.5) uses" in refusals(found)


def test_another_card_at_an_address_that_a_guest_names() -> None:
    node = prepared(trees.passed_through())
    node.guests({"100.conf": "hostpci0: 0000:01:00.0\n"})
    run(node, "vm-passthrough")
    node.files[f"{DEVICES}/0000:01:00.0/device"] = "0x2206\n"
    assert "VM 100: hostpci0 names 0000:01:00.0" in refusals(plan(node, "vm-passthrough"))
    assert plan(node, "vm-passthrough", new_cards=True).refusals == ()
    run(node, "vm-passthrough", new_cards=True)
    assert plan(node, "vm-passthrough").refusals == ()


def test_ids_that_somebody_else_has_written() -> None:
    node = prepared(trees.wrong_driver())
    node.files["/etc/modprobe.d/vfio.conf"] = "options vfio-pci ids=10de:2236 disable_vga=1\n"
    assert "/etc/modprobe.d/vfio.conf names ids" in refusals(plan(node, "vm-passthrough"))


def test_what_names_no_card() -> None:
    node = prepared(trees.wrong_driver())
    found = refusals(plan(node, "", {"card": "10de:1eb8", "workload": "container"}))
    assert "pve1 has no GPU 10de:1eb8. It has: 0000:01:00.0 (10de:2236 10de:1482)." in found
    many = refusals(plan(prepared(trees.a10(0)), "", {"card": A10, "workload": "vm-vgpu", "functions": 64}))
    assert "can have 32 virtual functions, and not 64" in many
    for card, words in (
        ({"card": "A10", "workload": "container"}, "names no card"),
        ({"card": A10, "workload": "container", "functions": 2}, "functions are made for vm-vgpu"),
        ({"card": A10, "workload": "vm-vgpu", "functions": -1}, "cannot be made"),
    ):
        with pytest.raises(Invalid, match=words):
            plan(node, "", card)


def test_the_longest_name_of_a_card_says_most() -> None:
    node = prepared(trees.two_of_one_kind())
    node.files[f"{DEVICES}/0000:41:00.0/subsystem_device"] = "0x14a1\n"
    cards = ({"card": A10, "workload": "container"}, {"card": f"{A10} 10de:14a1", "workload": "vm-passthrough"})
    told = plan(node, "vm-vgpu", *cards).tells["gpus"]
    assert [one["workload"] for one in told] == ["container", "vm-passthrough"]


def test_a_processor_with_graphics_keeps_its_other_functions() -> None:
    node = prepared(trees.amd())
    node.add("0000:c1:00.2", "1022:15df", "108000", "ccp", 9)
    run(node, "vm-passthrough")
    assert "1022" not in node.files[MODPROBE]
