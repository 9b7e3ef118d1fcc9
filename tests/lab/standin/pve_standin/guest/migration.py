"""A machine moves to another node, with its disks where the other node does not see them."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from pve_standin.cluster import ssh
from pve_standin.core import cfs, paths
from pve_standin.core.errors import ApiError
from pve_standin.guest import config, disk, run_state
from pve_standin.guest.config import Config
from pve_standin.storage import config as storage_config
from pve_standin.storage import manage
from pve_standin.storage.volumes import split_volid


def local_disks(current: Config) -> dict[str, bool]:
    """Volumes on storages that other nodes cannot see, and whether each is the image of a CD."""
    storages = storage_config.read().storages
    found = {}
    for key in sorted(config.disk_keys(current)):
        volume, _ = disk.split(str(current[key]))
        if ":" in volume and not storages.get(split_volid(volume)[0], {}).get("shared"):
            found[volume] = config.is_cdrom(str(current[key])) and "-cloudinit" not in volume
    return found


def check(vmid: int, target: str, online: bool) -> None:
    current = config.read(vmid)
    if target == cfs.nodename():
        raise ApiError(400, "Parameter verification failed.", {"target": "target is local node."})
    if target not in cfs.node_list():
        raise ApiError(500, f"no such cluster node '{target}'")
    if run_state.is_running(vmid) and not online:
        raise ApiError(500, "can't migrate running VM without --online")
    if run_state.process(vmid):
        raise ApiError(501, "the lab moves no machines that really run")
    devices = sorted(key for key in current if key.startswith("hostpci") and "mapping=" not in str(current[key]))
    if devices:
        raise ApiError(500, f"can't migrate VM which uses local devices: {', '.join(devices)}")


def migrate(vmid: int, target: str, with_local_disks: bool) -> bool:
    """The worker of `qm migrate`. Was the machine running?"""
    started = time.monotonic()
    running = run_state.is_running(vmid)
    try:
        _migrate(vmid, target, running and not with_local_disks)
    except ApiError as error:
        print(f"ERROR: migration aborted (duration {_since(started)}): {error.text()}", flush=True)
        raise ApiError(500, "migration aborted") from error
    print(f"migration finished successfully (duration {_since(started)})", flush=True)
    return running


def _since(started: float) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(time.monotonic() - started))


def _migrate(vmid: int, target: str, keep_disks: bool) -> None:
    """Disks, then the machine's configuration."""
    print(f"starting migration of VM {vmid} to node '{target}' ({cfs.node_ip(target)})", flush=True)
    copied = _copy_disks(vmid, target, keep_disks)
    destination = paths.NODES / target / "qemu-server" / f"{vmid}.conf"
    os.rename(str(config.path(vmid)), str(destination))
    run_state.stop(vmid)
    for volume in copied:
        disk.free(volume)


def _copy_disks(vmid: int, target: str, forbidden: bool) -> list[str]:
    volumes = local_disks(config.read(vmid))
    reasons = {volume: why_not(volume, of_cd, target, forbidden) for volume, of_cd in volumes.items()}
    problems = [f"can't migrate local disk '{volume}': {reason}" for volume, reason in reasons.items() if reason]
    for problem in problems:
        print(problem, flush=True)
    if problems:
        raise ApiError(500, "Problem found while scanning volumes - can't migrate VM - check log")
    for volume in volumes:
        print(f"copying local disk '{volume}'", flush=True)
        _copy(volume, target)
    return list(volumes)


def why_not(volume: str, of_cd: bool, target: str, forbidden: bool) -> str:
    storage = split_volid(volume)[0]
    nodes = storage_config.read().storages[storage].get("nodes")
    if nodes and target not in nodes:
        return f"storage '{storage}' is not available on node '{target}'"
    if of_cd:
        return "local cdrom image"
    return "can't live migrate attached local disks without with-local-disks option" if forbidden else ""


def _copy(volume: str, target: str) -> None:
    """As a file with its holes, over root's own SSH between the nodes. (Upstream: `pvesm export`, `pvesm import`.)"""
    storage, name = split_volid(volume)
    chosen = manage.usable(storage)
    if chosen.type.name != "dir":
        raise ApiError(500, f"can't migrate '{volume}' - the lab copies only files between nodes")
    file = Path(chosen.path(name))
    receive = f"test ! -e '{file}' && mkdir -p '{file.parent}' && tar -x -C '{file.parent}'"
    with subprocess.Popen(["tar", "-Sc", "-C", str(file.parent), file.name], stdout=subprocess.PIPE) as sending:
        received = subprocess.run([*ssh.login(target), "--", receive], stdin=sending.stdout)
    if sending.returncode or received.returncode:
        raise ApiError(500, f"storage migration for '{volume}' to storage '{storage}' failed")
