# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the backup jobs that there are to those that are declared. What is new is made before what it replaces goes, so
that a run that was cut short leaves nobody without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ...engine.plan import Call, Plan, Refusal, Step, Value
from ...model.datacenter.backup import (
    OPTIONS,
    SELECTIONS,
    Coverage,
    DesiredBackup,
    Job,
    ObservedBackup,
    coverage,
    goal,
    spelled,
)
from ..access.calls import part
from .backup_refusals import refuse

_PATH = "/cluster/backup"


def decide(desired: DesiredBackup, observed: ObservedBackup) -> Plan:
    if observed.lacking:
        told = ", ".join(observed.lacking)
        hint = "Give it these, propagating, or let the run speak as root@pam (without api.token_id)."
        return Plan(refusals=(Refusal(f"{desired.caller} lacks {told}: it would not see all there is.", hint),))
    wanted = goal(desired, observed.jobs)
    return Plan(
        steps=tuple(_changes(observed.jobs, wanted)),
        refusals=tuple(refuse(observed, wanted)) if observed.release is not None else (),
        warnings=tuple(_warnings(observed, wanted)),
        before=_shown(observed.jobs, wanted),
        after=_shown(wanted, observed.jobs),
    )


def _changes(now: Mapping[str, Job], wanted: Mapping[str, Job]) -> Iterator[Step]:
    for name, job in sorted(wanted.items()):
        if name not in now:
            told = {word: spelled(value) for word, value in job.options.items()}
            yield _step(name, "create", "POST", {"id": name, **told}, f"create the backup job {name}")
        elif now[name] != job:
            yield _changed(name, now[name], job)
    for name in sorted(set(now) - set(wanted)):
        yield _step(name, "remove", "DELETE", {}, f"remove the backup job {name}")


def _changed(name: str, before: Job, after: Job) -> Step:
    """Proxmox VE itself drops a selection when it is given another one."""
    differing = [word for word in OPTIONS if before.get(word) != after.get(word)]
    given = {word: spelled(after.get(word)) for word in differing if word in after.options or word == "enabled"}
    swapped = bool(set(given) & set(SELECTIONS))
    gone = [word for word in differing if word not in given and not (swapped and word in (*SELECTIONS, "exclude"))]
    call = {**given, **({"delete": ",".join(gone)} if gone else {})}
    words = ", ".join(f"{word} {_told(before, word)} to {_told(after, word)}" for word in differing)
    return _step(name, "change", "PUT", call, f"change the backup job {name}: {words}")


def _told(job: Job, word: str) -> Value:
    return spelled(job.get(word)) or "not set"


def _step(name: str, verb: str, method: Literal["POST", "PUT", "DELETE"], call: Mapping[str, Value], why: str) -> Step:
    path = _PATH if method == "POST" else f"{_PATH}/{part(name)}"
    action = Call(method, path, tuple(sorted(call.items())), repeatable=method == "PUT")
    return Step(why, action, f"backup_job.{verb}:{name}", "data")


def _warnings(observed: ObservedBackup, wanted: Mapping[str, Job]) -> Iterator[str]:
    for name, number in sorted(observed.pruned.items()):
        if number:
            yield f"The next run of the backup job {name} will remove {number} backups that it has kept so far."
    found = coverage(wanted, observed.guests, observed.storages)
    lost = coverage(observed.jobs, observed.guests, observed.storages).covered - found.covered
    if lost:
        yield f"No enabled job backs up {_numbers(lost)} any more."
    yield from uncovered(found, observed, lost)


def uncovered(found: Coverage, observed: ObservedBackup, told: frozenset[int] = frozenset()) -> Iterator[str]:
    missing = found.uncovered - told
    if missing:
        yield f"No enabled job backs up {_numbers(missing)}, to a storage that is there where they are."
    for node in sorted(set(found.bound.values())):
        guests = frozenset(vmid for vmid, where in found.bound.items() if where == node)
        if len(observed.nodes) != 1:
            yield f"Jobs for {node} alone back up {_numbers(guests)}, and only while they are there."


def _numbers(vmids: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(vmids)))


def _shown(jobs: Mapping[str, Job], others: Mapping[str, Job]) -> dict[str, Any]:
    """What differs from the other state, for people."""
    return {
        name: {word: spelled(value) for word, value in sorted(job.options.items())}
        for name, job in sorted(jobs.items())
        if others.get(name) != job
    }
