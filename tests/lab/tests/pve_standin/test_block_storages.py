"""Storages that need a kernel: what LVM, open-iscsi and Samba print, and what they are told.

Printed lines are of Debian 13's programs. What is told follows upstream's LVMPlugin, LvmThinPlugin, ISCSIPlugin and
CIFSPlugin of pve-storage 9.1.7; no transcript has these types.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from pve_standin.core.errors import ApiError
from pve_standin.storage import cifs, iscsi, lvm, secrets
from pve_standin.storage.trees import Usage

TARGET = "iqn.2026-01.test.lab:store"
GROUPS = [{"vg_name": "vgdata", "vg_size": "6438256640", "vg_free": "6404702208"}]
VOLUMES = [
    {"lv_name": "theirs", "lv_size": "33554432", "lv_attr": "-wi-a-----", "lv_tags": ""},
    {"lv_name": "vm-100-disk-0", "lv_size": "67108864", "lv_attr": "-wi-------", "lv_tags": "pve-vm-100"},
    {"lv_name": "vm-101-disk-0", "lv_size": "67108864", "lv_attr": "-wi-------", "lv_tags": ""},
    {"lv_name": "pool", "lv_size": "2147483648", "lv_attr": "twi-aotz--", "lv_tags": "", "data_percent": "1.56"},
    {"lv_name": "vm-102-disk-0", "lv_size": "67108864", "lv_attr": "Vwi-a-tz--", "lv_tags": "", "pool_lv": "pool"},
]
REPORTS = {
    "/sbin/vgs": {"report": [{"vg": GROUPS}]},
    "/sbin/lvs": {"report": [{"lv": [{"pool_lv": "", "data_percent": "", "lv_time": "1", **row} for row in VOLUMES]}]},
}


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was run; LVM's reports are answered, all else succeeds."""
    told: list[list[str]] = []

    def run(argv: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        told.append(argv)
        return subprocess.CompletedProcess(argv, 0, json.dumps(REPORTS.get(argv[0], "")), "")

    monkeypatch.setattr(lvm, "run", run)
    return told


def test_a_volume_group_shows_the_volumes_of_guests() -> None:
    storage = lvm.LvmBackend("disks", {"type": "lvm", "vgname": "vgdata"})
    assert storage.usage() == Usage(total=6438256640, used=33554432, avail=6404702208)
    assert [(volume.volid, volume.vmid) for volume in storage.volumes()] == [
        ("disks:vm-100-disk-0", 100),
        ("disks:vm-101-disk-0", 101),
    ]
    tagged = lvm.LvmBackend("disks", {"type": "lvm", "vgname": "vgdata", "tagged_only": 1})
    assert [volume.vmid for volume in tagged.volumes()] == [100]
    assert lvm.LvmBackend("gone", {"type": "lvm", "vgname": "nosuch"}).usage() is None


def test_a_thin_pool_shows_its_own_volumes_only() -> None:
    storage = lvm.LvmThinBackend("thin", {"type": "lvmthin", "vgname": "vgdata", "thinpool": "pool"})
    assert storage.usage() == Usage(total=2147483648, used=33500744, avail=2113982904)
    assert [volume.volid for volume in storage.volumes()] == ["thin:vm-102-disk-0"]
    with pytest.raises(ApiError, match="no such logical volume vgdata/other"):
        lvm.LvmThinBackend("thin", {"type": "lvmthin", "vgname": "vgdata", "thinpool": "other"}).activate()


def test_volumes_are_made_under_the_next_free_name(programs: list[list[str]]) -> None:
    assert lvm.LvmBackend("disks", {"type": "lvm", "vgname": "vgdata"}).alloc(100, None, None, 1024) == "vm-100-disk-1"
    assert programs[-1] == [
        *["/sbin/lvcreate", "-aly", "-Wy", "--yes", "--size", "1024k", "--name", "vm-100-disk-1"],
        *["--setautoactivation", "n", "--addtag", "pve-vm-100", "vgdata"],
    ]


def test_with_saferemove_zeros_are_written_before_a_volume_goes(programs: list[list[str]]) -> None:
    storage = lvm.LvmBackend("disks", {"type": "lvm", "vgname": "vgdata", "saferemove": 1, "saferemove-stepsize": 2})
    storage.free("vm-100-disk-0")
    assert [words[0] for words in programs] == [
        "/sbin/lvrename",
        "/sbin/lvchange",
        "/sbin/blkdiscard",
        "/sbin/lvremove",
    ]
    assert programs[2][1:] == ["/dev/vgdata/del-vm-100-disk-0", "--zeroout", "--step", "2097152"]


def test_sessions_and_targets() -> None:
    printed = f"tcp: [1] 10.10.2.11:3260,1 {TARGET} (non-flash)\ntcp: [12] [fd00::1]:3260,1 iqn.x (non-flash)\n"
    assert iscsi.parse_sessions(printed) == {
        TARGET: [iscsi.Session(1, "10.10.2.11:3260")],
        "iqn.x": [iscsi.Session(12, "[fd00::1]:3260")],
    }
    offered = f"10.10.2.11:3260,1 {TARGET}\n10.10.1.11:3260,1 {TARGET}\n"
    assert iscsi.parse_targets(offered) == {TARGET: ["10.10.2.11:3260", "10.10.1.11:3260"]}


@pytest.mark.parametrize(
    ("portal", "address"),
    [
        ("10.10.2.11", ("10.10.2.11", 3260)),
        ("san.test:3261", ("san.test", 3261)),
        ("[fd00::1]", ("fd00::1", 3260)),
        ("[fd00::1]:3261", ("fd00::1", 3261)),
    ],
)
def test_portals(portal: str, address: tuple[str, int]) -> None:
    assert iscsi.address_of(portal) == address


def test_a_share_is_met_with_the_kept_password_or_as_a_guest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(secrets, "FOLDER", tmp_path)
    options = {"type": "cifs", "server": "fd00::1", "share": "files", "path": "/mnt/pve/files", "username": "u"}
    storage = cifs.CifsBackend("files", options)
    assert "guest,username=guest" in storage.mount_command() and "-N" in storage.check_command()
    (tmp_path / "files.pw").write_text("password=secret\n")
    mounted = storage.mount_command()
    assert mounted[3:5] == ["//[fd00::1]/files", "/mnt/pve/files"]
    assert mounted[-6:] == ["-o", "username=u", "-o", f"credentials={tmp_path / 'files.pw'}", "-o", "vers=default"]
    assert "secret" not in " ".join([*mounted, *storage.check_command()])
