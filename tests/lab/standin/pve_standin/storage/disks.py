"""The disks of this node and what already uses them.

The lab gives its nodes loop devices; their identity (serial, model, size, rotational) is in /etc/lab/disks.json.
A BlueStore device is reported the way upstream reports the logical volume of an OSD.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run

INVENTORY = Path("/etc/lab/disks.json")
BY_ID = Path("/dev/disk/by-id")


@dataclass(frozen=True)
class Probe:
    """What was found on and above a block device."""

    filesystem: str = ""
    partition_table: str = ""
    partitions: int = 0
    held: bool = False
    mounted: bool = False
    osd: int | None = None


@dataclass(frozen=True)
class Disk:
    """One disk: identity and findings."""

    device: str
    size: int
    serial: str = "unknown"
    model: str = "unknown"
    rotational: bool | None = None
    by_id: str | None = None
    probe: Probe = field(default_factory=Probe)


def classify(probe: Probe) -> str | None:
    """What uses the disk in upstream's words; None when nothing does."""
    known = {"LVM2_member": "LVM", "zfs_member": "ZFS", "ceph_bluestore": "LVM"}
    if probe.osd is not None:
        return "LVM"
    if probe.filesystem:
        return known.get(probe.filesystem, probe.filesystem)
    if probe.mounted:
        return "mounted"
    if probe.partitions:
        return "partitions"
    return "Device Mapper" if probe.held else None


def api_view(disk: Disk) -> dict[str, Any]:
    kinds = {True: "hdd", False: "ssd", None: "unknown"}
    view: dict[str, Any] = {
        "devpath": disk.device,
        "gpt": 1 if disk.probe.partition_table == "gpt" else 0,
        "health": "UNKNOWN",
        "model": disk.model,
        "osdid": -1 if disk.probe.osd is None else disk.probe.osd,
        "osdid-list": None if disk.probe.osd is None else [disk.probe.osd],
        "rpm": 0 if disk.rotational is False else -1,
        "serial": disk.serial,
        "size": disk.size,
        "type": kinds[disk.rotational],
        "vendor": "unknown",
        "wearout": "N/A",
        "wwn": "unknown",
    }
    used = classify(disk.probe)
    if used:
        view["used"] = used
    if disk.by_id:
        view["by_id_link"] = disk.by_id
    if disk.probe.osd is not None:
        view["bluestore"] = 1
        view["osdencrypted"] = 0
    return view


def listing(skip_osds: bool = False) -> list[dict[str, Any]]:
    found = [api_view(_disk(entry)) for entry in _inventory()]
    return [view for view in found if not (skip_osds and view["osdid"] >= 0)]


def by_device(device: str) -> dict[str, Any] | None:
    """One disk of this node; None for a device that is none."""
    entry = next((entry for entry in _inventory() if os.path.realpath(entry["dev"]) == device), None)
    return api_view(_disk(entry)) if entry else None


def devices() -> list[str]:
    return [os.path.realpath(entry["dev"]) for entry in _inventory()]


def _inventory() -> list[dict[str, Any]]:
    if not INVENTORY.exists():
        return []
    entries = json.loads(INVENTORY.read_text(encoding="utf-8"))
    return [dict(entry) for entry in entries if os.path.exists(entry["dev"])]


def _disk(entry: dict[str, Any]) -> Disk:
    device = os.path.realpath(entry["dev"])
    return Disk(
        device=device,
        size=size_of(device),
        serial=entry.get("serial", "unknown"),
        model=entry.get("model", "unknown"),
        rotational=entry.get("rotational"),
        by_id=_by_id(device),
        probe=probe(device),
    )


def _by_id(device: str) -> str | None:
    links = sorted(BY_ID.iterdir()) if BY_ID.is_dir() else []
    return next((str(link) for link in links if os.path.realpath(str(link)) == device), None)


def _sysfs(device: str) -> Path:
    number = os.stat(device).st_rdev
    return Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")


def size_of(device: str) -> int:
    return int((_sysfs(device) / "size").read_text()) * 512


def probe(device: str) -> Probe:
    signatures = _signatures(device)
    folder = _sysfs(device)
    filesystem = signatures.get("TYPE", "")
    table = signatures.get("PTTYPE", "")
    label = bluestore_label(device) if filesystem == "ceph_bluestore" else None
    return Probe(
        filesystem=filesystem,
        partition_table=table,
        partitions=_partitions(device) if table else 0,
        held=any((folder / "holders").iterdir()) if (folder / "holders").is_dir() else False,
        mounted=_mounted(device),
        osd=int(label["whoami"]) if label and "whoami" in label else None,
    )


def _signatures(device: str) -> dict[str, str]:
    found = run(["/sbin/blkid", "--probe", "--output", "export", device], check=False)
    return dict(line.split("=", 1) for line in found.stdout.splitlines() if "=" in line)


def _partitions(device: str) -> int:
    table = run(["/sbin/sfdisk", "--json", device], check=False)
    return len(json.loads(table.stdout)["partitiontable"].get("partitions", [])) if table.returncode == 0 else 0


def _mounted(device: str) -> bool:
    number = os.stat(device).st_rdev
    wanted = f"{os.major(number)}:{os.minor(number)}"
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    return any(line.split()[2] == wanted for line in mounts)


def bluestore_label(device: str) -> dict[str, Any] | None:
    """The label of a BlueStore device; None when there is none, or no Ceph to read it."""
    if not os.access("/usr/bin/ceph-bluestore-tool", os.X_OK):
        return None
    shown = run(["/usr/bin/ceph-bluestore-tool", "show-label", "--dev", device], check=False)
    if shown.returncode != 0:
        return None
    return dict(next(iter(json.loads(shown.stdout).values())))


def wipe(device: str) -> None:
    """`wipedisk`: remove every signature from an unused disk."""
    view = by_device(device)
    if view is None:
        raise ApiError(500, f"unable to get device info for '{device}'")
    if view.get("used") in ("mounted", "Device Mapper"):
        raise ApiError(500, f"error wiping '{device}': device is in use")
    wiped = run(["/sbin/wipefs", "--all", device], check=False)
    if wiped.returncode != 0:
        raise ApiError(500, f"error wiping '{device}': {wiped.stderr.strip()}")
    run(["dd", "if=/dev/zero", f"of={device}", "bs=1M", "count=200"])
