# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which disk of this node carries which OSD, without starting ceph-volume (which takes seconds).

An active OSD has a link ``/var/lib/ceph/osd/ceph-N/block``. It leads to the disk itself (raw OSDs), to a logical
volume ``/dev/VG/LV`` (what pveceph makes), or to ``/dev/mapper/NAME`` (encrypted). lsblk knows on which disk a volume
lies, under the name the device mapper gives it.

An OSD that is not active, as after the system was installed anew, is known by its own identity: the volume bears it in
its name, a raw disk in its label. The monitors know which number that is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.reader import Reader, recorded
from ...model.ceph.osd import ObservedOsds
from ...model.ceph.state import STATE
from ..node.disk import LSBLK, observe_disks
from . import state as ceph

_MAPPER = "/dev/mapper/"
_LABEL = ("ceph-bluestore-tool", "show-label", "--dev")
_BLUESTORE = "ceph_bluestore"
_IDENTITY = re.compile(r"(?<!-)-osd--block--([0-9a-f]+(?:--[0-9a-f]+){4})$")


@recorded
def observe(reader: Reader, desired: object = None) -> ObservedOsds:
    """``desired`` is taken for the sake of the observers' common form and not looked at."""
    disks = observe_disks(reader)
    document = reader.run_json(*LSBLK) or {"blockdevices": ()}
    holders = _active(reader, document)
    asleep = dict(_identities(document))
    known = {*holders, *asleep.values()}
    for disk in (one for one in disks if _BLUESTORE in one.signatures and one.path not in known):
        asleep.update((identity, disk.path) for identity in _label(reader, disk.path))
    found = ceph.observe(reader)
    for osd in () if found.cluster is None else found.cluster.osds:
        path = asleep.get(osd.uuid)
        if path is not None and osd.id not in holders.get(path, ()):
            holders[path] = (*holders.get(path, ()), osd.id)
    return ObservedOsds(found, disks, holders)


def _active(reader: Reader, document: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Path of a disk → the OSDs whose directories lead to it."""
    numbers = sorted(int(number) for number in ceph.observe_node(reader).daemons["osd"] if number.isdigit())
    names = dict(_device_names(document))
    holders: dict[str, tuple[int, ...]] = {}
    for number in numbers:
        disk = names.get(_block_target(reader, str(number)) or "")
        if disk is not None:
            holders[disk] = (*holders.get(disk, ()), number)
    return holders


def _identities(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(identity of an OSD, path of the disk with its volume)."""
    for disk in document["blockdevices"]:
        for device in _family(disk):
            found = _IDENTITY.search(device["name"])
            if found:
                yield found[1].replace("--", "-"), disk["path"]


def _label(reader: Reader, path: str) -> Iterator[str]:
    """The identity in a raw disk's label; none when the label cannot be read, which the signature then shows."""
    done = reader.run(*_LABEL, path)
    if done.rc == 0:
        labels = json.loads(done.stdout)
        yield from (label["osd_uuid"] for label in labels.values() if label.get("description") == "main")


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
