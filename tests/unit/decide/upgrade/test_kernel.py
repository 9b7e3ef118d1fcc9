"""Which kernel the next boot takes, and when a node must not be rebooted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.upgrade.kernel import (
    boot_warnings,
    next_image,
    next_kernel,
    refuse_boot,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.kernel import (
    Boot,
    BootPartition,
    Grub,
    brought_by,
    grub_first,
    series,
    with_kernel,
)
from ansible_collections.baremetal.virt.tests.doubles import upgrade_cases as cases

UNPINNED, GRUB = "unpinned-but-still-pinned", "kernel-that-grub-takes"
TWO = ("6.8.12-43-pve", "6.8.12-9-pve")


def partition(*releases: str, default: str = "proxmox-*", uuid: str = "A1B2-0001") -> BootPartition:
    whole = {f"EFI/proxmox/{one}/{kind}-{one}" for one in releases for kind in ("vmlinuz", "initrd.img")}
    return BootPartition(
        uuid, True, default, frozenset({f"loader/entries/proxmox-{one}.conf" for one in releases} | whole)
    )


def synced(*partitions: BootPartition, releases: tuple[str, ...] = TWO, **more: Any) -> Boot:
    images = tuple(f"vmlinuz-{one}" for one in releases)
    return Boot("systemd-boot", TWO[1], images, frozenset(releases), partitions, **more)


def said(boot: Boot) -> str:
    return "\n".join(map(str, refuse_boot(boot)))


def test_a_pin_that_is_gone_from_the_files_stands_on_the_partition() -> None:
    right = cases.right(UNPINNED)
    entries = cases.text(UNPINNED, "esp-A1B2-0001/entries.ls").split()
    default = cases.text(UNPINNED, "esp-A1B2-0001/loader.conf").split("default ")[1].strip()
    here, gone = cases.text(UNPINNED, "proxmox-boot-uuids").split()
    found = partition(*(name[len("proxmox-") : -len(".conf")] for name in entries), default=default, uuid=here)
    boot = synced(found, BootPartition(gone, present=False), releases=("6.8.12-1-pve", *TWO))
    assert next_kernel(boot) == right["next_boot_kernel"]
    assert boot.newest == right["newest_kernel"]
    assert f"starts {right['next_boot_kernel']}" in said(boot)
    assert right["next_step"] in said(boot)
    assert [right["findings"][0]["esp"] in warning for warning in boot_warnings(boot)] == [True]


def test_refreshed_it_may_boot() -> None:
    assert said(synced(partition(*TWO))) == ""
    assert said(synced(partition(*TWO, default="proxmox-6.8.12-43-pve.conf"))) == ""


def test_every_partition_counts() -> None:
    late = partition(*TWO, default="proxmox-6.8.12-9-pve.conf", uuid="C3D4-0002")
    assert "C3D4-0002" in said(synced(partition(*TWO), late))
    assert next_kernel(synced(partition(*TWO), late)) == "6.8.12-9-pve"


def test_a_pin_by_somebody_is_kept_and_told() -> None:
    pinned = synced(partition(*TWO, default="proxmox-6.8.12-9-pve.conf"), pins={"/etc/kernel/pin": "6.8.12-9-pve"})
    assert said(pinned) == ""
    assert "pinned" in "\n".join(boot_warnings(pinned))


def test_a_kernel_without_its_whole_initial_ram_disk_is_none() -> None:
    found = partition(*TWO)
    half = replace(found, files=found.files - {"EFI/proxmox/6.8.12-43-pve/initrd.img-6.8.12-43-pve"})
    assert "missing or empty" in said(synced(half))
    assert "missing or empty" in said(replace(cases.boot(*TWO), whole=frozenset({TWO[1]})))


def test_a_partition_that_names_nothing() -> None:
    assert "Nobody can tell" in said(synced(BootPartition("A1B2-0001")))


@pytest.mark.parametrize("row", [one for one in cases.right(GRUB) if one["input"].endswith("boot.ls")])
def test_all_images_count_for_grub(row: dict[str, str]) -> None:
    images = tuple(cases.text(GRUB, row["input"]).split())
    boot = Boot("grub", "6.8.12-9-pve", images, frozenset(image.partition("-")[2] for image in images))
    wanted = row.get("next_boot_image") or f"vmlinuz-{row['next_boot_kernel']}"
    assert next_image(boot) == wanted
    assert bool(said(boot)) == (row["verdict"] == "refuse")
    words = {"b": "not a Proxmox kernel", "c": "no kernel of a package", "d": ""}[row["input"][0]]
    assert words in said(boot)


def test_the_newest_is_not_the_last_of_a_list_of_texts() -> None:
    listed = cases.text(GRUB, "a.kernel-list.out").split("Automatically selected kernels:\n")[1].split()
    boot = cases.boot(*listed)
    assert boot.newest == cases.right(GRUB)[0]["newest_kernel"] == next_kernel(boot)


def test_an_old_copy_comes_after_its_kernel() -> None:
    assert grub_first(["vmlinuz-6.8.12-9-pve.old", "vmlinuz-6.8.12-9-pve"]) == "vmlinuz-6.8.12-9-pve"
    assert grub_first(["vmlinuz-6.8.12-43-pve.dpkg-new", "vmlinuz-6.8.12-9-pve"]) == "vmlinuz-6.8.12-9-pve"


MENU = {"gnulinux-simple-1": "vmlinuz-6.8.12-43-pve", "gnulinux-6.8.12-9-pve-advanced-1": "vmlinuz-6.8.12-9-pve"}


@pytest.mark.parametrize(
    ("grub", "wanted"),
    [
        (Grub(), "6.8.12-43-pve"),
        (Grub(default="saved"), "6.8.12-43-pve"),
        (Grub(default="saved", saved="gnulinux-6.8.12-9-pve-advanced-1", entries=MENU), "6.8.12-9-pve"),
        (Grub(default="gnulinux-advanced-1>gnulinux-6.8.12-9-pve-advanced-1", entries=MENU), "6.8.12-9-pve"),
        (Grub(default="Advanced options>Proxmox VE GNU/Linux, with Linux 6.8.12-9-pve"), "6.8.12-9-pve"),
        (Grub(once="gnulinux-6.8.12-9-pve-advanced-1", entries=MENU), "6.8.12-9-pve"),
        (Grub(default="1>3"), None),
    ],
)
def test_what_grub_was_told(grub: Grub, wanted: str | None) -> None:
    boot = replace(cases.boot(*TWO), grub=grub)
    assert next_kernel(boot) == wanted
    assert ("Nobody can tell" in said(boot)) == (wanted is None)


def test_a_menu_that_was_not_written_anew() -> None:
    boot = replace(cases.boot(*TWO), grub=Grub(first="vmlinuz-6.8.12-9-pve"))
    assert "update-grub" in said(boot)
    assert said(replace(boot, grub=Grub(first="vmlinuz-6.8.12-43-pve"))) == ""


def test_a_container_has_no_kernel_to_boot() -> None:
    assert (said(Boot("container", "6.1")), next_kernel(Boot("container", "6.1"))) == ("", None)


def test_what_a_package_brings() -> None:
    assert brought_by(["pve-manager", "proxmox-kernel-6.17.4-2-pve-signed", "proxmox-kernel-6.17"]) == "6.17.4-2-pve"
    assert brought_by(["proxmox-default-kernel"]) is None
    assert (series("6.17.4-2-pve"), series("6.8.12-9-pve")) == ("6.17", "6.8")
    assert next_kernel(with_kernel(synced(partition(*TWO)), "6.17.4-2-pve")) == "6.17.4-2-pve"
    assert said(with_kernel(synced(partition(*TWO)), "6.17.4-2-pve")) == ""
