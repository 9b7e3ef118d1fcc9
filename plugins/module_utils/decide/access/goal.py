# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What access is to be in the end: what is, with what is declared, without what is not to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ...model.access import names
from ...model.access.access import (
    NEVER_VALID,
    UNCLEAN,
    Access,
    DesiredAccess,
    Entry,
    Group,
    ObservedAccess,
    Pool,
    Realm,
    Token,
    User,
)
from ...model.access.privileges import privileges
from ...model.access.realms import canonical
from .protected import surplus

Thing = TypeVar("Thing")


def goal(desired: DesiredAccess, observed: ObservedAccess) -> Access:
    now = observed.now
    gone = _gone(desired, observed)
    users = _without(_users(desired, now), gone["users"])
    groups = _without({**now.groups, **_groups(desired, now)}, gone["groups"])
    tokens = _without({**now.tokens, **_tokens(desired, now)}, gone["tokens"])
    made = {name: role.privs & privileges(observed.release) for name, role in desired.roles.items() if not role.absent}
    state = Access(
        users={name: replace(user, groups=user.groups - gone["groups"]) for name, user in users.items()},
        groups=groups,
        roles=_without({**now.roles, **made}, gone["roles"]),
        tokens={name: token for name, token in tokens.items() if names.owner_of(name) in users},
        pools=_without({**now.pools, **_pools(desired, now)}, gone["pools"]),
        realms=_without({**now.realms, **_realms(desired, now)}, gone["realms"]),
    )
    acl = {**now.acl, **desired.acl}
    dropped = {*gone["acl"], *desired.removed, *stale(desired, observed)}
    return replace(state, acl={entry: acl[entry] for entry in acl if not _drops(entry, dropped, now, state)})


def _drops(entry: Entry, dropped: set[Entry], now: Access, state: Access) -> bool:
    """Entries of what goes go with it; those of nobody stay, as long as there is nobody."""
    if entry in dropped:
        return True
    leaves = now.knows(entry.kind, entry.who) and not state.knows(entry.kind, entry.who)
    pool = entry.path.partition("/pool/")[2]
    return leaves or (pool in now.pools and pool not in state.pools)


def stale(desired: DesiredAccess, observed: ObservedAccess) -> frozenset[Entry]:
    """Entries that are to be removed, as they would give rights to one who gets a name anew, or on a pool made anew."""
    if not desired.clean_leftovers:
        return frozenset()
    return frozenset(entry for entry in awaiting(desired, observed) if entry not in desired.acl)


def awaiting(desired: DesiredAccess, observed: ObservedAccess) -> list[Entry]:
    """Entries that are older than what they name: as it is made in this run, or was in one that was cut short."""
    now, made = observed.now, new_names(desired, observed.now)
    unclean = {("user", name) for name, user in now.users.items() if user.comment == UNCLEAN}
    unclean |= {("group", name) for name, group in now.groups.items() if group.comment == UNCLEAN}
    unclean |= {("token", name) for name, token in now.tokens.items() if is_untold(token)}
    return sorted(
        entry
        for entry in now.acl
        if (entry.kind, entry.who) in made | unclean or ("pool", entry.path.partition("/pool/")[2]) in made
    )


def new_names(desired: DesiredAccess, now: Access) -> set[tuple[str, str]]:
    """What is to be made: kind and name."""
    kinds: tuple[tuple[str, Mapping[str, Any], Mapping[str, Any]], ...] = (
        ("user", desired.users, now.users),
        ("group", desired.groups, now.groups),
        ("token", desired.tokens, now.tokens),
        ("pool", desired.pools, now.pools),
    )
    return {
        (kind, name)
        for kind, wanted, known in kinds
        for name, one in wanted.items()
        if not one.absent and name not in known
    }


def _gone(desired: DesiredAccess, observed: ObservedAccess) -> dict[str, Any]:
    """Kind → what is not to be there."""
    wishes: dict[str, Mapping[str, Any]] = {
        "users": desired.users,
        "groups": desired.groups,
        "roles": desired.roles,
        "tokens": desired.tokens,
        "pools": desired.pools,
        "realms": desired.realms,
    }
    gone: dict[str, Any] = {kind: {name for name, one in said.items() if one.absent} for kind, said in wishes.items()}
    gone["acl"] = set()
    for kind, thing, reason in surplus(desired, observed):
        if not reason:
            gone[kind].add(thing)
    return gone


def _without(things: Mapping[str, Thing], gone: frozenset[str]) -> dict[str, Thing]:
    return {name: thing for name, thing in things.items() if name not in gone}


def _users(desired: DesiredAccess, now: Access) -> dict[str, User]:
    found = dict(now.users)
    for name, wish in desired.users.items():
        if not wish.absent:
            known = found.get(name, User())
            known = replace(known, comment="", enable=True) if known.comment == UNCLEAN else known
            known = replace(known, **wish.fields)  # type: ignore[arg-type]  # each has the type of its parameter
            found[name] = replace(known, groups=known.groups | wish.groups)
    for group, said in desired.groups.items():
        for name in said.members & set(found):
            found[name] = replace(found[name], groups=found[name].groups | {group})
        if said.exclusive:
            declared = {name for name, wish in desired.users.items() if group in wish.groups}
            for name in set(found) - said.members - declared:
                found[name] = replace(found[name], groups=found[name].groups - {group})
    return found


def _groups(desired: DesiredAccess, now: Access) -> dict[str, Group]:
    found = {}
    for name, wish in desired.groups.items():
        known = now.groups.get(name, Group())
        kept = "" if known.comment == UNCLEAN else known.comment
        found[name] = Group(kept if wish.comment is None else wish.comment)
    return found


def _tokens(desired: DesiredAccess, now: Access) -> dict[str, Token]:
    found = {}
    for name, wish in desired.tokens.items():
        known = now.tokens.get(name, Token())
        known = replace(known, expire=0) if is_untold(known) else known
        found[name] = replace(known, **wish.fields)  # type: ignore[arg-type]  # each has the type of its parameter
    return found


def is_untold(token: Token) -> bool:
    """Made, and never valid until its value was handed out: nobody has ever used it."""
    return token.expire == NEVER_VALID


def _pools(desired: DesiredAccess, now: Access) -> dict[str, Pool]:
    found = {}
    for name, wish in desired.pools.items():
        known = now.pools.get(name, Pool())
        comment = known.comment if wish.comment is None else wish.comment
        kept = Pool() if wish.exclusive else known
        found[name] = Pool(comment, kept.vms | wish.vms, kept.storage | wish.storage)
    return found


def _realms(desired: DesiredAccess, now: Access) -> dict[str, Realm]:
    found = {}
    for name, wish in desired.realms.items():
        known = now.realms[name].options if name in now.realms else {}
        options = {key: value for key, value in {**known, **wish.options}.items() if value}
        found[name] = Realm(wish.type, canonical(options))
    return found
