# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a disk of a node is, by which stable names it goes, and what already uses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Optional

#: What uses a disk. What matters most to somebody who thinks of wiping it comes first.
Use = Literal[
    "mounted",
    "ceph",
    "LVM",
    "ZFS",
    "RAID",
    "multipath",
    "encrypted",
    "iSCSI",
    "swap",
    "partitions",
    "filesystem",
    "device mapper",
    "unreadable",
]

#: Signatures of partition tables, as libblkid calls them.
PARTITION_TABLES = frozenset(("atari", "bsd", "dos", "gpt", "mac", "PMBR", "sgi", "sun"))

_NVME = "/dev/nvme"

#: The signature of a disk that holds logical volumes.
LVM_MEMBER = "LVM2_member"

#: What a signature (FSTYPE of lsblk) says about the disk that carries it; any other one is a file system.
SIGNATURE_USES: Mapping[str, Use] = {
    "ceph_bluestore": "ceph",
    LVM_MEMBER: "LVM",
    "zfs_member": "ZFS",
    "linux_raid_member": "RAID",
    "ddf_raid_member": "RAID",
    "isw_raid_member": "RAID",
    "mpath_member": "multipath",
    "crypto_LUKS": "encrypted",
    "swap": "swap",
}


@dataclass(frozen=True)
class Disk:
    """One whole disk.

    path: the kernel's name, which may differ after a reboot. by_id: the links in /dev/disk/by-id, which do not.
    used: None for an empty disk. signatures: what was found on it, as libblkid names it. in_use_by: what lives on it,
    or would lose a part with it. Such a disk is never wiped. of_guests: what of that is of guests of Proxmox VE, in
    volume groups, in which there may be room for more.
    """

    path: str
    by_id: tuple[str, ...]
    size: int
    model: Optional[str]
    serial: Optional[str]
    wwn: Optional[str]
    rotational: bool
    used: Optional[Use]
    mountpoints: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    in_use_by: tuple[str, ...] = ()
    of_guests: tuple[str, ...] = ()

    @property
    def free(self) -> bool:
        return self.used is None

    @property
    def names(self) -> tuple[str, ...]:
        """Everything a user may call this disk: its paths, its serial number, its world wide name."""
        return tuple(name for name in (self.path, *self.by_id, self.serial, self.wwn) if name)

    @property
    def stable_name(self) -> str:
        """A name that outlives a reboot, if there is one."""
        return (self.by_id or (self.path,))[0]

    @property
    def title(self) -> str:
        """What a person recognizes it by."""
        serial = f", serial {self.serial}" if self.serial else ""
        return f"{self.stable_name} ({self.size / 10**9:.0f} GB{serial})"

    @property
    def content(self) -> str:
        """What uses it, and what was found on it."""
        details = [*self.mountpoints, *self.signatures]
        return f"{self.used} ({', '.join(details)})" if details else str(self.used)


def find_disk(disks: Iterable[Disk], name: str) -> Optional[Disk]:
    """The one disk that goes by this name; None when there is none, or when the name is not unique."""
    found = [disk for disk in disks if name in disk.names]
    return found[0] if len(found) == 1 else None


def same_disk(one: Disk, other: Disk) -> bool:
    """Whether both are the same disk, seen on two paths, as far as can be told.

    World wide names decide. Without them the serial number does, with model and size; namespaces of NVMe share it.
    """
    if one.path == other.path:
        return True
    if None not in (one.serial, other.serial) and one.serial != other.serial:
        return False
    if one.wwn or other.wwn:
        return one.wwn == other.wwn
    alike = (one.serial, one.model, one.size) == (other.serial, other.model, other.size)
    return one.serial is not None and alike and not one.path.startswith(_NVME)


def as_document(disk: Disk) -> dict[str, Any]:
    """A disk as ``node_info`` returns it."""
    fields = asdict(disk)
    return {**fields, **{key: list(value) for key, value in fields.items() if isinstance(value, tuple)}}
