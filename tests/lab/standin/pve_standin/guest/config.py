"""A virtual machine's configuration file: /etc/pve/nodes/<node>/qemu-server/<vmid>.conf."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from pve_standin.api import schema
from pve_standin.core import cfs, paths
from pve_standin.core.errors import ApiError

Config = dict[str, Any]

_DISK = re.compile(r"^(ide|sata|scsi|virtio)\d+$|^(efidisk|tpmstate)0$")
_NET = re.compile(r"^net\d+$")


def path(vmid: int, node: str | None = None) -> Path:
    return paths.NODES / (node or cfs.nodename()) / "qemu-server" / f"{vmid}.conf"


def guests() -> dict[int, dict[str, str]]:
    """Every guest of the cluster: vmid -> {node, type}."""
    listed = json.loads(cfs.cfs_read(".vmlist") or '{"ids": {}}')
    return {int(vmid): dict(entry) for vmid, entry in listed.get("ids", {}).items()}


def read(vmid: int, node: str | None = None) -> Config:
    text = _text(vmid, node)
    config = parse(text)
    config["digest"] = hashlib.sha1(text.encode()).hexdigest()
    return config


def _text(vmid: int, node: str | None) -> str:
    place = path(vmid, node)
    text = cfs.cfs_read(place)
    if text is None:
        shown = place.relative_to(paths.PVE)
        raise ApiError(500, f"Configuration file '{shown}' does not exist", errno=2)
    return text


def parse(text: str) -> Config:
    """Options of the current state; snapshots and pending changes are not kept by the lab."""
    config: Config = {}
    description: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            break
        if line.startswith("#"):
            description.append(line[1:])
            continue
        key, colon, value = line.partition(":")
        if colon:
            config[key.strip()] = _typed(key.strip(), value.strip())
    if description:
        config["description"] = "\n".join(description) + "\n"
    return config


def _typed(key: str, value: str) -> Any:
    parameters = schema.definition_of("PUT", "/nodes/{node}/qemu/{vmid}/config")["parameters"]
    kind = (schema.lookup(parameters, key) or {}).get("type", "string")
    return int(value) if kind in ("integer", "boolean") and re.fullmatch(r"-?\d+", value) else value


def dump(config: Config) -> str:
    lines = ["#" + line for line in str(config.get("description", "")).splitlines()]
    lines += [f"{key}: {config[key]}" for key in sorted(config) if key not in ("description", "digest")]
    return "\n".join(lines) + "\n"


def write(vmid: int, config: Config) -> None:
    place = path(vmid)
    place.parent.mkdir(parents=True, exist_ok=True)
    cfs.cfs_write(place, dump(config))


def disk_keys(config: Config) -> list[str]:
    return [key for key in config if _DISK.match(key)]


def is_disk(key: str) -> bool:
    return bool(_DISK.match(key))


def is_net(key: str) -> bool:
    return bool(_NET.match(key))


def is_cdrom(value: str) -> bool:
    return "media=cdrom" in value.split(",")
