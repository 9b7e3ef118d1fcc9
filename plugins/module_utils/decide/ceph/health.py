# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide by the table of health codes whether data may be moved as Ceph is now."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...engine.plan import Refusal
from ...model.ceph.health_codes import HEALTH_CODES, Situation
from ...model.ceph.safety import CephData
from ...model.ceph.state import CephCluster, Check


def refuse_health(data: CephData, situations: Collection[Situation], tolerated: Collection[str]) -> Iterator[Refusal]:
    """Moving data in a cluster that is not well may be what loses it. ``tolerated``: codes that the user has named."""
    raised = [check for check in data.cluster.checks if not _is_fine(check, situations, tolerated)]
    if raised:
        found = "; ".join(f"{check.code}{' (muted)' if check.muted else ''}: {check.message}" for check in raised)
        itself = "Ceph may do so itself, soon after a node went on or off"
        yield Refusal(
            f"Ceph is not healthy: {found}.",
            f"Mend it first ({itself}), or name in tolerated_health what may stay.",
        )


def refuse_mutes(cluster: CephCluster) -> Iterator[Refusal]:
    """A mute that outlives its alarm, or was set before any, keeps quiet about the very thing that is waited for."""
    known = {code: HEALTH_CODES.get(code) for code in cluster.mutes}
    quiet = [code for code, row in known.items() if row is not None and row.loud]
    if quiet:
        yield Refusal(
            f"Ceph has been told to keep quiet about {', '.join(quiet)}.",
            f"These tell of missing copies: `ceph health unmute {quiet[0]}`, and so on.",
        )


def _is_fine(check: Check, situations: Collection[Situation], tolerated: Collection[str]) -> bool:
    known = HEALTH_CODES.get(check.code)
    excused = known is not None and any(situation in known.tolerated for situation in ("always", *situations))
    return excused or check.code in tolerated


def situations_of(data: CephData, leaving: Collection[int], dead: bool = False) -> set[Situation]:
    """What is the case for these OSDs. ``dead``: their node is off for good."""
    osds = [osd for osd in data.cluster.osds if osd.id in leaving]
    found: set[Situation] = set()
    if dead or any(not (osd.is_in and osd.up) for osd in osds):
        found.add("begun")
    if any(osd.noout for osd in osds):
        found.add("marked")
    if is_moving(data):
        found.add("moving")
    if is_settling(data, dead):
        found.add("settling")
    if dead and data.groups is not None and ("settling" in found or all(group.has_copy for group in data.groups)):
        found.add("standstill")
    return found


def is_moving(data: CephData) -> bool:
    """All placement groups that are not clean can be read, and are being mended or wait for their turn."""
    restless = [group for group in data.groups or () if not group.clean and not group.settles]
    return bool(restless) and all(group.mending for group in restless)


def is_settling(data: CephData, dead: bool = False) -> bool:
    """What cannot be read is a matter of seconds: as data begins to move, or has arrived. For want of a dead node other
    data may stand still beside it, as long as it has a copy."""
    away = [group for group in data.groups or () if not group.active and not (dead and group.has_copy)]
    return bool(away) and all(group.settles for group in away)
