# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what of Ceph lies on this node, by the identities that are written on its disks.

The name of a directory says little: ``pveceph osd destroy`` leaves the empty mount point, and the cluster gives the
number to another disk. A volume bears the identity of its OSD as a tag of LVM, a raw disk in its label, an OSD that
runs in the file ``fsid`` of its directory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...engine.reader import Reader
from ...model.ceph.state import KINDS, STATE
from ...model.leaving.separation import StoredCeph, StoredOsd
from ..node.lvm import NOT_INSTALLED, observe_volumes

#: Not from blkid's memory, but from the disks.
RAW = ("blkid", "-c", "/dev/null", "-t", "TYPE=ceph_bluestore", "-o", "device")
_LABEL = ("ceph-bluestore-tool", "show-label", "--dev")
#: Volumes have tags, under whatever name the device mapper shows them.
_MAPPED = ("/dev/mapper/", "/dev/dm-")
_NOTHING_FOUND = 2


def observe(reader: Reader) -> StoredCeph:
    unread: list[str] = []
    osds = [*_running(reader), *_volumes(reader, unread), *_raw(reader, unread)]
    places = {osd.uuid: osd for osd in osds}
    return StoredCeph(tuple(places.values()), tuple(_daemons(reader)), tuple(unread))


def _daemons(reader: Reader) -> Iterator[str]:
    """Monitors, managers and metadata servers that have a directory with something in it."""
    for kind in KINDS:
        for name in reader.names(f"{STATE}/{kind}") if kind != "osd" else ():
            if name.startswith("ceph-") and reader.names(f"{STATE}/{kind}/{name}"):
                yield f"{kind}.{name[len('ceph-') :]}"


def _running(reader: Reader) -> Iterator[StoredOsd]:
    for name in reader.names(f"{STATE}/osd"):
        folder = f"{STATE}/osd/{name}"
        identity = reader.read(f"{folder}/fsid")
        if identity is not None:
            yield StoredOsd(identity.strip(), folder)


def _volumes(reader: Reader, unread: list[str]) -> Iterator[StoredOsd]:
    volumes = observe_volumes(reader)
    if volumes is None:
        unread.append("the volumes of LVM")
    for volume in volumes or ():
        if "ceph.osd_fsid" in volume.tags:
            yield StoredOsd(volume.tags["ceph.osd_fsid"], volume.path)


def _raw(reader: Reader, unread: list[str]) -> Iterator[StoredOsd]:
    done = reader.run(*RAW)
    if done.rc not in (0, _NOTHING_FOUND, NOT_INSTALLED):
        unread.append("the signatures on disks")
    for path in done.stdout.split() if done.rc == 0 else ():
        if path.startswith(_MAPPED):
            continue
        label = reader.run(*_LABEL, path)
        labels = (_parsed(label.stdout) if label.rc == 0 else None) or {}
        identities = [one["osd_uuid"] for one in labels.values() if "osd_uuid" in one]
        yield from (StoredOsd(identity, path) for identity in identities)
        if not identities:
            unread.append(path)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
