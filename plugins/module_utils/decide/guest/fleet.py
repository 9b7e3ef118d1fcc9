# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fleets → users, pools, rights and machines, as the roles that make them take them; and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.access import names
from ...model.guest.fleet import DesiredFleet, DesiredFleets, ObservedFleets
from ...model.guest.fleet_mark import OwnerMark
from ...model.guest.mark import VALUE
from ...model.guest.owner import Owner, Owners, owners_from_table
from ...model.guest.owner_table import read_table
from .fleet_desired import last_day
from .fleet_end import End, end_of
from .fleet_machines import machine_name, machines, refuse_machines
from .fleet_numbers import guests_of, kept_marks, number, owner_marks, pool_of
from .fleet_quota import refuse_quota

#: What owners may do where no role is named: the preset of that name.
_ROLE, _PRESET = "FleetOwner", "student"
#: A list that is shorter by more than this part of what it was is confirmed by number.
_TENTH = 10
Row = dict[str, Any]


@dataclass
class FleetData:
    """``states``: each owner, for people and reports. ``not_seen``: guests that nobody can tell anything of."""

    groups: list[Row] = field(default_factory=list)
    users: dict[str, Row] = field(default_factory=dict)
    roles: list[Row] = field(default_factory=list)
    pools: list[Row] = field(default_factory=list)
    acl: list[Row] = field(default_factory=list)
    vms: list[Row] = field(default_factory=list)
    containers: list[Row] = field(default_factory=list)
    states: list[Row] = field(default_factory=list)
    not_seen: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def access(self) -> dict[str, list[Row]]:
        """As the module of that name takes it."""
        users = [self.users[name] for name in sorted(self.users)]
        return {"groups": self.groups, "users": users, "roles": self.roles, "pools": self.pools, "acl": self.acl}


@dataclass(frozen=True)
class _Member:
    """An owner on the list. ``known``: he has a pool, and it tells what his machines are."""

    fleet: DesiredFleet
    owner: Owner
    mark: OwnerMark
    pool: str
    end: End
    known: bool

    def resting(self, clock: int) -> bool:
        """He gives his machines back, or has had his time: he is left as he is."""
        return self.known and (self.mark.released > 0 or self.end.is_over(clock))


def owners_of(fleet: DesiredFleet, observed: ObservedFleets) -> Owners:
    """From the list in the declaration, or from its file."""
    if not fleet.list_file:
        return fleet.owners
    text = observed.lists.get(fleet.list_file)
    if text is None:
        return Owners(problems=("there is no such file",))
    return owners_from_table(read_table(text), fleet.realm, fleet.prefix)


def blind(desired: DesiredFleets, observed: ObservedFleets) -> Iterator[str]:
    """Why nobody can tell what there is."""
    if observed.lacking:
        yield f"{desired.caller} lacks {', '.join(observed.lacking)}: it would take what it does not see for absent."
    elif not observed.quorate:
        yield "The cluster has no quorum: nobody can tell what is there, and nothing can be changed."


def decide_fleets(desired: DesiredFleets, observed: ObservedFleets) -> FleetData:
    data = FleetData(refusals=list(blind(desired, observed)))
    if data.refusals:
        return data
    taken: dict[str, str] = {}
    for fleet in sorted(desired.fleets, key=lambda one: one.id):
        _of_fleet(data, fleet, observed, desired.confirm, taken)
    data.not_seen += [
        f"{vmid} {one.name}".strip() + f": not seen, {one.node} is off"
        for vmid, one in sorted(observed.guests.items())
        if one.status == "unknown" and any(vmid in fleet.ids for fleet in desired.fleets)
    ]
    kept = {fleet.release.backup_to for fleet in desired.fleets if fleet.release is not None} & observed.half_seen
    if kept:
        data.warnings.append(
            f"{desired.caller} is not shown backups of guests that are gone, on {', '.join(sorted(kept))}, which takes "
            "Datastore.Allocate: whether a number was somebody else's before is not known."
        )
    if any(not fleet.role for fleet in desired.fleets):
        data.roles.append({"id": _ROLE, "preset": _PRESET})
    return data


def _of_fleet(
    data: FleetData, fleet: DesiredFleet, observed: ObservedFleets, confirm: Optional[int], taken: dict[str, str]
) -> None:
    """Adds what a fleet is to be. ``taken``: name → the fleet that has a machine of that name."""
    found = owners_of(fleet, observed)
    source = fleet.list_file or "owners"
    wrong = [f"Fleet {fleet.id}: {source}: {problem}." for problem in found.problems]
    if wrong:  # a list that is not understood says nothing of who is on it
        data.refusals += wrong
        return
    data.warnings += [f"Fleet {fleet.id}: {source}: the column {name} is not used." for name in found.unused]
    kept = kept_marks(fleet.id, observed)
    before = [_member(fleet, owner, kept, observed) for owner in found.owners]
    resting = {member.pool for member in before if member.resting(observed.clock)}
    numbers = number(fleet, found.owners, resting, observed)
    members = [replace(member, mark=numbers.wanted[member.owner.label]) for member in before]
    problems = [
        *numbers.problems,
        *_shrunk(kept, [member.pool for member in members], confirm),
        *_clashes(fleet, found.owners, taken),
    ]
    for member in members:
        problems += _wrong_member(member, observed)
    data.refusals += [f"Fleet {fleet.id}: {problem}." for problem in problems]
    data.groups.append({"id": fleet.id})
    data.pools.append({"id": fleet.id, "comment": str(numbers.fleet)})
    for member in members:
        _add(data, member, observed)
    listed = {member.pool for member in members}
    data.states += [_state_of_others(fleet, pool, mark) for pool, mark in kept.items() if pool not in listed]


def _member(fleet: DesiredFleet, owner: Owner, kept: Mapping[str, OwnerMark], observed: ObservedFleets) -> _Member:
    pool = pool_of(fleet.id, owner.label, observed.release)
    mark = kept.get(pool, OwnerMark(fleet.id, owner.user))
    return _Member(fleet, owner, mark, pool, _end(fleet, owner, mark), pool in kept)


def _end(fleet: DesiredFleet, owner: Owner, mark: OwnerMark) -> End:
    try:
        day = last_day("expires", owner.expires, fleet.zone) if owner.expires else ""
    except Invalid:  # told by _wrong_member
        day = ""
    return end_of(fleet, day, mark)


def _shrunk(known: Mapping[str, OwnerMark], listed: Sequence[str], confirm: Optional[int]) -> Iterator[str]:
    if confirm == len(listed):
        return
    hint = f"if it is right, confirm the number of its owners: confirm_owners={len(listed)}"
    had = {pool: mark.owner for pool, mark in known.items() if not mark.released}
    gone = sorted(owner for pool, owner in had.items() if pool not in listed)
    if not listed:
        yield f"the list of owners is empty; {hint}"
    elif len(gone) * _TENTH > len(had):
        yield f"{len(gone)} of {len(had)} owners are no longer on the list, such as {', '.join(gone[:5])}; {hint}"


def _clashes(fleet: DesiredFleet, owners: Sequence[Owner], taken: dict[str, str]) -> Iterator[str]:
    for owner in owners:
        if not VALUE.fullmatch(owner.user):
            yield f"{owner.user} holds a sign that no mark can hold; say in the column id how he is called here"
        for machine in fleet.machines:
            name = machine_name(owner, machine)
            if name in taken:
                yield f"{taken[name]} and {owner.user} in {fleet.id} would both have a machine {name}"
            taken[name] = f"{owner.user} in {fleet.id}"


def _wrong_member(member: _Member, observed: ObservedFleets) -> Iterator[str]:
    fleet, owner = member.fleet, member.owner
    if owner.expires:
        try:
            last_day(f"{owner.user}: expires", owner.expires, fleet.zone)
        except Invalid as invalid:
            yield invalid.message.rstrip(".")
    if not member.known and member.end.is_over(observed.clock):
        yield f"{owner.user} would get machines whose last day, {member.end.day}, is over"
    if not member.resting(observed.clock):
        yield from refuse_machines(fleet, owner, member.mark)
        wanted = machines(fleet, owner, member.mark, member.pool, member.end.day)
        yield from refuse_quota(fleet.quota, owner.user, wanted, guests_of(observed, fleet.id, owner.user), observed)


def _add(data: FleetData, member: _Member, observed: ObservedFleets) -> None:
    """Whoever gives his machines back, or has had his time, is left as he is."""
    state = _state(member, observed)
    data.states.append({**_row(member.fleet, member.pool, member.mark), "state": state, "ends": member.end.day})
    if member.resting(observed.clock):
        return
    if state == "ending":
        data.warnings.append(f"The machines of {member.owner.user} in {member.fleet.id} end after {member.end.day}.")
    role = member.fleet.role or _ROLE
    data.pools.append({"id": member.pool, "comment": str(member.mark)})
    data.acl.append({"path": names.pool_path(member.pool), "user": member.owner.user, "role": role})
    _add_user(data, member, observed)
    wanted = list(machines(member.fleet, member.owner, member.mark, member.pool, member.end.day))
    for wish, machine in zip(wanted, member.fleet.machines):
        (data.containers if machine.container else data.vms).append(wish)


def _state(member: _Member, observed: ObservedFleets) -> str:
    if member.mark.released:
        return "released"
    if member.end.is_over(observed.clock):
        return "over"
    return "ending" if member.end.is_near(observed.clock, member.fleet.warn_days) else "active"


def _row(fleet: DesiredFleet, pool: str, mark: OwnerMark) -> Row:
    ids = {name: fleet.ids.start + number for name, number in sorted(mark.numbers.items())}
    return {"fleet": fleet.id, "owner": mark.owner, "pool": pool, "machines": ids, "released": mark.released}


def _state_of_others(fleet: DesiredFleet, pool: str, mark: OwnerMark) -> Row:
    """Somebody who is not on the list: nothing is done to what he has."""
    return {**_row(fleet, pool, mark), "state": "released" if mark.released else "not listed", "ends": mark.extended}


def _add_user(data: FleetData, member: _Member, observed: ObservedFleets) -> None:
    """An owner in several fleets expires with the last of them, and one that never expired still does not."""
    owner, end = member.owner, member.end
    known = data.users.get(owner.user)
    user = known or {"id": owner.user, "groups": []}
    user["groups"].append(member.fleet.id)
    data.users[owner.user] = user
    if any(mark.owner == owner.user and mark.released for mark in owner_marks(observed).values()):
        user["enable"] = True  # he gives back what he had, and has this
    if names.realm_of(owner.user) in observed.wiping:
        if known is None:
            data.warnings.append(f"{owner.user} does not expire: the sync of his realm would remove that again.")
        return
    said = {"firstname": owner.name, "email": owner.email}
    user.update({key: value for key, value in said.items() if value})
    if observed.users.get(owner.user) == 0:
        if known is None and end.moment:
            data.warnings.append(f"{owner.user} is there and never expires; that is left so.")
    elif known is None or "expire" in known:
        user["expire"] = max(end.moment, user.get("expire", 0))
        if not end.moment:
            del user["expire"]
