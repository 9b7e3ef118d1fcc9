# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of Ceph goes with a loss: OSDs, monitors, managers and metadata servers, by where they really run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Optional

from .addresses import plain
from .networks import nodes_cut
from .reading import CephReading, Reading
from .things import Thing
from .words import phrase

Daemon = Literal["mon", "mgr", "mds"]


@dataclass(frozen=True)
class Gone:
    """``nodes``: those whose daemons nobody reaches any more. osds: all that are lost with the thing, on them or not.

    unstable: nodes that are cut off from Ceph's cluster network alone. doubts: why it may be more than that.
    """

    nodes: frozenset[str]
    osds: frozenset[int]
    monitors: frozenset[str]
    unstable: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()


@lru_cache(maxsize=4)
def gone_with(thing: Thing, reading: Reading, ceph: CephReading) -> Gone:
    doubts: list[str] = []
    cut = _cut(thing, ceph.public_network, reading, doubts)
    unstable = _cut(thing, ceph.cluster_network, reading, doubts) if ceph.cluster_network else frozenset()
    nodes = thing.nodes | cut
    osds = {osd.id for osd in ceph.data.cluster.osds if osd.host in nodes}
    names = {node.name for node in reading.nodes}
    told = {osd.id for osd in ceph.data.cluster.osds if osd.told or osd.host in names}
    homeless = [osd.id for osd in ceph.data.cluster.osds if osd.up and osd.id not in told]
    if nodes and homeless:
        doubts.append(phrase("on which node {osd} runs is not known", osd=f"osd.{homeless[0]}"))
    monitors = set()
    for name, addresses in ceph.data.monitors.addresses.items():
        there = runs_on("mon", name, addresses, nodes, reading, ceph)
        if there is None:
            doubts.append(phrase("on which node the monitor {name} runs is not known", name=name))
        elif there:
            monitors.add(name)
    return Gone(nodes, thing.osds | osds, frozenset(monitors), unstable - nodes, tuple(dict.fromkeys(doubts)))


def _cut(thing: Thing, networks: Collection[str], reading: Reading, doubts: list[str]) -> frozenset[str]:
    if not thing.links:
        return frozenset()
    found = nodes_cut(thing, networks, reading) if networks else None
    if found is None:
        doubts.append(phrase("whether a network of Ceph goes over this link, or its port, is not known"))
    return found or frozenset()


def runs_on(
    kind: Daemon,
    name: str,
    addresses: Collection[str],
    nodes: Collection[str],
    reading: Reading,
    ceph: CephReading,
) -> Optional[bool]:
    """Whether a daemon runs on one of these nodes: by its address, then as it told itself, then by its name.

    None where nobody knows. A daemon's name is any word; two of them may be on one node.
    """
    if not nodes:
        return False
    own = set(map(plain, addresses)) - {""}
    holders = {reading.node_at[address] for address in own if address in reading.node_at}
    if holders:
        return bool(holders & set(nodes))
    for node, ids in ceph.data.cluster.daemons.get(kind, {}).items():
        if name in ids:
            return node in nodes
    if own and all(node.addresses.known for node in reading.nodes):
        return False
    if name in {node.name for node in reading.nodes}:
        return name in nodes
    return None
