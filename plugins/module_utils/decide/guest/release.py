# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How machines are given back, from what is seen in the cluster alone; a run that was cut off is finished by the next.

Marked, disabled, stopped, backed up, verified; and after the days of grace destroyed, in a later run. Till then all of
it can be revoked. The pool of the owner goes last: by it a run that was cut off finds what is left to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Optional

from ...engine.plan import Plan, Refusal, Step
from ...model.access import names
from ...model.guest.fleet import DesiredFleet, ObservedFleets, ReleaseRules
from ...model.guest.fleet_mark import FleetMark, OwnerMark, parse_fleet_mark
from ...model.guest.guest import sid_of
from ...model.guest.mark import Mark
from ...model.guest.observed import ListedGuest
from ...model.guest.properties import truth
from ...model.guest.release import (
    BACKUP,
    CLOCKS_APART,
    HOLDS,
    TAG,
    Account,
    Archive,
    DesiredRelease,
    ObservedRelease,
    digest,
)
from ..access.gives import remove_entry
from . import release_calls as calls
from .backup import candidate, is_running, recorded
from .fleet import blind as not_seen
from .fleet_numbers import kept_marks, owner_marks
from .release_needs import refuse_lacking
from .release_refusals import refuse_case, refuse_many
from .release_scope import Case, cases, nothing_of, problems

_DAY = 86400
_STOPPED = "stopped"


def decide(desired: DesiredRelease, observed: ObservedRelease) -> Plan:
    blind = tuple(_refuse_blind(desired, observed))
    if blind:
        return Plan(refusals=blind)
    found = list(cases(desired.scope, observed.fleets))
    unknown = tuple(nothing_of(desired.scope, found))
    lacking = tuple(refuse_lacking(found, observed, desired.scope.fleets.caller, desired.revoke))
    if desired.revoke:
        steps = [step for case in found for step in _revoke(case, observed)]
        warnings = (warning for case in found for warning in _warn_revoked(case, observed.fleets))
        return Plan(tuple(steps), lacking, (*unknown, *warnings), tells={"owners": _told(found, observed)})
    refusals = (*lacking, *(refusal for case in found for refusal in refuse_case(case, observed)))
    if refusals:
        return Plan(refusals=refusals, tells={"owners": _told(found, observed)})
    works = [_Release(case, observed, case.fleet.release) for case in found if case.fleet.release is not None]
    steps = [*_spend(works, observed), *(step for work in works for step in work.steps())]
    steps += [step for work in works for step in work.backups()]
    return Plan(
        tuple(steps),
        (*_refuse_forgotten(works, observed.fleets), *refuse_many(steps, desired.at_most)),
        (*unknown, *(warning for work in works for warning in work.warnings()), *_warn_silent(observed)),
        possible=tuple(step for work in works for step in work.possible()),
        tells={"owners": _told(found, observed)},
    )


def _refuse_blind(desired: DesiredRelease, observed: ObservedRelease) -> Iterator[Refusal]:
    unseen = [Refusal(text) for text in not_seen(desired.scope.fleets, observed.fleets)]
    if unseen:
        yield from unseen
        return
    yield from (Refusal(text) for text in problems(desired.scope, observed.fleets))
    clocks = observed.clocks.values()
    if clocks and max(clocks) - min(clocks) > CLOCKS_APART:
        told = ", ".join(f"{node} {seconds}" for node, seconds in sorted(observed.clocks.items()))
        hint = "Let all nodes, and the controller, have the right time first."
        yield Refusal(f"The clocks differ, so nobody can tell what is due: {told}.", hint)


class _Release:
    """One owner's, from where it is. Steps of one run never stop a guest and destroy it.

    What destroys comes before what takes hours: nobody has started it, or revoked, since it was looked at.
    """

    def __init__(self, case: Case, observed: ObservedRelease, rules: ReleaseRules) -> None:
        self.case, self.observed, self.rules = case, observed, rules
        self.release = observed.fleets.release
        self.clock = observed.fleets.clock
        self.account = observed.accounts.get(case.mark.owner)

    @property
    def leaves(self) -> bool:
        """Nothing of his is to be kept any longer."""
        ready = not self.case.unseen and all(self._lasting(vmid) for vmid in self.case.guests)
        return ready and self._is_over(self.case.mark.released)

    def steps(self) -> Iterator[Step]:
        yield from self._mark()
        for vmid in sorted(self.case.guests):
            yield from self._put_down(self.observed.fleets.guests[vmid])
            archive = self._lasting(vmid)
            if archive is not None:
                yield calls.destroy(self.observed.fleets.guests[vmid], f"which {archive.id} holds")
        if self.leaves:
            yield from self._leave()
        elif not self._is_ours():
            yield from self._rights(self.case.mark.owner)

    def backups(self) -> Iterator[Step]:
        for vmid, mark in sorted(self.case.guests.items()):
            guest = self.observed.fleets.guests[vmid]
            if guest.status != _STOPPED:
                yield calls.stop(guest, self.rules)
            if guest.status != _STOPPED or self._noted(vmid, mark) is None:
                yield from self._backup(guest, mark)

    def possible(self) -> Iterator[Step]:
        for vmid, mark in sorted(self.case.guests.items()):
            if self._noted(vmid, mark) is None:
                yield calls.may_note(self.observed.fleets.guests[vmid])

    def warnings(self) -> Iterator[str]:
        off, away = self.observed.off, self._away()
        if off and self.case.guests:
            yield f"Nothing is destroyed while {', '.join(off)} is off: nobody can tell what was started there."
        if away and self.case.guests:
            told = ", ".join(f"{one} on {one.node}" for one in away[:5])
            yield f"Nothing is destroyed while nobody can tell which volumes these use: {told}."
        for one in self.case.unseen:
            yield f"{one} of {self.case.mark.owner} is not seen, {one.node} is off: nothing is done to it."
        for vmid, mark in sorted(self.case.guests.items()):
            if BACKUP in mark.fields and vmid not in self.observed.remembered:
                one = self.observed.fleets.guests[vmid]
                yield (
                    f"Nobody can tell whether {one} was started since its backup, which is gone, or {one.node} does "
                    "not know, or no longer, that it made it: another one is made."
                )
        for vmid in sorted(self.case.ids):
            left = self.observed.left.get(vmid, ())
            if left:
                yield f"Of {vmid}, which is no more, there is still {', '.join(left)}: remove that by hand."

    def _mark(self) -> Iterator[Step]:
        mark, pool = self.case.mark, self.case.pool
        if not mark.released:
            why = f"mark that {mark.owner} gives back what is in {pool}"
            yield calls.comment_pool(pool, replace(mark, released=self.clock), why, self.release)
        if self._is_ours() and self.account is not None and self.account.enabled:
            yield calls.set_user(mark.owner, _group(self.case, self.account), enable=False)

    def _is_ours(self) -> bool:
        """The account is there for these machines alone: it ends with them, has no other group and no other right."""
        if self.account is None or not self.account.expire or self._rights_elsewhere():
            return False
        his = self._pools().values()
        in_use = [mark for mark in his if not mark.released and mark.fleet != self.case.fleet.id]
        return not in_use and self.account.groups <= {mark.fleet for mark in his}

    def _rights_elsewhere(self) -> bool:
        """Than on his pools of fleets and on these machines."""
        own, user = {*map(names.pool_path, self._pools()), *self._paths()}, ("user", self.case.mark.owner)
        return any(entry.path not in own and (entry.kind, entry.who) == user for entry in self.observed.acl)

    def _pools(self) -> dict[str, OwnerMark]:
        """All that he has in any fleet."""
        found = owner_marks(self.observed.fleets).items()
        return {pool: mark for pool, mark in found if mark.owner == self.case.mark.owner}

    def _put_down(self, guest: ListedGuest) -> Iterator[Step]:
        config = self.observed.fleets.configs[guest.vmid]
        sid = sid_of(guest.kind, guest.vmid)
        if sid in self.observed.ha:
            yield calls.leave_ha(guest, sid)
        if truth(config.get("onboot")) or TAG not in config.get("tags", "").split(";"):
            yield calls.put_down(guest, config)

    def _backup(self, guest: ListedGuest, mark: Mark) -> Iterator[Step]:
        """One that is there already and was not noted yet is noted; else one is made."""
        volumes, tasks = self.observed.volumes[guest.vmid], self.observed.tasks.get(guest.vmid, ())
        archives = self.observed.archives[guest.vmid]
        archive = None
        if guest.status == _STOPPED and self.case.mark.released:
            archive = candidate(guest, self.case.mark.released, volumes, self.rules.discard, archives, tasks)
        running = is_running(tasks)
        if archive is not None:
            config = self.observed.fleets.configs[guest.vmid]
            holds = digest(guest.vmid, volumes, self.rules.discard)
            yield calls.note_backup(guest, config, mark, archive, holds)
        elif running is not None:
            yield calls.await_backup(guest, running)
        else:
            yield calls.back_up(guest, mark, self.rules)

    def _noted(self, vmid: int, mark: Mark) -> Optional[Archive]:
        observed = self.observed
        if vmid not in observed.remembered:
            return None
        return recorded(
            observed.fleets.guests[vmid],
            mark,
            self.case.mark.released,
            observed.volumes[vmid],
            self.rules.discard,
            observed.archives[vmid],
            observed.tasks.get(vmid, ()),
        )

    def _lasting(self, vmid: int) -> Optional[Archive]:
        """The backup of one that may be destroyed: stopped and verified, for as long as somebody may want it back."""
        archive = self._noted(vmid, self.case.guests[vmid])
        if archive is None or self.observed.fleets.guests[vmid].status != _STOPPED:
            return None
        if self.observed.off or self._away():
            return None
        return archive if self._is_over(self.case.mark.released) and self._is_over(archive.created) else None

    def _is_over(self, since: int) -> bool:
        """The days of grace."""
        return since > 0 and self.clock >= since + self.case.fleet.grace_days * _DAY

    def _away(self) -> list[ListedGuest]:
        """Guests of which nobody can tell whether they use a volume of another one."""
        seen = self.observed.volumes
        return [one for vmid, one in sorted(self.observed.fleets.guests.items()) if vmid not in seen]

    def _leave(self) -> Iterator[Step]:
        """Rights before the account, the account before the pool. A right that outlives its pool comes back with it."""
        yield from self._rights()
        user = self.case.mark.owner
        if self._is_ours() and self.account is not None and len(self._pools()) == 1:
            yield from (calls.remove_token(user, token) for token in sorted(self.account.tokens))
            yield calls.remove_user(user)
        yield calls.remove_pool(self.case.pool, self.release)

    def _paths(self) -> tuple[str, ...]:
        return (names.pool_path(self.case.pool), *(f"/vms/{vmid}" for vmid in sorted(self.case.ids)))

    def _rights(self, of: str = "") -> Iterator[Step]:
        """Of one alone, or of everybody who has any there."""
        paths = self._paths()
        yield from (remove_entry(one) for one in self.observed.acl if one.path in paths and of in ("", one.who))


def _warn_silent(observed: ObservedRelease) -> Iterator[str]:
    for storage, why in sorted(observed.silent.items()):
        yield f"Nobody can tell what {storage} still holds of machines that are no more: {why}"


def _left_fleets(works: Sequence[_Release]) -> list[DesiredFleet]:
    """Those that somebody leaves."""
    found = {work.case.fleet.id: work.case.fleet for work in works if work.leaves}
    return [found[name] for name in sorted(found)]


def _refuse_forgotten(works: Sequence[_Release], observed: ObservedFleets) -> Iterator[Refusal]:
    """Where nobody knows what was spent before, it would be given again."""
    for fleet in _left_fleets(works):
        if parse_fleet_mark(observed.pools.get(fleet.id, "")) is None:
            used = [number for mark in kept_marks(fleet.id, observed).values() for number in mark.numbers.values()]
            least = FleetMark(fleet.id, fleet.ids, max(used, default=-1) + 1)
            text = f"The pool {fleet.id} does not say any more which ids of the fleet are spent."
            yield Refusal(text, f"Let its comment be {str(least)!r}, with a larger number if more were given before.")


def _spend(works: Sequence[_Release], observed: ObservedRelease) -> Iterator[Step]:
    """The numbers of whoever leaves are never given again: the pool of the fleet says so before his own goes."""
    leaving = [work.case for work in works if work.leaves]
    for fleet in _left_fleets(works):
        numbers = [number for case in leaving if case.fleet.id == fleet.id for number in case.mark.numbers.values()]
        known = parse_fleet_mark(observed.fleets.pools.get(fleet.id, ""))
        following = max(numbers, default=-1) + 1
        if known is not None and known.next < following:
            why = f"mark that the ids of {fleet.id} below {fleet.ids.start + following} are spent"
            yield calls.comment_pool(fleet.id, replace(known, next=following), why, observed.fleets.release)


def _group(case: Case, account: Account) -> str:
    return case.fleet.id if case.fleet.id in account.groups else ""


def _revoke(case: Case, observed: ObservedRelease) -> Iterator[Step]:
    """The pool is unmarked last: till then a run that was cut off is finished by revoking again."""
    if not case.mark.released:
        return
    account: Optional[Account] = observed.accounts.get(case.mark.owner)
    if account is not None and not account.enabled:
        yield calls.set_user(case.mark.owner, _group(case, account), enable=True)
    for vmid, mark in sorted(case.guests.items()):
        config = observed.fleets.configs[vmid]
        if HOLDS in mark.fields or TAG in config.get("tags", "").split(";"):
            yield calls.take_up(observed.fleets.guests[vmid], config, mark)
    why = f"mark that {case.mark.owner} keeps what is in {case.pool}"
    yield calls.comment_pool(case.pool, replace(case.mark, released=0), why, observed.fleets.release)


def _warn_revoked(case: Case, observed: ObservedFleets) -> Iterator[str]:
    for vmid in sorted(case.ids - set(observed.guests)):
        yield f"{vmid} of {case.mark.owner} is gone: a new one will be made, and its backup is not restored."
    for one in case.unseen:
        yield f"{one} of {case.mark.owner} is not seen, {one.node} is off: nothing is done to it."
    if case.ends.is_over(observed.clock):
        who = f"{case.mark.owner} in {case.fleet.id}"
        yield f"The last day of {who}, {case.ends.day}, is over: put it off, or a run with expired takes all back."


def _told(found: Sequence[Case], observed: ObservedRelease) -> list[dict[str, Any]]:
    """Exact ids, for people: what gives whose state."""
    return [
        {
            "fleet": case.fleet.id,
            "owner": case.mark.owner,
            "pool": case.pool,
            "ends": case.ends.day,
            "released": case.mark.released,
            "guests": [
                {"vmid": vmid, "node": observed.fleets.guests[vmid].node, "status": observed.fleets.guests[vmid].status}
                for vmid in sorted(case.guests)
            ],
        }
        for case in found
    ]
