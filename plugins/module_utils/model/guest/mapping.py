# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Resource mappings: names that hold in the whole cluster, for devices and directories of each node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: As in the paths of the API.
MappingKind = Literal["pci", "usb", "dir"]
FILES: Mapping[MappingKind, str] = {
    "pci": "/etc/pve/mapping/pci.cfg",
    "usb": "/etc/pve/mapping/usb.cfg",
    "dir": "/etc/pve/mapping/directory.cfg",
}


@dataclass(frozen=True)
class ResourceMapping:
    """``entries`` are its lines, one for each node and device. ``live``: the devices can move with a VM that runs."""

    kind: MappingKind
    name: str
    entries: tuple[str, ...]
    live: bool = False

    @property
    def path(self) -> str:
        """Such as ``pci/gpu``: as the API has it."""
        return f"{self.kind}/{self.name}"

    def on(self, node: str) -> bool:
        return self.without(node) != self.entries

    def without(self, node: str) -> tuple[str, ...]:
        return tuple(entry for entry in self.entries if f"node={node}" not in entry.split(","))
