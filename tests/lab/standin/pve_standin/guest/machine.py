"""Virtual machines: create, change, destroy."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pve_standin.core.errors import ApiError
from pve_standin.guest import config, disk, run_state
from pve_standin.guest.config import Config

QEMU_VERSION = "10.0.13"
MAC_PREFIX = "BC:24:11"
CREATE_ONLY = ("archive", "bwlimit", "force", "ha-managed", "live-restore", "pool", "start", "storage", "unique")
NOT_KEPT = ("node", "vmid", "digest", "delete", "revert", "skiplock", "background_delay", "import-working-storage")


def check_free(vmid: int) -> None:
    known = config.guests().get(vmid)
    if known is not None:
        kind = "CT" if known["type"] == "lxc" else "VM"
        raise ApiError(500, f"unable to create VM {vmid} - {kind} {vmid} already exists on node '{known['node']}'")


def create(vmid: int, params: Mapping[str, Any]) -> None:
    """The worker of `qm create`. What was allocated is freed again when a later step fails."""
    check_free(vmid)
    fresh: Config = {
        "meta": f"creation-qemu={QEMU_VERSION},ctime={int(time.time())}",
        "smbios1": f"uuid={uuid.uuid4()}",
        "vmgenid": str(uuid.uuid4()),
    }
    try:
        _apply(vmid, fresh, params)
    except ApiError:
        _free_all(disk.owned_volumes(vmid, fresh))
        raise
    order = _boot_order(fresh)
    if order:
        fresh.setdefault("boot", f"order={order}")
    config.write(vmid, fresh)
    if params.get("start"):
        run_state.start(vmid)


def update(vmid: int, params: Mapping[str, Any], delete: Sequence[str]) -> None:
    current = config.read(vmid)
    if params.get("digest") and params["digest"] != current["digest"]:
        raise ApiError(500, "detected modified configuration - file changed by other user? Try again.")
    for key in delete:
        removed = current.pop(key, None)
        if removed is not None and config.is_disk(key) and disk.owned_volumes(vmid, {key: removed}):
            current[_first_unused(current)] = disk.split(str(removed))[0]
    _apply(vmid, current, params)
    config.write(vmid, current)


def _first_unused(current: Config) -> str:
    return next(f"unused{number}" for number in range(256) if f"unused{number}" not in current)


def _apply(vmid: int, current: Config, params: Mapping[str, Any]) -> None:
    for key in sorted(params):
        if key in CREATE_ONLY or key in NOT_KEPT:
            continue
        value = params[key]
        if config.is_disk(key):
            current[key] = disk.attach(vmid, key, str(value))
        elif config.is_net(key):
            current[key] = with_mac(str(value))
        else:
            current[key] = value


def with_mac(value: str) -> str:
    """'virtio,bridge=vmbr0' -> 'virtio=BC:24:11:..,bridge=vmbr0'."""
    first, *rest = value.split(",")
    if first.startswith("model="):
        first = first[len("model=") :]
    if "=" not in first and not any(option.startswith("macaddr=") for option in rest):
        first = f"{first}={MAC_PREFIX}:" + ":".join(f"{random.randrange(256):02X}" for _ in range(3))
    return ",".join([first, *rest])


def _boot_order(current: Config) -> str:
    disks = sorted(key for key in config.disk_keys(current) if not config.is_cdrom(str(current[key])))
    drives = sorted(key for key in config.disk_keys(current) if config.is_cdrom(str(current[key])))
    nets = sorted(key for key in current if config.is_net(key))
    bootable = [key for key in disks if not key.startswith(("efidisk", "tpmstate"))][:1]
    return ";".join([*bootable, *drives[:1], *nets])


def destroy(vmid: int) -> None:
    """The worker of `qm destroy`."""
    current = config.read(vmid)
    if run_state.is_running(vmid):
        raise ApiError(500, f"VM {vmid} is running - destroy failed")
    _free_all(disk.owned_volumes(vmid, current))
    os.unlink(str(config.path(vmid)))


def _free_all(volumes: list[str]) -> None:
    for volume in volumes:
        disk.free(volume)


def summary(vmid: int, current: Config) -> dict[str, Any]:
    """One machine as the node's list shows it."""
    running = run_state.is_running(vmid)
    memory = int(str(current.get("memory", 512)).partition("=")[2] or str(current.get("memory", 512)))
    view: dict[str, Any] = {
        "vmid": vmid,
        "name": current.get("name", f"VM {vmid}"),
        "status": "running" if running else "stopped",
        "cpus": int(current.get("cores", 1)) * int(current.get("sockets", 1)),
        "maxmem": memory << 20,
        "maxdisk": disk.boot_disk_bytes(current),
        "uptime": run_state.uptime(vmid),
    }
    view.update(dict.fromkeys(("cpu", "mem", "disk", "diskread", "diskwrite", "netin", "netout"), 0))
    if current.get("template"):
        view["template"] = 1
    return view
