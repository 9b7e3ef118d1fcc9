# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which disk of this node carries a part of which OSD, without starting ceph-volume (which takes seconds).

An OSD is known by its own identity, never by the name of a directory. It stands in the directory of an OSD that is
active (the files fsid and whoami, the links block, block.db and block.wal), in the tags of its logical volumes, and in
the label of a disk that it has for itself (``ceph-volume raw``). Which number that is, the monitors know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional, get_args

from ...engine.reader import Reader, recorded
from ...model.ceph.osd import ObservedOsds, OsdPart, Role
from ...model.ceph.state import STATE, CephCluster
from ...model.node.disk import LVM_MEMBER
from ..node.disk import LSBLK, family_of, observe_disks
from ..node.lvm import NOT_INSTALLED, observe_volumes
from . import state as ceph

ROLES: tuple[Role, ...] = get_args(Role)
_MAPPER = "/dev/mapper/"
_LABEL = ("ceph-bluestore-tool", "show-label", "--dev")
_BLUESTORE = "ceph_bluestore"
#: What a label calls its part.
_DESCRIBED: Mapping[str, Role] = {"main": "block", "bluefs db": "db", "bluefs wal": "wal"}


@dataclass(frozen=True)
class _Place:
    """Where a device lies. part: the partition of the disk, or the disk again."""

    disk: str
    part: str


@dataclass(frozen=True)
class _Written:
    """A part of an OSD, as the node itself has it. number: of an OSD that is active; others may have lost theirs."""

    place: _Place
    role: Role
    identity: str
    cluster: str = ""
    number: Optional[int] = None


@recorded
def observe(reader: Reader, desired: object = None) -> ObservedOsds:
    """``desired`` is taken for the sake of the observers' common form and not looked at."""
    disks = observe_disks(reader)
    document: Mapping[str, Any] = reader.run_json(*LSBLK) or {"blockdevices": ()}
    places = _places(document)
    written = [*_active(reader, places)]
    if any(LVM_MEMBER in disk.signatures for disk in disks):
        written += _volumes(reader, places)
    known, unread = {one.place.disk for one in written}, set()
    for disk in (one for one in disks if _BLUESTORE in one.signatures and one.path not in known):
        for device in _labelled(document, disk.path) or (disk.path,):
            labels = _labels(reader, device, places[device])
            unread |= {disk.path} if labels is None else set()
            written += labels or ()
    found = ceph.observe(reader)
    numbered = ((one, _number(one, found.cluster)) for one in written)
    parts = [
        OsdPart(one.place.disk, one.role, number, one.identity, one.place.part)
        for one, number in numbered
        if number is not None
    ]
    return ObservedOsds(found, disks, tuple(dict.fromkeys(parts)), frozenset(unread))


def _number(part: _Written, cluster: Optional[CephCluster]) -> Optional[int]:
    """The number of the OSD; None of one that the cluster has forgotten, unless it is active here.

    Then it keeps its own number, until another OSD of this cluster has it: a removal may have been cut off.
    """
    if cluster is None:
        return part.number
    known = next((osd.id for osd in cluster.osds if osd.uuid == part.identity), None)
    if known is not None or part.number is None:
        return known
    taken = cluster.osd(part.number)
    free = taken is None or taken.destroyed
    return part.number if free and part.cluster in ("", cluster.fsid) else None


def _active(reader: Reader, places: Mapping[str, _Place]) -> Iterator[_Written]:
    """What the directories of active OSDs lead to."""
    for name in reader.names(f"{STATE}/osd"):
        folder = f"{STATE}/osd/{name}"
        identity = (reader.read(f"{folder}/fsid") or "").strip()
        number = (reader.read(f"{folder}/whoami") or "").strip() if identity else ""
        cluster = (reader.read(f"{folder}/ceph_fsid") or "").strip() if identity else ""
        for role in ROLES if identity else ():
            place = places.get(_target(reader, f"{folder}/{'block' if role == 'block' else f'block.{role}'}") or "")
            if place is not None:
                yield _Written(place, role, identity, cluster, int(number) if number.isdecimal() else None)


def _volumes(reader: Reader, places: Mapping[str, _Place]) -> Iterator[_Written]:
    """What the tags of logical volumes say; LVM that does not answer keeps its disks from being wiped."""
    for volume in observe_volumes(reader) or ():
        role, identity = volume.tags.get("ceph.type", ""), volume.tags.get("ceph.osd_fsid", "")
        for one in ROLES if identity else ():
            if one == role:
                for device in volume.devices:
                    place = places.get(device, _Place(device, device))
                    yield _Written(place, one, identity, volume.tags.get("ceph.cluster_fsid", ""))


def _labelled(document: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """The disk itself, or partitions or volumes of it, as far as udev has seen Ceph's label."""
    family = (device for disk in document["blockdevices"] if disk["path"] == path for device in family_of(disk))
    return tuple(device["path"] for device in family if device["fstype"] == _BLUESTORE)


def _labels(reader: Reader, device: str, place: _Place) -> Optional[list[_Written]]:
    """What a label on a disk says; None when it cannot be read. Without Ceph's tool no OSD can run here."""
    done = reader.run(*_LABEL, device)
    if done.rc == NOT_INSTALLED:
        return []
    if done.rc != 0:
        return None
    labels: Mapping[str, Any] = json.loads(done.stdout)
    return [
        _Written(place, _DESCRIBED[label["description"]], label["osd_uuid"], label.get("ceph_fsid", ""))
        for label in labels.values()
        if label.get("description") in _DESCRIBED
    ]


def _target(reader: Reader, path: str) -> Optional[str]:
    """Where a link leads, in the device mapper's naming where that is a volume."""
    link = reader.entry(path)
    return None if link is None or link.target is None else mapper_path(link.target)


def mapper_path(path: str) -> str:
    """``/dev/ceph-a1/osd-block-b2`` → ``/dev/mapper/ceph--a1-osd--block--b2``; other paths stay as they are."""
    parts = path.split("/")
    if len(parts) != 4 or path.startswith(_MAPPER) or parts[1] != "dev":
        return path
    group, volume = (part.replace("-", "--") for part in parts[2:])
    return f"{_MAPPER}{group}-{volume}"


def _places(document: Mapping[str, Any]) -> dict[str, _Place]:
    """Path of a device → where it lies, for every disk and all that is built on it."""
    found: dict[str, _Place] = {}
    for disk in document["blockdevices"]:
        partitions = (one for one in disk.get("children", ()) if one["type"] == "part")
        for part in (disk, *partitions):
            found.update((device["path"], _Place(disk["path"], part["path"])) for device in family_of(part))
    return found
