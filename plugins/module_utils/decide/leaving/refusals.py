# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a node does not leave its cluster: membership, votes, power, and whether it is the machine that is meant."""

from __future__ import annotations

from ...engine.plan import Refusal
from ...model.cluster.cluster import Member
from ...model.guest.guest import NODES
from ...model.leaving.membership import (
    DEAD,
    DRAIN,
    RETIRE,
    SEPARATE,
    DesiredMembership,
    ObservedMembership,
    Silence,
    quorum_of,
)
from .drained import is_drained
from .guests import on_its_way
from .qdevice import refuse_qdevice


def refuse_membership(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    here = _refuse_here(desired, observed)
    member = observed.member(desired.node)
    if here:
        return here
    if member is None:
        return [*_refuse_no_quorum(observed), *_refuse_forgotten_guests(desired, observed)]
    refusals = _refuse_other_machine(desired, member)
    refusals += _refuse_state(desired, observed, member)
    if desired.mode != DRAIN:
        refusals += [*refuse_qdevice(desired, observed), *_refuse_votes(desired, observed, member)]
    elif not observed.quorate:
        refusals += _refuse_no_quorum(observed)
    tasks = [task for task in observed.tasks if not _migrates_for_ha(task, desired.node, observed)]
    if tasks and desired.mode != DEAD:
        reason = f"Tasks are running on {desired.node}: {', '.join(tasks)}."
        refusals.append(Refusal(reason, "Wait until they have ended, or stop them; then run this again."))
    return refusals


def _migrates_for_ha(task: str, node: str, observed: ObservedMembership) -> bool:
    """What the plan waits for is not in its way."""
    kind, dummy, vmid = task.partition(" ")
    return kind in ("qmigrate", "vzmigrate") and vmid.isdigit() and on_its_way(int(vmid), node, observed)


def _refuse_here(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    """This member cannot be the lead."""
    name = observed.cluster.host.name
    if name == desired.node:
        return [Refusal(f"{name} cannot remove itself.", "Run this on a node that stays.")]
    if observed.cluster.config is None or observed.cluster.membership is None:
        return [Refusal(f"{name} is not a member of a cluster.", "Run this on a member that stays.")]
    if "corosync" in observed.cluster.inactive:
        reason = f"corosync does not run on {name}, so it does not know who is online."
        return [Refusal(reason, "Start it: systemctl start corosync.")]
    if observed.cluster.busy:
        return [Refusal(f"Another pvecm command is running on {name}.", "Wait until it has ended.")]
    return []


def _refuse_no_quorum(observed: ObservedMembership) -> list[Refusal]:
    if observed.quorate:
        return []
    reason = f"The cluster of {observed.cluster.host.name} has no quorum, so /etc/pve cannot be written."
    return [Refusal(reason, "Start the nodes that are offline.")]


def _refuse_forgotten_guests(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    """Deleted already, and by somebody who did not look: whether the machine is off cannot be asked any more."""
    left = [str(guest) for guest in observed.guests if f"guest/{guest.vmid}" not in desired.discard]
    if not left:
        return []
    return [
        Refusal(
            f"{desired.node} is deleted, but {NODES}/{desired.node} still holds {', '.join(left)}.",
            "Move the configurations to another node's directory there, if that machine is off for good; or name"
            " them in discard (guest/VMID).",
        )
    ]


def _refuse_other_machine(desired: DesiredMembership, member: Member) -> list[Refusal]:
    """The inventory, the machine and the cluster must mean the same one."""
    if desired.addresses is None or desired.mode == DEAD:
        return []
    links = [address for address in member.addresses if address]
    strange = [address for address in links if address not in desired.addresses]
    if not strange:
        return []
    return [
        Refusal(
            f"The machine that the inventory names has the addresses {', '.join(sorted(desired.addresses))}, but"
            f" {member.name} of the cluster has {', '.join(links)}.",
            "Correct the inventory: another machine would be powered off or separated.",
        )
    ]


def _refuse_state(desired: DesiredMembership, observed: ObservedMembership, member: Member) -> list[Refusal]:
    if desired.mode == DEAD:
        return _refuse_not_dead(desired, observed, member)
    if desired.mode == SEPARATE and desired.standalone:
        if member.online:
            return [
                Refusal(
                    f"{member.name} was seen outside of any cluster, but the cluster says that it is online.",
                    "Is there another machine of this name? Wait a moment and run this again; nothing was done.",
                )
            ]
        return []
    # A drained node that is to go on alone leaves the cluster's corosync first: a run may have ended just then.
    if member.online or (desired.mode in (RETIRE, SEPARATE) and is_drained(desired.node, observed)):
        return []
    return [
        Refusal(
            f"{member.name} is not online, so what is on it cannot be moved.",
            f"Start it; or, when it is gone for good, use the mode dead with confirmed_powered_off: [{member.name}].",
        )
    ]


def _refuse_not_dead(desired: DesiredMembership, observed: ObservedMembership, member: Member) -> list[Refusal]:
    refusals = []
    if member.online:
        reason = f"{member.name} is online in the cluster, so it is not dead."
        refusals.append(Refusal(reason, "Use the mode retire, or power it off."))
    if member.name not in desired.powered_off:
        reason = f"Nobody has confirmed that {member.name} is powered off; a node that only seems dead destroys data."
        hint = f"Look at the machine and cut its power, then set confirmed_powered_off: [{member.name}]."
        refusals.append(Refusal(reason, hint))
    silence = observed.silence.get(member.name, Silence(able=False))
    if not member.online:
        refusals += _refuse_heard(member.name, silence)
    return refusals


def _refuse_heard(name: str, silence: Silence) -> list[Refusal]:
    if not silence.able:
        reason = f"This node cannot find out whether {name} still answers: ssh-keyscan is missing."
        return [Refusal(reason, "Install openssh-client on this node.")]
    if silence.heard:
        return [Refusal(f"{name} still answers: {', '.join(silence.heard)}.", "It is not powered off. Do that first.")]
    return []


def _refuse_votes(desired: DesiredMembership, observed: ObservedMembership, member: Member) -> list[Refusal]:
    """What is left must have quorum, both among the nodes that stay and, to delete this one, before."""
    left = observed.votes - member.votes
    present = observed.present_without(member.name)
    others = [one.name for one in observed.cluster.members if one.name != member.name]
    refusals = []
    if present < quorum_of(left):
        offline = [one.name for one in observed.cluster.members if not one.online and one.name != member.name]
        refusals.append(
            Refusal(
                f"Without {member.name} the cluster needs {quorum_of(left)} of {left} votes, and {present} would be"
                f" there: {', '.join(offline) or 'nobody'} is offline.",
                "Start what is offline first.",
            )
        )
    elif present < quorum_of(observed.votes):
        refusals += _refuse_expected(desired, observed, member, present)
    if len(others) == 1 and desired.expected_votes is None and not refusals:
        reason = f"Only {others[0]} would stay: a cluster of one node."
        refusals.append(Refusal(reason, "Set expected_votes: 1 to have that."))
    return refusals


def _refuse_expected(
    desired: DesiredMembership, observed: ObservedMembership, member: Member, present: int
) -> list[Refusal]:
    """corosync has to be told to expect fewer votes: only if the rest cannot be a cluster somewhere else."""
    refusals = []
    if desired.expected_votes != present:
        refusals.append(
            Refusal(
                f"Once {member.name} is off, {present} of {observed.votes} votes are there. That is no quorum, so"
                f" {member.name} cannot be deleted.",
                f"Set expected_votes: {present}, if no other node will ever come back.",
            )
        )
    absent = [one.name for one in observed.cluster.members if not one.online and one.name != member.name]
    for name in absent:
        if name not in desired.powered_off:
            reason = f"{name} is offline too; with fewer expected votes it could go on as a second cluster."
            refusals.append(Refusal(reason, f"Start it, or power it off and add it to confirmed_powered_off: {name}."))
        else:
            refusals += _refuse_heard(name, observed.silence.get(name, Silence(able=False)))
    return refusals
