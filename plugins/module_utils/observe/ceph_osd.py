# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which disk of this node carries which OSD, without starting ceph-volume (which takes seconds).

An active OSD has a link ``/var/lib/ceph/osd/ceph-N/block``. It leads to the disk itself (raw OSDs), to a logical
volume ``/dev/VG/LV`` (what pveceph makes), or to ``/dev/mapper/NAME`` (encrypted). lsblk knows on which disk a volume
lies, under the name the device mapper gives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ..model.ceph import STATE
from ..model.ceph_osd import CephOsdObserved
from . import ceph
from .disks import LSBLK, observe_disks
from .reader import Reader

_MAPPER = "/dev/mapper/"


def observe(reader: Reader, desired: object = None) -> CephOsdObserved:
    """``desired`` is taken for the sake of the observers' common form and not looked at."""
    disks = observe_disks(reader)
    node = ceph.observe_node(reader)
    links = {int(number): _block_target(reader, number) for number in node.daemons["osd"] if number.isdigit()}
    names = dict(_device_names(reader.run_json(*LSBLK) or {"blockdevices": ()}))
    holders: dict[str, tuple[int, ...]] = {}
    for number, target in sorted(links.items()):
        disk = None if target is None else names.get(target)
        if disk is not None:
            holders[disk] = (*holders.get(disk, ()), number)
    return CephOsdObserved(ceph.observe(reader), disks, holders)


def _block_target(reader: Reader, number: str) -> Optional[str]:
    """Where an OSD's block link leads, in the device mapper's naming where it is a volume."""
    link = reader.entry(f"{STATE}/osd/ceph-{number}/block")
    if link is None or link.target is None:
        return None
    return mapper_path(link.target)


def mapper_path(path: str) -> str:
    """``/dev/ceph-a1/osd-block-b2`` → ``/dev/mapper/ceph--a1-osd--block--b2``; other paths stay as they are."""
    parts = path.split("/")
    if len(parts) != 4 or path.startswith(_MAPPER) or parts[1] != "dev":
        return path
    group, volume = (part.replace("-", "--") for part in parts[2:])
    return f"{_MAPPER}{group}-{volume}"


def _device_names(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path of a device, path of the disk it lies on) for every disk and all that is built on it."""
    for disk in document["blockdevices"]:
        for device in _family(disk):
            yield device["path"], disk["path"]


def _family(device: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield device
    for child in device.get("children", ()):
        yield from _family(child)
