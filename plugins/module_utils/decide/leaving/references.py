# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide what becomes of all that names a node in the cluster's files: shortened, given up if allowed, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...engine.plan import Refusal, Run, Step, TextWait
from ...model.cluster.locks import LOCK_BUSY
from ...model.guest.ha import NodeAffinity
from ...model.guest.mapping import ResourceMapping
from ...model.guest.replication import FILE as REPLICATION
from ...model.guest.replication import ReplicationJob
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership
from ...model.storage.storage import nodes_of

#: Upstream's scheduler takes a marked job away within a minute; the copies it made take longer.
_REPLICATION_DEADLINE = 900


def reference_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    found = observed.references
    steps = [step for job in _jobs(desired, observed) for step in _drop_job(job, desired)]
    for rule in found.ha.affinities:
        steps += _shorten_affinity(rule, desired.node)
    for name, options in sorted(found.storages.items()):
        steps += _shorten_storage(name, nodes_of(options), desired)
    for mapping in found.mappings:
        steps += _shorten_mapping(mapping, desired.node)
    return steps


def _jobs(desired: DesiredMembership, observed: ObservedMembership) -> tuple[ReplicationJob, ...]:
    """Jobs to the node and, as long as they start there, from it."""
    node = desired.node
    return tuple(job for job in observed.references.replication if node in (job.target, job.source))


def _drop_job(job: ReplicationJob, desired: DesiredMembership) -> list[Step]:
    words = ["pvesh", "delete", f"/cluster/replication/{job.id}"]
    words += ["--force", "1"] if desired.mode == DEAD else []
    gone = rf"\A(?![\s\S]*^\w+: {re.escape(job.id)}$)"
    wait = Step(
        f"wait until the replication job {job.id} is gone",
        TextWait(("cat", REPLICATION), gone, timeout=_REPLICATION_DEADLINE, interval=2),
        hint="pvescheduler removes it; is it running on both nodes?",
    )
    if job.removing and desired.mode != DEAD:
        return [wait]
    why = f"remove the replication job {job.id} (guest {job.guest} to {job.target})"
    return [Step(why, Run(tuple(words), timeout=120, retry_on=LOCK_BUSY), destructive=True), wait]


def _shorten_affinity(rule: NodeAffinity, node: str) -> list[Step]:
    if node not in rule.nodes:
        return []
    rest = ",".join(
        f"{name}:{priority}" if priority else name for name, priority in sorted(rule.nodes.items()) if name != node
    )
    noun = "HA group" if rule.group else "HA rule"
    command = ("ha-manager", "groupset", rule.name) if rule.group else ("ha-manager", "rules", "set", "node-affinity")
    if rest:
        words = (*command, *(() if rule.group else (rule.name,)), "--nodes", rest)
        return [Step(f"take {node} out of the {noun} {rule.name}", Run(words, timeout=120, retry_on=LOCK_BUSY))]
    remove = ("ha-manager", "groupremove") if rule.group else ("ha-manager", "rules", "remove")
    why = f"remove the {noun} {rule.name}, which names no other node than {node}"
    return [Step(why, Run((*remove, rule.name), timeout=120, retry_on=LOCK_BUSY))]


def _shorten_storage(name: str, nodes: tuple[str, ...], desired: DesiredMembership) -> list[Step]:
    """Never an empty list: that would open the storage to all nodes."""
    if desired.node not in nodes:
        return []
    rest = sorted(set(nodes) - {desired.node})
    if rest:
        words = ("pvesm", "set", name, "--nodes", ",".join(rest))
        return [Step(f"take {desired.node} out of the storage {name}", Run(words, timeout=120, retry_on=LOCK_BUSY))]
    why = f"remove the storage {name} from the configuration, which only {desired.node} had (its data stays there)"
    return [Step(why, Run(("pvesm", "remove", name), timeout=120, retry_on=LOCK_BUSY), destructive=True)]


def _shorten_mapping(mapping: ResourceMapping, node: str) -> list[Step]:
    rest = mapping.without(node)
    if rest == mapping.entries:
        return []
    path = f"/cluster/mapping/{mapping.path}"
    if rest:
        words = ["pvesh", "set", path, *(word for entry in rest for word in ("--map", entry))]
        why = f"take the devices of {node} out of the mapping {mapping.name} ({mapping.kind})"
        return [Step(why, Run(tuple(words), timeout=120, retry_on=LOCK_BUSY))]
    why = f"remove the mapping {mapping.name} ({mapping.kind}), which has devices of {node} only"
    return [Step(why, Run(("pvesh", "delete", path), timeout=120, retry_on=LOCK_BUSY))]


def refuse_references(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    return [
        *_refuse_jobs(desired, observed),
        *_refuse_storages(desired, observed),
        *_refuse_rules(desired, observed),
        *_refuse_bound(desired, observed),
    ]


def _refuse_jobs(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    for job in _jobs(desired, observed):
        if f"replication/{job.id}" not in desired.discard:
            direction = "to" if job.target == desired.node else "from"
            yield Refusal(
                f"The replication job {job.id} copies guest {job.guest} {direction} {desired.node}.",
                f"Give it another target, or name replication/{job.id} in discard to remove it.",
            )


def _refuse_storages(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    member = observed.member(desired.node)
    own = {desired.node, *(desired.addresses or ()), *(member.addresses if member else ())} - {""}
    for name, options in sorted(observed.references.storages.items()):
        if set(nodes_of(options)) == {desired.node} and f"storage/{name}" not in desired.discard:
            yield Refusal(
                f"The storage {name} is on {desired.node} only.",
                f"Move what is needed of it, then name storage/{name} in discard; its definition will be removed.",
            )
        serving = own & set(re.split(r"[,; ]+", f"{options.get('server', '')} {options.get('monhost', '')}"))
        if serving:
            yield Refusal(
                f"{desired.node} serves the storage {name} ({options['type']}, {', '.join(sorted(serving))}).",
                "Move the data to another server and let the storage point there, or remove the storage.",
            )


def _refuse_rules(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    """A strict rule without its last node would let its guests run anywhere."""
    elsewhere = {guest.sid for guest in observed.guests}
    for rule in observed.references.ha.affinities:
        if rule.binds_to(desired.node) and not rule.resources & elsewhere:
            reason = f"The HA rule {rule.name} binds its guests strictly to {desired.node}."
            yield Refusal(reason, "Add another node to it, or remove it.")


def _refuse_bound(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    for job in observed.references.backup_jobs:
        reason = f"The backup job {job} runs on {desired.node} only."
        yield Refusal(reason, "Let it run on all nodes or on another one; what it backed up there may have moved.")
    for path in observed.references.sdn:
        reason = f"{path} names {desired.node}: it takes part in a software-defined network."
        yield Refusal(reason, "Take it out of the zones, controllers and fabrics there, and apply that.")
