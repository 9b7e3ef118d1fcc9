# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what lies on each disk of a node besides OSDs: the system, directories, volume groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.node.disk_load import DiskLoad
from .disk import LSBLK, family_of

#: What is built over several disks: whether one of them may be lost, lsblk does not say.
_OVER_SEVERAL = ("raid", "linux_raid_member", "zfs_member", "btrfs", "mpath")


def observe(reader: Reader) -> tuple[DiskLoad, ...]:
    document = reader.run_json(*LSBLK)
    if document is None:
        raise Unreadable("lsblk could not list the disks of this node.")
    return tuple(_load(device) for device in document["blockdevices"] if device["type"] == "disk")


def _load(device: Mapping[str, Any]) -> DiskLoad:
    family = list(family_of(device))
    mounts = sorted({one["mountpoint"] for one in family if one["mountpoint"]})
    words = {str(one.get(key) or "") for one in family for key in ("type", "fstype")}
    over = any(word.startswith(_OVER_SEVERAL) for word in words)
    volumes = [one["name"] for one in family if one["type"] == "lvm"]
    return DiskLoad(
        path=device["path"],
        mountpoints=tuple(mounts),
        groups=tuple(sorted({_group(name) for name in volumes})),
        system="/" in mounts,
        mirrored=None if over else False,
    )


def _group(volume: str) -> str:
    """``local--group-vm--100--disk--0``: hyphens of a name are doubled, the one between group and volume is not."""
    for index, letter in enumerate(volume):
        if letter == "-" and volume[index - 1 : index] != "-" and volume[index + 1 : index + 2] != "-":
            return volume[:index].replace("--", "-")
    return volume.replace("--", "-")
