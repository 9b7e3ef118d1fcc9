"""Backups of guests. An archive holds the configuration and the names of the volumes that are in it, and no data."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pve_standin.core.errors import ApiError
from pve_standin.guest import config, disk, run_state
from pve_standin.guest.config import Config
from pve_standin.guest.copies import is_volume
from pve_standin.storage import manage
from pve_standin.storage.volumes import PROTECTED

_ENDINGS = {"qemu": "vma", "lxc": "tar"}
_PACKED = {"0": "", "1": ".lzo", "gzip": ".gz", "lzo": ".lzo", "zstd": ".zst"}


def make(vmid: int, params: Mapping[str, Any]) -> None:
    """The work of `vzdump`, with what it logs."""
    said = " ".join(f"--{key} {value}" for key, value in params.items() if key != "vmid")
    _log(f"starting new backup job: vzdump {vmid} {said}")
    entry = config.guests().get(vmid)
    if entry is None:
        print(f"ERROR: Backup of VM {vmid} failed - unable to find VM '{vmid}'", flush=True)
        _log("Backup job finished with errors")
        raise ApiError(500, "job errors")
    _one(vmid, entry["type"], params)
    _log("Backup job finished successfully")


def _one(vmid: int, kind: str, params: Mapping[str, Any]) -> None:
    now = time.localtime()
    found = config.read(vmid, None, kind)
    running = run_state.is_running(vmid)
    _log(f"Starting Backup of VM {vmid} ({kind})")
    _log(f"Backup started at {time.strftime('%Y-%m-%d %H:%M:%S', now)}")
    _log(f"status = {'running' if running else 'stopped'}")
    _log(f"backup mode: {params['mode']}")
    _log(f"{config.NOUNS[kind]} Name: {found.get('name', found.get('hostname'))}")
    held = list(_held(kind, found))
    name = f"vzdump-{kind}-{vmid}-{time.strftime('%Y_%m_%d-%H_%M_%S', now)}.{_ENDINGS[kind]}"
    name += _PACKED[str(params.get("compress", "0"))]
    _log(f"creating vzdump archive '{manage.usable(params['storage']).path(f'backup/{name}')}'")
    _store(params, name, {"config": found, "volumes": held})
    _log(f"Finished Backup of VM {vmid} (00:00:01)")


def _held(kind: str, found: Config) -> Iterator[str]:
    for key, value in sorted(found.items()):
        if kind == "lxc" and (key == "rootfs" or key.startswith("mp")):
            yield from _mount_point(key, str(value))
        elif kind == "qemu" and is_volume(key, str(value), kind) and not key.startswith("unused"):
            yield from _disk(key, str(value), found)


def _disk(key: str, value: str, found: Config) -> Iterator[str]:
    volume, options = disk.split(value)
    if "media=cdrom" in options:
        return
    if "backup=0" in options:
        _log(f"exclude disk '{key}' '{volume}' (backup=no)")
    elif key == "efidisk0" and found.get("bios") != "ovmf":
        _log(f"exclude disk '{key}' '{volume}' (efidisk but no OVMF BIOS)")
    else:
        size = next((option[len("size=") :] for option in options if option.startswith("size=")), "")
        _log(f"include disk '{key}' '{volume}' {size}".rstrip())
        yield volume


def _mount_point(key: str, value: str) -> Iterator[str]:
    volume, *options = value.split(",")
    place = next((option[len("mp=") :] for option in options if option.startswith("mp=")), "/")
    kind = "device" if volume.startswith("/dev/") else "bind" if volume.startswith("/") else "volume"
    if kind == "volume" and (key == "rootfs" or "backup=1" in options):
        _log(f"including mount point {key} ('{place}') in backup")
        yield volume
    else:
        reason = "disabled" if kind == "volume" else "not a volume"
        _log(f"excluding {kind} mount point {key} ('{place}') from backup ({reason})")


def _store(params: Mapping[str, Any], name: str, content: Mapping[str, Any]) -> None:
    storage = manage.usable(params["storage"])
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / name
        draft.write_text(json.dumps(content), encoding="utf-8")
        storage.store("backup", draft, name)
    if params.get("protected"):
        _log("marking backup as protected")
        Path(storage.path(f"backup/{name}")).with_name(f"{name}{PROTECTED}").touch()


def _log(line: str) -> None:
    print(f"INFO: {line}", flush=True)
