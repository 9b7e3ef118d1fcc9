# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What names a node in the cluster's files and is not for this collection to change."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.leaving.membership import DesiredMembership, ObservedMembership
from ..storage.refusals import refuse_unreadable
from .references import jobs_of
from .served import served_by, unresolved


def refuse_references(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    return [
        *_refuse_jobs(desired, observed),
        *_refuse_storages(desired, observed),
        *_refuse_rules(desired, observed),
        *_refuse_bound(desired, observed),
    ]


def _refuse_jobs(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    for job in jobs_of(desired, observed):
        if f"replication/{job.id}" not in desired.discard:
            direction = "to" if job.target == desired.node else "from"
            yield Refusal(
                f"The replication job {job.id} copies guest {job.guest} {direction} {desired.node}.",
                f"Give it another target, or name replication/{job.id} in discard to remove it.",
            )


def _refuse_storages(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Refusal]:
    storages = observed.references.storages
    for name, entry in sorted(storages.items()):
        if entry.nodes == frozenset([desired.node]) and f"storage/{name}" not in desired.discard:
            yield Refusal(
                f"The storage {name} is on {desired.node} only.",
                f"Move what you need of it, then name storage/{name} in discard: its definition is removed.",
            )
    if any(entry.nodes and desired.node in entry.nodes for entry in storages.values()):
        yield from refuse_unreadable(observed.references.unreadable)
    for name, hosts in served_by(desired.node, observed, desired.addresses or ()).items():
        yield Refusal(
            f"{desired.node} serves the storage {name} ({storages[name].type}, {', '.join(hosts)}).",
            "Move the data to another server and let the storage point there, or remove the storage.",
        )
    for name, hosts in unresolved(desired.node, observed).items():
        yield Refusal(
            f"{observed.cluster.host.name} does not find out who {' and '.join(hosts)} is, where the storage {name}"
            f" ({storages[name].type}) comes from: it may be {desired.node}.",
            f"Let the name resolve on the nodes (`getent ahosts {hosts[0]}`), or disable or remove the storage.",
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
        yield Refusal(reason, "Let it run on all nodes or on another one; the guests that it backs up may have moved.")
    for path in observed.references.sdn:
        reason = f"{path} names {desired.node}: it takes part in a software-defined network."
        yield Refusal(reason, "Take it out of the zones, controllers and fabrics there, and apply that.")
