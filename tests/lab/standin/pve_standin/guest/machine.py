"""Virtual machines: create, change, destroy."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pve_standin.api import schema
from pve_standin.core.errors import ApiError, parameter_error
from pve_standin.guest import cloudinit, config, disk, firewall, hypervisor, pending, pool_members, run_state, values
from pve_standin.guest.config import Config

QEMU_VERSION = "10.0.13"
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
    if params.get("pool"):
        pool_members.join(vmid, params["pool"])
    if params.get("start"):
        start(vmid)


def update(vmid: int, params: Mapping[str, Any], delete: Sequence[str]) -> None:
    """What a running machine does not take at once is kept as pending."""
    current = config.read(vmid)
    if params.get("digest") and params["digest"] != current["digest"]:
        raise ApiError(500, "checksum mismatch (file change by other user?)")
    config.check_lock(current, "qemu")
    unknown = [key for key in delete if not is_option(key)]
    if unknown:
        raise parameter_error({"delete": f"unknown option '{unknown[0]}'"})
    running = run_state.is_running(vmid)
    cold = [key for key in delete if running and not values.is_hot(key, "qemu")]
    cold += [key for key, value in params.items() if running and not _is_hot(key, str(value), current)]
    for key in delete:
        if key not in cold:
            _remove(vmid, current, key)
    _apply(vmid, current, {key: value for key, value in params.items() if key not in cold})
    config.write(vmid, current)
    pending.keep(vmid, "qemu", params, delete, cold, _apply)


def _is_hot(key: str, value: str, current: Config) -> bool:
    """Another medium in a drive that is there is there at once, too."""
    media = config.is_cdrom(value) and config.is_cdrom(str(current.get(key, "")))
    return values.is_hot(key, "qemu") or (config.is_disk(key) and media)


def is_option(key: str) -> bool:
    known = schema.definition_of("PUT", "/nodes/{node}/qemu/{vmid}/config")["parameters"]
    return schema.lookup(known, key) is not None


def _remove(vmid: int, current: Config, key: str) -> None:
    """A disk becomes unused, and an unused one is freed."""
    removed = current.pop(key, None)
    if removed is not None and key.startswith("unused"):
        _free_all([str(removed)])
    elif removed is not None and config.is_disk(key) and disk.owned_volumes(vmid, {key: removed}):
        current[_first_unused(current)] = disk.split(str(removed))[0]


def start(vmid: int) -> None:
    """A cold start: what is pending comes into effect, and the cloud-init drive is made anew."""
    current = config.read(vmid)
    config.check_lock(current, "qemu")
    if current.get("template"):
        raise ApiError(500, "you can't start a vm if it's a template")
    pending.take(vmid, "qemu", _remove)
    cloudinit.generate(vmid)
    if hypervisor.SWITCH.exists():
        hypervisor.start(vmid, config.read(vmid))
    else:
        run_state.start(vmid)


def stop(vmid: int) -> None:
    """The power is switched off."""
    if run_state.process(vmid):
        hypervisor.stop(vmid)
    run_state.stop(vmid)


def shutdown(vmid: int, timeout: int | None = None) -> None:
    """The machine itself is asked to end; one that is only said to run does so at once."""
    if run_state.process(vmid):
        hypervisor.shutdown(vmid, timeout)
    run_state.stop(vmid)


def reboot(vmid: int, timeout: int | None = None) -> None:
    shutdown(vmid, timeout)
    start(vmid)


def _first_unused(current: Config) -> str:
    return next(f"unused{number}" for number in range(256) if f"unused{number}" not in current)


def _apply(vmid: int, current: Config, params: Mapping[str, Any]) -> None:
    for key in sorted(params):
        if key in CREATE_ONLY or key in NOT_KEPT:
            continue
        value = params[key]
        if config.is_disk(key):
            _attach(vmid, current, key, str(value))
        elif config.is_net(key):
            current[key] = values.machine_card(str(value))
        elif key == "tags":
            current[key] = values.tags(str(value))
        else:
            current[key] = value


def _attach(vmid: int, current: Config, key: str, value: str) -> None:
    """A slot that gets another volume gives up the one it had, which is then unused."""
    if disk.split(value)[0].endswith(":cloudinit"):
        there = [one for one in config.disk_keys(current) if "-cloudinit" in str(current[one]) and one != key]
        if there:
            raise ApiError(500, f"{key} - cloud-init drive is already attached at '{there[0]}'")
    attached = disk.attach(vmid, key, value)
    before = str(current.get(key, ""))
    if before and disk.split(before)[0] != disk.split(attached)[0] and disk.owned_volumes(vmid, {key: before}):
        current[_first_unused(current)] = disk.split(before)[0]
    for name in [one for one, text in current.items() if one.startswith("unused") and text == disk.split(attached)[0]]:
        del current[name]
    current[key] = attached


def _boot_order(current: Config) -> str:
    disks = sorted(key for key in config.disk_keys(current) if not config.is_cdrom(str(current[key])))
    drives = sorted(key for key in config.disk_keys(current) if config.is_cdrom(str(current[key])))
    nets = sorted(key for key in current if config.is_net(key))
    bootable = [key for key in disks if not key.startswith(("efidisk", "tpmstate"))][:1]
    return ";".join([*bootable, *drives[:1], *nets])


def destroy(vmid: int) -> None:
    """The worker of `qm destroy`."""
    current = config.read(vmid)
    config.check_lock(current, "qemu")
    if run_state.is_running(vmid):
        raise ApiError(500, f"VM {vmid} is running - destroy failed")
    unused = [str(value) for key, value in current.items() if key.startswith("unused")]
    _free_all([*disk.owned_volumes(vmid, current), *unused])
    pool_members.leave(vmid)
    firewall.forget(vmid)
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
    view.update({key: current[key] for key in ("tags", "lock") if key in current})
    view.update(dict.fromkeys(("cpu", "mem", "disk", "diskread", "diskwrite", "netin", "netout"), 0))
    if current.get("template"):
        view["template"] = 1
    return view
