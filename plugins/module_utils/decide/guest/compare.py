# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a configuration is to be changed: field by field, by what it means, and nothing that was not spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Optional

from ...model.guest.desired import DesiredDisk, DesiredGuest, has_drive, known_format, parts_of, volume_name
from ...model.guest.guest import GuestKind
from ...model.guest.mark import Mark, parse_mark, with_mark, without_mark
from ...model.guest.properties import (
    Overlay,
    Properties,
    decoded_keys,
    family,
    laid_over,
    meaning,
    parse,
    render,
    split_list,
    tags,
)
from ...model.guest.size import in_gib, parse_size
from ...model.guest.volumes import storage_of

#: Keys whose change makes cloud-init take the guest for a new one, and what the drive is made from.
CLOUD_INIT = (
    *("ciuser", "cipassword", "sshkeys", "ipconfig", "nameserver", "searchdomain", "ciupgrade", "citype", "cicustom"),
)
_DEFAULTS: Mapping[GuestKind, Properties] = {
    "qemu": {
        **dict.fromkeys(("onboot", "protection"), "0"),
        **dict.fromkeys(("ciupgrade", "cores", "sockets"), "1"),
        "ostype": "other",
        "bios": "seabios",
        "scsihw": "lsi",
    },
    "lxc": {
        **dict.fromkeys(("onboot", "protection", "unprivileged"), "0"),
        **dict.fromkeys(("memory", "swap"), "512"),
        "cpuunits": "100",
    },
}
#: A version that was put to the kind of machine, so that the guest finds the same hardware again.
_PINNED = {
    "q35": re.compile(r"pc-q35-\d.*"),
    "pc": re.compile(r"pc-i440fx-\d.*"),
    "i440fx": re.compile(r"pc-i440fx-.*"),
}
_FIXED = ("efidisk0", "tpmstate0")


@dataclass(frozen=True)
class Change:
    """``put``: key → value to be written. ``deleted``: keys to be removed. ``grown``: disk → size in bytes."""

    put: Mapping[str, str] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()
    grown: Mapping[str, int] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(sorted((*self.put, *self.deleted)))

    @property
    def identity(self) -> bool:
        """Cloud-init will take the guest for a new one."""
        return any(family(key) in CLOUD_INIT for key in self.keys)


def change(desired: DesiredGuest, config: Mapping[str, str]) -> Change:
    put: dict[str, str] = {
        key: text
        for key, text in desired.values.items()
        if _canonical(desired.kind, key, text) != _canonical(desired.kind, key, config.get(key))
    }
    deleted = {key for key in desired.dropped if key in config}
    for key, overlay in desired.overlays.items():
        new = overlaid(desired.kind, key, config.get(key, ""), overlay)
        if new:
            put[key] = new
        elif new is not None:
            deleted.add(key)
    if desired.tags is not None and desired.tags != tags(config.get("tags", "")):
        put["tags"] = ";".join(sorted(desired.tags))
    text = described(desired, config.get("description", ""))
    if text != config.get("description", "").rstrip():
        put["description"] = text
    for disk in desired.disks:
        put.update(_disk(desired.kind, disk, config))
        if disk.absent and disk.slot in config:
            deleted.add(disk.slot)
    put.update(_drive(desired, config))
    if put.get("tags") == "":
        del put["tags"]
        deleted.add("tags")
    return Change(put, tuple(sorted(deleted)), dict(_grown(desired, config)))


def _canonical(kind: GuestKind, key: str, text: Optional[str]) -> object:
    if key == "sshkeys":
        return decoded_keys(text or "")
    value = _DEFAULTS[kind].get(key, "") if text is None else text.strip()
    if key in ("nameserver", "searchdomain"):
        return split_list(value)
    return f"{float(value):g}" if re.fullmatch(r"\d+(\.\d+)?", value) else value


def overlaid(kind: GuestKind, key: str, text: str, overlay: Overlay) -> Optional[str]:
    """What is to be written; None where it means that already."""
    form = known_format(kind, key)
    found = parse(form, text)
    if key == "machine":
        pin = _PINNED.get(str(overlay.get("type")))
        if pin is not None and pin.fullmatch(found.get("type", "")):
            overlay = {**overlay, "type": found["type"]}
    whole = laid_over(found, overlay)
    if _unsized(meaning(form, found)) == _unsized(meaning(form, whole)):
        return None
    return render(form, whole)


def _unsized(found: Properties) -> Properties:
    """The size of a volume is told there, but not set."""
    return {name: value for name, value in found.items() if name != "size"}


def described(desired: DesiredGuest, now: str) -> str:
    """The text of people, and the mark; of that, what others have added is kept."""
    known = parse_mark(now)
    wish = desired.marked
    fields = {**(known.fields if known is not None else {}), **wish.fields}
    text = without_mark(now) if desired.description is None else desired.description
    return with_mark(text, Mark(wish.vmid, wish.name, fields))


def size_of(found: Properties) -> int:
    return parse_size(found.get("size", "")) or 0


def _disk(kind: GuestKind, disk: DesiredDisk, config: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A new volume only where there is none; of one that is there, its options."""
    if disk.absent:
        return
    if disk.slot not in config:
        yield disk.slot, new_volume(kind, disk)
    elif disk.slot not in _FIXED:
        new = overlaid(kind, disk.slot, config[disk.slot], disk.options)
        if new:
            yield disk.slot, new


def new_volume(kind: GuestKind, disk: DesiredDisk) -> str:
    """In the words that make one. Asked for again it would make another one."""
    size = "1" if disk.slot in _FIXED else "0" if disk.source else in_gib(disk.size)
    options = {name: value for name, value in {**disk.options, **disk.new}.items() if value is not None}
    if disk.source:
        options["import-from"] = disk.source
    words = (f"{name}={value}" for name, value in sorted(options.items()))
    return ",".join([f"{disk.storage}:{size}", *words])


def _drive(desired: DesiredGuest, config: Mapping[str, str]) -> dict[str, str]:
    if desired.drive is None or has_drive(config):
        return {}
    return {desired.drive.slot: f"{desired.drive.storage}:cloudinit"}


def _grown(desired: DesiredGuest, config: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """A disk that is made from an image has the size of that at first."""
    for disk in desired.disks:
        if disk.absent or not disk.size:
            continue
        if disk.slot not in config:
            if disk.source:
                yield disk.slot, disk.size
        elif disk.size > size_of(parts_of(desired.kind, disk.slot, config[disk.slot])):
            yield disk.slot, disk.size


def sets_password(guest: DesiredGuest, config: Mapping[str, str]) -> bool:
    """Of cloud-init. It cannot be seen which one is set, only that one is."""
    return guest.kind == "qemu" and bool(guest.password) and (guest.always or "cipassword" not in config)


def storage_at(kind: GuestKind, key: str, text: str) -> str:
    return storage_of(volume_name(parts_of(kind, key, text)))


def undeclared(desired: DesiredGuest, config: Mapping[str, str]) -> Iterator[tuple[str, Properties]]:
    """Disks that nobody speaks of. They are kept."""
    said = {disk.slot for disk in desired.disks} | set(desired.overlays) | {"efidisk0", "tpmstate0"}
    for key, text in sorted(config.items()):
        found = parts_of(desired.kind, key, text)
        is_disk = "file" in found or "volume" in found
        if is_disk and key not in said and found.get("media") != "cdrom":
            yield key, found
        elif re.fullmatch(r"unused\d+", key):
            yield key, {"file": text}
