# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a node is not held for its upgrade: what the other nodes, HA and Ceph would lose meanwhile. All at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Optional

from ...engine.plan import Refusal
from ...model.ceph.safety import CephData, ObservedSafety
from ...model.guest.guest import Guest
from ...model.leaving.ceph import ObservedCephOfNode
from ...model.leaving.membership import DRAIN, DesiredMembership, quorum_of
from ...model.upgrade.hold import DesiredHold, ObservedHold
from ..ceph.health import refuse_health, situations_of
from ..ceph.safety import refuse_stop
from ..leaving.ceph_refusals import refuse_last
from ..leaving.guest_refusals import refuse_guests
from ..leaving.guests import targets
from ..leaving.refusals import refuse_membership
from .ceph_gates import refuse_flags
from .rules import broken_rules, refuse_rules

#: States of the HA manager in which it does nothing of what it is told.
_STUCK = ("error", "fence", "recovery", "deleting")


def refuse_hold(
    desired: DesiredHold, observed: ObservedHold, going: tuple[Guest, ...], stopped: tuple[Guest, ...]
) -> Iterator[Refusal]:
    """``going``: guests that have to leave; stopped: those that are shut down."""
    seen = observed.membership
    wish = DesiredMembership(desired.node, DRAIN, local_disks=desired.local_disks, done=desired.done)
    yield from refuse_membership(wish, seen)
    if seen.member(desired.node) is None:
        return
    yield from _refuse_others(desired, observed)
    if not desired.reboot:
        return
    yield from refuse_guests(wish, replace(seen, guests=going))
    yield from _refuse_votes(desired, observed)
    ha, left = seen.references.ha, targets(wish, seen)
    at_rest = [one.sid for one in stopped]
    yield from refuse_rules(broken_rules(ha, observed.rules, desired.node, left, at_rest))
    yield from _refuse_unknown_memory(left, observed, stopped)
    yield from refuse_silent_ceph(seen.ceph)
    if seen.ceph is not None and seen.ceph.data is not None:
        yield from _refuse_ceph(desired, observed, seen.ceph, seen.ceph.data)


def _refuse_others(desired: DesiredHold, observed: ObservedHold) -> Iterator[Refusal]:
    """One node at a time, and nobody else at work."""
    seen, ha = observed.membership, observed.membership.references.ha
    away = [one.name for one in seen.cluster.members if not one.online and one.name != desired.node]
    if away:
        yield Refusal(f"{', '.join(away)} is not online.", "Start it first: one node may be away at a time.")
    for name, marker in observed.markers.items():
        if name != desired.node:
            yield Refusal(
                f"The upgrade of {name} has not ended ({marker.origin}).",
                f"Finish it first: upgrade.yml -e node={name}.",
            )
    marked = observed.markers.get(desired.node)
    for name in sorted({*(one.name for one in seen.cluster.members)}):
        ours = name == desired.node and marked is not None and marked.maintenance
        if (ha.in_maintenance(name) or name in ha.asked_free) and not ours:
            yield Refusal(
                f"Somebody keeps {name} in maintenance mode.",
                f"End it: ha-manager crm-command node-maintenance disable {name}; or drain_node.yml -e mode=resume.",
            )
    for sid, (node, state) in sorted(ha.services.items()):
        if state in _STUCK and node != desired.node:
            yield Refusal(f"The HA manager has {sid} in the state {state}.", "Clear that up first (ha-manager status).")
    if observed.arriving:
        reason = f"The HA manager is bringing {', '.join(observed.arriving)} to {desired.node}."
        yield Refusal(reason, "Wait until it has (ha-manager status).")
    if observed.lrm is not None and observed.lrm.disarmed:
        yield Refusal(
            "The HA stack is disarmed, and takes no word of maintenance.", "Arm it: ha-manager crm-command arm-ha."
        )


def _refuse_votes(desired: DesiredHold, observed: ObservedHold) -> Iterator[Refusal]:
    """The node's own vote goes, and that of a quorum device that is one of its guests, which has to move first."""
    seen = observed.membership
    config = seen.cluster.config
    device = config.qdevice if config is not None else None
    votes = seen.votes + (device.votes if device else 0)
    left = seen.present_without(desired.node)
    home = None
    if device is not None:
        home = next((vmid for vmid, found in observed.addresses.items() if device.host in found), None)
    if device is not None and home is not None:
        yield Refusal(
            f"The quorum device {device.host} is guest {home} of {desired.node}: its vote goes with the node.",
            "Migrate that guest to another node first, and see that corosync-qdevice is connected (pvecm status).",
        )
    left += device.votes if device is not None and home is None else 0
    if left < quorum_of(votes):
        yield Refusal(
            f"Without {desired.node} {left} of {votes} votes are there, and quorum is {quorum_of(votes)}.",
            "Two nodes need a quorum device outside of them (cluster_qdevice_host).",
        )


def _refuse_unknown_memory(
    left: Collection[str], observed: ObservedHold, stopped: tuple[Guest, ...]
) -> Iterator[Refusal]:
    """A guest is not shut down because a node that might take it does not answer."""
    silent = [name for name in left if not observed.membership.free_memory.get(name)]
    if stopped and silent:
        yield Refusal(
            f"{' and '.join(silent)} did not say how much memory is free, so nobody can tell whether"
            f" {', '.join(map(str, stopped))} could go there.",
            f"See why: pvesh get /nodes/{silent[0]}/status.",
        )


def refuse_silent_ceph(ceph: Optional[ObservedCephOfNode]) -> Iterator[Refusal]:
    if ceph is not None and ceph.data is None and ceph.silence is not None:
        yield Refusal(f"No monitor of Ceph answers ({ceph.silence}).", "Bring the monitors back first.")


def _refuse_ceph(
    desired: DesiredHold, observed: ObservedHold, ceph: ObservedCephOfNode, data: CephData
) -> Iterator[Refusal]:
    new = [one for one in observed.crashes if not one.is_before(desired.since)]
    tolerated = desired.tolerated | ({"RECENT_CRASH"} if observed.crashes and not new else frozenset())
    yield from refuse_health(data, situations_of(data, [osd.id for osd in ceph.here]), tolerated)
    yield from refuse_flags(data)
    known = _down_before(desired, observed)
    lost = [osd.id for osd in data.cluster.osds if not osd.destroyed and not osd.up and osd.id not in known]
    if lost:
        yield Refusal(f"{', '.join(f'osd.{one}' for one in lost)} is down already.", "Start it, or remove it, first.")
    if observed.safety is not None:
        yield from refuse_stop(ObservedSafety(data, observed.safety))
    yield from _refuse_daemons(ceph, data)


def _down_before(desired: DesiredHold, observed: ObservedHold) -> tuple[int, ...]:
    """While the node is on its way back its OSDs are."""
    marker = observed.markers.get(desired.node)
    return () if marker is None else marker.noout


def _refuse_daemons(ceph: ObservedCephOfNode, data: CephData) -> Iterator[Refusal]:
    voting = [name for name in data.monitors.quorum if name not in ceph.mons]
    if ceph.mons and len(voting) < data.monitors.needed:
        reason = f"Without mon.{', mon.'.join(ceph.mons)} the monitors have no quorum: {len(voting)} would vote."
        yield Refusal(reason, f"{data.monitors.needed} are needed. Bring the others back, or make more.")
    yield from refuse_last(ceph, data)


def hold_warnings(desired: DesiredHold, observed: ObservedHold) -> Iterator[str]:
    for mover in observed.movers:
        yield f"Somebody else moves guests by itself, and may move some back: {mover}."
    ceph = observed.membership.ceph
    data = None if ceph is None else ceph.data
    if data is not None and data.cluster.mutes:
        yield f"Health checks are muted in Ceph, and judged all the same: {', '.join(sorted(data.cluster.mutes))}."
    old = sorted({one.daemon for one in observed.crashes if one.is_before(desired.since)})
    if old:
        yield f"Daemons crashed before this upgrade: {', '.join(old)}. See `ceph crash ls-new`."
    if data is not None and observed.flags.everywhere:
        yield "noout is set for all OSDs by somebody else: it hides a second failure, and stays."
