"""What a destroy frees, and what of that a backup holds."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.backup import (
    freed,
    lost,
    missing_in_log,
    owner_of,
    volumes_of,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import GuestKind
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.release import GuestTask

from ....doubles import fleet_cases as cases
from ....doubles.api_server import api_transcript

WITHOUT_DATA, OF_ANOTHER = "backup-without-the-data", "volume-of-another-guest"
GUESTS: dict[int, tuple[GuestKind, str]] = {311: ("lxc", "lxc-311.json"), 312: ("qemu", "qemu-312.json")}


@pytest.mark.parametrize("vmid", [311, 312])
def test_a_backup_holds_what_the_configuration_says(vmid: int) -> None:
    right = cases.right(WITHOUT_DATA)
    kind, file = GUESTS[vmid]
    volumes = list(volumes_of(kind, cases.data(WITHOUT_DATA, file)))
    assert sorted(one.key for one in freed(vmid, volumes)) == sorted(right["freed_by_destroy"][str(vmid)])
    assert sorted(one.key for one in freed(vmid, volumes) if one.kept) == sorted(right["in_backup"][str(vmid)])
    assert sorted(one.key for one in lost(vmid, volumes)) == sorted(right["lost"][str(vmid)])
    assert not {one.key for one in volumes} & set(right["never_freed"].get(str(vmid), ()))


def test_the_log_of_a_backup_is_read_as_well() -> None:
    right = cases.right(WITHOUT_DATA)["verify_task_log_311"]
    log = cases.text(WITHOUT_DATA, "task-log-311.txt").splitlines()
    volumes = freed(311, volumes_of("lxc", cases.data(WITHOUT_DATA, "lxc-311.json")))
    assert [one.key for one in missing_in_log("lxc", log, volumes)] == right["topics"]
    assert [one.key for one in missing_in_log("lxc", log[3:], volumes)] == ["mp0", "mp1", "rootfs"]


def test_a_disk_is_included_only_by_its_key_and_its_volume() -> None:
    (disk,) = freed(312, volumes_of("qemu", {"scsi0": "shared:302/base-302-disk-0.qcow2/312/vm-312-disk-0.qcow2"}))
    include = f"INFO: include disk 'scsi0' '{disk.id}' 1536M"
    assert missing_in_log("qemu", [include], [disk]) == ()
    assert missing_in_log("qemu", [include.replace("disk-0", "disk-1")], [disk]) == (disk,)
    excluded = f"INFO: exclude disk 'scsi0' '{disk.id}' (backup=no)"
    assert missing_in_log("qemu", [include, excluded], [disk]) == (disk,)


def test_a_volume_goes_with_the_guest_in_its_name() -> None:
    right = cases.right(OF_ANOTHER)
    assert {volume: owner_of(volume) for volume in right["owner_of"]} == right["owner_of"]
    for vmid, volumes in right["freed_by_destroy"].items():
        config = cases.data(OF_ANOTHER, f"qemu-{vmid}.json")
        assert [one.id for one in freed(int(vmid), volumes_of("qemu", config))] == volumes


@pytest.mark.parametrize(
    ("volume", "owner"),
    [
        ("local:100/base-100-disk-0.raw/101/vm-101-disk-0.qcow2", 101),
        ("zfs:base-100-disk-0/vm-101-disk-0", 101),
        ("zfs:subvol-105-disk-0", 105),
        ("dir:105/notes.qcow2", 105),
        ("dir:105/vm-106-disk-0.qcow2", 105),
        ("lun:0.0.1.scsi-36001405", None),
        ("/dev/disk/by-id/ata-105", None),
        ("none", None),
    ],
)
def test_names_of_volumes(volume: str, owner: Any) -> None:
    assert owner_of(volume) == owner


def test_what_only_a_snapshot_or_a_suspended_machine_has_is_lost_and_can_be_given_up() -> None:
    volumes = [
        *volumes_of("qemu", {"scsi0": "a:vm-105-disk-0", "vmstate": "a:vm-105-state-suspend", "bios": "ovmf"}),
        *volumes_of("qemu", {"scsi0": "a:vm-105-disk-0", "scsi1": "file=a:vm-105-disk-1"}, "s1"),
    ]
    assert [str(one) for one in lost(105, volumes)] == [
        "vmstate (a:vm-105-state-suspend)",
        "s1:scsi1 (a:vm-105-disk-1)",
    ]
    assert lost(105, volumes, ["vmstate", "s1:scsi1"]) == ()


@pytest.mark.parametrize(("value", "kept"), [("0", False), ("no", False), ("1", True), ("off", False)])
def test_a_disk_can_be_left_out(value: str, kept: bool) -> None:
    (disk,) = volumes_of("qemu", {"virtio0": f"a:vm-105-disk-0,backup={value},size=1G"})
    assert disk.kept is kept


def test_firmware_variables_are_held_where_the_firmware_is_used() -> None:
    config = {"efidisk0": "a:vm-105-disk-1,size=4M", "tpmstate0": "a:vm-105-disk-2,version=v2.0", "bios": "ovmf"}
    assert all(one.kept for one in volumes_of("qemu", config))


def test_the_log_of_a_real_backup_says_what_it_holds_and_where() -> None:
    """And the storage names that archive so that it is known again."""
    task = api_transcript("459rf-guests-ct-backup")["task"]
    (row,) = api_transcript("459rh-guests-storage-content-backup")["body"]["data"]
    found = GuestTask(task["upid"], "pve1", task["type"], 0, task["exitstatus"], tuple(task["log"]))
    volumes = list(
        volumes_of("lxc", {"rootfs": "local:500/vm-500-disk-0.raw,size=1G", "mp0": "a:vm-500-disk-1,mp=/srv"})
    )
    assert [one.key for one in missing_in_log("lxc", found.log, volumes)] == ["mp0"]
    assert row["volid"].endswith(f"/{found.archive}") and row["protected"] == 1
    assert "INFO: status = running" in found.log, "such a one is not the last"


def test_a_disk_that_a_real_backup_included_does_not_make_it_a_good_one() -> None:
    task = api_transcript("369by-pools-token-vzdump")["task"]
    disk = "shared:302/base-302-disk-0.qcow2/312/vm-312-disk-0.qcow2"
    assert missing_in_log("qemu", task["log"], volumes_of("qemu", {"scsi0": f"{disk},size=1536M"})) == ()
    assert task["exitstatus"] == "job errors"
