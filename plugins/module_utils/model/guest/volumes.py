# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a guest keeps its data on."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLOUD_INIT = re.compile(r"vm-\d+-cloudinit")
_OWNER = re.compile(r"(?:[:/])(?:vm|base|subvol|basevol)-(\d+)-")
_CLONE = re.compile(r"base-\d+-[^/]+/(?:\d+/)?[^/]+$")


def storage_of(volume: str) -> str:
    """``local`` of ``local:iso/debian.iso``; "" of a path and of ``cdrom``."""
    name, colon, dummy = volume.partition(":")
    return name if colon and not volume.startswith("/") else ""


def owners_of(volume: str) -> list[int]:
    """The guests in whose names it is: it goes with them, whoever uses it. Of a linked clone also that of its base.

    >>> owners_of("local-lvm:vm-900-disk-0"), owners_of("local:100/base-100-disk-0.raw/101/vm-101-disk-0.qcow2")
    ([900], [100, 101])
    """
    return [int(number) for number in _OWNER.findall(volume)] if storage_of(volume) else []


@dataclass(frozen=True)
class Volume:
    """``key``: such as ``scsi0`` or ``mp1``. ``id``: ``storage:name``, a path on the node, or ``cdrom``, its own drive.

    ``snapshot``: the name of the one that refers to it; "" for the guest as it is. ``shared``: other nodes see it too.
    """

    key: str
    id: str
    snapshot: str = ""
    cdrom: bool = False
    shared: bool = False

    @property
    def storage(self) -> str:
        return storage_of(self.id)

    @property
    def cloud_init(self) -> bool:
        """It is made anew from the guest's configuration, and Proxmox VE copies it."""
        return self.cdrom and _CLOUD_INIT.search(self.id) is not None

    @property
    def linked_clone(self) -> bool:
        """``local:100/base-100-disk-0.raw/101/vm-101-disk-0.qcow2``, ``zfs:base-100-disk-0/vm-101-disk-0``."""
        return _CLONE.search(self.id.partition(":")[2]) is not None

    def __str__(self) -> str:
        return f"{self.key} {self.id}" + (f" (snapshot {self.snapshot})" if self.snapshot else "")
