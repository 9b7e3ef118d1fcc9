# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the disks of this node: three processes, whatever the number of disks, and two more where there is LVM."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader, recorded
from ...model.node.disk import LVM_MEMBER, PARTITION_TABLES, SIGNATURE_USES, Disk, Use
from .disk_use import UNREADABLE, LvmUse, by_kernel, stored_groups, stored_luns
from .lvm import NOT_INSTALLED, observe_lvm

#: Columns that lsblk has had since Debian 11 (MOUNTPOINTS, in the plural, came later).
_COLUMNS = "NAME,PATH,TYPE,SIZE,MODEL,SERIAL,WWN,ROTA,PTTYPE,FSTYPE,MOUNTPOINT"
LSBLK = ("lsblk", "--json", "--bytes", "--output", _COLUMNS)
#: ``-xtype`` makes find look at the node itself: a bind mount over it (in a container) hides its type in the directory.
DEVICE_NODES = (
    "find", "/dev", "-maxdepth", "3",
    "(", "-xtype", "b", "-o", "-path", "/dev/disk/by-id/*", "-o", "-path", "/dev/disk/by-path/*-iscsi-*", ")",
    "-printf", "%p\t%l\n",
)  # fmt: skip
WIPEFS = ("wipefs", "--json")
_BY_ID = "/dev/disk/by-id/"
_BY_PATH = "/dev/disk/by-path/"
_BY_SIGNATURE: tuple[Use, ...] = ("ceph", "LVM", "ZFS", "RAID", "multipath", "encrypted", "swap")
#: Disks to the kernel, but made of something else: compressed memory, RBD images, network disks, ZFS volumes, DRBD;
#: or no disks to keep data on: floppies, memory, flash of the board, the kernel's test device.
_VIRTUAL = (
    *("/dev/zram", "/dev/rbd", "/dev/nbd", "/dev/zd", "/dev/drbd"),
    *("/dev/fd", "/dev/ram", "/dev/mtdblock", "/dev/nullb"),
)
_BOOT_PART = re.compile(r"/dev/mmcblk[0-9]+(boot[0-9]+|rpmb)")


@recorded
def observe_disks(reader: Reader) -> tuple[Disk, ...]:
    """All disks in the order of their paths.

    lsblk also lists what the kernel knows but this node may not touch (in a container: the disks of its host);
    such a device has no node in /dev and is left out.
    """
    document = reader.run_json(*LSBLK)
    if document is None:
        raise Unreadable("lsblk could not list the disks of this node.", "Run `lsblk --json` there to see why.")
    # find exits with 1 when something vanished while it looked; what it printed is still true.
    nodes = reader.run(*DEVICE_NODES).stdout
    links = parse_device_nodes(nodes)
    devices = sorted((one for one in document["blockdevices"] if _is_disk(one, links)), key=lambda one: one["path"])
    written = _written_signatures(reader, [device["path"] for device in devices])
    lvm = _lvm(reader, devices, written)
    luns = stored_luns(reader, parse_device_nodes(nodes, _BY_PATH))
    disks = (_disk(device, links[device["path"]], written[device["path"]], lvm) for device in devices)
    return tuple(_of_storage(disk, luns[disk.path]) if disk.path in luns else disk for disk in disks)


def _of_storage(disk: Disk, storage: str) -> Disk:
    """A LUN that Proxmox VE gives to guests, or keeps for them."""
    use = f"the storage {storage} of Proxmox VE, of whose iSCSI target it is a LUN"
    return replace(disk, used=disk.used or "iSCSI", in_use_by=(*disk.in_use_by, use))


def _written_signatures(reader: Reader, paths: Sequence[str]) -> dict[str, Optional[tuple[str, ...]]]:
    """What is written on the disks themselves; None of a disk that cannot be read.

    lsblk repeats udev's database, which may be out of date or missing. wipefs without options only reads; it ends at
    the first disk that it cannot open and then tells of none, so each is asked alone.
    """
    found: dict[str, Optional[tuple[str, ...]]] = dict.fromkeys(paths, ())
    done = reader.run(*WIPEFS, *paths) if paths else None
    if done is None or done.rc == NOT_INSTALLED:
        return found
    if done.rc == 0:
        return {**found, **_parsed(done.stdout)}
    for path in paths:
        alone = done if len(paths) == 1 else reader.run(*WIPEFS, path)
        found[path] = _parsed(alone.stdout).get(path, ()) if alone.rc == 0 else None
    return found


def _parsed(text: str) -> dict[str, tuple[str, ...]]:
    """Signatures by path; wipefs prints nothing at all when there are none."""
    found: dict[str, tuple[str, ...]] = {}
    for one in json.loads(text)["signatures"] if text.strip() else ():
        path = f"/dev/{one['device']}"
        found[path] = (*found.get(path, ()), one["type"])
    return found


def _lvm(
    reader: Reader, devices: Sequence[Mapping[str, Any]], written: Mapping[str, Optional[tuple[str, ...]]]
) -> LvmUse:
    """Asked only where a disk is LVM's."""
    signs = {sign for device in devices for member in family_of(device) for sign in _signatures(member)}
    if LVM_MEMBER not in signs | {sign for found in written.values() for sign in found or ()}:
        return LvmUse()
    paths = {member["path"]: device["path"] for device in devices for member in family_of(device)}
    return LvmUse(observe_lvm(reader), paths, stored_groups(reader))


def parse_device_nodes(text: str, folder: str = _BY_ID) -> dict[str, tuple[str, ...]]:
    """Device node → its links in this folder, from lines of path, tab and (for links) target."""
    rows = [line.partition("\t")[::2] for line in text.splitlines()]
    links: dict[str, list[str]] = {path: [] for path, target in rows if not target}
    for path, target in rows:
        device = posixpath.normpath(posixpath.join(folder, target))
        if path.startswith(folder) and device in links:
            links[device].append(path)
    return {path: tuple(sorted(names)) for path, names in links.items()}


def _is_disk(device: Mapping[str, Any], links: Mapping[str, tuple[str, ...]]) -> bool:
    path = device["path"]
    virtual = path.startswith(_VIRTUAL) or _BOOT_PART.fullmatch(path)
    return device["type"] == "disk" and path in links and not virtual and int(device["size"]) > 0


def _disk(device: Mapping[str, Any], by_id: tuple[str, ...], written: Optional[tuple[str, ...]], lvm: LvmUse) -> Disk:
    family = list(family_of(device))
    signatures = {sign for member in family for sign in _signatures(member)} | set(written or ())
    unread = (UNREADABLE,) if written is None else ()
    return Disk(
        path=device["path"],
        by_id=by_id,
        size=int(device["size"]),
        model=_text(device["model"]),
        serial=_text(device["serial"]),
        wwn=_text(device["wwn"]),
        rotational=bool(device["rota"]),
        used=_use(family, signatures) or ("unreadable" if unread else None),
        mountpoints=tuple(sorted({member["mountpoint"] for member in family if member["mountpoint"]})),
        signatures=tuple(sorted(signatures)),
        in_use_by=(*unread, *by_kernel(family, signatures), *lvm.on(device["path"], signatures)),
        of_guests=tuple(lvm.of_guests(device["path"])),
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


def family_of(device: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The device and everything that is built on it."""
    yield device
    for child in device.get("children", ()):
        yield from family_of(child)


def _signatures(device: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sign for sign in (device["pttype"], device["fstype"]) if sign)


def _text(value: Optional[str]) -> Optional[str]:
    return (value or "").strip() or None
