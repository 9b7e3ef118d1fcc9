# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Resource mappings of PCI devices: a name in the whole cluster for devices of all nodes.

Upstream: PVE::Mapping::PCI, which compares what an entry says with the device letter by letter when a guest starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..access.names import ROOT


@dataclass(frozen=True)
class DesiredMapping:
    """``id``: vendor and device of its devices. subsystem: that of their board, where it matters.

    vgpu: its devices are shared: functions that offer types, and never the card that they are functions of.
    nodes: those whose devices it has; all, if empty. whole: all functions of a card, with its audio.
    """

    name: str
    id: str = ""
    subsystem: str = ""
    vgpu: bool = False
    nodes: frozenset[str] = frozenset()
    whole: bool = True
    live: bool = False
    description: Optional[str] = None
    absent: bool = False


@dataclass(frozen=True)
class DesiredMappings:
    mappings: tuple[DesiredMapping, ...]
    caller: str = ROOT


@dataclass(frozen=True)
class MappableDevice:
    """As the API lists it. ``group``: -1 without one. mediated: it offers types of vGPUs."""

    address: str
    id: str
    subsystem: str = ""
    group: int = -1
    mediated: bool = False


@dataclass(frozen=True)
class PresentMapping:
    """``entries``: as they stand there. digest: of the file, so that nobody else's change is overwritten."""

    name: str
    entries: tuple[str, ...]
    vgpu: bool = False
    live: bool = False
    description: str = ""
    digest: str = ""


@dataclass(frozen=True)
class MappingUser:
    """A guest that names a mapping. ``onboot``: it starts with its node."""

    guest: str
    node: str
    mapping: str
    onboot: bool = False


@dataclass(frozen=True)
class ObservedMappings:
    """``release``: None where nobody serves the API yet. devices: of each node that tells. silent: the others, and why.

    users: only asked for where a mapping is to go, or names what is not there. unread: guests that do not tell.
    """

    release: Optional[int]
    present: Mapping[str, PresentMapping] = field(default_factory=dict)
    devices: Mapping[str, tuple[MappableDevice, ...]] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    users: tuple[MappingUser, ...] = ()
    unread: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


def entry_of(text: str) -> dict[str, str]:
    """Name → value of an entry, which is a property string."""
    words = (word.partition("=") for word in text.split(","))
    return {name.strip(): value.strip() for name, dummy, value in words if name.strip()}


def entry_text(node: str, path: str, device: MappableDevice) -> str:
    """In lower case, with group and subsystem: where the device has them, Proxmox VE misses them otherwise."""
    said = {"id": device.id, "iommugroup": str(device.group), "node": node, "path": path}
    more = {"subsystem-id": device.subsystem} if device.subsystem else {}
    return ",".join(f"{name}={value}" for name, value in {**said, **more}.items())
