"""Disks that were selected by an expression, as wishes for OSDs."""

from __future__ import annotations

from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.osd import LEAST_BYTES, ceph_osds_on


def test_disks_are_named_by_what_stays() -> None:
    disks: list[dict[str, Any]] = [
        {"path": "/dev/sda", "by_id": ["/dev/disk/by-id/ata-A", "/dev/disk/by-id/wwn-A"], "size": LEAST_BYTES},
        {"path": "/dev/sdb", "by_id": [], "size": 10**13},
        {"path": "/dev/sdc"},
    ]
    assert [one["device"] for one in ceph_osds_on(disks)] == ["/dev/disk/by-id/ata-A", "/dev/sdb", "/dev/sdc"]


def test_what_is_too_small_was_not_meant() -> None:
    """The floppy drive and the empty slot among all that is unused."""
    small = [{"path": "/dev/fd0", "by_id": [], "size": 4096}, {"path": "/dev/sdb", "by_id": [], "size": 0}]
    assert ceph_osds_on(small) == []
