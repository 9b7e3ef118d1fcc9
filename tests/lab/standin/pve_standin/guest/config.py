"""A guest's configuration file, such as /etc/pve/nodes/<node>/qemu-server/<vmid>.conf."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from pve_standin.api import schema
from pve_standin.core import cfs, paths
from pve_standin.core.errors import ApiError
from pve_standin.guest import sections

Config = dict[str, Any]

NOUNS = {"qemu": "VM", "lxc": "CT"}
_DISK = re.compile(r"^(ide|sata|scsi|virtio)\d+$|^(efidisk|tpmstate)0$")
_NET = re.compile(r"^net\d+$")


def path(vmid: int, node: str | None = None, kind: str = "qemu") -> Path:
    folder = "qemu-server" if kind == "qemu" else "lxc"
    return paths.NODES / (node or cfs.nodename()) / folder / f"{vmid}.conf"


def guests() -> dict[int, dict[str, str]]:
    """Every guest of the cluster: vmid -> {node, type}."""
    listed = json.loads(cfs.cfs_read(".vmlist") or '{"ids": {}}')
    return {int(vmid): dict(entry) for vmid, entry in listed.get("ids", {}).items()}


def read(vmid: int, node: str | None = None, kind: str = "qemu") -> Config:
    text = _text(vmid, node, kind)
    config = parse(text, kind)
    config["digest"] = hashlib.sha1(text.encode()).hexdigest()
    return config


def read_section(vmid: int, name: str, kind: str = "qemu") -> Config:
    """What is pending, or how it was when a snapshot was taken; nothing where there is no such part."""
    return parse(sections.split(_text(vmid, None, kind)).get(name, ""), kind)


def section_names(vmid: int, kind: str = "qemu") -> list[str]:
    return [name for name in sections.split(_text(vmid, None, kind)) if name]


def _text(vmid: int, node: str | None, kind: str) -> str:
    place = path(vmid, node, kind)
    text = cfs.cfs_read(place)
    if text is None:
        shown = place.relative_to(paths.PVE)
        raise ApiError(500, f"Configuration file '{shown}' does not exist", errno=2)
    return text


def parse(text: str, kind: str = "qemu") -> Config:
    """Options of the current state, or of one part."""
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
            config[key.strip()] = _typed(key.strip(), value.strip(), kind)
    if description:
        config["description"] = "\n".join(description) + "\n"
    return config


def _typed(key: str, value: str, kind: str) -> Any:
    parameters = schema.definition_of("PUT", f"/nodes/{{node}}/{kind}/{{vmid}}/config")["parameters"]
    wanted = (schema.lookup(parameters, key) or {}).get("type", "string")
    return int(value) if wanted in ("integer", "boolean") and re.fullmatch(r"-?\d+", value) else value


def dump(config: Config) -> str:
    lines = ["#" + line for line in str(config.get("description", "")).splitlines()]
    lines += [f"{key}: {config[key]}" for key in sorted(config) if key not in ("description", "digest")]
    return "\n".join(lines) + "\n"


def write(vmid: int, config: Config, name: str = "", kind: str = "qemu") -> None:
    """The present state, or one other part; the rest of the file stays."""
    place = path(vmid, None, kind)
    place.parent.mkdir(parents=True, exist_ok=True)
    parts = sections.split(cfs.cfs_read(place) or "")
    parts[name] = dump(config) if config else ""
    cfs.cfs_write(place, sections.join(parts))


def check_lock(config: Config, kind: str) -> None:
    if config.get("lock"):
        raise ApiError(500, f"{NOUNS[kind]} is locked ({config['lock']})")


def disk_keys(config: Config) -> list[str]:
    return [key for key in config if _DISK.match(key)]


def is_disk(key: str) -> bool:
    return bool(_DISK.match(key))


def is_net(key: str) -> bool:
    return bool(_NET.match(key))


def is_cdrom(value: str) -> bool:
    return "media=cdrom" in value.split(",")
