"""node_disk_info: the disk that is meant, and never the one that is replaced."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.module_utils.decide.node.disk import choose
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.disk import Disk, Use


def disk(name: str, used: Use | None = None) -> Disk:
    return Disk(f"/dev/{name}", (f"/dev/disk/by-id/{name}",), 10**12, None, name.upper(), None, False, used)


def test_by_name() -> None:
    assert choose([disk("sda", "ceph"), disk("sdb")], "SDA", [])["device"] == "/dev/disk/by-id/sda"
    assert choose([disk("sda")], "SDX", [])["missing"] == [
        "there is no disk SDX, only /dev/disk/by-id/sda (1000 GB, serial SDA)"
    ]


def test_the_only_empty_one() -> None:
    assert choose([disk("sda", "ceph"), disk("sdb")], None, [])["device"] == "/dev/disk/by-id/sdb"
    assert "there is no empty disk" in choose([disk("sda", "ceph")], None, [])["missing"][0]
    assert "there are several empty disks" in choose([disk("sda"), disk("sdb")], None, [])["missing"][0]


def test_the_old_one_is_not_the_new_one() -> None:
    assert choose([disk("sda"), disk("sdb")], None, ["SDA"])["device"] == "/dev/disk/by-id/sdb"
    assert choose([disk("sda")], "SDA", ["/dev/sda"])["device"] is None
