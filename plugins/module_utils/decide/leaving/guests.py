# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide where the guests of a node go, and how."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.condition import Condition
from ...engine.plan import Program, Run, Step, Wait
from ...engine.reader import Question
from ...model.cluster.locks import LOCK_BUSY
from ...model.guest.guest import Guest, folder_of
from ...model.guest.ha import HA_DEADLINE, in_maintenance
from ...model.guest.migration import FAILED, log_of
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership
from ..guest.places import lacking

#: A big guest may take hours: its memory, and with local disks those too.
_MIGRATION_DEADLINE = 6 * 3600
#: Free memory is compared in such steps: it changes all the time, and what was shown is what is carried out.
_COARSE = 1 << 28


def guest_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    member = observed.member(desired.node)
    if member is None:
        return []
    targets = dict(places(desired, observed))
    if desired.mode == DEAD:
        return [_take(guest, desired.node, target) for guest, target in targets.items()]
    steps = _freeze(desired, observed) if freezes(desired, observed) else []
    steps += [_wait_moved(guest, desired.node) for guest in observed.guests if migrates(guest, observed)]
    return steps + [step for guest, target in targets.items() for step in _move(guest, desired, target)]


def freezes(desired: DesiredMembership, observed: ObservedMembership) -> bool:
    """No guest is to come back while the node is emptied."""
    member = observed.member(desired.node)
    alive = desired.mode != DEAD and member is not None and bool(member.online)
    return alive and bool(observed.references.ha.resources)


def _freeze(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    """The HA manager moves its own guests away at once."""
    ha, node = observed.references.ha, desired.node
    steps = []
    if not ha.in_maintenance(node):
        why = f"put {node} into maintenance mode: the HA manager moves its guests and places none there"
        command = ("ha-manager", "crm-command", "node-maintenance", "enable", node)
        steps = [
            Step(why, Run(command, timeout=60, retry_on=LOCK_BUSY), f"maintenance.enable:{node}", "guest"),
            Step(
                f"wait until the HA manager keeps {node} in maintenance mode",
                Wait((in_maintenance(node),), HA_DEADLINE),
                f"maintenance.wait:{node}",
                "guest",
                hint="Does the CRM work? See ha-manager status.",
            ),
        ]
    return steps + [_wait_moved(guest, node, by_ha=True) for guest in observed.guests if ha.runs(guest)]


def on_its_way(vmid: int, node: str, observed: ObservedMembership) -> bool:
    """This collection migrates it now, or the HA manager does, which is emptying the node."""
    guest = next((one for one in observed.guests if one.vmid == vmid), None)
    ha = observed.references.ha
    return guest is not None and (migrates(guest, observed) or (ha.in_maintenance(node) and ha.runs(guest)))


def migrates(guest: Guest, observed: ObservedMembership) -> bool:
    return guest.vmid in observed.migrating


def places(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[tuple[Guest, str]]:
    """The biggest guest first, each to the node that then has the most free memory; by name among equals."""
    free = {name: observed.free_memory.get(name, 0) for name in targets(desired, observed)}
    movable = [guest for guest in observed.guests if not discarded(guest, desired)]
    if desired.mode != DEAD:
        ha = observed.references.ha
        movable = [guest for guest in movable if not ha.runs(guest) and not migrates(guest, observed)]
    for guest in sorted(movable, key=lambda one: (-one.memory, one.vmid)):
        if free:
            able = [name for name in sorted(free) if not lacks(guest, name, observed)] or sorted(free)
            target = max(able, key=lambda name: free[name] // _COARSE)
            free[target] -= guest.memory if guest.running or desired.mode == DEAD else 0
            yield guest, target


def targets(desired: DesiredMembership, observed: ObservedMembership) -> list[str]:
    online = [one.name for one in observed.cluster.members if one.online and one.name != desired.node]
    return [name for name in online if not observed.references.ha.in_maintenance(name)]


def lacks(guest: Guest, node: str, observed: ObservedMembership) -> list[str]:
    """What the guest needs and this node does not have."""
    found = observed.references
    return lacking(guest, node, found.storages, found.mappings, found.replication)


def discarded(guest: Guest, desired: DesiredMembership) -> bool:
    return desired.mode == DEAD and f"guest/{guest.vmid}" in desired.discard


def _move(guest: Guest, desired: DesiredMembership, target: str) -> list[Step]:
    """What was begun in this run and is not at work any more has failed, or is the HA manager's now; both are seen by
    waiting."""
    begin = f"guest.migrate:{guest.vmid}"
    wait = _wait_moved(guest, desired.node)
    if begin in desired.done:
        return [wait]
    words = ["pvesh", "create", f"/nodes/{desired.node}/{guest.kind}/{guest.vmid}/migrate", "--target", target]
    manner = "live" if guest.running else "while it is stopped"
    if guest.kind == "lxc":
        words += ["--restart", "1"] if guest.running else []
        manner = "with a restart" if guest.running else manner
    else:
        # Also for a stopped one: Proxmox VE then migrates offline, and what was started in the last seconds goes live.
        words += ["--online", "1", *(["--with-local-disks", "1"] if guest.local else [])]
    disks = f", with {', '.join(guest.local)}" if guest.local else ""
    why = f"begin to migrate {guest} to {target} {manner}{disks}"
    return [Step(why, Program("begin", (log_of(guest.vmid), *words)), begin, "guest"), wait]


def _wait_moved(guest: Guest, node: str, by_ha: bool = False) -> Step:
    """Where the HA manager is in charge of the guest, the command that migrates it only tells that manager to."""
    says = f"{guest} to leave {node}"
    gone = Condition(Question("names", (folder_of(guest.kind, node),)), (), "lacks", f"{guest.vmid}.conf", says)
    failed = Condition(Question("read", (log_of(guest.vmid),)), (), "matches", FAILED)
    wait = Wait((gone,), _MIGRATION_DEADLINE, interval=2, lost=() if by_ha else (failed,))
    why = f"wait until the HA manager has moved {guest}" if by_ha else f"wait until {guest} has left {node}"
    hint = f"See its last task in the web interface; the guest is still on {node}."
    return Step(why, wait, f"guest.moved:{guest.vmid}", "guest", hint=hint)


def _take(guest: Guest, node: str, target: str) -> Step:
    """A dead node's guest: its disks lie in the network, and its configuration is all that has to move."""
    why = f"give {guest} to {target} (it stays stopped)"
    move = Run(("mv", "--no-clobber", guest.file(node), guest.file(target)))
    return Step(why, move, f"guest.take:{guest.vmid}", "guest", destructive=True)
