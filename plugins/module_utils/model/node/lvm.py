# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Logical volumes of a node, and the devices that their groups consist of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_GUEST = re.compile(r"(vm|base)-[0-9]+-")


@dataclass(frozen=True)
class Volume:
    """``open``: something has it in use now.  devices: what it lies on; none of a thin volume."""

    group: str
    name: str
    path: str
    tags: Mapping[str, str] = field(default_factory=dict)
    open: bool = False
    devices: tuple[str, ...] = ()

    @property
    def of_guest(self) -> bool:
        """Whether it is named as Proxmox VE names the disks of guests, whether these run or not."""
        return _GUEST.match(self.name) is not None


@dataclass(frozen=True)
class Lvm:
    """``groups``: volume group → its physical volumes, also those that are missing. unused: those of no group.

    unread: LVM could not be asked, so that nothing is known of what lies on its disks.
    """

    volumes: tuple[Volume, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    unread: bool = False
