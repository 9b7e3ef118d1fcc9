# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a node is on its way out of the cluster, in figures."""

from __future__ import annotations

from typing import Any, Optional

from ...engine.plan import Step
from ...model.leaving.ceph import ObservedCephOfNode
from ...model.leaving.progress import ObservedProgress


def figures(step: Step, observed: ObservedProgress) -> dict[str, Any]:
    """What matters while this step is waited for; a key whose value is not known is missing."""
    kind, dummy, name = step.id.partition(":")
    found = {
        "guests": observed.guests,
        "said": observed.said,
        "monitors": monitors(observed.ceph),
        "moving": moving(observed.ceph) if step.topic == "data" else None,
        "placement_groups": _on_osd(name, observed.ceph) if kind.startswith("osd.") else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def moving(ceph: Optional[ObservedCephOfNode]) -> Optional[dict[str, Any]]:
    """Objects that are not where they belong, how fast they get there, and how long that will take at this speed."""
    movement = None if ceph is None or ceph.data is None else ceph.data.movement
    if movement is None:
        return None
    left, rate = movement.misplaced + movement.degraded, movement.objects_per_second
    return {
        "objects": left,
        "objects_per_second": rate,
        "bytes_per_second": movement.bytes_per_second,
        "seconds": left // rate if rate else None,
    }


def monitors(ceph: Optional[ObservedCephOfNode]) -> Optional[dict[str, list[str]]]:
    if ceph is None or ceph.data is None:
        return None
    return {"all": sorted(ceph.data.monitors.addresses), "quorum": sorted(ceph.data.monitors.quorum)}


def placement_groups(ceph: Optional[ObservedCephOfNode]) -> dict[str, int]:
    """How many are on each OSD of the node; without a manager nobody knows."""
    if ceph is None or ceph.data is None:
        return {}
    return {f"osd.{osd.id}": ceph.data.use[osd.id].pgs for osd in ceph.here if osd.id in ceph.data.use}


def _on_osd(name: str, ceph: Optional[ObservedCephOfNode]) -> Optional[int]:
    if ceph is None or ceph.data is None or not name.isdecimal():
        return None
    use = ceph.data.use.get(int(name))
    return None if use is None else use.pgs
