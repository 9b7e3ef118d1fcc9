# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wanted of a guest that this collection makes, in the words of the API. What is not said stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from .firewall import DesiredFirewall
from .guest import NOUNS, GuestKind
from .mark import Mark
from .properties import LXC, QEMU, Format, Overlay, Properties, family, parse

#: Where a virtual machine's disks can be; a container's are ``rootfs`` and ``mp0``.
BUSES = ("ide", "sata", "scsi", "virtio")
EFIDISK, TPM = "efidisk0", "tpmstate0"


def format_of(kind: GuestKind, key: str) -> Optional[Format]:
    """None where the value is a plain text."""
    return _formats(kind).get(family(key))


def known_format(kind: GuestKind, key: str) -> Format:
    """Of a key whose value is a property string: KeyError for any other."""
    return _formats(kind)[family(key)]


def parts_of(kind: GuestKind, key: str, text: str) -> Properties:
    """Of a property string; none where the value is a plain text."""
    form = format_of(kind, key)
    return parse(form, text) if form is not None else {}


def volume_name(found: Properties) -> str:
    return found.get("file", found.get("volume", ""))


def has_drive(config: Mapping[str, str]) -> bool:
    """A guest has one cloud-init drive, wherever it is."""
    return any("cloudinit" in value and "media=cdrom" in value for value in config.values())


def _formats(kind: GuestKind) -> Mapping[str, Format]:
    return QEMU if kind == "qemu" else LXC


def mappings_of(config: Mapping[str, Overlay]) -> list[str]:
    """The resource mappings by which a machine gets devices, each as often as it is named."""
    return [str(one["mapping"]) for one in _devices(config)]


def whole_of(config: Mapping[str, Overlay]) -> list[str]:
    """Those by which it has devices for itself. Of what is mediated (vGPUs), one device may serve several machines."""
    return [str(one["mapping"]) for one in _devices(config) if not one.get("mdev")]


def _devices(config: Mapping[str, Overlay]) -> list[Overlay]:
    named = (one for key, one in sorted(config.items()) if family(key) == "hostpci")
    return [one for one in named if one.get("mapping")]


@dataclass(frozen=True)
class DesiredDisk:
    """``size``: in bytes; it only ever grows. ``source``: the volume that a new one is a copy of.

    ``options``: as in its property string. ``new``: those that only a new volume takes.
    """

    slot: str
    absent: bool = False
    storage: str = ""
    size: int = 0
    source: str = ""
    options: Overlay = field(default_factory=dict)
    new: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Clone:
    """Of which guest: by its number, or of the template of this name and version."""

    vmid: int = 0
    template: str = ""
    version: str = ""
    full: bool = False
    storage: str = ""

    def __str__(self) -> str:
        return str(self.vmid) if self.vmid else f"template {self.template} version {self.version}"


@dataclass(frozen=True)
class Snapshot:
    name: str
    absent: bool = False
    description: str = ""
    vmstate: bool = False


@dataclass(frozen=True)
class DesiredHa:
    """``options``: as the API has them."""

    managed: bool = True
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DesiredGuest:
    """``values``: key → text. ``overlays``: key → what is said of its property string. ``dropped``: keys to be gone.

    ``drive``: where a cloud-init drive is made. ``creation``: what counts only when it is made. ``password``: what is
    set is never shown again; ``always``: in every run. ``version``: it is to be a template, of this version.
    """

    kind: GuestKind
    vmid: int
    name: str
    absent: bool = False
    running: Optional[bool] = None
    node: str = ""
    pool: str = ""
    mark: Mapping[str, str] = field(default_factory=dict)
    description: Optional[str] = None
    tags: Optional[frozenset[str]] = None
    values: Mapping[str, str] = field(default_factory=dict)
    overlays: Mapping[str, Overlay] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    disks: tuple[DesiredDisk, ...] = ()
    drive: Optional[DesiredDisk] = None
    creation: Mapping[str, str] = field(default_factory=dict)
    password: str = field(default="", repr=False)
    always: bool = False
    clone: Optional[Clone] = None
    version: str = ""
    snapshots: tuple[Snapshot, ...] = ()
    ha: Optional[DesiredHa] = None
    firewall: Optional[DesiredFirewall] = None

    @property
    def marked(self) -> Mark:
        template = {"template": self.name, "version": self.version} if self.version else {}
        return Mark(self.vmid, self.name, {**self.mark, **template})

    @property
    def name_key(self) -> str:
        return "name" if self.kind == "qemu" else "hostname"

    @property
    def noun(self) -> str:
        return NOUNS[self.kind]

    @property
    def mappings(self) -> list[str]:
        return mappings_of(self.overlays)

    def __str__(self) -> str:
        return f"{self.noun} {self.vmid} ({self.name})"


@dataclass(frozen=True)
class DesiredGuests:
    """``reserve``: memory of each node, in bytes, that guests are not placed into."""

    guests: tuple[DesiredGuest, ...]
    reserve: int = 0
