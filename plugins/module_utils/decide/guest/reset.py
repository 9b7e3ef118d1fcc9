# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Machines go back to a snapshot: what they would lose is told before, and whatever is not an owner's own is refused.

A guest bears the name of the reset when it has gone back. So a run that was cut off is finished by the same command,
and nobody goes back twice for one reset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...engine.day import told_minute
from ...engine.plan import Plan, Refusal, Step
from ...model.guest.backup import volumes_of
from ...model.guest.mark import Mark
from ...model.guest.observed import ListedGuest
from ...model.guest.reset import RESET, DesiredReset, ObservedReset, Snapshot
from .fleet import blind
from .release_calls import call, description
from .release_scope import Case, cases, nothing_of

#: What a rollback leaves as it is, or makes anew; all other keys of a configuration are those of the snapshot.
_KEPT = frozenset("description digest lock meta parent snaptime snapstate smbios1 vmgenid vmstate".split())
_MADE_ANEW = frozenset(("runningcpu", "runningmachine", "running-nets-host-mtu"))
_TASK_SECONDS = 3600.0


def decide(desired: DesiredReset, observed: ObservedReset) -> Plan:
    unseen = tuple(Refusal(text) for text in blind(desired.scope.fleets, observed.fleets))
    if unseen:
        return Plan(refusals=unseen)
    found = list(cases(desired.scope, observed.fleets))
    works = [_Reset(desired, observed, case, vmid) for case in found for vmid in sorted(case.guests)]
    works = [work for work in works if not desired.scope.guests or work.guest.vmid in desired.scope.guests]
    refusals = [*_refuse_others(desired, found), *(refusal for work in works for refusal in work.refusals())]
    return Plan(
        tuple(step for work in works for step in work.steps()),
        tuple(refusals),
        (*nothing_of(desired.scope, found), *_warn_unseen(found), *(one for work in works for one in work.warnings())),
        tells={"guests": [work.told() for work in works]},
    )


def _refuse_others(desired: DesiredReset, found: list[Case]) -> Iterator[Refusal]:
    known = {vmid for case in found for vmid in (*case.guests, *(one.vmid for one in case.unseen))}
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


class _Reset:
    """Of one guest."""

    def __init__(self, desired: DesiredReset, observed: ObservedReset, case: Case, vmid: int) -> None:
        self.desired, self.observed, self.case = desired, observed, case
        self.guest: ListedGuest = observed.fleets.guests[vmid]
        self.mark: Mark = case.guests[vmid]
        self.config = observed.fleets.configs[vmid]
        self.snapshots: Mapping[str, Snapshot] = {one.name: one for one in observed.snapshots.get(vmid, ())}
        self.then = observed.then.get(vmid, {})

    @property
    def state(self) -> str:
        """Whoever gives his machines back has them in a backup, which has to hold them as they are."""
        if self.case.mark.released:
            return "released"
        return "done" if self.mark.fields.get(RESET) == self.desired.noted else "due"

    def steps(self) -> Iterator[Step]:
        if self.state != "due":
            return
        name, guest = self.desired.snapshot, self.guest
        running = guest.status == "running"
        yield call(
            f"guest.rollback:{guest.vmid}",
            f"roll {guest} back to {name} of {told_minute(self._taken())}: what was written since is lost"
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

    def refusals(self) -> Iterator[Refusal]:
        if self.state != "due":
            return
        guest, name = self.guest, self.desired.snapshot
        if self.config.get("lock"):
            yield Refusal(
                f"{guest} is locked ({self.config['lock']}).", "Wait until that is over, or see why it is not."
            )
        if name not in self.snapshots:
            known = ", ".join(sorted(self.snapshots)) or "none"
            yield Refusal(f"{guest} has no snapshot {name}.", f"It has: {known}.")
        elif "snapstate" in self.then:
            yield Refusal(f"The snapshot {name} of {guest} is not whole ({self.then['snapstate']}).", "Remove it.")
        for one in volumes_of(guest.kind, self.then):
            if one.owner not in (None, guest.vmid):
                yield Refusal(f"{one} in the snapshot {name} of {guest} belongs to {one.owner}.")
        for vmid, config in sorted(self.observed.fleets.configs.items()):
            other = self.observed.fleets.guests[vmid]
            for one in volumes_of(other.kind, config):
                if one.owner == guest.vmid != vmid:
                    yield Refusal(f"{other} uses {one}, a volume of {guest}, which would go back under it.")

    def warnings(self) -> Iterator[str]:
        if self.state == "released":
            yield f"{self.guest} is given back: it is left as its backup has it."
        if self.state != "due":
            return
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

    def _taken(self) -> int:
        return self.snapshots[self.desired.snapshot].taken if self.desired.snapshot in self.snapshots else 0

    def told(self) -> dict[str, Any]:
        return {
            "vmid": self.guest.vmid,
            "name": self.guest.name,
            "node": self.guest.node,
            "fleet": self.case.fleet.id,
            "owner": self.case.mark.owner,
            "status": self.guest.status,
            "taken": self._taken(),
            "state": self.state,
        }
