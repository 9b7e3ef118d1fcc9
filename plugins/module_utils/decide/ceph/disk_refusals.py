# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which disks are never wiped, and which only when they are named for it: anything else would be somebody's data.

A disk that is seen on several paths is judged by what is known of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.ceph.osd import LEAST_BYTES, DesiredOsds, ObservedOsds, OsdPart
from ...model.node.disk import Disk, find_disk, same_disk

#: Uses of a disk that may also take the database of a new OSD: there pveceph adds a volume to a group that has room.
_SHARED = (None, "ceph", "LVM")
_PARTS = {"block": "the data", "db": "the database", "wal": "the journal"}


def may_be_wiped(disk: Disk, desired: DesiredOsds, observed: ObservedOsds) -> bool:
    return _named(disk, desired, observed) and not list(_uses(disk, observed))


def _named(disk: Disk, desired: DesiredOsds, observed: ObservedOsds) -> bool:
    """Whether a name that means no other disk permits to wipe it."""
    return any(find_disk(observed.disks, name) == disk for name in desired.wipe)


def _uses(disk: Disk, observed: ObservedOsds) -> Iterator[str]:
    """What lives on the disk."""
    for one in observed.disks:
        if same_disk(one, disk):
            yield from one.in_use_by
            yield from (f"{_PARTS[part.role]} of osd.{part.osd}" for part in observed.parts_on(one.path))
            if one.path in observed.unread:
                yield "an OSD of which ceph-bluestore-tool cannot read the label"


def refuse_disk(disk: Disk, desired: DesiredOsds, observed: ObservedOsds) -> Iterator[Refusal]:
    """A disk for a new OSD has to be large enough and empty, or to be wiped first."""
    node = observed.ceph.node.name
    if disk.size < LEAST_BYTES:
        reason = f"{disk.title} on {node} is too small for an OSD, which needs {LEAST_BYTES / 10**9:.1f} GB."
        yield Refusal(reason, "Choose a larger disk.")
    uses = list(dict.fromkeys(_uses(disk, observed)))
    if uses:
        hint = "Such a disk is never wiped here. Release it first, or choose another one."
        yield Refusal(f"{disk.title} on {node} is in use: {'; '.join(uses)}.", hint)
    elif not disk.free and not _named(disk, desired, observed):
        name = disk.serial if disk.serial and find_disk(observed.disks, disk.serial) else disk.stable_name
        hint = f"Choose another disk, or name this one in wipe ([{name}]) to destroy what is on it."
        yield Refusal(f"{disk.title} on {node} is not empty: {disk.content}.", hint)


def claims_on(disk: Disk, observed: ObservedOsds) -> Iterator[str]:
    """What keeps a disk from taking the database of one more OSD: all but databases of this node's own OSDs."""
    for one in observed.disks:
        if same_disk(one, disk):
            yield from (one.content,) if one.used not in _SHARED else one.of_guests
            yield from (claim for part in observed.parts_on(one.path) for claim in _claim(part, observed))
            if one.path in observed.unread:
                yield "an OSD of which ceph-bluestore-tool cannot read the label"


def _claim(part: OsdPart, observed: ObservedOsds) -> Iterator[str]:
    """A disk that two nodes reach is no place where both may make volumes."""
    cluster, node = observed.ceph.cluster, observed.ceph.node.name
    osd = None if cluster is None else cluster.osd(part.osd)
    host = node if osd is None or osd.host is None else osd.host
    if host != node:
        yield f"{_PARTS[part.role]} of osd.{part.osd}, which runs on {host}"
    elif part.role == "block":
        yield f"{_PARTS[part.role]} of osd.{part.osd}"


def refuse_ambiguous_wipe(desired: DesiredOsds, observed: ObservedOsds) -> Iterator[Refusal]:
    """A name that fits several disks permits nothing. It is no fault as long as none of them could be wiped."""
    for name in desired.wipe:
        disks = [disk for disk in observed.disks if name in disk.names]
        content = [disk for disk in disks if not disk.free and disk.path not in observed.holders]
        if len(disks) > 1 and content and desired.osds:
            paths = ", ".join(disk.path for disk in disks)
            reason = f"{name}, which wipe names, is a name of several disks of {observed.ceph.node.name}: {paths}."
            yield Refusal(reason, "Use a path in /dev/disk/by-id.")
