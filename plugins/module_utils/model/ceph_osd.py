# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which disks of a node become OSDs, and which disk each existing OSD lies on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from .ceph import CephObserved
from .disk import Disk


@dataclass(frozen=True)
class OsdWanted:
    """``device`` and ``db_device`` are any names of the disks: stable path, kernel path, serial number or WWN."""

    device: str
    db_device: Optional[str] = None
    device_class: Optional[str] = None
    encrypted: bool = False


@dataclass(frozen=True)
class CephOsdWanted:
    """``wipe`` names (like ``device``) the disks whose content may be destroyed."""

    osds: tuple[OsdWanted, ...]
    wipe: tuple[str, ...] = ()


@dataclass(frozen=True)
class CephOsdObserved:
    """``holders``: path of a disk → numbers of this node's OSDs whose data lies on it."""

    ceph: CephObserved
    disks: tuple[Disk, ...]
    holders: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
