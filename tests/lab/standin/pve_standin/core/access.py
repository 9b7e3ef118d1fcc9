"""Who may call what: root@pam everything, tokens and other users by the access control list in user.cfg."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pve_standin.core import paths
from pve_standin.core.cfs import cfs_read
from pve_standin.core.errors import ApiError

ROOT = "root@pam"
ADMINISTRATOR = "Administrator"

# privileges of the built-in roles that the lab uses; Administrator has every privilege
ROLES: dict[str, set[str]] = {
    "NoAccess": set(),
    "PVEAuditor": {
        "Datastore.Audit",
        "Mapping.Audit",
        "Pool.Audit",
        "SDN.Audit",
        "Sys.Audit",
        "VM.Audit",
        "VM.GuestAgent.Audit",
    },
    "PVEDatastoreAdmin": {
        "Datastore.Allocate",
        "Datastore.AllocateSpace",
        "Datastore.AllocateTemplate",
        "Datastore.Audit",
    },
    "PVEDatastoreUser": {"Datastore.AllocateSpace", "Datastore.Audit"},
}


def check(definition: Mapping[str, Any], user: str, params: Mapping[str, Any]) -> None:
    """Refuse the call unless the method's declared permissions allow it."""
    if user == ROOT:
        return
    permissions = definition.get("permissions", {})
    if "!" in user and definition.get("allowtoken") is False:
        raise ApiError(403, "URI not available with API token, need proper ticket.")
    if permissions.get("root_only") or not permissions:
        raise ApiError(403, "Permission check failed (user != root@pam)")
    if permissions.get("user") in ("all", "world"):
        return
    _check_rule(permissions.get("check", []), user, params)


def _check_rule(rule: list[Any], user: str, params: Mapping[str, Any]) -> None:
    kind = rule[0] if rule else ""
    if kind == "and":
        for part in rule[1:]:
            _check_rule(part, user, params)
    elif kind == "or":
        _check_any(rule[1:], user, params)
    elif kind == "perm":
        path = re.sub(r"\{([^}]+)\}", lambda hit: str(params.get(hit.group(1), "")), str(rule[1]))
        needed = list(rule[2])
        held = privileges(user, path)
        any_of = "any" in rule[3:]
        missing = [name for name in needed if not _holds(held, name)]
        if (any_of and len(missing) == len(needed)) or (not any_of and missing):
            raise ApiError(403, f"Permission check failed ({path}, {'|'.join(needed if any_of else missing[:1])})")
    else:
        raise ApiError(403, "Permission check failed")


def _check_any(rules: list[Any], user: str, params: Mapping[str, Any]) -> None:
    refusal = ApiError(403, "Permission check failed")
    for rule in rules:
        try:
            _check_rule(rule, user, params)
            return
        except ApiError as error:
            refusal = error
    raise refusal


def _holds(held: set[str], name: str) -> bool:
    return "*" in held or name in held


def privileges(user: str, path: str) -> set[str]:
    """Privileges on a path; a token without privilege separation has those of its user."""
    from pve_standin.core import users

    config = users.parse(cfs_read(paths.USER_CFG) or "")
    token = config.tokens.get(user)
    if "!" in user and token is not None and not token.privsep:
        user = user.partition("!")[0]
    if user == ROOT:
        return {"*"}
    return _from_acl(config.acl, user, path)


def _from_acl(acl: Mapping[str, Any], user: str, path: str) -> set[str]:
    """The entry closest to the path decides."""
    parts = [part for part in path.split("/") if part]
    found: set[str] = set()
    for depth in range(len(parts) + 1):
        entries = acl.get("/" + "/".join(parts[:depth]), [])
        roles = [entry.role for entry in entries if entry.who == user and (entry.propagate or depth == len(parts))]
        if roles:
            found = set().union(*({"*"} if role == ADMINISTRATOR else ROLES.get(role, set()) for role in roles))
    return found
