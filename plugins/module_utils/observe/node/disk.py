# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the disks of this node: three processes, whatever the number of disks."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader, recorded
from ...model.node.disk import PARTITION_TABLES, SIGNATURE_USES, Disk, Use

#: Columns that lsblk has had since Debian 11 (MOUNTPOINTS, in the plural, came later).
_COLUMNS = "NAME,PATH,TYPE,SIZE,MODEL,SERIAL,WWN,ROTA,PTTYPE,FSTYPE,MOUNTPOINT"
LSBLK = ("lsblk", "--json", "--bytes", "--output", _COLUMNS)
#: ``-xtype`` makes find look at the node itself: a bind mount over it (in a container) hides its type in the directory.
DEVICE_NODES = (
    "find", "/dev", "-maxdepth", "3",
    "(", "-xtype", "b", "-o", "-path", "/dev/disk/by-id/*", ")", "-printf", "%p\t%l\n",
)  # fmt: skip
WIPEFS = ("wipefs", "--json")
_BY_ID = "/dev/disk/by-id/"
_BY_SIGNATURE: tuple[Use, ...] = ("ceph", "LVM", "ZFS", "RAID", "multipath", "encrypted", "swap")
#: Disks to the kernel, but made of something else: compressed memory, RBD images, network disks, ZFS volumes, DRBD.
_VIRTUAL = ("/dev/zram", "/dev/rbd", "/dev/nbd", "/dev/zd", "/dev/drbd")


@recorded
def observe_disks(reader: Reader) -> tuple[Disk, ...]:
    """All disks in the order of their paths. A loop device counts as a disk when something gave it a stable name.

    lsblk also lists what the kernel knows but this node may not touch (in a container: the disks of its host);
    such a device has no node in /dev and is left out.
    """
    document = reader.run_json(*LSBLK)
    if document is None:
        raise Unreadable("lsblk could not list the disks of this node.", "Run `lsblk --json` there to see why.")
    # find exits with 1 when something vanished while it looked; what it printed is still true.
    links = parse_device_nodes(reader.run(*DEVICE_NODES).stdout)
    devices = sorted((one for one in document["blockdevices"] if _is_disk(one, links)), key=lambda one: one["path"])
    written = _written_signatures(reader, [device["path"] for device in devices])
    return tuple(_disk(device, links[device["path"]], written.get(device["path"], ())) for device in devices)


def _written_signatures(reader: Reader, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What is written on the disks themselves. lsblk repeats udev's database, which may be out of date or missing.

    wipefs without options only reads. Where it cannot read a disk, what lsblk says has to do.
    """
    found: dict[str, list[str]] = {}
    document = reader.run_json(*WIPEFS, *paths) if paths else None
    for one in (document or {}).get("signatures", ()):
        found.setdefault(f"/dev/{one['device']}", []).append(one["type"])
    return {path: tuple(signs) for path, signs in found.items()}


def parse_device_nodes(text: str) -> dict[str, tuple[str, ...]]:
    """Device node → its links in /dev/disk/by-id, from lines of path, tab and (for links) target."""
    rows = [line.partition("\t")[::2] for line in text.splitlines()]
    links: dict[str, list[str]] = {path: [] for path, target in rows if not target}
    for path, target in rows:
        device = posixpath.normpath(posixpath.join(_BY_ID, target))
        if path.startswith(_BY_ID) and device in links:
            links[device].append(path)
    return {path: tuple(sorted(names)) for path, names in links.items()}


def _is_disk(device: Mapping[str, Any], links: Mapping[str, tuple[str, ...]]) -> bool:
    if device["type"] == "loop":
        return bool(links.get(device["path"]))
    return device["type"] == "disk" and device["path"] in links and not device["path"].startswith(_VIRTUAL)


def _disk(device: Mapping[str, Any], by_id: tuple[str, ...], written: tuple[str, ...]) -> Disk:
    family = list(_family(device))
    signatures = {sign for member in family for sign in _signatures(member)} | set(written)
    return Disk(
        path=device["path"],
        by_id=by_id,
        size=int(device["size"]),
        model=_text(device["model"]),
        serial=_text(device["serial"]),
        wwn=_text(device["wwn"]),
        rotational=bool(device["rota"]),
        used=_use(family, signatures),
        mountpoints=tuple(sorted({member["mountpoint"] for member in family if member["mountpoint"]})),
        signatures=tuple(sorted(signatures)),
    )


def _use(family: list[Mapping[str, Any]], signatures: set[str]) -> Optional[Use]:
    """The use that matters most to somebody who thinks of wiping the disk."""
    uses: set[Use] = {SIGNATURE_USES.get(sign, "filesystem") for sign in signatures - PARTITION_TABLES}
    if any(member["mountpoint"] for member in family):
        return "mounted"
    if any(member["type"] == "lvm" and member["name"].startswith("ceph--") for member in family):
        return "ceph"
    for use in _BY_SIGNATURE:
        if use in uses:
            return use
    if any(member["type"] == "part" or member["pttype"] for member in family) or signatures & PARTITION_TABLES:
        return "partitions"
    if uses:
        return "filesystem"
    return "device mapper" if len(family) > 1 else None


def _family(device: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The device and everything that is built on it."""
    yield device
    for child in device.get("children", ()):
        yield from _family(child)


def _signatures(device: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sign for sign in (device["pttype"], device["fstype"]) if sign)


def _text(value: Optional[str]) -> Optional[str]:
    return (value or "").strip() or None
