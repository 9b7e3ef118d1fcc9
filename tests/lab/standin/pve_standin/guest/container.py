"""Containers: create, change, destroy. There is nothing inside them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from pve_standin.core.errors import ApiError, parameter_error
from pve_standin.guest import config, disk, firewall, pending, pool_members, run_state, values, volumes
from pve_standin.guest.config import Config
from pve_standin.storage import manage
from pve_standin.storage.volumes import split_volid

_CREATE_ONLY = ("ostemplate", "password", "ssh-public-keys", "pool", "start", "storage", "force", "restore", "unique")
_NOT_KEPT = ("node", "vmid", "digest", "delete", "revert", "bwlimit", "ignore-unpack-errors", "ha-managed")
_REQUIRED = ("rootfs", "unprivileged", "ostype", "arch")


def check(vmid: int, params: Mapping[str, Any]) -> None:
    """What is refused before the task begins."""
    known = config.guests().get(vmid)
    if known is not None:
        noun = "CT" if known["type"] == "lxc" else "VM"
        raise ApiError(500, f"{noun} {vmid} already exists on node '{known['node']}'")
    if len(str(params.get("password", "long enough"))) < 5:
        raise parameter_error({"password": "value must be at least 5 characters long"})
    if params.get("pool"):
        pool_members.check(params["pool"])


def create(vmid: int, params: Mapping[str, Any]) -> None:
    template = params["ostemplate"]
    storage, _ = split_volid(template)
    if template not in [one.volid for one in manage.usable(storage).volumes()]:
        raise ApiError(500, f"unable to create CT {vmid} - volume '{template}' does not exist")
    fresh: Config = {"arch": "amd64", "ostype": "debian", "memory": 512, "swap": 512, "unprivileged": 1}
    fresh["hostname"] = f"CT{vmid}"
    try:
        _apply(vmid, fresh, {"rootfs": f"{params.get('storage', 'local')}:4", **params})
    except ApiError:
        _free(vmid, fresh)
        raise
    print(f"extracting archive '{template}'", flush=True)
    config.write(vmid, fresh, kind="lxc")
    if params.get("pool"):
        pool_members.join(vmid, params["pool"])
    if params.get("start"):
        run_state.start(vmid)


def _apply(vmid: int, current: Config, params: Mapping[str, Any]) -> None:
    for key in sorted(set(params) - {*_CREATE_ONLY, *_NOT_KEPT}):
        value = params[key]
        if key == "rootfs" or key.startswith("mp"):
            current[key] = _volume(vmid, str(value))
        elif config.is_net(key):
            current[key] = values.container_card(str(value))
        elif key == "tags":
            current[key] = values.tags(str(value))
        else:
            current[key] = value


def _volume(vmid: int, text: str) -> str:
    first, options = disk.split(text.replace("volume=", "file=", 1))
    if first.startswith("/"):
        return text
    storage, size = split_volid(first)
    if not size.replace(".", "", 1).isdigit():
        return text
    made = volumes.subvolume(vmid, storage, size)
    name, sized = disk.split(made)
    return ",".join([name, *options, *sized])


def update(vmid: int, params: Mapping[str, Any], delete: Sequence[str]) -> None:
    current = config.read(vmid, None, "lxc")
    if params.get("digest") and params["digest"] != current["digest"]:
        raise ApiError(500, "detected modified configuration - file changed by other user? Try again.")
    config.check_lock(current, "lxc")
    if "unprivileged" in params:
        raise ApiError(500, "unable to modify read-only option: 'unprivileged'")
    required = [key for key in delete if key in _REQUIRED]
    if required:
        raise ApiError(500, f"unable to delete required option '{required[0]}'")
    running = run_state.is_running(vmid)
    cold = [key for key in (*params, *delete) if running and not _is_hot(key, current)]
    for key in delete:
        if key not in cold:
            _remove(vmid, current, key)
    _apply(vmid, current, {key: value for key, value in params.items() if key not in cold})
    config.write(vmid, current, kind="lxc")
    pending.keep(vmid, "lxc", params, delete, cold, _apply)


def _is_hot(key: str, current: Config) -> bool:
    """A mount point that is new is there at once; one that is there stays as it is until the next start."""
    return values.is_hot(key, "lxc") and not (key.startswith("mp") and key in current)


def _remove(vmid: int, current: Config, key: str) -> None:
    """A volume becomes unused, and an unused one is freed. What is mounted from the node is left alone."""
    removed = current.pop(key, None)
    if removed is not None and key.startswith("unused"):
        _free(vmid, {key: removed})
    elif removed is not None and key.startswith("mp") and not str(removed).startswith("/"):
        number = next(one for one in range(256) if f"unused{one}" not in current)
        current[f"unused{number}"] = disk.split(str(removed))[0]


def start(vmid: int) -> None:
    current = config.read(vmid, None, "lxc")
    config.check_lock(current, "lxc")
    if current.get("template"):
        raise ApiError(500, "you can't start a CT if it's a template")
    pending.take(vmid, "lxc", _remove)
    run_state.start(vmid)


def destroy(vmid: int) -> None:
    current = config.read(vmid, None, "lxc")
    config.check_lock(current, "lxc")
    if run_state.is_running(vmid):
        raise ApiError(500, f"unable to destroy CT {vmid} - container is running")
    _free(vmid, current)
    pool_members.leave(vmid)
    firewall.forget(vmid)
    os.unlink(str(config.path(vmid, None, "lxc")))


def _free(vmid: int, current: Config) -> None:
    for key, text in sorted(current.items()):
        volume = disk.split(str(text))[0]
        if (key == "rootfs" or key.startswith(("mp", "unused"))) and f"-{vmid}-" in volume:
            disk.free(volume)


def summary(vmid: int, current: Config) -> dict[str, Any]:
    """One container as the node's list shows it."""
    view: dict[str, Any] = {
        "vmid": vmid,
        "type": "lxc",
        "name": current.get("hostname", f"CT{vmid}"),
        "status": "running" if run_state.is_running(vmid) else "stopped",
        "cpus": int(current.get("cores", 1)),
        "maxmem": int(current.get("memory", 512)) << 20,
        "maxswap": int(current.get("swap", 512)) << 20,
        "maxdisk": disk.size_bytes(str(current.get("rootfs", ""))),
        "uptime": run_state.uptime(vmid),
    }
    view.update(dict.fromkeys(("cpu", "mem", "disk", "diskread", "diskwrite", "netin", "netout", "swap"), 0))
    view.update({key: current[key] for key in ("tags", "lock") if key in current})
    if current.get("template"):
        view["template"] = 1
    return view
