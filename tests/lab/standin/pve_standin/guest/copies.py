"""Clones, templates and snapshots of machines and containers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from pve_standin.core import cfs, pace, paths
from pve_standin.core.errors import ApiError
from pve_standin.guest import config, disk, firewall, pool_members, run_state, sections, values, volumes
from pve_standin.guest.config import NOUNS, Config
from pve_standin.storage import config as storage_config
from pve_standin.storage.volumes import split_volid


def is_volume(key: str, text: str, kind: str) -> bool:
    """Something on a storage that is a guest's own, not the image of a CD."""
    if kind == "qemu":
        return config.is_disk(key) and ":" in text.partition(",")[0] and "iso/" not in text
    return (key == "rootfs" or key.startswith("mp")) and not text.startswith("/")


def check_clone(kind: str, vmid: int, params: Mapping[str, Any]) -> None:
    """What is refused before the task begins."""
    new, target = params["newid"], params.get("target")
    if new in config.guests():
        raise ApiError(500, f"unable to create {NOUNS[kind]} {new}: config file already exists")
    source = config.read(vmid, None, kind)
    config.check_lock(source, kind)
    if params.get("pool"):
        pool_members.check(params["pool"])
    if target and target != cfs.nodename():
        if target not in cfs.node_list():
            raise ApiError(500, f"no such cluster node '{target}'")
        known = storage_config.read().storages
        local = [text for key, text in source.items() if is_volume(key, str(text), kind)]
        if any(not known[split_volid(disk.split(str(text))[0])[0]].get("shared") for text in local):
            raise ApiError(500, f"can't clone VM to node '{target}' (VM uses local storage)")
    if params.get("full") == 0 and not source.get("template") and kind == "qemu":
        raise ApiError(500, "Linked clone feature is not supported for drive")
    if not params.get("full") and source.get("template") and params.get("storage"):
        raise ApiError(500, "parameter 'storage' not allowed for linked clones")


def clone(kind: str, vmid: int, params: Mapping[str, Any]) -> None:
    """The source of a container is locked meanwhile: a second copy of it is refused."""
    source = config.read(vmid, None, kind)
    if kind == "lxc":
        config.check_lock(source, kind)
        config.write(vmid, {**source, "lock": "disk"}, kind=kind)
    try:
        pace.work(f"{kind}clone")
        _clone(kind, vmid, source, params)
    finally:
        if kind == "lxc":
            config.write(vmid, source, kind=kind)


def _clone(kind: str, vmid: int, source: Config, params: Mapping[str, Any]) -> None:
    new = params["newid"]
    full = params.get("full", 0 if source.get("template") else 1)
    print(f"creating a clone of {NOUNS[kind]} {vmid} with ID {new}", flush=True)
    made: Config = {}
    for key, value in source.items():
        if key in ("template", "lock", "parent", "digest", "snaptime") or key.startswith("unused"):
            continue
        made[key] = _copied(kind, new, key, value, params.get("storage", "") if full else "", bool(full))
    name = "name" if kind == "qemu" else "hostname"
    made[name] = params.get(name, f"Copy-of-{NOUNS[kind]}-{source.get(name, vmid)}")
    if "description" in params:
        made["description"] = params["description"]
    if kind == "qemu":
        made.update({"smbios1": f"uuid={uuid.uuid4()}", "vmgenid": str(uuid.uuid4())})
    config.write(new, made, kind=kind)
    firewall.copy(vmid, new)
    if params.get("pool"):
        pool_members.join(new, params["pool"])
    target = params.get("target")
    if target and target != cfs.nodename():
        place = config.path(new, target, kind)
        config.path(new, None, kind).rename(paths.NODES / place.relative_to(paths.NODES))


def _copied(kind: str, new: int, key: str, value: Any, storage: str, full: bool) -> Any:
    text = str(value)
    if is_volume(key, text, kind):
        keeps_all = full or "-cloudinit" in text or key == "tpmstate0"
        return volumes.copy(text, new, storage) if keeps_all else volumes.link(text, new)
    if config.is_net(key):
        if kind == "qemu":
            model, _, rest = text.partition(",")
            return values.machine_card(",".join(filter(None, (model.partition("=")[0], rest))))
        return values.container_card(",".join(one for one in text.split(",") if not one.startswith("hwaddr=")))
    return value


def to_template(kind: str, vmid: int) -> None:
    current = config.read(vmid, None, kind)
    if current.get("template"):
        raise ApiError(500, "you can't convert a template to a template")
    if run_state.is_running(vmid):
        raise ApiError(500, "you can't convert a running VM to template")
    if "parent" in current:
        raise ApiError(500, "unable to create template, because VM contains snapshots")
    for key, text in current.items():
        if is_volume(key, str(text), kind):
            current[key] = volumes.to_base(str(text))
    config.write(vmid, {**current, "template": 1}, kind=kind)


def snapshots(kind: str, vmid: int) -> list[dict[str, Any]]:
    rows = []
    for name in config.section_names(vmid, kind):
        if name not in (sections.PENDING, sections.CLOUD_INIT):
            kept = config.read_section(vmid, name, kind)
            row = {"name": name, "description": str(kept.get("description", "")).rstrip("\n")}
            row.update({key: kept[key] for key in ("parent",) if key in kept})
            rows.append({**row, "snaptime": int(kept["snaptime"]), "vmstate": 0})
    current = config.read(vmid, None, kind)
    now = {"name": "current", "description": "You are here!", "digest": current["digest"]}
    now["running"] = int(run_state.is_running(vmid))
    return [*rows, {**now, **({"parent": current["parent"]} if "parent" in current else {})}]


def snapshot(kind: str, vmid: int, name: str, description: str) -> None:
    current = config.read(vmid, None, kind)
    config.check_lock(current, kind)
    if name in config.section_names(vmid, kind):
        raise ApiError(500, f"snapshot name '{name}' already used")
    if current.get("template"):
        raise ApiError(500, "you can't take a snapshot if it's a template")
    kept = {**current, "snaptime": int(time.time())}
    kept.pop("description", None)
    config.write(vmid, {**kept, **({"description": description} if description else {})}, name, kind)
    config.write(vmid, {**current, "parent": name}, kind=kind)


def roll_back(kind: str, vmid: int, name: str) -> None:
    """The configuration of then; what people wrote, and volumes that came later, are kept. No data is kept here."""
    current = config.read(vmid, None, kind)
    if name not in config.section_names(vmid, kind):
        raise ApiError(500, f"snapshot '{name}' does not exist")
    config.check_lock(current, kind)
    then = config.read_section(vmid, name, kind)
    if "snapstate" in then:
        raise ApiError(500, f"unable to rollback to incomplete snapshot (snapstate = {then['snapstate']})")
    run_state.stop(vmid)
    made = {key: value for key, value in then.items() if key not in ("snaptime", "description")}
    made.update({key: value for key, value in current.items() if key == "description" or key.startswith("unused")})
    made["parent"] = name
    if "vmgenid" in made:
        made["vmgenid"] = str(uuid.uuid4())
    there = {disk.split(str(value))[0] for value in made.values()}
    for key, value in current.items():
        volume = disk.split(str(value))[0]
        if is_volume(key, str(value), kind) and volume not in there:
            free = next(number for number in range(256) if f"unused{number}" not in made)
            made[f"unused{free}"] = volume
    config.write(vmid, made, kind=kind)
    config.write(vmid, {}, sections.PENDING, kind)


def forget(kind: str, vmid: int, name: str) -> None:
    if name not in config.section_names(vmid, kind):
        raise ApiError(500, f"snapshot '{name}' does not exist")
    parent = config.read_section(vmid, name, kind).get("parent")
    current = config.read(vmid, None, kind)
    if current.get("parent") == name:
        del current["parent"]
        current.update({"parent": parent} if parent else {})
    config.write(vmid, {}, name, kind)
    config.write(vmid, current, kind=kind)
