# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A restore that is rehearsed: a copy of a guest from its backup, under another number and without network.

Upstream: a VM's disk is in a backup unless it says backup=0, a container's mount point is not unless it says backup=1,
and what is no volume never is. The task says so in passing, and ends well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from ..guest.guest import GuestKind
from .backup import JobGuest

State = Literal["absent", "booted"]
#: The copy is made in this pool, so that it is known for one also when whoever made it was cut off.
POOL = "rehearsals"
_SLOTS: Mapping[GuestKind, re.Pattern[str]] = {
    "qemu": re.compile(r"(?:ide|sata|scsi|virtio)\d+|efidisk0|tpmstate0"),
    "lxc": re.compile(r"rootfs|mp\d+"),
}
_SIZE = re.compile(r"(?:^|,)size=([^,]+)")
_NO_VOLUME = "not a volume"
_OFF, _ON = ("0", "off", "no", "false"), ("1", "on", "yes", "true")
#: What would let the copy be heard or take something of its node: the network, devices, what QEMU is told besides,
#: programs that run on the node when it starts, and directories of the node.
_REACHING: Mapping[GuestKind, re.Pattern[str]] = {
    "qemu": re.compile(r"net\d+|hostpci\d+|usb\d+|parallel\d+|virtiofs\d+|ivshmem|args|hookscript"),
    "lxc": re.compile(r"net\d+|dev\d+|hookscript"),
}
#: Lines for LXC itself; no call takes them away. As a configuration file has them, and as the API does.
_RAW = re.compile(r"lxc(?:\..+)?")


@dataclass(frozen=True)
class Archive:
    """A backup on a storage, with the configuration that it holds."""

    id: str
    created: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DesiredRehearsal:
    """``vmid``: of the guest. ``copy``: the number of its copy. source: the storage with its backups.

    storage: where the copy's volumes go; "" for where they were.
    """

    state: State
    vmid: int
    copy: int
    source: str = ""
    storage: str = ""
    caller: str = ""


@dataclass(frozen=True)
class ObservedRehearsal:
    """``guest``, ``copy``: None where there is none. ``config``, ``copied``: their configurations.

    archive: the newest backup. same: it is of this guest. pool: that of rehearsals is there. pool_used: by others.
    """

    release: Optional[int] = None
    guest: Optional[JobGuest] = None
    config: Mapping[str, str] = field(default_factory=dict)
    copy: Optional[JobGuest] = None
    copied: Mapping[str, str] = field(default_factory=dict)
    running: bool = False
    archive: Optional[Archive] = None
    same: bool = True
    pool: bool = False
    pool_used: int = 0


def volumes(kind: GuestKind, config: Mapping[str, Any]) -> dict[str, str]:
    """Slot → what stands there, of all that holds data: not of drives, nor of what cloud-init is given."""
    found = {key: str(value) for key, value in sorted(config.items()) if _SLOTS[kind].fullmatch(key)}
    return {key: text for key, text in found.items() if "media=cdrom" not in text and not text.startswith("none")}


def left_out(kind: GuestKind, config: Mapping[str, Any]) -> dict[str, str]:
    """Slot → why a backup does not hold it, in upstream's words."""
    found = {}
    for key, text in volumes(kind, config).items():
        flag = dict(word.partition("=")[::2] for word in text.split(",")).get("backup")
        if kind == "lxc" and text.startswith("/"):
            found[key] = _NO_VOLUME
        elif kind == "lxc" and key != "rootfs" and flag not in _ON:
            found[key] = "disabled"
        elif kind == "qemu" and flag in _OFF:
            found[key] = "backup=no"
    return found


def missing(kind: GuestKind, config: Mapping[str, Any], copied: Mapping[str, Any]) -> dict[str, str]:
    """Slot → why it is missing in the copy, or what became of its size."""
    why, there = left_out(kind, config), volumes(kind, copied)
    found = {}
    for key, text in volumes(kind, config).items():
        if key not in there:
            found[key] = why.get(key, "not in the backup")
            continue
        sizes = [_SIZE.search(one) for one in (text, there[key])]
        if all(sizes) and len({size[1] for size in sizes if size}) > 1:
            found[key] = "of another size: " + " and ".join(size[1] for size in sizes if size)
    return found


def reaching(kind: GuestKind, config: Mapping[str, Any]) -> list[str]:
    """A mount point that is no volume is a directory or a device of the node, which the guest itself has mounted."""
    out = [key for key, why in left_out(kind, config).items() if why == _NO_VOLUME]
    return sorted({*(key for key in config if _REACHING[kind].fullmatch(key)), *out})


def raw(kind: GuestKind, config: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in config if kind == "lxc" and _RAW.fullmatch(key))
