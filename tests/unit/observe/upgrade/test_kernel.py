"""What the boot loader has been told, read where it stands."""

from __future__ import annotations

import json

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.kernel import BootPartition, Grub
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade import kernel
from ansible_collections.baremetal.virt.tests.doubles import cluster_nodes as lab
from ansible_collections.baremetal.virt.tests.doubles.support import Completed, FakeNode, printed

MENU = """
set default="0"
menuentry 'Proxmox VE GNU/Linux' --class gnu-linux $menuentry_id_option 'gnulinux-simple-1' {
\tlinux\t/boot/vmlinuz-6.8.12-43-pve root=/dev/mapper/pve-root ro quiet
}
submenu 'Advanced options for Proxmox VE GNU/Linux' $menuentry_id_option 'gnulinux-advanced-1' {
\tmenuentry 'Proxmox VE GNU/Linux, with Linux 6.8.12-9-pve' --class gnu-linux $menuentry_id_option 'gnulinux-9' {
\t\tlinux\t/vmlinuz-6.8.12-9-pve root=/dev/mapper/pve-root ro quiet
\t}
}
"""


def node() -> FakeNode:
    found = lab.standalone(1)
    found.files[kernel.RUNNING] = "6.8.12-9-pve\n"
    names = "vmlinuz-6.8.12-9-pve\nvmlinuz-6.8.12-43-pve\ninitrd.img-6.8.12-9-pve\nconfig-6.8.12-9-pve\n"
    found.commands[kernel.IMAGES] = printed(names)
    found.commands[kernel.GRUB_ENV] = printed("saved_entry=gnulinux-9\nnext_entry=\n")
    found.files[kernel.GRUB] = 'GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\n#GRUB_DEFAULT="saved"\n'
    found.files[kernel.GRUB_CFG] = MENU
    return found


def test_grub() -> None:
    boot = kernel.observe(node())
    assert (boot.way, boot.running) == ("grub", "6.8.12-9-pve")
    assert boot.images == ("vmlinuz-6.8.12-43-pve", "vmlinuz-6.8.12-9-pve")
    assert boot.whole == {"6.8.12-9-pve"}
    entries = {"gnulinux-simple-1": "vmlinuz-6.8.12-43-pve", "gnulinux-9": "vmlinuz-6.8.12-9-pve"}
    assert boot.grub == Grub("0", kernel.GRUB, "", "gnulinux-9", "vmlinuz-6.8.12-43-pve", entries)


def test_a_snippet_comes_after_the_file_and_the_last_one_wins() -> None:
    found = node()
    found.files[f"{kernel.SNIPPETS}/proxmox-kernel-pin.cfg"] = 'GRUB_DEFAULT="gnulinux-advanced-1>gnulinux-9"\n'
    assert kernel.observe(found).grub.default == "gnulinux-advanced-1>gnulinux-9"
    found.files[f"{kernel.SNIPPETS}/zz-own.cfg"] = "GRUB_DEFAULT=saved\n"
    grub = kernel.observe(found).grub
    assert (grub.default, grub.set_by) == ("saved", f"{kernel.SNIPPETS}/zz-own.cfg")


def test_boot_partitions() -> None:
    found = node()
    found.files[kernel.UUIDS] = "A1B2-0001\nC3D4-0002\n"
    found.directories[kernel.EFI] = ("root", "root", 0o755)
    told = {
        "A1B2-0001": {
            "present": True,
            "files": ["loader/entries/proxmox-6.8.12-9-pve.conf"],
            "default": "proxmox-*",
            "grub": None,
        },
        "C3D4-0002": {"present": False},
    }
    found.commands["boot_partitions", "A1B2-0001", "C3D4-0002"] = printed(json.dumps(told))
    boot = kernel.observe(found)
    files = frozenset({"loader/entries/proxmox-6.8.12-9-pve.conf"})
    assert boot.way == "systemd-boot"
    assert boot.partitions == (BootPartition("A1B2-0001", True, "proxmox-*", files), BootPartition("C3D4-0002", False))


def test_a_partition_that_cannot_be_read_is_not_taken_for_an_empty_one() -> None:
    found = node()
    found.files[kernel.UUIDS] = "A1B2-0001\n"
    told = {"A1B2-0001": {"present": True, "error": "mount: wrong fs type"}}
    found.commands["boot_partitions", "A1B2-0001"] = printed(json.dumps(told))
    with pytest.raises(Unreadable, match="wrong fs type"):
        kernel.observe(found)
    found.commands["boot_partitions", "A1B2-0001"] = Completed(1, "", "no python")
    with pytest.raises(Unreadable, match="no python"):
        kernel.observe(found)


def test_partitions_with_grub_on_them() -> None:
    found = node()
    found.files[kernel.UUIDS] = "A1B2-0001\n"
    told = {"A1B2-0001": {"present": True, "files": [], "default": None, "grub": "set default=0"}}
    found.commands["boot_partitions", "A1B2-0001"] = printed(json.dumps(told))
    assert kernel.observe(found).way == "grub-esp"


def test_pins() -> None:
    found = node()
    found.files[kernel.PINS[1]] = "6.8.12-9-pve\n"
    assert kernel.observe(found).pins == {kernel.PINS[1]: "6.8.12-9-pve"}
