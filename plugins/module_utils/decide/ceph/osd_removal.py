# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how OSDs are taken away: stopped, forgotten by Ceph (or marked as to be replaced), their disks emptied.

The order makes every moment safe: Ceph agrees first; then the daemon ends; the disk comes last, so that a run that was
cut off still finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step
from ...model.ceph.osd import OsdPart
from ...model.ceph.osd_removal import DesiredOsdRemoval, ObservedOsdRemoval
from ...model.ceph.state import STATE, Osd, unit
from ...model.node.disk import LVM_MEMBER, Disk
from .health import refuse_health, situations_of
from .osd_state import refuse_unknown
from .osd_steps import purge, wait_down
from .safety import refuse_destroy, refuse_stop


def desired_from(params: Mapping[str, Any]) -> DesiredOsdRemoval:
    """Module parameters → desired state."""
    osds = tuple(sorted(set(params["osds"])))
    give_up = frozenset(params["give_up"])
    strangers = sorted(give_up - set(osds))
    if strangers:
        raise Invalid(f"give_up names OSDs that are not in osds: {strangers}.", "Name only OSDs that are taken away.")
    tolerated = frozenset(params["tolerated_health"])
    return DesiredOsdRemoval(osds, params["keep_ids"], give_up, params["wipe"], tolerated)


def decide(desired: DesiredOsdRemoval, observed: ObservedOsdRemoval) -> Plan:
    ceph = observed.node.ceph
    found = {} if ceph.cluster is None else {osd.id: osd for osd in ceph.cluster.osds}
    refusals = _refuse(desired, observed, found)
    steps = [step for number in desired.osds for step in _remove(number, found.get(number), desired, observed)]
    return Plan(
        steps=() if refusals and ceph.cluster is None else tuple(steps),
        refusals=tuple(refusals),
        before={f"osd.{number}": _state(found.get(number)) for number in desired.osds},
        after={f"osd.{number}": "destroyed" if desired.keep_ids else "absent" for number in desired.osds},
    )


def _state(osd: Optional[Osd]) -> str:
    if osd is None:
        return "absent"
    if osd.destroyed:
        return "destroyed"
    return "up" if osd.up else "down"


def _refuse(desired: DesiredOsdRemoval, observed: ObservedOsdRemoval, found: Mapping[int, Osd]) -> list[Refusal]:
    node, safety = observed.node.ceph.node, observed.safety
    if observed.node.ceph.cluster is None or desired.keep_ids:
        refusals = refuse_unknown(desired.osds, observed.node.ceph)
        if refusals:
            return refusals
    if safety is None:
        return []
    alive = [found[number] for number in safety.osds.osds]
    refusals = [
        *refuse_health(safety.data, {"osd", *situations_of(safety.data, safety.osds.osds)}, desired.tolerated),
        *refuse_destroy(safety, desired.give_up),
    ]
    if any(osd.up for osd in alive):
        refusals += refuse_stop(safety)
    elsewhere = [osd for osd in alive if osd.up and osd.host not in (None, node.name)]
    refusals += [
        Refusal(f"osd.{osd.id} runs on {osd.host}, not on {node.name}.", f"Run this on {osd.host}.")
        for osd in elsewhere
    ]
    return refusals


def _remove(number: int, osd: Optional[Osd], desired: DesiredOsdRemoval, observed: ObservedOsdRemoval) -> list[Step]:
    steps = _stop(number, osd, observed)
    if osd is not None and not (desired.keep_ids and osd.destroyed):
        safe = observed.safety is not None and number in observed.safety.osds.safe
        steps.append(purge(osd, desired.keep_ids, force=number in desired.give_up and not safe))
    return steps + _clear(number, desired, observed)


def _stop(number: int, osd: Optional[Osd], observed: ObservedOsdRemoval) -> list[Step]:
    service = unit("osd", str(number))
    node = observed.node.ceph.node
    steps = []
    if service in node.running or service in node.enabled:
        action = Run(("systemctl", "disable", "--now", service))
        steps.append(Step(f"stop osd.{number}", action, f"osd.stop:{number}", "data"))
    return [*steps, wait_down(osd)] if osd is not None and osd.up else steps


def _clear(number: int, desired: DesiredOsdRemoval, observed: ObservedOsdRemoval) -> list[Step]:
    """What the OSD leaves on this node."""
    node, disks = observed.node.ceph.node, {disk.path: disk for disk in observed.node.disks}
    steps = []
    mounted = number in observed.mounted
    for part in observed.node.parts if desired.wipe else ():
        if part.osd == number and part.role == "block" and part.path in disks:
            steps.append(_wipe(part, disks[part.path]))
            mounted = mounted and LVM_MEMBER not in disks[part.path].signatures  # ceph-volume unmounts by itself
    folder = f"{STATE}/osd/ceph-{number}"
    if mounted:
        steps.append(Step(f"unmount {folder}", Run(("umount", folder)), f"osd.unmount:{number}", "storage"))
    if node.has("osd", str(number)):
        remove = Run(("rm", "-r", "--one-file-system", folder))
        steps.append(Step(f"remove {folder}", remove, f"osd.forget:{number}", "file"))
    return steps


def _wipe(part: OsdPart, disk: Disk) -> Step:
    """ceph-volume takes apart the volumes of this OSD only, its databases on other disks included. Another OSD may have
    had the same number, so that its identity is named, too. Of a disk with partitions, the others stay."""
    volumes = LVM_MEMBER in disk.signatures
    by_volume = ("ceph-volume", "lvm", "zap", "--destroy", "--osd-id", str(part.osd), "--osd-fsid", part.identity)
    argv = by_volume if volumes else ("wipefs", "--all", part.device)
    hint = "If the disk is broken, pull it out, or say that it is not to be wiped."
    what = disk.title if part.device == disk.path or volumes else f"{part.device} of {disk.title}"
    why = f"wipe {what}, the disk of osd.{part.osd}"
    return Step(why, Run(argv, timeout=300), f"osd.wipe:{part.osd}", "storage", destructive=True, hint=hint)
