# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What lives on a disk: mounts, devices that the kernel has built on it, pools of ZFS, volumes of LVM.

Everything here forbids to wipe the disk. A mere signature does not: it may be left from a former life.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ...engine.reader import Reader
from ...model.cluster.section_config import read_sections
from ...model.node.disk import LVM_MEMBER
from ...model.node.lvm import Lvm
from ...model.storage.cfg import PATH

UNREADABLE = "it cannot be read, so nobody knows what lives on it"
#: Pieces of the disk itself; volumes of LVM are judged by what LVM says.
_PIECES = ("part", "lvm")
#: Signatures of what is in use without a device that the kernel shows.
_ALIVE = {"zfs_member": "ZFS (zfs_member)", "mpath_member": "multipath (mpath_member)"}
_LVM_STORAGES = ("lvm", "lvmthin")
#: A link of udev to a disk of an iSCSI target: portal, name of the target, number of the LUN.
_LUN = re.compile(r"/dev/disk/by-path/.*-iscsi-(.+)-lun-[^/]+")


def by_kernel(family: Sequence[Mapping[str, Any]], signatures: Collection[str]) -> Iterator[str]:
    """``family``: the disk, and everything that lsblk shows on it."""
    for place in sorted({member["mountpoint"] for member in family if member["mountpoint"]}):
        yield "swap" if place == "[SWAP]" else f"mounted at {place}"
    for member in family[1:]:
        if member["type"] not in _PIECES:
            yield f"{member['name']} ({member['type']})"
    yield from (_ALIVE[sign] for sign in sorted(signatures) if sign in _ALIVE)


def stored_groups(reader: Reader) -> dict[str, str]:
    """Volume group → the section of storage.cfg that names it, whether Proxmox VE takes that for a storage or not."""
    return _stored(reader, _LVM_STORAGES, "vgname")


def stored_luns(reader: Reader, links: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Disk → the storage whose iSCSI target it comes from. Guests may write to a LUN itself, which then shows nothing
    of it. ``links``: the links of udev by disk."""
    luns = {path: lun.group(1) for path, names in links.items() for lun in map(_LUN.fullmatch, names) if lun}
    targets = _stored(reader, ("iscsi",), "target") if luns else {}
    return {path: targets[target] for path, target in luns.items() if target in targets}


def _stored(reader: Reader, types: Collection[str], key: str) -> dict[str, str]:
    """Value of this property → the section of storage.cfg that has it."""
    return {
        value: section.name
        for section in read_sections(reader.read(PATH) or "")
        for name, value in section.properties
        if section.type.lower() in types and name == key and value is not None
    }


@dataclass(frozen=True)
class LvmUse:
    """``paths``: path of a device → path of the disk that it lies on.  ``stored``: see ``stored_groups``."""

    lvm: Lvm = Lvm()
    paths: Mapping[str, str] = field(default_factory=dict)
    stored: Mapping[str, str] = field(default_factory=dict)

    def on(self, disk: str, signatures: Collection[str]) -> Iterator[str]:
        """What of LVM lives on a disk."""
        if LVM_MEMBER in signatures and disk not in self._known:
            yield "LVM, which does not say what lies on it"
        for group, disks in self._groups_on(disk):
            if len(disks) > 1:
                others = ", ".join(sorted(disks - {disk}))
                yield f"the volume group {group}, which has other disks, too ({others})"
            yield from self._of_guests(group)
            opened = [volume.name for volume in self.lvm.volumes if volume.group == group and volume.open]
            if opened:
                yield f"open volumes in the volume group {group} ({', '.join(opened)})"

    def of_guests(self, disk: str) -> Iterator[str]:
        """What of that belongs to Proxmox VE's guests, or will."""
        for group, _disks in self._groups_on(disk):
            yield from self._of_guests(group)

    def _groups_on(self, disk: str) -> Iterator[tuple[str, set[str]]]:
        """The volume groups of a disk, each with all of its disks."""
        for group, devices in sorted(self.lvm.groups.items()):
            disks = {self.paths.get(device, device) for device in devices}
            if disk in disks:
                yield group, disks

    @property
    def _known(self) -> set[Optional[str]]:
        """The disks of which LVM tells."""
        devices = (one for devices in (*self.lvm.groups.values(), self.lvm.unused) for one in devices)
        return {self.paths.get(device) for device in devices}

    def _of_guests(self, group: str) -> Iterator[str]:
        if group in self.stored:
            yield f"the storage {self.stored[group]} of Proxmox VE, in the volume group {group}"
        names = [volume.name for volume in self.lvm.volumes if volume.group == group and volume.of_guest]
        if names:
            yield f"volumes of guests in the volume group {group} ({', '.join(names)})"
