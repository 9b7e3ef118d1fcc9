# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which number each owner's machine has: the one it has had so far, or the next that nobody ever had.

Ids and addresses follow from it. So whoever leaves moves nobody, and nobody gets what was another's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Optional

from ...model.guest.fleet import DesiredFleet, ObservedFleets
from ...model.guest.fleet_mark import FleetMark, OwnerMark, parse_fleet_mark, parse_owner_mark
from ...model.guest.mark import Mark, parse_mark
from ...model.guest.owner import Owner

#: Since this release a pool can be in a pool.
NESTED = 8


@dataclass(frozen=True)
class Numbers:
    """``kept``: pool → what stands there of each owner. ``wanted``: label → what is to stand there.

    ``problems``: why nothing is to be done.
    """

    fleet: FleetMark
    kept: Mapping[str, OwnerMark] = field(default_factory=dict)
    wanted: Mapping[str, OwnerMark] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def pool_of(fleet: str, label: str, release: int) -> str:
    return f"{fleet}/{label}" if release >= NESTED else f"{fleet}-{label}"


def guest_mark(observed: ObservedFleets, vmid: int) -> Optional[Mark]:
    """The mark of a guest whose configuration was read; none where it names another number or name than its own."""
    config = observed.configs.get(vmid, {})
    mark = parse_mark(config.get("description", ""))
    own = config.get("name", config.get("hostname", ""))
    return mark if mark is not None and (mark.vmid, mark.name) == (vmid, own) else None


def guests_of(observed: ObservedFleets, fleet: str, owner: str) -> tuple[int, ...]:
    """The guests that bear the marks of this owner and this fleet."""
    found = ((vmid, guest_mark(observed, vmid)) for vmid in sorted(observed.configs))
    return tuple(
        vmid
        for vmid, mark in found
        if mark is not None and mark.fields.get("fleet") == fleet and mark.fields.get("owner") == owner
    )


def kept_marks(fleet: str, observed: ObservedFleets) -> dict[str, OwnerMark]:
    """Pool → the owner that it is of, of one fleet."""
    return {pool: mark for pool, mark in owner_marks(observed).items() if mark.fleet == fleet}


def owner_marks(observed: ObservedFleets) -> dict[str, OwnerMark]:
    """The same of all fleets."""
    found = {pool: parse_owner_mark(comment) for pool, comment in sorted(observed.pools.items())}
    return {pool: mark for pool, mark in found.items() if mark is not None}


def number(
    fleet: DesiredFleet, owners: Sequence[Owner], resting: AbstractSet[str], observed: ObservedFleets
) -> Numbers:
    """``resting``: pools whose owners are left as they are, so they get no more."""
    kept = kept_marks(fleet.id, observed)
    known = parse_fleet_mark(observed.pools.get(fleet.id, ""))
    problems = [*_wrong_fleet(fleet, known, observed), *_wrong_pools(fleet, owners, kept, observed)]
    used = sorted(number for mark in kept.values() for number in mark.numbers.values())
    problems += [f"the number {one} stands in two pools of the fleet {fleet.id}" for one in _twice(used)]
    spent = known.next if known is not None else 0
    following = max([spent, *(one + 1 for one in used)])
    wanted: dict[str, OwnerMark] = {}
    for owner in sorted(owners, key=lambda one: one.label):
        pool = pool_of(fleet.id, owner.label, observed.release)
        mark = kept.get(pool, OwnerMark(fleet.id, owner.user))
        numbers = dict(mark.numbers)
        for machine in fleet.machines:
            if machine.name not in numbers and pool not in resting:
                problems += _not_free(fleet, owner, machine.name, following, observed)
                numbers[machine.name] = following
                following += 1
        wanted[owner.label] = replace(mark, numbers=numbers)
    if following > len(fleet.ids):
        hint = f"{following} numbers are given or spent, and there are {len(fleet.ids)} ids"
        problems.append(f"the ids of the fleet {fleet.id} do not suffice: {hint}")
    return Numbers(FleetMark(fleet.id, fleet.ids, spent), kept, wanted, tuple(problems))


def _wrong_fleet(fleet: DesiredFleet, known: Optional[FleetMark], observed: ObservedFleets) -> Iterator[str]:
    if known is None and observed.pools.get(fleet.id):
        yield f"the pool {fleet.id} is there, and its comment is not that of a fleet; take another id for the fleet"
    if known is not None and known.ids.start != fleet.ids.start:
        yield f"the ids of the fleet {fleet.id} begin at {known.ids.start}, and now cannot begin at {fleet.ids.start}"
    for comment in observed.pools.values():
        other = parse_fleet_mark(comment)
        if other is not None and other.fleet != fleet.id and _overlap(other.ids, fleet.ids):
            spent = f"{other.ids.start} to {other.ids.stop - 1}"
            yield f"the ids {spent} were given to the fleet {other.fleet}, and are not given again; take another block"


def _overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def _twice(numbers: Sequence[int]) -> list[int]:
    return sorted({one for one in numbers if numbers.count(one) > 1})


def _wrong_pools(
    fleet: DesiredFleet, owners: Sequence[Owner], kept: Mapping[str, OwnerMark], observed: ObservedFleets
) -> Iterator[str]:
    """Pools of others under the names that are needed, and marks that say otherwise than the guests do."""
    for owner in owners:
        pool = pool_of(fleet.id, owner.label, observed.release)
        if pool in kept and kept[pool].owner != owner.user:
            yield f"the pool {pool} is that of {kept[pool].owner}, and not of {owner.user}"
        elif pool in observed.pools and pool not in kept:
            yield f"the pool {pool} is there, and bears no mark of this fleet; remove it, or its comment was changed"
    for pool, mark in kept.items():
        for vmid in guests_of(observed, fleet.id, mark.owner):
            machine = (guest_mark(observed, vmid) or Mark(vmid, "")).fields.get("machine", "")
            if mark.numbers.get(machine) != vmid - fleet.ids.start:
                yield f"guest {vmid} is the machine {machine} of {mark.owner}, but the pool {pool} does not say so"


def _not_free(
    fleet: DesiredFleet, owner: Owner, machine: str, following: int, observed: ObservedFleets
) -> Iterator[str]:
    """A number that nobody has, and whose id something still bears."""
    vmid = fleet.ids.start + following
    if vmid in observed.guests:
        other = observed.guests[vmid]
        yield f"the id {vmid}, for {machine} of {owner.user}, is that of {other.name or 'a guest'} on {other.node}"
    for archive in observed.archived.get(vmid, ()):
        yield f"the id {vmid}, for {machine} of {owner.user}, has a backup of an earlier guest: {archive}"
