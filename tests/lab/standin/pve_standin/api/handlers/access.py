"""/access: logging in, passwords, and the access control list."""

from __future__ import annotations

import json
import time
from typing import Any

from pve_standin.api import registry
from pve_standin.api.registry import ApiError, Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import access, passwords, paths, privileges, rights, userdb, users
from pve_standin.core.cfs import cfs_read
from pve_standin.core.errors import parameter_error

FAILURE_DELAY = 3


@method("GET", "/access")
def index(call: Call) -> list[dict[str, str]]:
    return [{"subdir": name} for name in registry.children("/access")]


@method("GET", "/access/ticket")
def get_ticket(call: Call) -> None:
    """Only there so that clients may ask for it."""


@method("POST", "/access/ticket", protected=True)
def create_ticket(call: Call) -> dict[str, Any]:
    from pve_standin.core import ticket

    name = call.params["username"]
    user = name if "@" in name else f"{name}@{call.params.get('realm', 'pam')}"
    if not login_valid(user, call.params["password"]):
        time.sleep(FAILURE_DELAY)
        raise ApiError(401, "authentication failure")
    answer: dict[str, Any] = {
        "username": user,
        "ticket": ticket.assemble_ticket(user),
        "CSRFPreventionToken": ticket.assemble_csrf(user),
        "cap": {},
    }
    cluster_name = _cluster_name()
    return {**answer, "clustername": cluster_name} if cluster_name else answer


def login_valid(user: str, secret: str) -> bool:
    """A password, or a ticket that is still valid."""
    from pve_standin.core import ticket

    known = userdb.read().users.get(user)
    if known is None or not known.enable or (known.expire and known.expire < time.time()):
        return False
    return ticket.verify_ticket(secret) == user if secret.startswith("PVE:") else passwords.verify(user, secret)


def _cluster_name() -> str:
    from pve_standin.cluster import corosync_conf, membership

    return str(corosync_conf.totem(membership.read_conf()).get("cluster_name", ""))


@method("PUT", "/access/password", protected=True)
def change_password(call: Call) -> None:
    """Whoever is not root has to give his own one with it."""
    userid, confirmation = call.params["userid"], call.params.get("confirmation-password")
    if call.user != users.ROOT:
        if confirmation is None:
            raise parameter_error({"confirmation-password": "password is required to modify user"})
        if not login_valid(call.user, confirmation):
            raise ApiError(500, "invalid credentials")
    userdb.existing_user(userdb.read(), userid)
    passwords.store(userid, call.params["password"])


@method("GET", "/access/permissions")
def permissions(call: Call) -> dict[str, Any]:
    who, path = call.params.get("userid", call.user), call.params.get("path")
    if who != call.user and who.partition("!")[0] != call.user:
        access.require(call.user, "/access", ["Sys.Audit"])
    config = userdb.read()
    return {path: rights.on(config, who, path)} if path else rights.tree(config, who)


@method("GET", "/access/tfa", protected=True)
def list_tfa(call: Call) -> list[dict[str, Any]]:
    """The file is the stand-in's own: user -> entries as the API shows them."""
    found = json.loads(cfs_read(paths.TFA_CFG) or "{}")
    every = access.holds(call.user, "/access/groups", ["User.Modify", "Sys.Audit"], any_of=True)
    return [{"userid": user, "entries": rows} for user, rows in found.items() if every or user == call.user]


@method("GET", "/access/acl")
def read_acl(call: Call) -> list[dict[str, Any]]:
    """An auditor sees all of it, others what they might change."""
    audit = access.holds(call.user, "/access", ["Sys.Audit"])
    return [
        {"path": path, **_row(entry)}
        for path, entries in userdb.read().acl.items()
        if audit or access.holds(call.user, *access.needed_to_modify(path), any_of=True)
        for entry in entries
    ]


def _row(entry: users.AclEntry) -> dict[str, Any]:
    kind = "token" if "!" in entry.who else "group" if entry.who.startswith("@") else "user"
    who = entry.who.lstrip("@")
    return {"type": kind, "ugid": who, "roleid": entry.role, "propagate": int(entry.propagate)}


@method("PUT", "/access/acl", protected=True)
def update_acl(call: Call) -> None:
    lists = {name: split_list(call.params.get(name, "")) for name in ("users", "groups", "tokens")}
    if not any(name in call.params for name in lists):
        raise parameter_error(dict.fromkeys(lists, "either 'users', 'groups' or 'tokens' is required."))
    path = rights.normalised(call.params["path"])
    if path is None:
        raise parameter_error({"path": f"invalid ACL path '{call.params['path']}'"})
    holders = [*lists["users"], *(f"@{name}" for name in lists["groups"]), *lists["tokens"]]
    propagate = bool(call.params.get("propagate", 1))
    with userdb.changing("ACL update") as config:
        for role in split_list(call.params["roles"]):
            _check_role(config, call.user, path, role, propagate)
            for who in holders:
                _check_holder(config, who)
                kept = [one for one in config.acl.get(path, []) if (one.who, one.role) != (who, role)]
                given = [] if call.params.get("delete") else [users.AclEntry(who, role, propagate)]
                config.acl[path] = kept + given
        config.acl = {place: entries for place, entries in config.acl.items() if entries}


def _check_role(config: users.UserConfig, caller: str, path: str, role: str, propagate: bool) -> None:
    """Who may not change permissions gives no more than he has."""
    if role not in config.roles and role not in privileges.built_in():
        raise ApiError(500, f"role '{role}' does not exist")
    held = rights.privileges(config, caller, path)
    if caller == users.ROOT or "Permissions.Modify" in held:
        return
    wanted = config.privileges_of(role)
    if not wanted <= set(held):
        raise _too_much(role, "", "superset of privileges")
    if propagate and not all(held[name] for name in wanted):
        raise _too_much(role, " with propagation", "propagated superset of privileges")


def _too_much(role: str, how: str, needed: str) -> ApiError:
    return parameter_error({"role": f"Cannot add role '{role}'{how} - requires 'Permissions.Modify' or {needed}.\n"})


def _check_holder(config: users.UserConfig, who: str) -> None:
    if config.exists(who):
        return
    if "!" in who:
        user, _, token = who.partition("!")
        userdb.existing_user(config, user)
        raise ApiError(500, f"no such token '{token}' for user '{user}'")
    kind = "group" if who.startswith("@") else "user"
    raise ApiError(500, f"{kind} '{who.lstrip('@')}' does not exist")
