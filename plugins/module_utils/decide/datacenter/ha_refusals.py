# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What no guest is given to HA for: it would protect nothing, or do harm."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.datacenter.ha import (
    RULES_SINCE,
    DesiredHa,
    Group,
    ObservedHa,
    Resource,
    Rule,
    Things,
)
from .ha_places import refuse_places, warn_of_places
from .ha_rules import refuse_rules


def refuse(desired: DesiredHa, observed: ObservedHa, wanted: Things) -> Iterator[Refusal]:
    if observed.release is None:
        return
    yield from _refuse_release(desired, observed)
    yield from _refuse_unknown(observed, wanted)
    new = [name for (kind, name) in sorted(wanted) if kind == "resource" and ("resource", name) not in observed.things]
    if new:
        yield from _refuse_quorum(observed)
        yield from _refuse_fencing(desired, observed)
    yield from refuse_rules(observed, wanted)
    yield from refuse_places(desired, observed, wanted)


def _refuse_release(desired: DesiredHa, observed: ObservedHa) -> Iterator[Refusal]:
    rules = [name for kind, name in sorted(desired.wishes) if kind == "rule"]
    failback = [name for (kind, name), wish in sorted(desired.wishes.items()) if "failback" in wish.said]
    if observed.release is not None and observed.release < RULES_SINCE:
        if rules:
            reason = f"HA rules need Proxmox VE 9: {', '.join(rules)}."
            yield Refusal(reason, "Declare groups; on 9 the same groups are rules.")
        if failback:
            reason = f"Before Proxmox VE 9 it is a group that has failback: {', '.join(failback)}."
            yield Refusal(reason, "Say nofailback of its group.")


def _refuse_unknown(observed: ObservedHa, wanted: Things) -> Iterator[Refusal]:
    old = observed.release is not None and observed.release < RULES_SINCE
    groups = {name for kind, name in wanted if kind == "group"}
    members = {name for kind, name in wanted if kind == "resource"}
    for (kind, name), thing in sorted(wanted.items()):
        if observed.things.get((kind, name)) == thing:
            continue
        if isinstance(thing, Resource):
            if name not in observed.guests:
                yield Refusal(f"There is no guest {name} for HA to manage.", "vm: is for machines, ct: for containers.")
            if old and thing.group and thing.group not in groups:
                yield Refusal(f"{name} names the HA group {thing.group}, which there is not.", "Declare it, too.")
            continue
        yield from _refuse_nodes(observed, f"The HA {kind} {name}", thing)
        strange = sorted(thing.resources - members) if isinstance(thing, Rule) else []
        if strange:
            yield Refusal(
                f"The HA rule {name} names {', '.join(strange)}, which HA does not manage.", "Declare resources first."
            )


def _refuse_nodes(observed: ObservedHa, what: str, thing: object) -> Iterator[Refusal]:
    if not isinstance(thing, (Group, Rule)):
        return
    unknown = sorted(set(thing.nodes) - set(observed.votes))
    if unknown:
        known = ", ".join(sorted(observed.votes))
        yield Refusal(f"{what} names {', '.join(unknown)}, which is no node.", f"There are {known}.")
    if not thing.nodes and (isinstance(thing, Group) or thing.type == "node-affinity"):
        yield Refusal(f"{what} names no node.", "Declare its nodes.")


def _refuse_quorum(observed: ObservedHa) -> Iterator[Refusal]:
    """HA on a cluster that stops with its first node would only add a reset to that."""
    votes = sorted(observed.votes.values())
    total, hint = sum(votes), "Add a node, or a quorum device (cluster_qdevice_host)."
    if observed.device:
        if observed.device != "Connected":
            reason = f"The quorum device is {observed.device}, so nobody knows whether it would vote."
            yield Refusal(f"HA needs a quorum that outlives a node. {reason}", "Bring it back first.")
        elif len(votes) < 2:
            yield Refusal("A single node has nowhere to restart a guest.", "Add a node first.")
    elif len(votes) < 3 or total - votes[-1] < total // 2 + 1:
        yield Refusal(
            f"HA needs a quorum that outlives the loss of any node: {len(votes)} nodes have {total} votes, without a"
            " quorum device.",
            hint,
        )


def _refuse_fencing(desired: DesiredHa, observed: ObservedHa) -> Iterator[Refusal]:
    """A setting proves nothing: the kernel has named the driver in this boot, or there is no watchdog."""
    unproved = sorted(node for node in observed.votes if not desired.watchdogs.get(node))
    if unproved:
        yield Refusal(
            f"No watchdog was opened in this boot on {', '.join(unproved)}, or nobody has looked there: a node that is"
            " cut off would go on with guests that HA starts elsewhere.",
            "Run this on all nodes; on them: journalctl -b -u watchdog-mux has to name a driver.",
        )


def warnings(observed: ObservedHa, wanted: Things) -> Iterator[str]:
    if observed.unmigrated:
        told = ", ".join(observed.unmigrated)
        yield f"The HA groups {told} have not become rules yet: a run waits until the HA manager has made them."
    for name, why in sorted(observed.ignored.items()):
        if ("rule", name) in wanted:
            yield f"The HA manager passes over the rule {name}: {why}."
    for (_kind, name), thing in sorted(wanted.items()):
        apart = isinstance(thing, Rule) and thing.affinity == "negative" and not thing.disable
        if isinstance(thing, Rule) and apart and len(thing.resources) == len(observed.votes):
            yield (
                f"The HA rule {name} keeps as many resources apart as there are nodes: maintenance of a node never"
                " ends, as one of them has nowhere to go."
            )
    yield from warn_of_places(observed, wanted)
