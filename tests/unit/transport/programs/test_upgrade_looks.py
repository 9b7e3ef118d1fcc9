"""The two small programs that look at what no file tells: boot partitions, and what runs and is gone from the disk."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import boot_partitions, old_binaries


def test_a_program_that_was_replaced_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "sleeper"
    shutil.copy("/bin/sleep", program)
    process = subprocess.Popen([program, "60"])
    try:
        assert str(program) not in found(capsys)
        program.unlink()
        assert str(program) in found(capsys)
    finally:
        process.kill()
        process.wait()


def found(capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert old_binaries.main() == 0
    return [path for files in json.loads(capsys.readouterr().out).values() for path in files]


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/qemu.slice/100.scope\n", "100.scope"),
        ("0::/system.slice/pvedaemon.service\n", "pvedaemon.service"),
        ("0::/system.slice/system-ceph.slice/ceph-osd@3.service\n", "ceph-osd@3.service"),
        ("0::/\n", "no unit"),
    ],
)
def test_units(cgroup: str, unit: str) -> None:
    assert old_binaries.unit(cgroup) == unit


def test_code_counts_and_data_does_not() -> None:
    maps = (
        "7f1-7f2 r-xp 00000000 fe:00 12 /usr/lib/x86_64-linux-gnu/libc.so.6 (deleted)\n"
        "7f3-7f4 rw-p 00000000 00:01 13 /usr/share/data (deleted)\n"
        "7f5-7f6 rwxp 00000000 00:01 14 /memfd:code (deleted)\n"
    )
    assert old_binaries.MAPPED.findall(maps) == ["/usr/lib/x86_64-linux-gnu/libc.so.6"]


def test_a_disk_that_is_gone_and_a_partition_that_cannot_be_mounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(boot_partitions, "DEVICES", str(tmp_path))
    (tmp_path / "A1B2-0001").write_text("no file system")
    assert boot_partitions.main("A1B2-0001", "C3D4-0002", "../etc") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["C3D4-0002"] == {"present": False}
    assert told["A1B2-0001"]["present"]
    assert told["A1B2-0001"]["error"]
    assert len(told) == 2


@pytest.mark.parametrize(("text", "wanted"), [("timeout 3\ndefault proxmox-*\n", "proxmox-*"), ("timeout 3\n", None)])
def test_loader_conf(text: str, wanted: str | None) -> None:
    assert boot_partitions.default(text) == wanted


def test_what_a_partition_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell's words on a folder in the place of a mounted partition."""
    (tmp_path / "loader/entries").mkdir(parents=True)
    (tmp_path / "loader/loader.conf").write_text("timeout 3\ndefault proxmox-*\n")
    for release, words in (("6.8", "root=ZFS=rpool intel_iommu=on"), ("6.14", "root=ZFS=rpool")):
        entry = f"title Proxmox\nlinux /EFI/{release}\noptions  {words}\n"
        (tmp_path / f"loader/entries/proxmox-{release}.conf").write_text(entry)
    look = boot_partitions.LOOK.split("cd /mnt/esp || exit 1\n")[1]
    monkeypatch.setattr(boot_partitions, "DEVICES", str(tmp_path.parent))
    monkeypatch.setattr(boot_partitions, "LOOK", f'cd "$1" || exit 1\n{look}')
    real = boot_partitions.run
    monkeypatch.setattr(boot_partitions, "run", lambda *argv: real(*argv[argv.index("sh") :]))
    told = boot_partitions.look(str(tmp_path))
    assert told["options"] == ["root=ZFS=rpool", "root=ZFS=rpool intel_iommu=on"]
    assert (told["default"], told["grub"], len(told["files"])) == ("proxmox-*", None, 3)
