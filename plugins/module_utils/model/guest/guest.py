# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A guest: a virtual machine or a container, as its configuration describes it. Upstream: qm.conf(5), pct.conf(5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Optional

from .mark import Mark
from .volumes import Volume

#: As pmxcfs and the API call them.
GuestKind = Literal["qemu", "lxc"]
VMLIST = "/etc/pve/.vmlist"
NODES = "/etc/pve/nodes"
#: Kind of a guest → folder of its configuration, below the directory of its node.
FOLDERS: Mapping[GuestKind, str] = {"qemu": "qemu-server", "lxc": "lxc"}


#: As people call it, and as the HA manager does.
NOUNS: Mapping[GuestKind, str] = {"qemu": "VM", "lxc": "container"}
SHORT: Mapping[GuestKind, str] = {"qemu": "vm", "lxc": "ct"}


def sid_of(kind: GuestKind, vmid: int) -> str:
    """As the HA manager names it."""
    return f"{SHORT[kind]}:{vmid}"


def path_of(kind: GuestKind, node: str, vmid: int) -> str:
    """Where the API has it."""
    return f"/nodes/{node}/{kind}/{vmid}"


def folder_of(kind: GuestKind, node: str) -> str:
    """The directory in which a node has the configurations of this kind."""
    return f"{NODES}/{node}/{FOLDERS[kind]}"


@dataclass(frozen=True)
class Guest:
    """``running`` and ``memory`` are what its node has told the cluster. ``lock``: what is at work on it.

    mark: by which it is known to be ours; None of anybody else's.
    devices: what binds it to its node besides volumes, such as a device that is not mapped.
    mapped: the cluster-wide names of the devices it uses, such as ``pci/gpu``.
    """

    kind: GuestKind
    vmid: int
    name: str = ""
    running: bool = False
    memory: int = 0
    lock: Optional[str] = None
    mark: Optional[Mark] = None
    tags: frozenset[str] = frozenset()
    volumes: tuple[Volume, ...] = ()
    devices: tuple[str, ...] = ()
    mapped: tuple[str, ...] = ()

    @property
    def said(self) -> Mapping[str, str]:
        """What its mark says of it, such as whose it is; nothing where that is another guest's, as of a copy."""
        mark = self.mark
        return mark.fields if mark is not None and (mark.vmid, mark.name) == (self.vmid, self.name) else {}

    @property
    def sid(self) -> str:
        return sid_of(self.kind, self.vmid)

    @property
    def local(self) -> tuple[str, ...]:
        """Its own volumes that other nodes cannot see."""
        own = (one for one in self.volumes if not one.snapshot and not one.cdrom)
        return tuple(dict.fromkeys(str(one) for one in own if not one.shared))

    def file(self, node: str) -> str:
        """Its configuration, while it is on this node."""
        return f"{folder_of(self.kind, node)}/{self.vmid}.conf"

    def __str__(self) -> str:
        return f"{NOUNS[self.kind]} {self.vmid}" + (f" ({self.name})" if self.name else "")
