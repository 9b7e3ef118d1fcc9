"""PCI devices of this node as sysfs shows them, with names from the pci.ids list when there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

DEVICES = Path("/sys/bus/pci/devices")
NAMES = Path("/usr/share/misc/pci.ids")
DEFAULT_HIDDEN = "05;06;0b"

Names = dict[tuple[str, str], str]


def listing(hidden: str = DEFAULT_HIDDEN) -> list[dict[str, Any]]:
    """All devices but those whose class starts with one of the given numbers."""
    classes = [item.lower() for item in hidden.replace(",", ";").split(";") if item]
    names = _names()
    found = [_device(path, names) for path in (sorted(DEVICES.iterdir()) if DEVICES.is_dir() else [])]
    return [device for device in found if not any(device["class"][2:].startswith(item) for item in classes)]


def find(address: str) -> dict[str, Any] | None:
    return next((device for device in listing("") if device["id"].startswith(address)), None)


def _read(path: Path, name: str) -> str:
    entry = path / name
    return entry.read_text(encoding="ascii").strip() if entry.exists() else ""


def _device(path: Path, names: Names) -> dict[str, Any]:
    group = path / "iommu_group"
    vendor, device = _read(path, "vendor"), _read(path, "device")
    sub_vendor, sub_device = _read(path, "subsystem_vendor"), _read(path, "subsystem_device")
    view: dict[str, Any] = {
        "id": path.name,
        "class": _read(path, "class"),
        "vendor": vendor,
        "device": device,
        "iommugroup": int(group.resolve().name) if group.exists() else -1,
        "subsystem_vendor": sub_vendor,
        "subsystem_device": sub_device,
    }
    if any((path / name).exists() for name in ("mdev_supported_types", "nvidia")):
        view["mdev"] = 1
    for key, name in (
        ("vendor_name", names.get((vendor, ""))),
        ("device_name", names.get((vendor, device))),
        ("subsystem_vendor_name", names.get((sub_vendor, ""))),
    ):
        if name:
            view[key] = name
    return view


def _names() -> Names:
    """(vendor, device) -> name; (vendor, '') -> the vendor's own."""
    found: Names = {}
    vendor = ""
    lines = NAMES.read_text(encoding="utf-8", errors="replace").splitlines() if NAMES.exists() else []
    for line in lines:
        if not line or line.startswith(("#", "\t\t")):
            continue
        if line.startswith("C "):
            break  # the list of classes follows
        number, _, name = line.strip().partition("  ")
        if line.startswith("\t"):
            found[(vendor, f"0x{number}")] = name
        else:
            vendor = f"0x{number}"
            found[(vendor, "")] = name
    return found
