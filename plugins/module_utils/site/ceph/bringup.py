# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What only all nodes together can tell while Ceph is brought up: which monitor is the first, which OSDs there will be.

A node is asked for its own name: the inventory may call its host by an address, or by a full name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict


class PlannedOsds(TypedDict):
    """``count``: of all OSDs that there will be.  ``hosts``: the names of the nodes that will have some."""

    count: int
    hosts: list[str]


def ceph_monitors(told: Sequence[Mapping[str, Any]], mons: Sequence[str], representative: str) -> list[str]:
    """The nodes with a monitor, in the order in which they get one: first the hosts of the play, as that has them. But
    where they are about to join a cluster, which a host outside of the play represents, its monitors are there first.

    ``told``: what ``ceph_cluster`` returned on each host of the play.  ``mons``: hosts.
    """
    nodes = {one["host"]: one["node"] for one in told if "node" in one}
    playing = [host for host in nodes if host in mons]
    others = [host for host in mons if host not in nodes]
    hosts = dict.fromkeys([*playing, *others] if representative in nodes else [*others, *playing])
    return [nodes.get(host, host.partition(".")[0]) for host in hosts]


def ceph_planned_osds(told: Sequence[Mapping[str, Any]]) -> PlannedOsds:
    """``told``: what ``ceph_osd`` returned on each host of the play; nothing of one that could not be planned."""
    counts = {one["node"]: one["planned_osds"] for one in told if "planned_osds" in one}
    return {"count": sum(counts.values()), "hosts": [node for node, count in counts.items() if count]}
