# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps that take: rights before those who have them, and what is inside before what it is in."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Step, Value
from ...model.access.access import Entry
from .calls import entry_call, entry_id, part, pool_members, pool_members_told, step, token_path, user_path
from .gives import Change, remove_entry


def takes(change: Change) -> Iterator[Step]:
    yield from _disabled(change)
    yield from _entries(change)
    yield from _roles_lessened(change)
    yield from _memberships(change)
    yield from _tokens(change)
    yield from _users(change)
    yield from _groups(change)
    yield from _pool_members(change)
    yield from _pools(change)
    yield from _roles(change)
    yield from _realms(change)


def _disabled(change: Change) -> Iterator[Step]:
    """Ends their sessions at once."""
    for name, user in sorted(change.goal.users.items()):
        known = change.now.users.get(name)
        if known is not None and known.enable and not user.enable:
            why = f"disable the user {name}"
            yield step(f"user.disable:{name}", why, "PUT", user_path(name), {**change.naming(name), "enable": False})


def _entries(change: Change) -> Iterator[Step]:
    """Where an entry propagates, that is its value: one that is declared is never removed to be given anew."""
    for entry in sorted(change.now.acl, key=lambda one: (change.is_ruling(one), one)):
        below, known = change.goal.acl.get(entry), change.now.acl[entry]
        if below is None and entry not in change.stale and _can_be_named(entry, change):
            yield remove_entry(entry)
        elif below is False and known:
            why = f"let {entry} no longer propagate"
            call = entry_call(entry, False, False)
            yield step(entry_id("narrow", entry), why, "PUT", "/access/acl", call)


def _can_be_named(entry: Entry, change: Change) -> bool:
    return change.now.knows(entry.kind, entry.who)


def _roles_lessened(change: Change) -> Iterator[Step]:
    for name, held in sorted(change.goal.roles.items()):
        known = change.now.roles.get(name, held)
        if known - held:
            lost = ",".join(sorted(known - held))
            call: dict[str, Value] = {"privs": ",".join(sorted(held))}
            path = f"/access/roles/{part(name)}"
            yield step(f"role.lessen:{name}", f"take {lost} from the role {name}", "PUT", path, call)


def _memberships(change: Change) -> Iterator[Step]:
    for name, user in sorted(change.goal.users.items()):
        known = change.now.users.get(name)
        lost = known.groups - user.groups - _gone_groups(change) if known is not None else frozenset()
        if lost:
            call: dict[str, Value] = {"groups": ",".join(sorted(user.groups))}
            why = f"take the user {name} out of {', '.join(sorted(lost))}"
            yield step(f"user.leave:{name}", why, "PUT", user_path(name), call)


def _gone_groups(change: Change) -> frozenset[str]:
    return frozenset(change.now.groups) - frozenset(change.goal.groups)


def _tokens(change: Change) -> Iterator[Step]:
    for name in sorted(set(change.now.tokens) - set(change.goal.tokens)):
        yield _remove("token", name, token_path(name), {})


def _users(change: Change) -> Iterator[Step]:
    for name in sorted(set(change.now.users) - set(change.goal.users)):
        yield _remove("user", name, user_path(name), {})


def _groups(change: Change) -> Iterator[Step]:
    for name in sorted(_gone_groups(change)):
        yield _remove("group", name, f"/access/groups/{part(name)}", {})


def _pool_members(change: Change) -> Iterator[Step]:
    for name, pool in sorted(change.goal.pools.items()):
        known = change.now.pools.get(name, pool)
        members = pool_members(known.vms - pool.vms, known.storage - pool.storage)
        if members:
            path, named = change.pool_call(name)
            why = f"take {pool_members_told(pool, known)} out of the pool {name}"
            yield step(f"pool.lessen:{name}", why, "PUT", path, {**named, **members, "delete": True})


def _pools(change: Change) -> Iterator[Step]:
    for name in sorted(set(change.now.pools) - set(change.goal.pools), reverse=True):
        yield _remove("pool", name, *change.pool_call(name))


def _roles(change: Change) -> Iterator[Step]:
    for name in sorted(set(change.now.roles) - set(change.goal.roles)):
        yield _remove("role", name, f"/access/roles/{part(name)}", {})


def _realms(change: Change) -> Iterator[Step]:
    for name in sorted(set(change.now.realms) - set(change.goal.realms)):
        yield _remove("realm", name, f"/access/domains/{part(name)}", {})


def _remove(kind: str, name: str, path: str, parameters: dict[str, Value]) -> Step:
    return step(f"{kind}.remove:{name}", f"remove the {kind} {name}", "DELETE", path, parameters, destructive=True)
