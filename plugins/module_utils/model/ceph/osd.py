# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which disks of a node become OSDs, and which disk each existing OSD lies on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Optional

from ..node.disk import Disk
from ..node.disk_selector import DiskSelector
from .state import ObservedCeph

#: What ceph-volume refuses to use as a whole disk is smaller than this.
LEAST_BYTES = 5 * 2**30

Role = Literal["block", "db", "wal"]


#: A database, or its write-ahead log.
HelperRole = Literal["db", "wal"]


@dataclass(frozen=True)
class Helper:
    """A disk beside the one that holds the data. size: in GiB, None for pveceph's default."""

    role: HelperRole
    name: str
    size: Optional[float] = None


@dataclass(frozen=True)
class DesiredOsd:
    """One disk, called by a name (stable path, kernel path, serial number, WWN), or disks chosen by what they are.

    count: how many of those that ``selector`` matches; None for all that are empty. db_device, wal_device: names of
    faster disks; sizes in GiB. osd_id: the number of a destroyed OSD whose
    place the disk takes.
    """

    device: Optional[str] = None
    selector: Optional[DiskSelector] = None
    count: Optional[int] = None
    db_device: Optional[str] = None
    db_size: Optional[float] = None
    wal_device: Optional[str] = None
    wal_size: Optional[float] = None
    device_class: Optional[str] = None
    encrypted: bool = False
    osds_per_device: int = 1
    osd_id: Optional[int] = None

    @property
    def title(self) -> str:
        return self.device or f"[{self.selector}]"

    @property
    def helpers(self) -> tuple[Helper, ...]:
        roles: tuple[tuple[HelperRole, Optional[str], Optional[float]], ...]
        roles = (("db", self.db_device, self.db_size), ("wal", self.wal_device, self.wal_size))
        return tuple(Helper(role, name, size) for role, name, size in roles if name)


def ceph_osds_on(disks: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Disks as ``node_info`` returns them → the form in which ``ceph_osd`` takes them, by a name that stays.

    What is too small to be one, such as the empty slot of a card reader, was not meant by a choice of all that is free.
    """
    chosen = (disk for disk in disks if disk.get("size", LEAST_BYTES) >= LEAST_BYTES)
    return [{"device": (disk.get("by_id") or [disk["path"]])[0]} for disk in chosen]


@dataclass(frozen=True)
class DesiredOsds:
    """``wipe`` names (like ``device``) the disks whose content may be destroyed."""

    osds: tuple[DesiredOsd, ...]
    wipe: tuple[str, ...] = ()


@dataclass(frozen=True)
class OsdPart:
    """A part of an OSD on a disk of this node: its data (block), its database (db) or its journal (wal).

    path: of the disk. osd: its number. identity: what the OSD is known by, its fsid. device: the disk again, or the
    partition of it that holds the part.
    """

    path: str
    role: Role
    osd: int
    identity: str
    device: str


@dataclass(frozen=True)
class ObservedOsds:
    """``parts``: of the OSDs that exist, as far as anybody knows. unread: disks whose label of Ceph cannot be read."""

    ceph: ObservedCeph
    disks: tuple[Disk, ...]
    parts: tuple[OsdPart, ...] = ()
    unread: frozenset[str] = frozenset()

    @cached_property
    def holders(self) -> Mapping[str, tuple[int, ...]]:
        """Path of a disk → numbers of this node's OSDs whose data lies on it."""
        found: dict[str, set[int]] = {}
        for part in self.parts:
            if part.role == "block":
                found.setdefault(part.path, set()).add(part.osd)
        return {path: tuple(sorted(numbers)) for path, numbers in found.items()}

    def parts_on(self, path: str) -> tuple[OsdPart, ...]:
        return tuple(part for part in self.parts if part.path == path)
