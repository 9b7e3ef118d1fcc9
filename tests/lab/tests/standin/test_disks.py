"""What uses a disk, and how a disk is shown."""

from __future__ import annotations

from typing import Optional

import pytest
from pve_standin.storage.disks import Disk, Probe, api_view, classify

from .support import loaded


@pytest.mark.parametrize(
    ("probe", "used"),
    [
        (Probe(), None),
        (Probe(filesystem="ext4"), "ext4"),
        (Probe(filesystem="ext4", mounted=True), "ext4"),
        (Probe(mounted=True), "mounted"),
        (Probe(filesystem="LVM2_member"), "LVM"),
        (Probe(filesystem="zfs_member"), "ZFS"),
        (Probe(partition_table="gpt", partitions=2), "partitions"),
        (Probe(partition_table="gpt"), None),
        (Probe(held=True), "Device Mapper"),
        (Probe(filesystem="ceph_bluestore", osd=3), "LVM"),
    ],
)
def test_use(probe: Probe, used: Optional[str]) -> None:
    assert classify(probe) == used


def test_an_unknown_disk_is_shown_as_recorded() -> None:
    wanted = loaded("disks-list.json")[0]
    assert api_view(Disk(wanted["devpath"], wanted["size"])) == wanted


def test_an_osd_is_shown_with_its_number() -> None:
    disk = Disk("/dev/loop0", 6 << 30, "S1", "M", False, "/dev/disk/by-id/lab-S1", Probe("ceph_bluestore", osd=4))
    view = api_view(disk)
    assert (view["osdid"], view["osdid-list"], view["used"], view["type"]) == (4, [4], "LVM", "ssd")
    assert view["by_id_link"] == "/dev/disk/by-id/lab-S1"
