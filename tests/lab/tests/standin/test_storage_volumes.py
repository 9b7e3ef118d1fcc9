"""Names of volumes, and what `pvesm` prints about storages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pve_standin.cli import pvesm
from pve_standin.core.errors import ApiError
from pve_standin.storage import volumes
from pve_standin.storage.directory import DirectoryBackend
from pve_standin.storage.scan import _export

from .support import loaded, text


def status_rows() -> list[dict[str, Any]]:
    """The recorded API answer with the figures of the recorded table."""
    rows = {row["storage"]: row for row in loaded("node-storage.json")}
    for line in text("pvesm-status.txt").splitlines()[1:]:
        name, _, _, total, used, avail, _ = line.split()
        rows[name].update(total=int(total) * 1024, used=int(used) * 1024, avail=int(avail) * 1024)
    return list(rows.values())


def test_status_table(capsys: pytest.CaptureFixture[str]) -> None:
    pvesm.render_status(status_rows(), {})
    assert capsys.readouterr().out == text("pvesm-status.txt")


def test_volume_ids() -> None:
    assert volumes.split_volid("local:iso/x.iso") == ("local", "iso/x.iso")
    with pytest.raises(ApiError, match="unable to parse volume ID 'x'"):
        volumes.split_volid("x")


@pytest.mark.parametrize(
    ("volume", "path"),
    [
        ("iso/a.iso", "template/iso/a.iso"),
        ("vztmpl/d.tar.zst", "template/cache/d.tar.zst"),
        ("100/vm-100-disk-0.raw", "images/100/vm-100-disk-0.raw"),
        ("backup/vzdump-qemu-100-2026_01_01-00_00_00.vma.zst", "dump/vzdump-qemu-100-2026_01_01-00_00_00.vma.zst"),
    ],
)
def test_where_a_file_lies(volume: str, path: str) -> None:
    assert volumes.relative_path(volume) == path


def test_a_file_that_is_no_volume() -> None:
    with pytest.raises(ApiError, match="unable to parse directory volume name 'iso/readme.txt'"):
        volumes.relative_path("iso/readme.txt")


def test_disk_names_fill_the_gaps() -> None:
    taken = ["vm-7-disk-0.raw", "vm-7-disk-2.raw"]
    assert volumes.next_disk_name(taken, 7, ".raw") == "vm-7-disk-1.raw"


@pytest.mark.parametrize(("size", "kib"), [("1024", 1024), ("1G", 1 << 20), ("2M", 2048), ("0.5G", 1 << 19)])
def test_sizes(size: str, kib: int) -> None:
    assert volumes.size_in_kib(size) == kib


def test_a_directory_storage_keeps_volumes(tmp_path: Path) -> None:
    storage = DirectoryBackend("d1", {"type": "dir", "path": str(tmp_path / "d1"), "content": ["images", "iso"]})
    storage.activate()
    volume = storage.alloc(100, None, None, 1024)
    source = tmp_path / "x.iso"
    source.write_bytes(b"x" * 10)
    assert storage.store("iso", source, "x.iso") == "d1:iso/x.iso"
    found = {item.volid: (item.content, item.size, item.vmid) for item in storage.volumes()}
    assert found == {
        "d1:100/vm-100-disk-0.raw": ("images", 1 << 20, 100),
        "d1:iso/x.iso": ("iso", 10, None),
    }
    assert storage.path(volume) == str(tmp_path / "d1/images/100/vm-100-disk-0.raw")
    storage.free(volume)
    assert [item.volid for item in storage.volumes()] == ["d1:iso/x.iso"]
    with pytest.raises(ApiError, match="does not exist"):
        storage.free(volume)


def test_a_directory_that_must_be_a_mount_point(tmp_path: Path) -> None:
    storage = DirectoryBackend("d1", {"type": "dir", "path": str(tmp_path), "content": [], "is_mountpoint": "yes"})
    with pytest.raises(ApiError, match="directory is expected to be a mount point but is not mounted"):
        storage.activate()


def test_an_export_with_blanks_in_its_path() -> None:
    assert _export("/data/my share  192.0.2.0/24,192.0.2.9") == {
        "path": "/data/my share",
        "options": "192.0.2.0/24,192.0.2.9",
    }
