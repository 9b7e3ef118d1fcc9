# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes with a guest when it is destroyed, and what of that a backup holds. Upstream: vzdump(1), qm(1), pct(1).

A volume belongs to the guest whose number is in its name, whoever uses it, and goes with that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .guest import GuestKind

_UNUSED = re.compile(r"unused\d+")
_KEYS: Mapping[GuestKind, re.Pattern[str]] = {
    "qemu": re.compile(r"(?:ide|sata|scsi|virtio)\d+|efidisk0|tpmstate0|vmstate|unused\d+"),
    "lxc": re.compile(r"rootfs|mp\d+|unused\d+"),
}
#: The option that names the volume where it is not the first word.
_NAMED: Mapping[GuestKind, str] = {"qemu": "file=", "lxc": "volume="}
_IN_FOLDER = re.compile(r"(?:.*/)?(\d+)/[^/]+")
_IN_NAME = re.compile(r"(?:.*/)?(?:vm|base|subvol|basevol)-(\d+)-[^/]+")
_OFF = ("0", "off", "no", "false")
_ON = ("1", "on", "yes", "true")
_INCLUDED: Mapping[GuestKind, re.Pattern[str]] = {
    "qemu": re.compile(r"INFO: include disk '(?P<key>[^']+)' '(?P<id>[^']+)'"),
    "lxc": re.compile(r"INFO: including (?:\w+ )?mount point (?P<key>\w+) "),
}
_EXCLUDED: Mapping[GuestKind, re.Pattern[str]] = {
    "qemu": re.compile(r"INFO: exclude disk '(?P<key>[^']+)'"),
    "lxc": re.compile(r"INFO: excluding [\w ]*mount point (?P<key>\w+) "),
}


@dataclass(frozen=True)
class Held:
    """A volume as a configuration names it. ``kept``: a backup of the guest holds it. ``snapshot``: where it stands.

    ``owner``: the guest that it goes with; None of what no guest owns.
    """

    key: str
    id: str
    owner: Optional[int]
    kept: bool
    snapshot: str = ""

    @property
    def named(self) -> str:
        """As people give it up."""
        return f"{self.snapshot}:{self.key}" if self.snapshot else self.key

    def __str__(self) -> str:
        return f"{self.named} ({self.id})"


def owner_of(volume: str) -> Optional[int]:
    """The guest whose number is in the name of a volume: of its folder, if it lies in one, else of itself."""
    dummy, colon, name = volume.partition(":")
    found = _IN_FOLDER.fullmatch(name) or _IN_NAME.fullmatch(name) if colon and not volume.startswith("/") else None
    return int(found.group(1)) if found else None


def volumes_of(kind: GuestKind, config: Mapping[str, Any], snapshot: str = "") -> Iterator[Held]:
    """Those of a configuration, but not what is made anew from it or lies in a drive, nor what is no volume at all."""
    for key, value in sorted(config.items()):
        if _KEYS[kind].fullmatch(key):
            volume, options = _drive(kind, str(value))
            if options.get("media") == "cdrom" or ":" not in volume or volume.startswith("/"):
                continue
            kept = not snapshot and _is_kept(kind, key, options, config)
            yield Held(key, volume, owner_of(volume), kept, snapshot)


def _drive(kind: GuestKind, value: str) -> tuple[str, Mapping[str, str]]:
    words = value.split(",")
    options = {name: text for name, dummy, text in (word.partition("=") for word in words)}
    first = next((word for word in words if word.startswith(_NAMED[kind])), words[0])
    return first[len(_NAMED[kind]) :] if first.startswith(_NAMED[kind]) else first, options


def _is_kept(kind: GuestKind, key: str, options: Mapping[str, str], config: Mapping[str, Any]) -> bool:
    if _UNUSED.fullmatch(key) or key == "vmstate":
        return False
    if kind == "lxc":
        return key == "rootfs" or options.get("backup") in _ON
    if key == "efidisk0" and config.get("bios") != "ovmf":
        return False
    return options.get("backup") not in _OFF


def freed(vmid: int, volumes: Iterable[Held]) -> tuple[Held, ...]:
    """What a destroy of the guest frees: each volume once, as the guest itself names it before its snapshots do."""
    found: dict[str, Held] = {}
    for one in volumes:
        if one.owner == vmid:
            found.setdefault(one.id, one)
    return tuple(found.values())


def lost(vmid: int, volumes: Iterable[Held], discard: Iterable[str] = ()) -> tuple[Held, ...]:
    """What a destroy would free that no backup holds, but for what is given up by name."""
    given_up = frozenset(discard)
    return tuple(one for one in freed(vmid, volumes) if not one.kept and one.named not in given_up)


def missing_in_log(kind: GuestKind, log: Sequence[str], wanted: Iterable[Held]) -> tuple[Held, ...]:
    """Of these volumes, those that the log of a backup excludes, or does not say to be included."""
    excluded = {found.group("key") for found in map(_EXCLUDED[kind].match, log) if found}
    included = {tuple(found.groups()) for found in map(_INCLUDED[kind].match, log) if found}
    return tuple(
        one
        for one in wanted
        if one.key in excluded or ((one.key, one.id) if kind == "qemu" else (one.key,)) not in included
    )
