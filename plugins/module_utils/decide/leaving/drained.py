# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether anything still lives on a node, as the cluster sees it."""

from __future__ import annotations

from ...model.leaving.membership import ObservedMembership


def is_drained(node: str, observed: ObservedMembership) -> bool:
    """Neither guests nor daemons of Ceph that hold something: the node may go."""
    return not observed.guests and not ceph_parts(node, observed)


def ceph_parts(node: str, observed: ObservedMembership) -> tuple[str, ...]:
    """The daemons on this node that the monitors know; everything in question when they do not answer."""
    ceph = observed.ceph
    if ceph is None:
        return ()
    if ceph.cluster is None:
        return () if ceph.silence is None else ("unknown",)
    parts = [f"osd.{number}" for number in ceph.osds_on(node)]
    parts += [f"mon.{node}"] if node in ceph.map.mons else []
    parts += [f"mgr.{node}"] if node in ceph.cluster.mgrs else []
    parts += [f"mds.{node}"] if node in ceph.cluster.mds else []
    return tuple(parts)
