# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why guests cannot leave their node."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.guest.guest import Guest
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership
from ..guest.places import replicas
from ..guest.volumes import refuse_volumes
from .guests import discarded, lacks, migrates, on_its_way, places, targets

#: States of the HA manager in which it does nothing of what it is told.
_STUCK = ("error", "fence", "recovery")


def refuse_guests(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    guests = [guest for guest in observed.guests if not discarded(guest, desired)]
    refusals = [refusal for guest in guests for refusal in _refuse_guest(guest, desired, observed)]
    refusals += _refuse_memory(desired, observed)
    if guests and not targets(desired, observed):
        reason = f"No other node is online to take the guests of {desired.node}."
        refusals.append(Refusal(reason, "Start one, or end its maintenance mode."))
    return refusals


def _refuse_guest(guest: Guest, desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    if migrates(guest, observed):
        return  # all this was judged before it began
    ha = observed.references.ha
    if guest.lock is not None and not (guest.lock == "migrate" and on_its_way(guest.vmid, desired.node, observed)):
        hint = f"Find out what it is for. When nothing works on the guest any more: qm (or pct) unlock {guest.vmid}."
        yield Refusal(f"{guest} is locked ({guest.lock}).", hint)
    if guest.devices and desired.mode != DEAD:
        reason = f"{guest} uses devices of {desired.node}: {', '.join(guest.devices)}."
        yield Refusal(reason, "Stop it and remove the devices from it, or give it a mapping of several nodes.")
    if desired.mode != DEAD:
        yield from _refuse_places(guest, desired, observed)
    if guest.local:
        yield from _refuse_local(guest, desired)
    if desired.mode == DEAD and ha.manages(guest):
        yield Refusal(
            f"{guest} belongs to the HA manager, which takes it away from a dead node by itself.",
            f"Wait until it has done so; if it cannot, remove the guest from it first (ha-manager remove {guest.sid}).",
        )
    state = ha.services.get(guest.sid, ("", ""))[1]
    if state in _STUCK:
        yield Refusal(f"The HA manager has {guest} in the state {state}.", "Clear that up first (ha-manager status).")
    for rule in ha.affinities:
        if rule.binds_to(desired.node) and guest.sid in rule.resources:
            reason = f"The HA rule {rule.name} allows {guest} no other node than {desired.node}."
            yield Refusal(reason, "Add another node to it.")


def _refuse_places(guest: Guest, desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    """As upstream would refuse it, when other guests have gone already."""
    replicated = any(replicas(guest, observed.references.replication).values())
    yield from refuse_volumes(guest, desired.node, observed.references.storages, replicated)
    fixed = {one.path for one in observed.references.mappings if not one.live} & set(guest.mapped)
    if guest.running and fixed:
        reason = f"{guest} runs and uses {', '.join(sorted(fixed))}; such a device does not move with a VM that runs."
        yield Refusal(reason, "Stop it: then it can be migrated.")
    missing = {name: " and ".join(lacks(guest, name, observed)) for name in targets(desired, observed)}
    if missing and all(missing.values()):
        each = "; ".join(f"{name} does not have {words}" for name, words in sorted(missing.items()))
        hint = (
            "Give another node what is missing (nodes of the storage, devices of the mapping), or stop the guest, or"
            " change it."
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
    """The plan of targets, carried out in thought."""
    free = dict(observed.free_memory)
    for guest, target in places(desired, observed):
        if desired.mode == DEAD or not guest.running:
            continue
        if free[target] < guest.memory:
            need, there = guest.memory >> 20, free[target] >> 20
            reason = f"No node has the {need} MiB of memory that {guest} needs; the most is {there} MiB on {target}."
            unknown = f"{target} did not say how much it has: pvesh get /nodes/{target}/status."
            yield Refusal(reason, "Stop the guest, or make room." if observed.free_memory[target] else unknown)
        free[target] -= guest.memory
