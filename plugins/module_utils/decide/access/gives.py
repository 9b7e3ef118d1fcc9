# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps that give: what is made, and what becomes more. All of them come before the first that takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ...engine.day import told_day
from ...engine.plan import Step, Value
from ...model.access import names
from ...model.access.access import (
    NEVER_VALID,
    TEXTS,
    UNCLEAN,
    Access,
    DesiredAccess,
    Entry,
    Holder,
    ObservedAccess,
    Realm,
    Token,
    User,
)
from ...model.access.privileges import PERMISSIONS
from ...model.access.realms import OPTIONS, REMOVE_VANISHED, removed_by_sync
from ...model.access.rights import Rights
from .calls import entry_call, entry_id, part, pool_members, pool_members_told, step, token_path, user_path
from .goal import is_untold, stale

_GROUPS, _MODIFY = "/access/groups", "User.Modify"


@dataclass(frozen=True)
class Change:
    """From what is to what is to be. ``stale``: entries that are older than what they name."""

    desired: DesiredAccess
    observed: ObservedAccess
    goal: Access

    @property
    def now(self) -> Access:
        return self.observed.now

    @cached_property
    def stale(self) -> frozenset[Entry]:
        return stale(self.desired, self.observed)

    @cached_property
    def unclean(self) -> frozenset[str]:
        """Declared users who stay disabled, and marked so, until such entries for them are gone."""
        marked = {name for name, user in self.now.users.items() if user.comment == UNCLEAN}
        made = {entry.who for entry in self.stale if entry.kind == "user"} - set(self.now.users)
        return frozenset(name for name in marked | made if name in self.goal.users and name in self.desired.users)

    def is_ruling(self, entry: Entry) -> bool:
        """It lets somebody change permissions. Such entries are given first and taken last, as the run may need one."""
        roles = (self.goal.roles, self.now.roles, self.observed.built_in)
        return any(PERMISSIONS in known.get(entry.role, ()) for known in roles)

    def removed_by_syncs(self, realm: str) -> frozenset[str]:
        """What the syncs of a realm remove, as it says itself or as a job does; all, where jobs are not seen."""
        if self.observed.jobs is None:
            return frozenset(REMOVE_VANISHED)
        return removed_by_sync(self.goal.realms[realm].options) | self.observed.jobs.get(realm, frozenset())

    @cached_property
    def rights(self) -> Rights:
        """Who has which, before anything is changed."""
        return Rights(self.now, self.observed.built_in)

    def naming(self, name: str) -> dict[str, Value]:
        """Whoever may change the members of some groups only has to name these with a user, who stays in them."""
        caller, known = self.desired.caller, self.now.users.get(name)
        if known is None or caller == names.ROOT or _MODIFY in self.rights.on(caller, _GROUPS):
            return {}
        own = [group for group in sorted(known.groups) if _MODIFY in self.rights.on(caller, f"{_GROUPS}/{group}")]
        return {"groups": ",".join(own), "append": True} if own else {}

    def pool_call(self, name: str) -> tuple[str, dict[str, Value]]:
        """Where a pool is changed, and how it is named there: before Proxmox VE 8 only in the path."""
        return (f"/pools/{part(name)}", {}) if self.observed.release == 7 else ("/pools", {"poolid": name})


def gives(change: Change) -> Iterator[Step]:
    yield from _realms(change)
    yield from _roles(change)
    yield from _groups(change)
    yield from _cleanings(change, "group")
    yield from _new_users(change)
    yield from _new_tokens(change)
    yield from _cleanings(change, "user", "token")
    yield from _new_pools(change)
    yield from _groups_changed(change)
    yield from _users(change)
    yield from _tokens(change)
    yield from _entries(change)
    yield from _pools(change)
    yield from _enabled(change)


def _realms(change: Change) -> Iterator[Step]:
    for name, realm in sorted(change.goal.realms.items()):
        wish, known = change.desired.realms.get(name), change.now.realms.get(name)
        secrets = {"password": wish.secret} if wish is not None and wish.secret else {}
        path = f"/access/domains/{part(name)}"
        if known is None:
            shown, hidden = _divided(realm.options)
            call: dict[str, Value] = {"realm": name, "type": realm.type, **shown}
            why = f"add the realm {name} ({realm.type})"
            yield step(f"realm.add:{name}", why, "POST", "/access/domains", call, {**hidden, **secrets})
        else:
            yield from _realm_changed(name, known, realm, path)
            if wish is not None and wish.always:
                why = f"set the password with which the realm {name} reads the directory"
                yield step(f"realm.password:{name}", why, "PUT", path, {}, secrets, unseen=True)
        if wish is not None and wish.sync and not any(user.endswith(f"@{name}") for user in change.now.users):
            why = f"sync the realm {name}, which has no users yet"
            yield step(f"realm.sync:{name}", why, "POST", f"{path}/sync", {}, task=True)


def _realm_changed(name: str, known: Realm, realm: Realm, path: str) -> Iterator[Step]:
    gone = sorted(set(known.options) - set(realm.options))
    changed = {key: value for key, value in realm.options.items() if known.options.get(key) != value}
    if gone or changed:
        shown, hidden = _divided(changed)
        call = {**shown, "delete": ",".join(gone)} if gone else shown
        why = f"change the realm {name}: {', '.join(sorted([*changed, *gone]))}"
        yield step(f"realm.change:{name}", why, "PUT", path, call, hidden)


def _divided(options: Mapping[str, str]) -> tuple[dict[str, Value], dict[str, str]]:
    """What may be shown, and what may not."""
    hidden = {key: value for key, value in options.items() if key in OPTIONS and OPTIONS[key].secret}
    return {key: value for key, value in options.items() if key not in hidden}, hidden


def _roles(change: Change) -> Iterator[Step]:
    for name, held in sorted(change.goal.roles.items()):
        known = change.now.roles.get(name)
        if known is None:
            privs = ",".join(sorted(held))
            why = f"create the role {name} ({privs or 'no privileges'})"
            yield step(f"role.create:{name}", why, "POST", "/access/roles", {"roleid": name, "privs": privs})
        elif held - known:
            privs = ",".join(sorted(held - known))
            path = f"/access/roles/{part(name)}"
            call: dict[str, Value] = {"privs": privs, "append": True}
            yield step(f"role.extend:{name}", f"add {privs} to the role {name}", "PUT", path, call)


def _groups(change: Change) -> Iterator[Step]:
    unclean = {entry.who for entry in change.stale if entry.kind == "group"}
    for name, group in sorted(change.goal.groups.items()):
        if name not in change.now.groups:
            comment = UNCLEAN if name in unclean else group.comment
            call: dict[str, Value] = {"groupid": name, **({"comment": comment} if comment else {})}
            yield step(f"group.create:{name}", f"create the group {name}", "POST", "/access/groups", call)


def _groups_changed(change: Change) -> Iterator[Step]:
    unclean = {entry.who for entry in change.stale if entry.kind == "group"}
    for name, group in sorted(change.goal.groups.items()):
        known = change.now.groups.get(name)
        if (known is not None and known != group) or (known is None and name in unclean):
            path, call = f"/access/groups/{part(name)}", {"comment": group.comment}
            why = f"change the comment of the group {name}"
            yield step(f"group.change:{name}", why, "PUT", path, call)


def _cleanings(change: Change, *kinds: Holder) -> Iterator[Step]:
    """After whoever they name is made, when they can be, and before they count: he is enabled, or the pool is made."""
    for entry in sorted(change.stale):
        if entry.kind in kinds:
            yield remove_entry(entry, "which is older than what it names")


def remove_entry(entry: Entry, remark: str = "") -> Step:
    why = f"take {entry}" + (f", {remark}" if remark else "")
    return step(entry_id("remove", entry), why, "PUT", "/access/acl", entry_call(entry, False, True))


def _new_pools(change: Change) -> Iterator[Step]:
    for name, pool in sorted(change.goal.pools.items()):
        if name not in change.now.pools:
            call: dict[str, Value] = {"poolid": name, **({"comment": pool.comment} if pool.comment else {})}
            yield step(f"pool.create:{name}", f"create the pool {name}", "POST", "/pools", call)


def _pools(change: Change) -> Iterator[Step]:
    for name, pool in sorted(change.goal.pools.items()):
        known = change.now.pools.get(name)
        path, named = change.pool_call(name)
        if known is not None and known.comment != pool.comment:
            call = {**named, "comment": pool.comment}
            why = f"change the comment of the pool {name}"
            yield step(f"pool.change:{name}", why, "PUT", path, call)
        before = known or type(pool)()
        members = pool_members(pool.vms - before.vms, pool.storage - before.storage)
        if members:
            why = f"put {pool_members_told(before, pool)} into the pool {name}"
            yield step(f"pool.extend:{name}", why, "PUT", path, {**named, **members})


def _new_users(change: Change) -> Iterator[Step]:
    for name, user in sorted(change.goal.users.items()):
        if name in change.now.users:
            continue
        wish = change.desired.users[name]
        call: dict[str, Value] = {"userid": name, **_set(user)}
        if name in change.unclean:
            call = {"userid": name, "enable": False, "comment": UNCLEAN}
        elif user.groups:
            call["groups"] = ",".join(sorted(user.groups))
        secrets = {"password": wish.password} if wish.password else {}
        why = f"create the user {name}" + _told_groups(user, name in change.unclean)
        yield step(f"user.create:{name}", why, "POST", "/access/users", call, secrets)


def _told_groups(user: User, unclean: bool) -> str:
    if unclean:
        return ", disabled until rights of an earlier one of this name are removed"
    return f" in {', '.join(sorted(user.groups))}" if user.groups else ""


def _set(user: User) -> dict[str, Value]:
    """What is not as in a new user."""
    found: dict[str, Value] = {name: getattr(user, name) for name in TEXTS if getattr(user, name)}
    if user.expire:
        found["expire"] = user.expire
    return found if user.enable else {**found, "enable": False}


def _users(change: Change) -> Iterator[Step]:
    """Fields, further groups, passwords. The mark of those who wait for their rights stays to the last."""
    for name, user in sorted(change.goal.users.items()):
        known, waits = change.now.users.get(name), name in change.unclean
        if known is None and not waits:
            continue
        before = known or User(enable=False, comment=UNCLEAN)
        texts = [field for field in TEXTS if not (waits and field == "comment")]
        call: dict[str, Value] = {field: getattr(user, field) for field in texts if _differs(before, user, field)}
        if before.expire != user.expire:
            call["expire"] = user.expire
        told = [*call]
        if gained := user.groups - before.groups:
            call.update({"groups": ",".join(sorted(gained)), "append": True})
            told.append(f"into {', '.join(sorted(gained))}")
        if call:
            why = f"change the user {name}: {_told(told, user)}"
            yield step(f"user.change:{name}", why, "PUT", user_path(name), {**change.naming(name), **call})
        wish = change.desired.users.get(name)
        if wish is not None and wish.always and known is not None:
            secrets, named = {"password": wish.password}, {"userid": name}
            why = f"set the password of {name}"
            yield step(f"user.password:{name}", why, "PUT", "/access/password", named, secrets, unseen=True)


def _differs(before: User, after: User, field: str) -> bool:
    return bool(getattr(before, field) != getattr(after, field))


def _told(words: list[str], user: User) -> str:
    until = f"expires {told_day(user.expire)}" if user.expire else "never expires"
    return ", ".join(until if word == "expire" else word for word in words)


def _enabled(change: Change) -> Iterator[Step]:
    for name, user in sorted(change.goal.users.items()):
        known = change.now.users.get(name)
        if name in change.unclean:
            call: dict[str, Value] = {"comment": user.comment, "enable": user.enable}
        elif user.enable and known is not None and not known.enable:
            call = {"enable": True}
        else:
            continue
        why = f"enable the user {name}" if user.enable else f"say that the user {name} has no rights of others any more"
        yield step(f"user.enable:{name}", why, "PUT", user_path(name), {**change.naming(name), **call})


def _new_tokens(change: Change) -> Iterator[Step]:
    """Made as one that has expired, until its value lies in its file: whatever breaks off, none is valid and lost."""
    for name, token in sorted(change.goal.tokens.items()):
        known, wish = change.now.tokens.get(name), change.desired.tokens.get(name)
        if wish is None:
            continue
        untold = known is not None and is_untold(known) and name not in change.observed.handed
        if untold:
            why = f"remove the token {name}, of which nobody has learned the value"
            yield step(f"token.discard:{name}", why, "DELETE", token_path(name), {})
        if known is None or untold:
            call: dict[str, Value] = {"expire": NEVER_VALID, "privsep": token.privsep}
            if token.comment:
                call["comment"] = token.comment
            why = f"create the token {name} and write its value to {wish.file}"
            yield step(f"token.create:{name}", why, "POST", token_path(name), call, hand_out=wish.file)


def _tokens(change: Change) -> Iterator[Step]:
    for name, token in sorted(change.goal.tokens.items()):
        known, wish = change.now.tokens.get(name), change.desired.tokens.get(name)
        if wish is None:
            continue
        before = Token(token.comment, NEVER_VALID, token.privsep) if known is None else known
        call: dict[str, Value] = {
            field: getattr(token, field)
            for field in ("comment", "expire", "privsep")
            if getattr(before, field) != getattr(token, field)
        }
        if call:
            verb, why = ("change", f"change the token {name}: {', '.join(call)}")
            if is_untold(before):
                verb, why = "enable", f"make the token {name} valid"
            yield step(f"token.{verb}:{name}", why, "PUT", token_path(name), call)
        if wish.rotate and known is not None and not is_untold(known):
            why = f"give the token {name} another value and write it to {wish.file}"
            path, call = token_path(name), {"regenerate": True}
            yield step(f"token.rotate:{name}", why, "PUT", path, call, hand_out=wish.file, unseen=True)


def _entries(change: Change) -> Iterator[Step]:
    for entry in sorted(change.goal.acl, key=lambda one: (not change.is_ruling(one), one)):
        below, known = change.goal.acl[entry], change.now.acl.get(entry)
        how = "" if below else ", there only"
        if known is None:
            why = f"give {entry}{how}"
        elif below and not known:
            why = f"let {entry} propagate"
        else:
            continue
        yield step(entry_id("give", entry), why, "PUT", "/access/acl", entry_call(entry, below, False))
