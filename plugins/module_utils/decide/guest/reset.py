# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Machines go back to a snapshot, or are made anew: what they would lose is told before, and whatever is not an owner's
own is refused.

A guest bears the name of the reset when it has gone back. So a run that was cut off is finished by the same command,
and nobody goes back twice for one reset.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from ...engine.day import told_minute
from ...engine.plan import Plan, Refusal, Step
from ...model.guest.backup import volumes_of
from ...model.guest.reset import LEFT_ALONE, RESET, DesiredReset, ObservedReset
from .fleet import blind
from .release_calls import call, description
from .release_needs import Either, refuse_unmet
from .release_refusals import refuse_many
from .release_scope import Case, cases, nothing_of
from .reset_anew import Anew, Made
from .reset_work import Work

#: What a rollback leaves as it is, or makes anew; all other keys of a configuration are those of the snapshot.
_KEPT = frozenset("description digest lock meta parent snaptime snapstate smbios1 vmgenid vmstate".split())
_MADE_ANEW = frozenset(("runningcpu", "runningmachine", "running-nets-host-mtu"))
_TASK_SECONDS = 3600.0


def decide(desired: DesiredReset, observed: ObservedReset) -> Plan:
    unseen = tuple(Refusal(text) for text in blind(desired.scope.fleets, observed.fleets))
    if unseen:
        return Plan(refusals=unseen)
    found = list(cases(desired.scope, observed.fleets))
    meant = desired.scope.guests
    numbers = [(case, vmid) for case in found for vmid in sorted(case.guests) if not meant or vmid in meant]
    if desired.snapshot:
        return _plan(desired, observed, found, [_Reset(desired, observed, case, vmid) for case, vmid in numbers])
    made = Made(desired, observed, found, {vmid for dummy, vmid in numbers})
    works = [Anew(desired, observed, case, vmid, made) for case, vmid in numbers]
    plan = _plan(desired, observed, found, works, set(made.gone))
    tells = {
        "guests": [*plan.tells["guests"], *made.told()],
        "vms": made.anew(made.data.vms),
        "containers": made.anew(made.data.containers),
    }
    return replace(plan, refusals=(*made.refusals(), *plan.refusals), tells=tells)


def _plan(
    desired: DesiredReset,
    observed: ObservedReset,
    found: list[Case],
    works: Sequence[Work],
    gone: AbstractSet[int] = frozenset(),
) -> Plan:
    needs = [either for work in works for either in work.needs()]
    refusals = [*refuse_unmet(needs, observed.rights, desired.scope.fleets.caller)]
    refusals += [*_refuse_others(desired, found, gone), *(refusal for work in works for refusal in work.refusals())]
    steps = tuple(step for work in works for step in work.steps())
    if not desired.snapshot:
        refusals += refuse_many(steps, desired.at_most)
    return Plan(
        steps,
        tuple(refusals),
        (*nothing_of(desired.scope, found), *_warn_unseen(found), *(one for work in works for one in work.warnings())),
        tells={"guests": [work.told() for work in works]},
    )


def _refuse_others(desired: DesiredReset, found: list[Case], gone: AbstractSet[int]) -> Iterator[Refusal]:
    known = {*gone, *(vmid for case in found for vmid in (*case.guests, *(one.vmid for one in case.unseen)))}
    strangers = [(case, one) for case in found for one in case.strangers]
    for case, one in strangers:
        if not desired.scope.guests or one.vmid in desired.scope.guests:
            text = (
                f"{one} is in the pool {case.pool} or has an id or the mark of {case.mark.owner}, and is none of his."
            )
            yield Refusal(text, "Take it out of the pool, or mend the comment of the pool.")
    for vmid in sorted(desired.scope.guests - known - {one.vmid for dummy, one in strangers}):
        yield Refusal(f"{vmid} is no machine of an owner whom this is about.")


def _warn_unseen(found: list[Case]) -> Iterator[str]:
    for case in found:
        yield from (f"{one} of {case.mark.owner} is not seen: nothing is done to it." for one in case.unseen)


class _Reset(Work):
    """A rollback of one guest."""

    def __init__(self, desired: DesiredReset, observed: ObservedReset, case: Case, vmid: int) -> None:
        super().__init__(desired, observed, case, vmid)
        self.then = observed.then.get(vmid, {})

    def due_steps(self) -> Iterator[Step]:
        name, guest = self.desired.snapshot, self.guest
        running = guest.status == "running"
        yield call(
            f"guest.rollback:{guest.vmid}",
            f"roll {guest} back to {name} of {told_minute(self.taken())}: what was written since is lost"
            + (", and start it again" if running else ""),
            "POST",
            f"{guest.path}/snapshot/{name}/rollback",
            {"start": 1} if running else {},
            task=True,
            destructive=True,
            timeout=_TASK_SECONDS,
        )
        noted = replace(self.mark, fields={**self.mark.fields, RESET: self.desired.noted})
        yield call(
            f"guest.note:{guest.vmid}",
            f"note that {guest} went back to {name}",
            "PUT",
            f"{guest.path}/config",
            {"description": description(self.config, noted)},
        )

    def due_refusals(self) -> Iterator[Refusal]:
        guest, name = self.guest, self.desired.snapshot
        if name not in self.snapshots:
            known = ", ".join(sorted(self.snapshots)) or "none"
            yield Refusal(f"{guest} has no snapshot {name}.", f"It has: {known}.")
        elif "snapstate" in self.then:
            yield Refusal(f"The snapshot {name} of {guest} is not whole ({self.then['snapstate']}).", "Remove it.")
        for one in volumes_of(guest.kind, self.then):
            if one.owner not in (None, guest.vmid):
                yield Refusal(f"{one} in the snapshot {name} of {guest} belongs to {one.owner}.")
        state = self.observed.ha.get(self.sid, "ignored")
        if state not in LEFT_ALONE:
            yield Refusal(
                f"{guest} is {state} by the HA manager, which would start it while its disks go back.",
                f"Let it be for that time: ha-manager set {self.sid} --state ignored.",
            )

    def due_needs(self) -> Iterator[Either]:
        yield self.on_guest("VM.Snapshot.Rollback", "VM.Snapshot")
        yield self.on_guest("VM.Config.Options")

    def due_warnings(self) -> Iterator[str]:
        newer, later, back = self.newer(), self.later(), self.settings()
        if newer:
            yield (
                f"{self.guest} has newer snapshots, {', '.join(newer)}. They stay; where a storage can only go back to "
                "the newest one (ZFS), Proxmox VE refuses."
            )
        if later:
            yield f"{self.guest}: {', '.join(later)} came later. They stay as unused disks."
        if back:
            yield f"{self.guest}: these settings are again what they were: {', '.join(back)}."
        if self.guest.vmid in self.observed.replicated:
            yield (
                f"{self.guest} is replicated: snapshots of its replication are removed for that, and the next one may "
                "copy its disks as a whole."
            )

    def newer(self) -> list[str]:
        """Snapshots that were taken when it had this one already."""
        return sorted(name for name in self.snapshots if self.desired.snapshot in self._before(name))

    def _before(self, name: str) -> set[str]:
        found: set[str] = set()
        while name in self.snapshots and self.snapshots[name].parent not in found:
            name = self.snapshots[name].parent
            found.add(name)
        return found

    def later(self) -> list[str]:
        there = {one.id for one in volumes_of(self.guest.kind, self.then)}
        now = volumes_of(self.guest.kind, self.config)
        return [str(one) for one in now if one.id not in there and not one.key.startswith("unused")]

    def settings(self) -> list[str]:
        volumes = {one.key for config in (self.config, self.then) for one in volumes_of(self.guest.kind, config)}
        keys = (set(self.config) | set(self.then)) - _KEPT - _MADE_ANEW - volumes
        return sorted(key for key in keys if self.config.get(key) != self.then.get(key))
