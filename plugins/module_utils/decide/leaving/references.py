# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide what becomes of all that names a node in the cluster's files: shortened, or given up where that is allowed."""

from __future__ import annotations

from ...engine.condition import EVERY, Condition
from ...engine.plan import Run, Step, Wait
from ...engine.reader import command
from ...model.cluster.locks import LOCK_BUSY
from ...model.guest.ha import NodeAffinity
from ...model.guest.mapping import ResourceMapping
from ...model.guest.replication import ReplicationJob
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership
from ...model.storage.entry import StorageEntry

#: The question which jobs there are, also those that are marked to be removed.
REPLICATION_JOBS = command("pvesh", "get", "/cluster/replication", "--output-format", "json")
#: Upstream's scheduler takes a marked job away within a minute; the copies it made take longer.
_REPLICATION_DEADLINE = 900


def reference_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    found = observed.references
    steps = [step for job in jobs_of(desired, observed) for step in _drop_job(job, desired)]
    for rule in found.ha.affinities:
        steps += _shorten_affinity(rule, desired.node)
    for name, entry in sorted(found.storages.items()):
        steps += _shorten_storage(name, entry, desired)
    for mapping in found.mappings:
        steps += _shorten_mapping(mapping, desired.node)
    return steps


def jobs_of(desired: DesiredMembership, observed: ObservedMembership) -> tuple[ReplicationJob, ...]:
    """Jobs to the node and, as long as they start there, from it."""
    node = desired.node
    return tuple(job for job in observed.references.replication if node in (job.target, job.source))


def _drop_job(job: ReplicationJob, desired: DesiredMembership) -> list[Step]:
    words = ["pvesh", "delete", f"/cluster/replication/{job.id}"]
    words += ["--force", "1"] if desired.mode == DEAD else []
    says = f"the replication job {job.id} to be gone"
    gone = Condition(REPLICATION_JOBS, (EVERY, "id"), "lacks", job.id, says)
    wait = Step(
        f"wait until the replication job {job.id} is gone",
        Wait((gone,), timeout=_REPLICATION_DEADLINE, interval=2),
        f"replication.gone:{job.id}",
        "guest",
        hint="pvescheduler removes it; is it running on both nodes?",
    )
    if job.removing and desired.mode != DEAD:
        return [wait]
    why = f"remove the replication job {job.id} (guest {job.guest} to {job.target})"
    remove = Run(tuple(words), timeout=120, retry_on=LOCK_BUSY)
    return [Step(why, remove, f"replication.remove:{job.id}", "guest", destructive=True), wait]


def _shorten_affinity(rule: NodeAffinity, node: str) -> list[Step]:
    if node not in rule.nodes:
        return []
    rest = ",".join(
        f"{name}:{priority}" if priority else name for name, priority in sorted(rule.nodes.items()) if name != node
    )
    noun, kind = ("HA group", "ha-group") if rule.group else ("HA rule", "ha-rule")
    if rest:
        change = ("groupset", rule.name) if rule.group else ("rules", "set", "node-affinity", rule.name)
        edit = Run(("ha-manager", *change, "--nodes", rest), timeout=120, retry_on=LOCK_BUSY)
        return [Step(f"take {node} out of the {noun} {rule.name}", edit, f"{kind}.shorten:{rule.name}", "guest")]
    drop = ("groupremove",) if rule.group else ("rules", "remove")
    remove = Run(("ha-manager", *drop, rule.name), timeout=120, retry_on=LOCK_BUSY)
    why = f"remove the {noun} {rule.name}, which names no other node than {node}"
    return [Step(why, remove, f"{kind}.remove:{rule.name}", "guest")]


def _shorten_storage(name: str, entry: StorageEntry, desired: DesiredMembership) -> list[Step]:
    """Never an empty list: that would open the storage to all nodes."""
    if entry.nodes is None or desired.node not in entry.nodes:
        return []
    rest = sorted(entry.nodes - {desired.node})
    if rest:
        edit = Run(("pvesm", "set", name, "--nodes", ",".join(rest)), timeout=120, retry_on=LOCK_BUSY)
        return [Step(f"take {desired.node} out of the storage {name}", edit, f"storage.shorten:{name}", "storage")]
    why = f"remove the storage {name} from the configuration, which only {desired.node} had (its data stays there)"
    remove = Run(("pvesm", "remove", name), timeout=120, retry_on=LOCK_BUSY)
    return [Step(why, remove, f"storage.remove:{name}", "storage", destructive=True)]


def _shorten_mapping(mapping: ResourceMapping, node: str) -> list[Step]:
    rest = mapping.without(node)
    if rest == mapping.entries:
        return []
    path = f"/cluster/mapping/{mapping.path}"
    if rest:
        words = ("pvesh", "set", path, *(word for entry in rest for word in ("--map", entry)))
        why = f"take the devices of {node} out of the mapping {mapping.name} ({mapping.kind})"
        return [Step(why, Run(words, timeout=120, retry_on=LOCK_BUSY), f"mapping.shorten:{mapping.path}", "guest")]
    why = f"remove the mapping {mapping.name} ({mapping.kind}), which has devices of {node} only"
    remove = Run(("pvesh", "delete", path), timeout=120, retry_on=LOCK_BUSY)
    return [Step(why, remove, f"mapping.remove:{mapping.path}", "guest")]
