# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node is held for its upgrade, and how everything that was set for it is taken back.

The marker comes first, and goes last: whatever a run that was cut short has set is named in it. A step is there only as
long as the cluster is not yet as the step would make it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Optional

from ...engine.condition import Condition
from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, RemoveFile, Run, Step, Wait, WriteFile
from ...engine.reader import Question, command
from ...model.ceph.conditions import CEPH
from ...model.cluster.cluster import NAME
from ...model.cluster.locks import LOCK_BUSY
from ...model.guest.guest import NODES, Guest, path_of
from ...model.guest.ha import HA_DEADLINE
from ...model.guest.maintenance import MANAGER_STATUS
from ...model.leaving.membership import DRAIN, RESUME, DesiredMembership
from ...model.upgrade.hold import HELD, POLICIES, DesiredHold, Marker, ObservedHold, marker_path
from ..leaving.guest_refusals import refuse_guests
from ..leaving.guests import freezes, guest_steps, targets
from ..leaving.resume import resume
from .hold_refusals import hold_warnings, refuse_hold, refuse_silent_ceph
from .rules import AT_REST, active_on, broken_rules

#: For a guest to shut down by itself: seconds, as Proxmox VE is told, and longer, as its task may take.
_SHUTDOWN = 300
_DRAIN_DEADLINE = 6 * 3600
_STATUS = Question("read", (MANAGER_STATUS,))


def desired_from(params: Mapping[str, Any]) -> DesiredHold:
    if not NAME.fullmatch(params["node"]):
        raise Invalid(f"{params['node']!r} cannot be the name of a node.", "Give its name in the cluster.")
    for name, policy in params["guests"].items():
        if policy not in POLICIES:
            raise Invalid(f"guests: {policy!r} for {name} is no policy.", f"It is one of {', '.join(POLICIES)}.")
    return DesiredHold(
        node=params["node"],
        state=params["state"],
        policies={str(name): policy for name, policy in params["guests"].items()},
        reboot=params["reboot"],
        by=params["by"],
        since=params["since"],
        local_disks=params["local_disks"],
        tolerated=frozenset(params["tolerated_health"]),
        done=frozenset(params["done"]),
    )


def decide(desired: DesiredHold, observed: ObservedHold) -> Plan:
    return _hold(desired, observed) if desired.state == HELD else _release(desired, observed)


def stays(desired: DesiredHold, observed: ObservedHold) -> tuple[Guest, ...]:
    """The guests that run on the node and can go nowhere: nobody else has what they need, or HA does not permit it."""
    wish, seen = _membership(desired), observed.membership
    broken = broken_rules(seen.references.ha, observed.rules, desired.node, targets(wish, seen))
    bound = {sid for one in broken for sid in one.services}
    running = (guest for guest in seen.guests if guest.running)
    return tuple(one for one in running if one.sid in bound or refuse_guests(wish, replace(seen, guests=(one,))))


def boots(desired: DesiredHold, observed: ObservedHold) -> bool:
    """Whether the node can be booted anew: nobody on it is to go on."""
    return desired.reboot and not any(observed.policy(one, desired) == "leave" for one in stays(desired, observed))


def _membership(desired: DesiredHold) -> DesiredMembership:
    return DesiredMembership(desired.node, DRAIN, local_disks=desired.local_disks, done=desired.done)


def _hold(desired: DesiredHold, observed: ObservedHold) -> Plan:
    staying = stays(desired, observed)
    emptied = boots(desired, observed)
    stopped = tuple(one for one in staying if observed.policy(one, desired) == "stop") if emptied else ()
    before = observed.markers.get(desired.node)
    marker = _marker(desired, observed, stopped, emptied)
    going = tuple(one for one in observed.membership.guests if one.running and one not in stopped)
    steps = [*_mark(before, marker), *(step for guest in stopped for step in _stop(guest, desired, observed))]
    if emptied:
        steps += guest_steps(_membership(desired), replace(observed.membership, guests=going))
        steps += [*_drained(desired, observed, stopped), *_keep_data(marker, observed)]
    return Plan(
        steps=tuple(steps),
        refusals=tuple(refuse_hold(desired, observed, going if emptied else (), stopped)),
        warnings=tuple(hold_warnings(desired, observed)),
        before={"marker": None if before is None else before.text()},
        after={"marker": marker.text()},
        tells=_told(marker, emptied, going if emptied else (), stopped),
    )


def _told(marker: Marker, boots_anew: bool, going: tuple[Guest, ...], stopped: tuple[Guest, ...]) -> dict[str, Any]:
    return {
        "reboot": boots_anew,
        "moved": [str(guest) for guest in going],
        "moved_bytes": sum(guest.memory for guest in going),
        "stopped": [str(guest) for guest in stopped],
        "held": still_set(marker),
    }


def still_set(marker: Marker) -> list[str]:
    """What a person has to know is set, in words."""
    return [
        *(["maintenance mode"] if marker.maintenance else []),
        *([f"noout on {', '.join(f'osd.{one}' for one in marker.noout)}"] if marker.noout else []),
        *(f"{sid} stopped" for sid in marker.stopped),
    ]


def _marker(desired: DesiredHold, observed: ObservedHold, stopped: tuple[Guest, ...], emptied: bool) -> Marker:
    """What an earlier run has noted stays noted; what is found set besides is somebody else's."""
    seen, node = observed.membership, desired.node
    before = observed.markers.get(node, Marker(node, desired.by, desired.since))
    if not emptied:
        return before
    ha, ceph = seen.references.ha, seen.ceph
    free = ha.in_maintenance(node) or node in ha.asked_free
    here = [] if ceph is None else [osd for osd in ceph.here if not osd.destroyed]
    held = observed.flags.everywhere or bool(
        {name for osd in here for name in osd.buckets} & set(observed.flags.buckets)
    )
    ours = () if held else (osd.id for osd in here if not osd.noout)
    managed = {one.sid: ha.resources[one.sid] for one in stopped if ha.runs(one)}
    return replace(
        before,
        maintenance=before.maintenance or (freezes(_membership(desired), seen) and not free),
        noout=tuple(sorted({*before.noout, *ours})),
        stopped=tuple(sorted({*before.stopped, *(one.sid for one in stopped)})),
        states={**managed, **before.states},
    )


def _mark(before: Optional[Marker], marker: Marker) -> list[Step]:
    if before == marker:
        return []
    path = marker_path(marker.node)
    why = f"note in the cluster what is set for {marker.node}"
    return [Step(why, WriteFile(path, marker.text(), mode=0o600), f"marker.write:{marker.node}", "file")]


def _stop(guest: Guest, desired: DesiredHold, observed: ObservedHold) -> Iterator[Step]:
    path = path_of(guest.kind, desired.node, guest.vmid)
    if observed.membership.references.ha.runs(guest):
        tell = Run(("ha-manager", "set", guest.sid, "--state", "stopped"), timeout=60, retry_on=LOCK_BUSY)
        why = f"tell the HA manager to stop {guest}, which can go nowhere"
        yield Step(why, tell, f"guest.ha-stop:{guest.vmid}", "guest")
    else:
        ask = ("pvesh", "create", f"{path}/status/shutdown", "--timeout", str(_SHUTDOWN))
        why = f"shut down {guest}, which can go nowhere"
        yield Step(why, Run(ask, timeout=_SHUTDOWN + 60), f"guest.shutdown:{guest.vmid}", "guest")
    yield _wait_for(guest, path, "stopped")


def _wait_for(guest: Guest, path: str, status: str) -> Step:
    asked = command("pvesh", "get", f"{path}/status/current", "--output-format", "json")
    wait = Wait((Condition(asked, ("status",), "is", status, f"{guest} to be {status}"),), _SHUTDOWN + 60, interval=2)
    return Step(f"wait until {guest} is {status}", wait, f"guest.{status}:{guest.vmid}", "guest")


def _drained(desired: DesiredHold, observed: ObservedHold, stopped: tuple[Guest, ...]) -> Iterator[Step]:
    """No service is there any more, whatever the manager calls the node; then its LRM has given up its lock."""
    node, seen = desired.node, observed.membership
    if not freezes(_membership(desired), seen):
        return
    left = active_on(seen.references.ha, node)
    at_rest = {guest.sid for guest in stopped}
    gone = [_gone(sid, node) if sid not in at_rest else _at_rest(sid) for sid in left]
    if gone:
        wait = Wait(tuple(gone), _DRAIN_DEADLINE, interval=2)
        hint = f"See ha-manager status: apt and a reboot would wait for ever for what is still on {node}."
        yield Step(f"wait until no HA service is on {node}", wait, f"drain.wait:{node}", "guest", hint=hint)
    if observed.lrm is not None and observed.lrm.state == "active":
        path = f"{NODES}/{node}/lrm_status"
        freed = Condition(Question("read", (path,)), ("state",), "is not", "active", f"the LRM of {node} to rest")
        yield Step(f"wait until the LRM of {node} rests", Wait((freed,), HA_DEADLINE), f"lrm.wait:{node}", "guest")


def _gone(sid: str, node: str) -> Condition:
    return Condition(_STATUS, ("service_status", sid, "node"), "is not", node, f"{sid} to leave {node}")


def _at_rest(sid: str) -> Condition:
    return Condition(_STATUS, ("service_status", sid, "state"), "one of", AT_REST, f"{sid} to be stopped")


def _keep_data(marker: Marker, observed: ObservedHold) -> Iterator[Step]:
    missing = [number for number in marker.noout if number not in observed.flags.osds]
    if missing:
        names = tuple(f"osd.{number}" for number in missing)
        run = Run((*CEPH, "osd", "set-group", "noout", *names), timeout=60)
        why = f"{', '.join(names)} may be down for a while without data being moved (noout)"
        yield Step(why, run, f"osd.set-noout:{marker.node}", "data")


def _release(desired: DesiredHold, observed: ObservedHold) -> Plan:
    marker = observed.markers.get(desired.node)
    if marker is None:
        return Plan(tells=_told(Marker(desired.node), False, (), ()))
    member = observed.membership.member(desired.node)
    if member is None or not member.online or not observed.membership.quorate:
        reason = f"{desired.node} is not back, so {', '.join(still_set(marker)) or 'its marker'} stays."
        hint = "Start it, and run this again; or take it out of the cluster for good: remove_node.yml."
        return Plan(refusals=(Refusal(reason, hint),), tells=_told(marker, False, (), ()))
    silent = list(refuse_silent_ceph(observed.membership.ceph))
    if marker.noout and silent:
        first = Refusal(f"Nobody can tell whether {', '.join(still_set(marker))} stands, so all of it stays.")
        return Plan(refusals=(first, *silent), tells=_told(marker, False, (), ()))
    steps = [*_free_data(marker, observed)]
    if marker.maintenance:
        steps += resume(replace(_membership(desired), mode=RESUME), observed.membership).steps
    steps += [step for sid in marker.stopped for step in _start(sid, marker, desired, observed)]
    forget = RemoveFile(marker_path(desired.node))
    steps.append(Step(f"forget what was set for {desired.node}", forget, f"marker.remove:{desired.node}", "file"))
    return Plan(
        steps=tuple(steps),
        warnings=tuple(_lost(marker, observed)),
        before={"marker": marker.text()},
        after={"marker": None},
        tells=_told(marker, False, (), ()),
    )


def _free_data(marker: Marker, observed: ObservedHold) -> Iterator[Step]:
    ours = [f"osd.{number}" for number in marker.noout if number in observed.flags.osds]
    if ours:
        run = Run((*CEPH, "osd", "unset-group", "noout", *ours), timeout=60)
        yield Step(
            f"data of {', '.join(ours)} moves again when they are down (noout)",
            run,
            f"osd.unset-noout:{marker.node}",
            "data",
        )


def _start(sid: str, marker: Marker, desired: DesiredHold, observed: ObservedHold) -> Iterator[Step]:
    guest = next((one for one in observed.membership.guests if one.sid == sid), None)
    if guest is None:
        return
    wanted, ha = marker.states.get(sid), observed.membership.references.ha
    path = path_of(guest.kind, desired.node, guest.vmid)
    if wanted is not None and ha.resources.get(sid) != wanted and ha.manages(guest):
        tell = Run(("ha-manager", "set", sid, "--state", wanted), timeout=60, retry_on=LOCK_BUSY)
        yield Step(f"tell the HA manager to run {guest} again", tell, f"guest.ha-start:{guest.vmid}", "guest")
        yield _wait_for(guest, path, "running")
    elif not guest.running and not (wanted is not None and ha.manages(guest)):
        yield Step(
            f"start {guest}",
            Run(("pvesh", "create", f"{path}/status/start"), timeout=300),
            f"guest.start:{guest.vmid}",
            "guest",
        )
        yield _wait_for(guest, path, "running")


def _lost(marker: Marker, observed: ObservedHold) -> Iterator[str]:
    here = {guest.sid for guest in observed.membership.guests}
    for sid in marker.stopped:
        if sid not in here:
            yield f"{sid} was stopped for the upgrade, and is not on {marker.node} any more: it is not started."
    elsewhere = [f"the bucket {name}" for name in observed.flags.buckets] + [
        f"the class {name}" for name in observed.flags.classes
    ]
    if observed.flags.everywhere or elsewhere:
        where = ", ".join((["all OSDs"] if observed.flags.everywhere else []) + elsewhere)
        yield f"noout stands for {where}. This upgrade has not set it there, and leaves it."
