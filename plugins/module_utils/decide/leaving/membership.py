# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node leaves its cluster, seen from a member that stays.

A step is there only as long as the cluster is not yet as the step would make it, so the place where an earlier run
ended is found by looking, not remembered. The order is that of upstream's manuals: guests, what refers to the node,
Ceph, then power, then ``delnode``, then what ``delnode`` leaves behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...engine.plan import Plan, Step
from ...model.cluster.cluster import NAME
from ...model.leaving.membership import DISCARDABLE, DRAIN, RESUME, SEPARATE, DesiredMembership, ObservedMembership
from .ceph import ceph_steps
from .ceph_refusals import ceph_warnings, refuse_ceph
from .guest_refusals import refuse_guests
from .guests import guest_steps
from .leave import clean_steps, leave_steps, vote_steps
from .qdevice import qdevice_warnings
from .reference_refusals import refuse_references
from .references import reference_steps
from .refusals import refuse_membership
from .resume import resume


def desired_from(params: Mapping[str, Any]) -> DesiredMembership:
    """Module parameters → desired state."""
    node = params["node"]
    if not NAME.fullmatch(node):
        raise Invalid(f"{node!r} cannot be the name of a node.", "Give its name in the cluster, not an address.")
    for thing in params["discard"]:
        kind, slash, name = thing.partition("/")
        if kind not in DISCARDABLE or not name:
            kinds = ", ".join(f"{one}/NAME" for one in DISCARDABLE)
            raise Invalid(f"discard: {thing!r} names nothing that can be given up.", f"It takes {kinds}.")
    votes = params["expected_votes"]
    if votes is not None and votes < 1:
        raise Invalid("expected_votes is a whole number of at least 1.")
    addresses = params["addresses"]
    return DesiredMembership(
        node=node,
        mode=params["mode"],
        addresses=None if addresses is None else frozenset(one.partition("/")[0] for one in addresses),
        standalone=params["standalone"],
        powered_off=frozenset(params["confirmed_powered_off"]),
        expected_votes=votes,
        qdevice=params["qdevice"],
        discard=frozenset(params["discard"]),
        local_disks=params["local_disks"],
        single_monitor=params["single_monitor"],
        tolerated=frozenset(params["tolerated_health"]),
        data_deadline=params["data_deadline"],
        done=frozenset(params["done"]),
    )


def decide(desired: DesiredMembership, observed: ObservedMembership) -> Plan:
    if desired.mode == RESUME:
        return resume(desired, observed)
    known = observed.member(desired.node) is not None
    refusals = refuse_membership(desired, observed)
    if known:
        refusals += refuse_guests(desired, observed)
    if desired.mode != DRAIN:
        refusals += [*refuse_references(desired, observed), *(refuse_ceph(desired, observed) if known else ())]
    return Plan(
        steps=tuple(_steps(desired, observed)),
        refusals=tuple(refusals),
        warnings=tuple(_warnings(desired, observed)),
        before=_document(observed, desired.node),
        after=_wanted(desired),
    )


def _steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    steps = vote_steps(desired, observed)
    steps += guest_steps(desired, observed)
    if desired.mode == DRAIN:
        return steps
    steps += reference_steps(desired, observed)
    steps += ceph_steps(desired, observed)
    return [*steps, *leave_steps(desired, observed), *clean_steps(desired, observed)]


def _warnings(desired: DesiredMembership, observed: ObservedMembership) -> list[str]:
    if desired.mode == DRAIN:
        return []
    warnings = [*qdevice_warnings(desired, observed), *ceph_warnings(desired, observed)]
    member = observed.member(desired.node)
    if desired.mode == SEPARATE and not desired.standalone and member is not None and not member.online:
        warnings.append(
            f"{member.name} is not online: it is leaving the cluster already, or has no power. The run asks it before"
            " it goes on."
        )
    if member is None and not _steps(desired, observed):
        warnings.append(f"The cluster has no node {desired.node}, and nothing in it refers to one.")
    return warnings


def _document(observed: ObservedMembership, node: str) -> dict[str, Any]:
    """What the diff shows: the node in short."""
    member = observed.member(node)
    numbers = [osd.id for osd in observed.ceph.here] if observed.ceph else []
    return {
        "member": member is not None,
        "online": member is not None and bool(member.online),
        "guests": [str(guest) for guest in observed.guests],
        "osds": [f"osd.{number}" for number in numbers],
        "directory": observed.leftovers.directory,
    }


def _wanted(desired: DesiredMembership) -> dict[str, Any]:
    if desired.mode == DRAIN:
        return {"guests": []}
    return {"member": False, "online": False, "guests": [], "osds": [], "directory": False}
