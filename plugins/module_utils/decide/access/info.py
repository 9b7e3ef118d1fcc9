# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What there is of access, in the form that the module and the role take. No secret is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...engine.day import told_day
from ...engine.errors import Refused
from ...model.access import names
from ...model.access.access import (
    HOLDERS,
    OWNED,
    TEXTS,
    UNCLEAN,
    Access,
    DesiredAccess,
    Entry,
    Group,
    ObservedAccess,
    Realm,
    Token,
    User,
)
from ...model.access.privileges import surplus
from ...model.access.realms import FOREIGN, OPTIONS, SYNC_DEFAULTS, sync_options, vanishing
from .automation import ROLES
from .caller import refuse_blind
from .goal import is_untold


def describe(desired: DesiredAccess, observed: ObservedAccess, tfa: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``tfa``: what the API tells of second factors. Raises Refused when the caller does not see everything."""
    for refusal in refuse_blind(desired, observed):
        raise Refused(refusal.reason, refusal.hint)
    now = observed.now
    return {
        "release": observed.release,
        **variables(now),
        "tfa": {row["userid"]: sorted(entry["type"] for entry in row.get("entries") or ()) for row in tfa},
        "leftovers": [_entry(entry, now.acl[entry]) for entry in now.leftovers],
        "surplus": surplus(observed.release, observed.built_in),
    }


def variables(now: Access) -> dict[str, list[dict[str, Any]]]:
    """Whatever an inventory can say. Not what a directory rules, nor what a part of this collection made for itself."""
    foreign = {name for name, realm in now.realms.items() if realm.type in FOREIGN}
    own = {
        name: user
        for name, user in now.users.items()
        if names.realm_of(name) not in foreign and not user.comment.startswith(OWNED)
    }
    gone = {name for name, user in now.users.items() if user.comment.startswith(OWNED)}
    groups = [name for name in now.groups if not names.realm_of_group(name, foreign)]
    entries = {entry: below for entry, below in sorted(now.acl.items()) if _is_declarable(entry, now, gone)}
    found = {
        "realms": [_realm(name, realm) for name, realm in sorted(now.realms.items()) if _says_anything(name, realm)],
        "groups": [_group(name, now.groups[name]) for name in sorted(groups)],
        "roles": [
            {"id": name, "privs": sorted(held)}
            for name, held in sorted(now.roles.items())
            if not name.startswith(ROLES)
        ],
        "users": [_user(name, user, groups) for name, user in sorted(own.items()) if _is_somebody(name, user)],
        "pools": [_with(id=name, comment=pool.comment) for name, pool in sorted(now.pools.items())],
        "tokens": [_token(name, one) for name, one in sorted(now.tokens.items()) if names.owner_of(name) not in gone],
        "acl": [_entry(entry, below) for entry, below in entries.items()],
    }
    return {name: rows for name, rows in found.items() if rows}


def _is_declarable(entry: Entry, now: Access, gone: set[str]) -> bool:
    return now.knows(entry.kind, entry.who) and names.owner_of(entry.who) not in gone


def _with(**said: Any) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value not in ("", None, [])}


def _group(name: str, group: Group) -> dict[str, Any]:
    return _with(id=name, comment="" if group.comment == UNCLEAN else group.comment)


def _is_somebody(name: str, user: User) -> bool:
    """root@pam is there without being declared."""
    return name != names.ROOT or user != User()


def _user(name: str, user: User, groups: Sequence[str]) -> dict[str, Any]:
    said = {field: getattr(user, field) for field in TEXTS}
    expire = told_day(user.expire) if user.expire else ""
    inside = sorted(user.groups & set(groups))
    return _with(id=name, groups=inside, enable=None if user.enable else False, expire=_number(expire), **said)


def _number(text: str) -> Any:
    return int(text) if text.isdigit() else text


def _token(name: str, token: Token) -> dict[str, Any]:
    expire = told_day(token.expire) if token.expire and not is_untold(token) else ""
    separate = None if token.privsep else False
    return _with(id=name, comment=token.comment, expire=_number(expire), privsep=separate)


def _entry(entry: Entry, below: bool) -> dict[str, Any]:
    (kind,) = (kind for kind in HOLDERS if kind == entry.kind)
    said = {"path": entry.path, kind: entry.who, "role": entry.role}
    return said if below else {**said, "propagate": False}


def _says_anything(name: str, realm: Realm) -> bool:
    """The built-in ones are there without being declared."""
    return name not in names.BUILT_IN_REALMS or bool(set(realm.options) - {"comment"})


def _realm(name: str, realm: Realm) -> dict[str, Any]:
    said: dict[str, Any] = {"id": name, "type": realm.type}
    for key, value in sorted(realm.options.items()):
        if key == SYNC_DEFAULTS:
            said["sync_defaults"] = _sync(sync_options(value))
        elif not OPTIONS[key].secret:
            said[OPTIONS[key].parameter] = _option(OPTIONS[key].kind, value)
    return said


def _option(kind: str, value: str) -> Any:
    if kind == "flag":
        return value == "1"
    return int(value) if kind == "number" else value


def _sync(options: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "scope" in options:
        found["scope"] = options["scope"]
    if "enable-new" in options:
        found["enable_new"] = options["enable-new"] == "1"
    gone = sorted(vanishing(options))
    return {**found, "remove_vanished": gone} if gone else found
