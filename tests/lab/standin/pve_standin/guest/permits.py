"""What a caller who is not root has to have for each option of a guest (qemu-server, pve-container: check_vm_perm)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pve_standin.api.registry import Call
from pve_standin.core import access
from pve_standin.core.errors import ApiError
from pve_standin.core.users import ROOT
from pve_standin.guest import config, disk

_ROOT_ONLY = re.compile(r"args|lock|hookscript|affinity|hugepages|vmgenid|arch|ivshmem|spice_enhancements|dev\d+")
_OPTIONS: Sequence[tuple[str, str]] = (
    (r"(ide|sata|scsi|virtio|unused|mp)\d+|(efidisk|tpmstate)0|rootfs|boot|vmstatestorage", "Disk"),
    (r"net\d+|nameserver|searchdomain|hostname", "Network"),
    (r"ci(user|password|type|upgrade|custom)|sshkeys|ipconfig\d+", "Cloudinit"),
    (r"cores|sockets|cpu|cpulimit|cpuunits|numa\d*|vcpus", "CPU"),
    (r"memory|balloon|shares|swap", "Memory"),
    (r"machine|scsihw|vga|kvm|hotplug|serial\d+|watchdog|rng0", "HWType"),
)
#: Of the call itself, or written with others.
_NO_OPTION = frozenset(
    "vmid node pool start storage ostemplate password ssh-public-keys unprivileged ostype digest delete force "
    "background_delay meta smbios1 name".split()
)


def create(call: Call, kind: str) -> None:
    """Whoever may make guests in a pool may give them options there; a storage and a network are paths of their own."""
    pool = call.params.get("pool", "")
    if call.user == ROOT:
        return
    if pool and pool not in access.config().pools:
        raise access.denied(f"pool '{pool}' does not exist")
    if not _holds(call, pool, "VM.Allocate"):
        raise access.denied()
    if call.params.get("ha-managed"):
        access.require(call.user, "/", ["Sys.Console"])
    for key, value in call.params.items():
        if not config.is_disk(key) and key not in ("tags", "rootfs", "ha-managed"):
            _option(call, key, pool)
        _volume(call.user, kind, key, str(value))
        _network(call.user, key, str(value))


def tags(call: Call) -> None:
    """Asked for by the task, of the guest alone: it is in no pool yet."""
    vmid = call.params["vmid"]
    if call.user != ROOT and "tags" in call.params and not _holds(call, "", "VM.Config.Options"):
        raise ApiError(
            500, f"unable to create VM {vmid} - 403 Permission check failed (/vms/{vmid}, VM.Config.Options)"
        )


def update(call: Call, kind: str, deleted: Iterable[str]) -> None:
    if call.user == ROOT:
        return
    for key in (*call.params, *deleted):
        _option(call, key, "")
    for key, value in call.params.items():
        _volume(call.user, kind, key, str(value))
        _network(call.user, key, str(value))


def clone(call: Call, source: Mapping[str, Any], kind: str) -> None:
    """Space on every storage that gets a volume, and the networks of the source."""
    if call.user == ROOT:
        return
    for key, value in source.items():
        text = str(value)
        if (config.is_disk(key) or key == "rootfs" or re.fullmatch(r"mp\d+", key)) and not config.is_cdrom(text):
            storage = call.params.get("storage") or disk.split(text)[0].partition(":")[0]
            access.require(call.user, f"/storage/{storage}", ["Datastore.AllocateSpace"])
        _network(call.user, key, text)


def _option(call: Call, key: str, pool: str) -> None:
    if key in _NO_OPTION:
        return
    if _ROOT_ONLY.fullmatch(key):
        raise ApiError(500, f"only root can set '{key}' config")
    if key == "startup":
        access.require(call.user, "/", ["Sys.Modify"])
    privilege = next((name for pattern, name in _OPTIONS if re.fullmatch(pattern, key)), "Options")
    wanted = [f"VM.Config.{privilege}"] + (["VM.Config.Network"] if key.startswith("ipconfig") else [])
    if "media=cdrom" in str(call.params.get(key, "")):
        wanted = ["VM.Config.CDROM"]
    if not any(_holds(call, pool, one) for one in wanted):
        raise access.denied(f"/vms/{call.params['vmid']}, {wanted[0]}")


def _holds(call: Call, pool: str, privilege: str) -> bool:
    places = [f"/vms/{call.params['vmid']}", *([f"/pool/{pool}"] if pool else [])]
    return any(access.holds(call.user, place, [privilege]) for place in places)


def _volume(user: str, kind: str, key: str, value: str) -> None:
    """A new volume: a size, or ``cloudinit``, in place of a name."""
    storage, colon, rest = value.partition(",")[0].partition(":")
    slot = config.is_disk(key) if kind == "qemu" else key == "rootfs" or re.fullmatch(r"mp\d+", key)
    if slot and colon and re.fullmatch(r"[\d.]+|cloudinit", rest):
        access.require(user, f"/storage/{storage}", ["Datastore.AllocateSpace"])


def _network(user: str, key: str, value: str) -> None:
    words = dict(word.partition("=")[::2] for word in value.split(","))
    if config.is_net(key) and words.get("bridge"):
        tag = f"/{words['tag']}" if words.get("tag") else ""
        access.require(user, f"/sdn/zones/localnetwork/{words['bridge']}{tag}", ["SDN.Use"])
