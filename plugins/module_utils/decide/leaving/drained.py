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
    return () if observed.ceph is None else observed.ceph.parts
