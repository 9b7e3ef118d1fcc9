"""What becomes of a guest's volumes when it grows, is copied, or becomes a template."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pve_standin.core.errors import ApiError
from pve_standin.guest import disk
from pve_standin.storage import manage
from pve_standin.storage.volumes import next_disk_name, split_volid

_FOLDERS = ("dir", "nfs", "cifs")


def grow(text: str, wanted: str, *, equal_is_wrong: bool = False) -> str:
    """The drive with its new size, from '32G' or '+4G'."""
    if "media=cdrom" in text:
        raise ApiError(500, "you can't resize a cdrom")
    before = disk.size_bytes(text)
    number = re.fullmatch(r"(\+?)(\d+(?:\.\d+)?)([KMGT]?)", wanted)
    if number is None:
        raise ApiError(500, f"unable to parse size '{wanted}'")
    size = int(float(number[2]) * (1 << {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}[number[3]]))
    size += before if number[1] else 0
    if size < before:
        raise ApiError(500, "shrinking disks is not supported")
    if size == before:
        if equal_is_wrong:
            raise ApiError(500, "disk is already at specified size")
        return text
    volume = disk.split(text)[0]
    storage, name = split_volid(volume)
    chosen = manage.usable(storage)
    if chosen.type.name in _FOLDERS and Path(chosen.path(name)).is_file():
        os.truncate(chosen.path(name), size)
    print("Image resized.", flush=True)
    return re.sub(r"(^|,)size=[^,]*", rf"\g<1>size={disk.size_text(size >> 10)}", text)


def copy(text: str, vmid: int, storage: str) -> str:
    """A drive of another guest's own, as large."""
    volume, options = disk.split(text)
    source, name = split_volid(volume)
    chosen = manage.usable(storage or source)
    size = disk.size_bytes(text) >> 10
    if "-cloudinit" in name:
        suffix = ".raw" if chosen.type.name in _FOLDERS else ""
        made = chosen.alloc(vmid, f"vm-{vmid}-cloudinit{suffix}", None, size or 4096)
    else:
        made = chosen.alloc(vmid, None, _form(name) if not storage else None, size)
    print(f"create full clone of drive ({volume})", flush=True)
    return ",".join([f"{chosen.name}:{made}", *options])


def _form(name: str) -> str | None:
    return "qcow2" if name.endswith(".qcow2") else None


def link(text: str, vmid: int) -> str:
    """A drive that only holds what differs from that of its template."""
    volume, options = disk.split(text)
    storage, name = split_volid(volume)
    if "base-" not in name:
        raise ApiError(500, f"Linked clone feature is not supported for drive '{volume}'")
    chosen = manage.usable(storage)
    if chosen.type.name in _FOLDERS and not name.endswith(".qcow2"):
        raise ApiError(500, f"Linked clone feature is not supported for '{volume}'")
    form = "qcow2" if chosen.type.name in _FOLDERS else None
    made = chosen.alloc(vmid, None, form, disk.size_bytes(text) >> 10)
    print(f"create linked clone of drive ({volume})", flush=True)
    return ",".join([f"{storage}:{name}/{made}" if form else f"{storage}:{made}", *options])


def to_base(text: str) -> str:
    """The drive of a template: its volume is called base-..., and only read."""
    volume, options = disk.split(text)
    storage, name = split_volid(volume)
    chosen = manage.usable(storage)
    if chosen.type.name not in _FOLDERS or "-cloudinit" in name:
        return text
    base = re.sub(r"(^|/)vm-(\d+)-", r"\1base-\2-", name)
    Path(chosen.path(name)).rename(chosen.path(base))
    return ",".join([f"{storage}:{base}", *options])


def clones_of(vmid: int, configs: list[str]) -> bool:
    return any(re.search(rf"[:/]base-{vmid}-[^,\s]*/(\d+/)?vm-", text) for text in configs)


def subvolume(vmid: int, storage: str, gib: str) -> str:
    """The root file system of a container, or a mount point."""
    chosen = manage.usable(storage)
    if "rootdir" not in chosen.storage["content"]:
        raise ApiError(500, f"storage '{storage}' does not support container directories")
    kib = round(float(gib) * (1 << 20))
    taken = [volume.volid.partition(":")[2] for volume in chosen.volumes()]
    name = next_disk_name([one for one in taken if f"-{vmid}-" in one], vmid)
    made = chosen.alloc(vmid, f"{name}.raw" if chosen.type.name in _FOLDERS else None, None, kib)
    return f"{storage}:{made},size={disk.size_text(kib)}"
