# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be lost: every node, disk, OSD and link, every link of a node, every two nodes, and the quorum device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal, Optional

from ...model.cluster.links import link_name
from .reading import DiskReading, NodeReading, Reading
from .words import Phrase, phrase

Kind = Literal["node", "disk", "osd", "link", "node link", "pair", "device"]
DEVICE = "device"


@dataclass(frozen=True)
class Thing:
    """One thing, with all that goes with it.

    nodes: those that are off. osds: OSDs that are lost without their node. links: (node, link number) of the ends that
    are dead. storages: (node, storage) that lay on it. shaky: nodes and storages may be lost with it, or go on from
    another disk; nobody can tell.
    """

    kind: Kind
    name: str
    nodes: frozenset[str] = frozenset()
    osds: frozenset[int] = frozenset()
    links: frozenset[tuple[str, int]] = frozenset()
    storages: frozenset[tuple[str, str]] = frozenset()
    device: bool = False
    shaky: bool = False
    title: str = ""


def things(reading: Reading) -> tuple[Thing, ...]:
    """In the order of the table."""
    nodes = [Thing("node", node.name, nodes=frozenset((node.name,))) for node in reading.nodes]
    device = [Thing("device", DEVICE, device=True, title=phrase("quorum device"))] if has_device(reading) else []
    return (
        *nodes,
        *(_together(*pair) for pair in combinations(nodes, 2)),
        *device,
        *(_together(one, node) for one in device for node in nodes),
        *(thing for node in reading.nodes for disk in node.disks.value or () for thing in _disk(node, disk)),
        *_osds(reading),
        *_links(reading),
    )


def has_device(reading: Reading) -> bool:
    """Somebody says that there is a quorum device."""
    told = reading.options.value
    running = (node.quorum.value for node in reading.nodes)
    return bool(told and told.device) or any(status.has_device for status in running if status is not None)


def _together(one: Thing, other: Thing) -> Thing:
    return Thing(
        "pair",
        f"{one.name} and {other.name}",
        nodes=one.nodes | other.nodes,
        device=one.device or other.device,
        title=phrase("{one} and {other}", one=one.title or one.name, other=other.title or other.name),
    )


def _disk(node: NodeReading, disk: DiskReading) -> Iterator[Thing]:
    """What has another whole copy on the node is not lost with one disk; its OSDs are."""
    path = disk.path.rpartition("/")[2]
    yield Thing(
        "disk",
        f"{disk.serial or path} of {node.name}",
        nodes=frozenset((node.name,)) if disk.system and not disk.mirrored else frozenset(),
        osds=frozenset((*disk.osds, *disk.databases)),
        storages=frozenset() if disk.mirrored else frozenset((node.name, storage) for storage in disk.storages),
        shaky=disk.mirrored is None and bool(disk.system or disk.storages),
        title=_disk_title(path, disk.serial, node.name),
    )


def _disk_title(path: str, serial: Optional[str], node: str) -> Phrase:
    if serial:
        return phrase("{path} of {node} (serial {serial})", path=path, node=node, serial=serial)
    return phrase("{path} of {node}", path=path, node=node)


def _osds(reading: Reading) -> Iterator[Thing]:
    ceph = reading.ceph.value
    for osd in sorted(ceph.data.cluster.osds, key=lambda one: one.id) if ceph is not None else ():
        if not osd.destroyed:
            yield Thing("osd", f"osd.{osd.id}", osds=frozenset((osd.id,)))


def _links(reading: Reading) -> Iterator[Thing]:
    """A link index with all its ends, then each end alone."""
    ends = sorted(link_ends(reading), key=lambda end: (end[1], end[0]))
    for number in sorted({link for dummy, link in ends}):
        yield Thing("link", link_name(number), links=frozenset(end for end in ends if end[1] == number))
    for node, number in ends:
        yield Thing(
            "node link",
            f"{link_name(number)} of {node}",
            links=frozenset(((node, number),)),
            title=phrase("{link} of {node}", link=link_name(number), node=node),
        )


@lru_cache(maxsize=2)
def link_ends(reading: Reading) -> frozenset[tuple[str, int]]:
    """(node, link number), as corosync.conf has them; where nobody has told of that, as nodes see their links."""
    config = reading.config.value
    if config is not None:
        return frozenset((member.name, number) for member in config.members for number in member.links)
    seen = ((node.name, node.connections.value or {}) for node in reading.nodes)
    return frozenset((name, link) for name, peers in seen for links in peers.values() for link in links)
