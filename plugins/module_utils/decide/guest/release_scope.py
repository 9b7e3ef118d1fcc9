# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who gives his machines back in this run, and which guests are his."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...engine.errors import Invalid
from ...model.guest.fleet import DesiredFleet, ObservedFleets
from ...model.guest.fleet_mark import OwnerMark
from ...model.guest.mark import Mark
from ...model.guest.observed import ListedGuest
from ...model.guest.release import Scope
from .fleet import owners_of
from .fleet_desired import last_day
from .fleet_end import End, end_of
from .fleet_numbers import guest_mark, guests_of, kept_marks, pool_of


@dataclass(frozen=True)
class Case:
    """An owner in one fleet. ``ends``: None where the list of owners does not tell.

    ``guests``: those that are his, by their marks and by what his pool says. ``unseen``: ids of his of which nobody can
    tell anything. ``strangers``: what else is in his pool, has an id of his or bears his mark.
    """

    fleet: DesiredFleet
    pool: str
    mark: OwnerMark
    ends: End
    guests: Mapping[int, Mark]
    unseen: tuple[ListedGuest, ...] = ()
    strangers: tuple[ListedGuest, ...] = ()

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(self.fleet.ids.start + number for number in self.mark.numbers.values())


def cases(scope: Scope, observed: ObservedFleets) -> Iterator[Case]:
    """All that the run is about, in a fixed order."""
    for fleet in sorted(scope.fleets.fleets, key=lambda one: one.id):
        if scope.fleet not in ("", fleet.id):
            continue
        days = _days(fleet, observed)
        for pool, mark in sorted(kept_marks(fleet.id, observed).items()):
            case = _case(fleet, pool, mark, end_of(fleet, days.get(pool, ""), mark), observed)
            if _is_meant(case, scope, observed.clock):
                yield case


def problems(scope: Scope, observed: ObservedFleets) -> Iterator[str]:
    """Lists that are not understood: nobody can tell then when who ends."""
    for fleet in scope.fleets.fleets:
        found = owners_of(fleet, observed) if scope.fleet in ("", fleet.id) and scope.expired else None
        if found is not None:
            yield from (f"Fleet {fleet.id}: {fleet.list_file or 'owners'}: {one}." for one in found.problems)
            if not found.owners and not found.problems:
                yield f"Fleet {fleet.id}: the list of owners is empty: nobody can tell when who ends."


def _days(fleet: DesiredFleet, observed: ObservedFleets) -> Mapping[str, str]:
    """Pool → the last day of its owner, where one is declared for him alone."""
    found = {}
    for owner in owners_of(fleet, observed).owners:
        if owner.expires:
            try:
                day = last_day("expires", owner.expires, fleet.zone)
            except Invalid:  # the fleet itself refuses it
                continue
            found[pool_of(fleet.id, owner.label, observed.release)] = day
    return found


def _case(fleet: DesiredFleet, pool: str, mark: OwnerMark, ends: End, observed: ObservedFleets) -> Case:
    his = {vmid: guest_mark(observed, vmid) for vmid in guests_of(observed, fleet.id, mark.owner)}
    ids = frozenset(fleet.ids.start + number for number in mark.numbers.values())
    guests = {vmid: found for vmid, found in his.items() if found is not None and vmid in ids}
    near = [one for vmid, one in sorted(observed.guests.items()) if vmid in ids or vmid in his or one.pool == pool]
    return Case(
        fleet,
        pool,
        mark,
        ends,
        guests,
        tuple(one for one in near if one.vmid not in observed.configs),
        tuple(one for one in near if one.vmid in observed.configs and one.vmid not in guests),
    )


def _is_meant(case: Case, scope: Scope, clock: int) -> bool:
    if scope.owners:
        return case.mark.owner in scope.owners
    if scope.expired:
        return case.mark.released > 0 or case.ends.is_over(clock)
    return bool(scope.fleet or scope.guests & case.ids)


def nothing_of(scope: Scope, found: Sequence[Case]) -> Iterator[str]:
    """Owners who are named and have nothing: they are done, or never were."""
    missing = sorted(scope.owners - {case.mark.owner for case in found})
    where = f"the fleet {scope.fleet}" if scope.fleet else "any fleet"
    yield from (f"{owner} has nothing in {where}." for owner in missing)
