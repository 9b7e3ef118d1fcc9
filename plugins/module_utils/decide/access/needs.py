# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What whoever this run speaks as needs for what is to change: nobody has to be an administrator for a part of it.

Upstream: the ``permissions`` of each call, and pve-access-control PVE/API2/ACL.pm for entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...engine.plan import Refusal
from ...model.access import names
from ...model.access.access import Entry
from ...model.access.need import Need
from ...model.access.privileges import PERMISSIONS
from .gives import Change

#: Of these one is enough.
Either = tuple[Need, ...]
_GROUPS, _REALMS = "/access/groups", "/access/realm"
#: Where the path begins so, this also lets somebody give what he has himself.
_DELEGATED = {"/pool/": "Pool.Allocate", "/vms/": "VM.Allocate", "/storage/": "Datastore.Allocate"}


def refuse_lacking(change: Change) -> Iterator[Refusal]:
    caller = change.desired.caller
    if caller == names.ROOT:
        return
    lacking = sorted(
        {
            either
            for either in _needs(change)
            if not any(need.met(change.rights.on(caller, need.path)) for need in either)
        }
    )
    if lacking:
        told = ", ".join(" or ".join(f"{need.privilege} on {need.path}" for need in either) for either in lacking)
        hint = "Give it these, or let the run speak as root@pam (without api.token_id)."
        yield Refusal(f"{caller} lacks for what is to be changed: {told}.", hint)


def _needs(change: Change) -> Iterator[Either]:
    now, goal = change.now, change.goal
    yield from _sight(change)
    yield from _users(change)
    if now.groups != goal.groups:
        yield (Need(_GROUPS, "Group.Allocate", below=False),)
    if now.roles != goal.roles:
        yield (Need("/access", "Sys.Modify", below=False),)
    if now.realms != goal.realms or any(wish.always for wish in change.desired.realms.values()):
        yield (Need(_REALMS, "Realm.Allocate", below=False),)
    for name in sorted(name for name, wish in change.desired.realms.items() if wish.sync):
        yield (Need(f"{_REALMS}/{name}", "Realm.AllocateUser", below=False),)
        yield (_modify(),)
    for name in sorted({*now.tokens, *goal.tokens}):
        wish = change.desired.tokens.get(name)
        if now.tokens.get(name) != goal.tokens.get(name) or (wish is not None and wish.rotate):
            yield _modifies_user(change, names.owner_of(name))
    yield from _pools(change)
    for entry in sorted({*now.acl, *goal.acl}):
        if now.acl.get(entry) != goal.acl.get(entry):
            yield from _entry(change, entry)


def _sight(change: Change) -> Iterator[Either]:
    """An entry nearer to a thing may hide it from somebody who sees all others."""
    yield from ((Need(names.pool_path(name), "Pool.Audit", below=False),) for name in sorted(change.desired.pools))
    for name in sorted(change.desired.groups):
        told = ("Sys.Audit", "User.Modify", "Group.Allocate")
        yield tuple(Need(f"{_GROUPS}/{name}", one, below=False) for one in told)


def _modify(group: str = "") -> Need:
    return Need(f"{_GROUPS}/{group}" if group else _GROUPS, "User.Modify", below=False)


def _one_of(groups: Iterable[str]) -> Either:
    return (_modify(), *map(_modify, sorted(groups)))


def _modifies_user(change: Change, name: str) -> Either:
    known = change.now.users.get(name) or change.goal.users.get(name)
    return _one_of(known.groups if known is not None else ())


def _users(change: Change) -> Iterator[Either]:
    for name in sorted({*change.now.users, *change.goal.users}):
        before, after = change.now.users.get(name), change.goal.users.get(name)
        if before == after:
            continue
        if before is None or after is None:
            yield (Need(f"{_REALMS}/{names.realm_of(name)}", "Realm.AllocateUser", below=False),)
        if before is not None:
            yield _one_of(before.groups)
        if after is not None:
            yield from _joined(after.groups, before.groups if before is not None else frozenset())
            if before is None and (not after.groups or name in change.unclean):
                yield (_modify(),)


def _joined(after: frozenset[str], before: frozenset[str]) -> Iterator[Either]:
    """All groups that the call names: those that are new, or where one is left, all that stay."""
    named = after if before - after else after - before
    yield from (_one_of((group,)) for group in sorted(named))


def _pools(change: Change) -> Iterator[Either]:
    placed = change.observed.placed or {}
    for name in sorted({*change.now.pools, *change.goal.pools}):
        before, after = change.now.pools.get(name), change.goal.pools.get(name)
        if before == after:
            continue
        yield (Need(names.pool_path(name), "Pool.Allocate", below=False),)
        if after is not None:
            for vmid in sorted(after.vms ^ (before.vms if before is not None else frozenset())):
                pools = [names.pool_path(placed[vmid])] if placed.get(vmid) else []
                paths = (f"/vms/{vmid}", *pools)
                yield tuple(Need(path, one, below=False) for path in paths for one in ("VM.Allocate", PERMISSIONS))
            for storage in sorted(after.storage ^ (before.storage if before is not None else frozenset())):
                path = f"/storage/{storage}"
                yield tuple(Need(path, one, below=False) for one in ("Datastore.Allocate", PERMISSIONS))


def _entry(change: Change, entry: Entry) -> Iterator[Either]:
    """Who may not change permissions gives and takes no more than he has, where he may at all."""
    all_of_it = Need(entry.path, PERMISSIONS, below=False)
    delegated = next((one for prefix, one in _DELEGATED.items() if entry.path.startswith(prefix)), None)
    if delegated is None:
        yield (all_of_it,)
        return
    yield (Need(entry.path, delegated, below=False), all_of_it)
    below = change.goal.acl.get(entry, False)
    roles = {**change.observed.built_in, **change.now.roles, **change.goal.roles}
    for privilege in sorted(roles.get(entry.role, ())):
        yield (Need(entry.path, privilege, below=below), all_of_it)
