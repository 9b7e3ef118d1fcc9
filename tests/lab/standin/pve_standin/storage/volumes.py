"""Volumes: their names on a storage of files, and what the API says about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pve_standin.core.errors import ApiError

FOLDERS = {
    "images": "images",
    "rootdir": "private",
    "vztmpl": "template/cache",
    "iso": "template/iso",
    "backup": "dump",
    "snippets": "snippets",
    "import": "import",
}
"""Where a storage of files keeps each content type."""

PROTECTED = ".protected"
"""A backup beside which there is an empty file of its name with this ending is neither removed nor pruned."""

_ARCHIVES = {".tar.gz": "tgz", ".tgz": "tgz", ".tar.xz": "txz", ".tar.zst": "tzst", ".tar.bz2": "tbz2"}
_PATTERNS = {
    "iso": re.compile(r".+\.(iso|img)$", re.IGNORECASE),
    "vztmpl": re.compile(r".+\.(tar\.(gz|xz|zst|bz2)|tgz)$"),
    "backup": re.compile(r"^vzdump-(qemu|lxc|openvz)-(\d+)-.+\.(vma|tar|tgz)(\.\w+)?$"),
    "snippets": re.compile(r".+"),
    "import": re.compile(r".+\.(ova|qcow2|raw|vmdk)$"),
}
_IMAGE = re.compile(r"^(vm|base|subvol)-(\d+)-.+\.(raw|qcow2|vmdk|subvol)$")
_GUEST_VOLUME = re.compile(r"^(vm|base|subvol)-(\d+)-\S+$")
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}


@dataclass(frozen=True)
class Volume:
    """One volume as the content listing shows it."""

    volid: str
    content: str
    format: str
    size: int
    ctime: int | None = None
    vmid: int | None = None
    protected: bool = False

    def api_view(self) -> dict[str, Any]:
        view: dict[str, Any] = {
            "volid": self.volid,
            "content": self.content,
            "format": self.format,
            "size": self.size,
        }
        if self.ctime is not None:
            view["ctime"] = self.ctime
        if self.vmid is not None:
            view["vmid"] = self.vmid
        if self.protected:
            view["protected"] = 1
        return view


def split_volid(volid: str) -> tuple[str, str]:
    """Storage and volume name of 'storage:volume'."""
    storage, colon, volume = volid.partition(":")
    if not colon or not volume or not re.match(r"^[a-z][a-z0-9\-_.]*[a-z0-9]$", storage, re.IGNORECASE):
        raise ApiError(500, f"unable to parse volume ID '{volid}'")
    return storage, volume


def file_volume(content: str, name: str) -> tuple[str, int | None] | None:
    """Format and owner of a file in a content folder, None when it is not a volume of that type."""
    pattern = _PATTERNS.get(content)
    match = pattern.match(name) if pattern else None
    if not match:
        return None
    if content == "backup":
        return ".".join(part for part in (match.group(3), (match.group(4) or "")[1:]) if part), int(match.group(2))
    if content == "vztmpl":
        return next(kind for suffix, kind in _ARCHIVES.items() if name.endswith(suffix)), None
    return {"iso": "iso", "snippets": "snippet"}.get(content, name.rpartition(".")[2]), None


def image_volume(name: str) -> tuple[str, int] | None:
    """Format and owner of a guest's image file."""
    match = _IMAGE.match(name)
    return (match.group(3), int(match.group(2))) if match else None


def owner(volume: str) -> int | None:
    """The guest a volume of a block storage belongs to."""
    match = _GUEST_VOLUME.match(volume)
    return int(match.group(2)) if match else None


def relative_path(volume: str) -> str:
    """Where a volume of a storage of files lies below its root."""
    head, slash, name = "/".join(volume.split("/")[-2:]).partition("/")
    if slash and head.isdigit() and image_volume(name):
        return f"{FOLDERS['images']}/{head}/{name}"
    if slash and head in FOLDERS and file_volume(head, name):
        return f"{FOLDERS[head]}/{name}"
    raise ApiError(500, f"unable to parse directory volume name '{volume}'")


def next_disk_name(taken: list[str], vmid: int, suffix: str = "") -> str:
    """The first free vm-<vmid>-disk-<n>."""
    stems = {name.rsplit("/", 1)[-1].split(".", 1)[0] for name in taken}
    for number in range(1000):
        stem = f"vm-{vmid}-disk-{number}"
        if stem not in stems:
            return stem + suffix
    raise ApiError(500, f"unable to allocate an image name for VM {vmid}: too many disks")


def size_in_kib(text: str) -> int:
    """A size as `pvesm alloc` takes it: KiB, or with a unit M or G (also K and T)."""
    match = re.match(r"^(\d+(?:\.\d+)?)\s*([KMGT]?)$", text)
    if not match:
        raise ApiError(500, f"unable to parse size '{text}'")
    unit = match.group(2) or "K"
    return int(float(match.group(1)) * _UNITS[unit]) // 1024
