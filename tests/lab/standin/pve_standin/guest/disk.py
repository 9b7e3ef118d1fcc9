"""Disks of virtual machines: allocating what a new drive asks for, freeing what a destroyed machine had."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pve_standin.core.errors import ApiError, parameter_error
from pve_standin.core.exec import run
from pve_standin.guest import config
from pve_standin.guest.config import Config
from pve_standin.storage import manage
from pve_standin.storage.volumes import Volume, split_volid

_NEW = re.compile(r"^([a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]):(\d+(?:\.\d+)?|cloudinit)$")
_FIXED_KIB = {"efidisk0": 4096, "tpmstate0": 4096}
_CLOUDINIT_KIB = 4096
_GIB_IN_KIB = 1 << 20


def split(value: str) -> tuple[str, list[str]]:
    """The volume of a drive and its other options."""
    volume, *options = value.split(",")
    return volume.partition("=")[2] if volume.startswith("file=") else volume, options


def attach(vmid: int, key: str, value: str) -> str:
    """The configuration of a drive as it is kept: with a volume, allocated if need be, and its size."""
    volume, options = split(value)
    new = _NEW.match(volume)
    if volume == "none" or volume.startswith("/dev/"):
        return value
    source = next((option.partition("=")[2] for option in options if option.startswith("import-from=")), None)
    if source is not None:
        return _import(vmid, key, volume, source, [one for one in options if not one.startswith("import-from=")])
    if new is None:
        return _existing(volume, options)
    return _allocate(vmid, key, new.group(1), new.group(2), options)


def check_imports(params: Mapping[str, Any]) -> None:
    """What is refused before the task begins."""
    wanted = "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>"
    for key, value in params.items():
        if config.is_disk(key) and ",import-from=" in str(value) and not split(str(value))[0].endswith(":0"):
            raise parameter_error({key: wanted})


def _import(vmid: int, key: str, volume: str, source: str, options: list[str]) -> str:
    """A disk of the size of the image. There is no qemu-img here: only a raw image becomes a raw disk with its data."""
    storage, _ = split_volid(volume)
    kib = max(_found(source).size // 1024, 1)
    made = _allocate(vmid, key, storage, str(kib / _GIB_IN_KIB), options)
    target = split(made)[0]
    if source.endswith(".raw") and target.endswith(".raw"):
        paths = [manage.usable(split_volid(one)[0]).path(split_volid(one)[1]) for one in (source, target)]
        run(["cp", "--sparse=always", *paths])
    return made


def _found(volume: str) -> Volume:
    """Of a linked clone its storage lists the last part."""
    storage, name = split_volid(volume)
    listed = f"{storage}:{'/'.join(name.split('/')[-2:])}"
    found = next((item for item in manage.usable(storage).volumes() if item.volid in (volume, listed)), None)
    if found is None:
        raise ApiError(500, f"volume '{volume}' does not exist")
    return found


def _allocate(vmid: int, key: str, storage: str, size: str, options: list[str]) -> str:
    chosen = manage.usable(storage)
    if "images" not in chosen.storage["content"]:
        raise ApiError(500, f"storage '{storage}' does not support content-type 'images'")
    form = next((option.partition("=")[2] for option in options if option.startswith("format=")), None)
    options = [option for option in options if not option.startswith("format=")]
    if size == "cloudinit":
        suffix = ".raw" if chosen.type.name in ("dir", "nfs", "cifs") else ""
        volume = chosen.alloc(vmid, f"vm-{vmid}-cloudinit{suffix}", None, _CLOUDINIT_KIB)
        if "media=cdrom" not in options:
            options.append("media=cdrom")
        return ",".join([f"{storage}:{volume}", *options])
    kib = _FIXED_KIB.get(key, round(float(size) * _GIB_IN_KIB))
    volume = chosen.alloc(vmid, None, form, kib)
    shown = f"{storage}:{volume},size={size_text(kib)}"
    print(f"{key}: successfully created disk '{shown}'", flush=True)
    return ",".join([f"{storage}:{volume}", *options, f"size={size_text(kib)}"])


def _existing(volume: str, options: list[str]) -> str:
    found = _found(volume)
    kept = [option for option in options if not option.startswith("size=")]
    return ",".join([volume, *kept, f"size={size_text(found.size // 1024)}"])


def size_text(kib: int) -> str:
    """The largest unit that gives a whole number."""
    for unit, factor in (("T", 1 << 30), ("G", 1 << 20), ("M", 1 << 10)):
        if kib >= factor and kib % factor == 0:
            return f"{kib // factor}{unit}"
    return f"{kib}K"


def size_bytes(value: str) -> int:
    """The size noted in a drive's configuration."""
    match = re.search(r"(?:^|,)size=(\d+)([KMGT])", value)
    return int(match.group(1)) << {"K": 10, "M": 20, "G": 30, "T": 40}[match.group(2)] if match else 0


def boot_disk_bytes(current: Config) -> int:
    """The size of the first disk in the boot order, else of the first disk there is."""
    order = re.sub(r"^order=", "", str(current.get("boot", ""))).split(";")
    keys = [key for key in [*order, *sorted(config.disk_keys(current))] if config.is_disk(key) and key in current]
    keys = [key for key in keys if not config.is_cdrom(str(current[key]))]
    return size_bytes(str(current[keys[0]])) if keys else 0


def owned_volumes(vmid: int, current: Config) -> list[str]:
    """Volumes that belong to the machine and go with it."""
    found = []
    for key in sorted(config.disk_keys(current)):
        volume, _ = split(str(current[key]))
        if re.search(rf"[:/](vm|base)-{vmid}-", volume):
            found.append(volume)
    return found


def free(volume: str) -> None:
    storage, name = split_volid(volume)
    manage.usable(storage).free(name)
