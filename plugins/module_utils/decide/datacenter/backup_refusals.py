# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup jobs that would back up nothing, double others, or remove backups of somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...engine.plan import Refusal
from ...model.datacenter.backup import LOCAL, Job, JobGuest, ObservedBackup, holds_backups, prunes, takes


def refuse(observed: ObservedBackup, wanted: Mapping[str, Job]) -> Iterator[Refusal]:
    new = {name: job for name, job in sorted(wanted.items()) if observed.jobs.get(name) != job}
    for name, job in new.items():
        yield from _refuse_job(observed, name, job)
        yield from _refuse_twin(wanted, name, job)
        yield from _refuse_rules(observed, wanted, name, job)
    for one in observed.foreign:
        yield Refusal(
            f"{one.archive} on {one.storage} has the number of the guest {one.vmid}, and is of another one ({one.of}):"
            " retention would count both as one, and remove what another cluster needs.",
            "Give each cluster a storage or a namespace of its own.",
        )


def _refuse_job(observed: ObservedBackup, name: str, job: Job) -> Iterator[Refusal]:
    what = f"The backup job {name}"
    if not job.text("schedule"):
        yield Refusal(f"{what} has no schedule.", "Such as 02:30, or sat 03:00.")
    if not job.selects:
        yield Refusal(f"{what} is about no guest.", "Say all, vmid or pool.")
    where = job.text("storage") or LOCAL
    storage = observed.storages.get(where)
    if storage is None:
        yield Refusal(f"{what} names the storage {where}, which there is not.", "Declare it (role storage).")
    elif not holds_backups(storage):
        yield Refusal(f"{what}: the storage {where} is disabled, or takes no backups.", "Give it the content backup.")
    elif job.text("node") and not storage.is_on(job.text("node")):
        yield Refusal(f"{what} is for {job.text('node')}, which does not have the storage {where}.")
    if job.text("node") and job.text("node") not in observed.nodes:
        yield Refusal(f"{what} is for {job.text('node')}, which is no node.")
    if job.text("pool") and job.text("pool") not in observed.pools:
        yield Refusal(f"{what} names the pool {job.text('pool')}, which there is not.")
    unknown = sorted((job.words("vmid") | job.words("exclude")) - {str(guest.vmid) for guest in observed.guests})
    if unknown:
        yield Refusal(f"{what} names {', '.join(unknown)}, which is no guest.", "Take it out.")


def _refuse_twin(wanted: Mapping[str, Job], name: str, job: Job) -> Iterator[Refusal]:
    for other, known in sorted(wanted.items()):
        if other != name and known.twin_of == job.twin_of and known.get("enabled") and job.get("enabled"):
            yield Refusal(
                f"The backup jobs {name} and {other} are the same: guests would be backed up twice.",
                f"Declare it under the id {other}, or that one absent.",
            )


def _refuse_rules(observed: ObservedBackup, wanted: Mapping[str, Job], name: str, job: Job) -> Iterator[Refusal]:
    """Each would remove what the other one keeps."""
    mine = {guest.vmid for guest in _taken(observed, job)}
    for other, known in prunes(wanted):
        same = known.text("storage") == job.text("storage")
        if other == name or not same or not job.words("prune-backups"):
            continue
        common = sorted(mine & {guest.vmid for guest in _taken(observed, known)})
        if common and known.words("prune-backups") != job.words("prune-backups"):
            told = ", ".join(map(str, common))
            yield Refusal(
                f"The backup jobs {name} and {other} keep different backups of {told} on {job.text('storage')}.",
                "Give them one rule, or let the storage have it.",
            )


def _taken(observed: ObservedBackup, job: Job) -> list[JobGuest]:
    return [guest for guest in observed.guests if takes(job, guest)]
