# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide where the guests of a node go, and what cannot go anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...engine.plan import Refusal, Run, Step, TextWait
from ...model.cluster.locks import LOCK_BUSY
from ...model.guest.guest import Guest, folder_of
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership
from ..guest.places import lacking, replicas
from ..guest.volumes import refuse_volumes

#: A big guest may take hours: its memory, and with local disks those too.
_MIGRATION_DEADLINE = 6 * 3600
#: After a migration that has ended, this node sees it within seconds.
_ARRIVAL = 60
#: Free memory is compared in such steps: it changes all the time, and the plan that was shown shall be the one done.
_COARSE = 1 << 28
#: PVE/AbstractMigrate.pm: the task fails, and pvesh exits 0.
_NOT_MIGRATED = (r"migration aborted.*",)
#: The user hears this often how far it is.
_PATIENCE = 10
#: Where one command after another does the work; to look at everything anew, for a word, takes seconds, too.
_WORD = 30
_STUCK = ("error", "fence", "recovery")


def guest_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    member = observed.member(desired.node)
    if member is None:
        return []
    places = dict(_places(desired, observed))
    if desired.mode == DEAD:
        return [step for guest, target in places.items() for step in _take(guest, desired.node, target)]
    steps = _freeze(desired, observed) if member.online else []
    return steps + [step for guest, target in places.items() for step in _move(guest, desired, observed, target)]


def _freeze(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    """No guest is to come back while the node is emptied; the HA manager moves its own guests away at once."""
    ha = observed.references.ha
    if not ha.resources:
        return []
    steps = []
    if not ha.in_maintenance(desired.node):
        why = f"put {desired.node} into maintenance mode: the HA manager moves its guests and places none there"
        command = ("ha-manager", "crm-command", "node-maintenance", "enable", desired.node)
        steps.append(Step(why, Run(command, timeout=60, retry_on=LOCK_BUSY)))
    for guest in observed.guests:
        if ha.runs(guest):
            steps.append(_wait_gone(guest, desired.node, "until the HA manager has moved", _PATIENCE))
    return steps


def on_its_way(vmid: int, node: str, observed: ObservedMembership) -> bool:
    """The HA manager is emptying the node, and this guest is one of those that it moves."""
    guest = next((one for one in observed.guests if one.vmid == vmid), None)
    ha = observed.references.ha
    return ha.in_maintenance(node) and guest is not None and ha.runs(guest)


def _places(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[tuple[Guest, str]]:
    """The biggest guest first, each to the node that then has the most free memory; by name among equals."""
    free = {name: observed.free_memory.get(name, 0) for name in _targets(desired, observed)}
    movable = [guest for guest in observed.guests if not _discarded(guest, desired)]
    if desired.mode != DEAD:
        movable = [guest for guest in movable if not observed.references.ha.runs(guest)]
    for guest in sorted(movable, key=lambda one: (-one.memory, one.vmid)):
        if free:
            places = _able(guest, sorted(free), observed) or sorted(free)
            target = max(places, key=lambda name: free[name] // _COARSE)
            free[target] -= guest.memory if guest.running or desired.mode == DEAD else 0
            yield guest, target


def _targets(desired: DesiredMembership, observed: ObservedMembership) -> list[str]:
    online = [one.name for one in observed.cluster.members if one.online and one.name != desired.node]
    return [name for name in online if not observed.references.ha.in_maintenance(name)]


def _discarded(guest: Guest, desired: DesiredMembership) -> bool:
    return desired.mode == DEAD and f"guest/{guest.vmid}" in desired.discard


def _move(guest: Guest, desired: DesiredMembership, observed: ObservedMembership, target: str) -> list[Step]:
    """The command ends with the migration, unless the HA manager, which has the guest, is only told to."""
    words = ["pvesh", "create", f"/nodes/{desired.node}/{guest.kind}/{guest.vmid}/migrate", "--target", target]
    manner = "live" if guest.running else "while it is stopped"
    if guest.kind == "lxc":
        words += ["--restart", "1"] if guest.running else []
        manner = "with a restart" if guest.running else manner
    else:
        # Also for a stopped one: Proxmox VE then migrates offline, and what was started in the last seconds goes live.
        words += ["--online", "1", *(["--with-local-disks", "1"] if guest.local else [])]
    disks = f", with {', '.join(guest.local)}" if guest.local else ""
    deadline = _MIGRATION_DEADLINE if observed.references.ha.manages(guest) else _ARRIVAL
    migrate = Run(tuple(words), timeout=_MIGRATION_DEADLINE, fail_on=_NOT_MIGRATED)
    return [
        Step(
            f"migrate {guest} to {target} {manner}{disks}",
            migrate,
            hint=f"It is still on {desired.node}.",
            told_after=_WORD,
        ),
        _wait_gone(guest, desired.node, "until the migration has ended of", deadline=deadline),
    ]


def _wait_gone(guest: Guest, node: str, until: str, patience: float = 0, deadline: float = _MIGRATION_DEADLINE) -> Step:
    path = folder_of(guest.kind, node)
    gone = rf"\A(?![\s\S]*^{guest.vmid}\.conf$)"
    return Step(
        f"wait {until} {guest}",
        TextWait(("ls", "-1", path), gone, timeout=deadline, interval=2, patience=patience),
        hint=f"See its last task in the web interface; the guest is still on {node}.",
    )


def _take(guest: Guest, node: str, target: str) -> list[Step]:
    """A dead node's guest: its disks lie in the network, and its configuration is all that has to move."""
    why = f"give {guest} to {target} (it stays stopped)"
    return [Step(why, Run(("mv", "--no-clobber", guest.file(node), guest.file(target))), destructive=True)]


def refuse_guests(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    guests = [guest for guest in observed.guests if not _discarded(guest, desired)]
    refusals = [refusal for guest in guests for refusal in _refuse_guest(guest, desired, observed)]
    refusals += _refuse_memory(desired, observed)
    if guests and not _targets(desired, observed):
        reason = f"No other node is online to take the guests of {desired.node}."
        refusals.append(Refusal(reason, "Start one, or end its maintenance mode."))
    return refusals


def _refuse_guest(guest: Guest, desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    ha = observed.references.ha
    if guest.lock is not None and not (guest.lock == "migrate" and on_its_way(guest.vmid, desired.node, observed)):
        hint = f"See what it is for; when nothing works on it any more: qm (or pct) unlock {guest.vmid}."
        yield Refusal(f"{guest} is locked ({guest.lock}).", hint)
    if guest.devices and desired.mode != DEAD:
        reason = f"{guest} uses devices of {desired.node}: {', '.join(guest.devices)}."
        yield Refusal(reason, "Stop it and take them away from it, or give it a mapping that other nodes have too.")
    if desired.mode != DEAD:
        yield from _refuse_places(guest, desired, observed)
    if guest.local:
        yield from _refuse_local(guest, desired)
    if desired.mode == DEAD and ha.manages(guest):
        yield Refusal(
            f"{guest} belongs to the HA manager, which takes it away from a dead node by itself.",
            f"Wait until it has; if it cannot, take it from the HA manager first (ha-manager remove {guest.sid}).",
        )
    state = ha.services.get(guest.sid, ("", ""))[1]
    if state in _STUCK:
        yield Refusal(f"The HA manager has {guest} in the state {state}.", "Clear that up first (ha-manager status).")
    for rule in ha.affinities:
        if rule.binds_to(desired.node) and guest.sid in rule.resources:
            reason = f"The HA rule {rule.name} allows {guest} no other node than {desired.node}."
            yield Refusal(reason, "Add another node to it.")


def _able(guest: Guest, names: Iterable[str], observed: ObservedMembership) -> list[str]:
    """The nodes that have all that the guest needs."""
    return [name for name in names if not _lacking(guest, name, observed)]


def _lacking(guest: Guest, node: str, observed: ObservedMembership) -> list[str]:
    found = observed.references
    return lacking(guest, node, found.storages, found.mappings, found.replication)


def _refuse_places(guest: Guest, desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    """As upstream would refuse it, when other guests have gone already."""
    replicated = any(replicas(guest, observed.references.replication).values())
    yield from refuse_volumes(guest, desired.node, observed.references.storages, replicated)
    fixed = {one.path for one in observed.references.mappings if not one.live} & set(guest.mapped)
    if guest.running and fixed:
        reason = f"{guest} runs and uses {', '.join(sorted(fixed))}; such a device does not move with a VM that runs."
        yield Refusal(reason, "Stop it: then it can be migrated.")
    lacks = {name: " and ".join(_lacking(guest, name, observed)) for name in _targets(desired, observed)}
    if lacks and all(lacks.values()):
        each = "; ".join(f"{name} does not have {words}" for name, words in sorted(lacks.items()))
        hint = (
            "Let another node have that (nodes of the storage, devices of the mapping), or stop the guest or change it."
        )
        yield Refusal(f"No other node can take {guest}: {each}.", hint)


def _refuse_local(guest: Guest, desired: DesiredMembership) -> Iterator[Refusal]:
    where = ", ".join(guest.local)
    if desired.mode == DEAD:
        yield Refusal(
            f"{guest} has volumes that only {desired.node} had: {where}.",
            f"Restore it from a backup under another number, or name guest/{guest.vmid} in discard to give it up.",
        )
    elif not desired.local_disks:
        reason = f"{guest} has volumes that only {desired.node} can see: {where}."
        yield Refusal(reason, "Move them to a shared storage, or set local_disks: true to copy them with it.")


def _refuse_memory(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    """The plan of targets, done once in thought."""
    free = dict(observed.free_memory)
    for guest, target in _places(desired, observed):
        if desired.mode == DEAD or not guest.running:
            continue
        if free[target] < guest.memory:
            need, there = guest.memory >> 20, free[target] >> 20
            reason = f"No node has the {need} MiB of memory that {guest} needs; the most is {there} MiB on {target}."
            unknown = f"{target} did not say how much it has: pvesh get /nodes/{target}/status."
            yield Refusal(reason, "Stop the guest, or make room." if observed.free_memory[target] else unknown)
        free[target] -= guest.memory
