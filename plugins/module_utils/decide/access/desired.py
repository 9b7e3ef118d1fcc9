# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted access; what contradicts itself is invalid before anybody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.access import names
from ...model.access.access import (
    HOLDERS,
    SCOPES,
    DesiredAccess,
    DesiredGroup,
    DesiredPool,
    DesiredRole,
    DesiredToken,
    DesiredUser,
    Entry,
)
from ...model.access.privileges import ADMINISTRATOR, KNOWN_ANYWHERE, NO_ACCESS, Privileges
from . import given
from .automation import Expanded, expand
from .caller import caller_from
from .presets import PRESETS
from .realm import desired_realm

USER_HINT = "Write NAME@REALM, such as ann@pve, without blanks, ':' and '/'; at most 64 characters."
TOKEN_HINT = "Write USER@REALM!NAME."
NAME_HINT = "Letters, digits, '-', '_' and '.'."
_PATH_HINT = "Such as /, /vms/100, /pool/course, /storage/local, /nodes/pve1, /sdn/zones/localnetwork/vmbr0 or /access."
_SHORTEST_PASSWORD = 8


def desired_from(params: Mapping[str, Any]) -> DesiredAccess:
    automation = expand(params["automation"], params["token_folder"]) if params["automation"] else Expanded()
    users = [_user(one) for one in params["users"]]
    groups = [_group(one) for one in params["groups"]]
    roles = [_role(one) for one in params["roles"]]
    tokens = [_token(one, params["token_folder"]) for one in params["tokens"]]
    pools = [_pool(one) for one in params["pools"]]
    realms = [desired_realm(one) for one in params["realms"]]
    entries = [(_entry(one), one["propagate"], one["state"] == "absent") for one in params["acl"]]
    for what, ids in (
        ("user", [one.id for one in (*users, *automation.users)]),
        ("group", [one.id for one in groups]),
        ("role", [one.id for one in (*roles, *automation.roles)]),
        ("token", [one.id for one in (*tokens, *automation.tokens)]),
        ("token file", [one.file for one in (*tokens, *automation.tokens) if not one.absent]),
        ("pool", [one.id for one in (*pools, *automation.pools_but(pools))]),
        ("realm", [one.id for one in realms]),
        ("entry", [str(entry) for entry, dummy, dummy2 in entries]),
    ):
        given.once(what, ids)
    offered = [one.id for one in realms if one.options.get("default")]
    if len(offered) > 1:
        raise Invalid(f"The realms {' and '.join(offered)} cannot both be the default.", "One is offered first.")
    scopes = [_scope(word) for word in params["exclusive"]]
    return DesiredAccess(
        caller=caller_from(params),
        users={one.id: one for one in (*users, *automation.users)},
        groups={one.id: one for one in groups},
        roles={one.id: one for one in (*roles, *automation.roles)},
        tokens={one.id: one for one in (*tokens, *automation.tokens)},
        pools={one.id: one for one in (*pools, *automation.pools_but(pools))},
        realms={one.id: one for one in realms},
        acl={**{entry: below for entry, below, absent in entries if not absent}, **automation.acl},
        removed=frozenset(entry for entry, dummy, absent in entries if absent),
        exclusive=frozenset(kind for kind, path in scopes if not path),
        exclusive_paths=frozenset(path for dummy, path in scopes if path),
        clean_leftovers=params["clean_leftovers"],
        automation=automation.automation,
    )


def _user(definition: Mapping[str, Any]) -> DesiredUser:
    name = given.named("A user", definition["id"], names.USER, USER_HINT, names.LONGEST_USER)
    what = f"User {name}"
    password = definition.get("password") or ""
    if password and names.realm_of(name) != names.PVE:
        hint = "Of the realm pam it is that of the node's system; of other realms, that of their directory or provider."
        raise Invalid(f"{what}: only users of the realm pve have a password that Proxmox VE keeps.", hint)
    if password and len(password) < _SHORTEST_PASSWORD:
        raise Invalid(f"{what}: the password is shorter than {_SHORTEST_PASSWORD} characters.")
    always = definition["password_update"] == "always"
    if always and not password:
        raise Invalid(f"{what}: password_update is always, but there is no password.")
    texts = ("enable", "firstname", "lastname", "email", "comment")
    return DesiredUser(
        name,
        definition["state"] == "absent",
        given.fields(what, definition, texts),
        given.names(f"{what}: groups", definition["groups"], names.NAME, NAME_HINT),
        password,
        always,
    )


def _group(definition: Mapping[str, Any]) -> DesiredGroup:
    name = given.named("A group", definition["id"], names.NAME, NAME_HINT)
    members = given.names(f"Group {name}: members", definition["members"], names.USER, USER_HINT)
    absent = definition["state"] == "absent"
    return DesiredGroup(name, absent, definition["comment"], members, definition["exclusive"])


def _role(definition: Mapping[str, Any]) -> DesiredRole:
    name = given.named("A role", definition["id"], names.NAME, NAME_HINT)
    if name.lower().startswith("pve") or name in (ADMINISTRATOR, NO_ACCESS):
        hint = (
            "Proxmox VE keeps the names that begin with PVE, in capital or small letters, to itself; take another one."
        )
        raise Invalid(f"Role {name}: a built-in role is not made or changed.", hint)
    absent = definition["state"] == "absent"
    said: Optional[list[str]] = definition.get("privs")
    preset = definition.get("preset")
    if not absent and (said is None) == (preset is None):
        raise Invalid(f"Role {name}: say either privs or preset.")
    return DesiredRole(name, absent, PRESETS[preset] if preset else _privileges(name, said or []))


def _privileges(role: str, said: list[str]) -> Privileges:
    unknown = sorted(set(said) - KNOWN_ANYWHERE)
    if unknown:
        raise Invalid(f"Role {role}: no release of Proxmox VE knows the privilege {', '.join(unknown)}.")
    return frozenset(said)


def _token(definition: Mapping[str, Any], folder: str) -> DesiredToken:
    name = given.named("A token", definition["id"], names.TOKEN, TOKEN_HINT)
    found = given.fields(f"Token {name}", definition, ("comment", "privsep"))
    absent = definition["state"] == "absent"
    file = definition.get("file")
    return DesiredToken(name, absent, found, file or f"{folder}/{name}", definition["rotate"], bool(file))


def _pool(definition: Mapping[str, Any]) -> DesiredPool:
    hint = "Up to three levels, such as course/ann, each beginning with a letter."
    name = given.named("A pool", definition["id"], names.POOL, hint)
    storage = given.names(f"Pool {name}: storage", definition["storage"], names.NAME, NAME_HINT)
    absent, exclusive = definition["state"] == "absent", definition["exclusive"]
    return DesiredPool(name, absent, definition["comment"], frozenset(definition["vms"]), storage, exclusive)


def _entry(definition: Mapping[str, Any]) -> Entry:
    said = given.text("An entry's path", definition["path"])
    path = names.canonical_path(said)
    if path is None:
        raise Invalid(f"{said!r} is no path on which Proxmox VE gives rights.", _PATH_HINT)
    holders = [kind for kind in HOLDERS if definition.get(kind) is not None]
    if len(holders) != 1:
        raise Invalid(f"An entry on {path}: say one of {', '.join(HOLDERS)}.")
    (kind,) = holders
    form, hint = {
        "user": (names.USER, USER_HINT),
        "group": (names.NAME, NAME_HINT),
        "token": (names.TOKEN, TOKEN_HINT),
    }[kind]
    who = given.named(f"An entry on {path}: {kind}", definition[kind], form, hint)
    return Entry(path, kind, who, given.named(f"An entry on {path}: role", definition["role"], names.NAME, NAME_HINT))


def _scope(word: str) -> tuple[str, str]:
    """Kind, and the path if it is only exclusive there."""
    kind, colon, place = word.partition(":")
    path = names.canonical_path(place) if colon else ""
    if kind not in SCOPES or path is None or (colon and kind != "acl"):
        hint = f"Choose among {', '.join(SCOPES)} and acl:PATH, such as acl:/pool/course."
        raise Invalid(f"{word!r} is nothing that can be exclusive.", hint)
    return (kind, "") if path in ("", "/") else (kind, path)
