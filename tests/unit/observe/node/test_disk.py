"""disks: what lsblk prints → the disks of a node."""

from __future__ import annotations

import json
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.disk import Disk, as_document, find_disk
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node import disk as disks
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node.disk import observe_disks

from ....doubles.support import FakeNode, printed

DEVICE_NODES = """\
/dev/disk/by-id/wwn-0x5000\t../../sda
/dev/disk/by-id/ata-SSD_1\t../../sda
/dev/disk/by-id/ata-SSD_1-part1\t../../sda1
/dev/disk/by-id/lab-PVE1D0\t../../loop20
/dev/disk/by-id/lost-and-gone\t../../sdx
/dev/sda\t
/dev/sda1\t
/dev/sdb\t
/dev/sr0\t
/dev/zram0\t
/dev/loop20\t
"""


def device(name: str, kind: str = "disk", **fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("model", "serial", "wwn", "pttype", "fstype", "mountpoint"))
    return {"name": name, "path": f"/dev/{name}", "type": kind, "size": 1 << 30, "rota": False, **empty, **fields}


def node(*devices: dict[str, Any]) -> FakeNode:
    listed = printed(json.dumps({"blockdevices": devices}))
    return FakeNode(commands={disks.LSBLK: listed, disks.DEVICE_NODES: printed(DEVICE_NODES)})


def test_a_disk_keeps_its_identity_and_all_its_stable_names() -> None:
    found = observe_disks(node(device("sda", model="SSD ", serial="1", wwn="0x5000", rota=True, size=512110190592)))
    assert found == (
        Disk(
            path="/dev/sda",
            by_id=("/dev/disk/by-id/ata-SSD_1", "/dev/disk/by-id/wwn-0x5000"),
            size=512110190592,
            model="SSD",
            serial="1",
            wwn="0x5000",
            rotational=True,
            used=None,
        ),
    )
    assert found[0].free


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(device("vda"), id="no device node here: the disk of a container's host"),
        pytest.param(device("sr0", "rom"), id="CD-ROM"),
        pytest.param(device("zram0"), id="compressed memory"),
        pytest.param(device("loop20", "loop"), id="loop device, even one with a stable name"),
    ],
)
def test_what_is_no_disk_of_this_node(listed: dict[str, Any]) -> None:
    assert observe_disks(node(listed)) == ()


def part(**fields: Any) -> dict[str, Any]:
    return device("sda1", "part", pttype="gpt", **fields)


@pytest.mark.parametrize(
    ("fields", "used"),
    [
        ({}, None),
        ({"fstype": "ext4"}, "filesystem"),
        ({"fstype": "swap"}, "swap"),
        ({"fstype": "ceph_bluestore"}, "ceph"),
        ({"fstype": "zfs_member"}, "ZFS"),
        ({"fstype": "linux_raid_member"}, "RAID"),
        ({"fstype": "crypto_LUKS"}, "encrypted"),
        ({"fstype": "mpath_member", "children": [device("mpatha", "mpath")]}, "multipath"),
        ({"fstype": "LVM2_member"}, "LVM"),
        ({"fstype": "LVM2_member", "children": [device("pve-data", "lvm")]}, "LVM"),
        ({"fstype": "LVM2_member", "children": [device("ceph--1-osd--block--2", "lvm")]}, "ceph"),
        ({"fstype": "LVM2_member", "children": [device("pve-root", "lvm", fstype="ext4", mountpoint="/")]}, "mounted"),
        ({"pttype": "gpt"}, "partitions"),
        ({"pttype": "gpt", "children": [part()]}, "partitions"),
        ({"pttype": "gpt", "children": [part(fstype="ext4")]}, "partitions"),
        ({"pttype": "gpt", "children": [part(fstype="zfs_member")]}, "ZFS"),
        ({"pttype": "gpt", "children": [part(fstype="vfat", mountpoint="/boot/efi")]}, "mounted"),
        ({"children": [device("secret", "crypt")]}, "device mapper"),
    ],
)
def test_what_a_disk_is_used_for(fields: dict[str, Any], used: Optional[str]) -> None:
    assert observe_disks(node(device("sda", **fields)))[0].used == used


def test_signatures_and_mountpoints_of_the_whole_family() -> None:
    children = [part(fstype="vfat", mountpoint="/boot/efi"), part(fstype="ext4", mountpoint="/")]
    found = observe_disks(node(device("sda", pttype="gpt", children=children)))[0]
    assert found.signatures == ("ext4", "gpt", "vfat")
    assert found.mountpoints == ("/", "/boot/efi")


@pytest.mark.parametrize("name", ["/dev/sda", "/dev/disk/by-id/ata-SSD_1", "1", "0x5000"])
def test_a_disk_is_found_by_any_of_its_names(name: str) -> None:
    found = observe_disks(node(device("sda", serial="1", wwn="0x5000"), device("sdb")))
    assert find_disk(found, name) == found[0]


def test_a_name_that_is_not_unique_finds_nothing() -> None:
    assert find_disk(observe_disks(node(device("sda", serial="1"), device("sdb", serial="1"))), "1") is None


def test_the_document_of_a_disk_is_json() -> None:
    document = as_document(observe_disks(node(device("sda")))[0])
    assert json.loads(json.dumps(document)) == document


def test_a_node_without_lsblk_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="could not list the disks"):
        observe_disks(FakeNode())


@pytest.mark.parametrize(
    ("written", "used", "signatures"),
    [
        ([], None, ()),
        (["ext4"], "filesystem", ("ext4",)),
        (["dos"], "partitions", ("dos",)),
        (["gpt", "gpt", "PMBR"], "partitions", ("PMBR", "gpt")),
        (["ceph_bluestore"], "ceph", ("ceph_bluestore",)),
        (["gpt", "zfs_member"], "ZFS", ("gpt", "zfs_member")),
    ],
)
def test_what_is_written_on_a_disk_counts_when_lsblk_does_not_know_it(
    written: list[str], used: Optional[str], signatures: tuple[str, ...]
) -> None:
    here = node(device("sdb"), device("sda"))
    found = [{"device": "sdb", "offset": "0x438", "type": kind, "uuid": None, "label": None} for kind in written]
    here.commands[(*disks.WIPEFS, "/dev/sda", "/dev/sdb")] = printed(json.dumps({"signatures": found}))
    assert [(disk.used, disk.signatures) for disk in observe_disks(here)] == [(None, ()), (used, signatures)]


LUN = "/dev/disk/by-path/ip-192.0.2.6:3260-iscsi-iqn.2003-01.org.example:x-lun-1\t../../sdb\n"


@pytest.mark.parametrize(
    ("storages", "used"),
    [
        pytest.param("iscsi: san\n\tportal 192.0.2.6\n\ttarget iqn.2003-01.org.example:x\n", "iSCSI", id="a storage"),
        pytest.param("iscsi: san\n\tportal 192.0.2.6\n\ttarget iqn.2003-01.org.example:y\n", None, id="another"),
        pytest.param("", None, id="none"),
    ],
)
def test_a_lun_of_a_storage_is_not_free_though_nothing_shows_on_it(storages: str, used: Optional[str]) -> None:
    """A guest that has it as its disk may have written anything, or nothing yet."""
    at = node(device("sda"), device("sdb"))
    at.commands[disks.DEVICE_NODES] = printed(DEVICE_NODES + LUN)
    at.files["/etc/pve/storage.cfg"] = storages
    local, lun = observe_disks(at)
    assert local.free and (lun.used, lun.free) == (used, used is None)
    assert [use.startswith("the storage san of Proxmox VE") for use in lun.in_use_by] == [True] * bool(used)
