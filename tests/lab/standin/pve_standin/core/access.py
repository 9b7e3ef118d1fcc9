"""Who may call what: root@pam everything, tokens and other users by the rules that a method declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pve_standin.core import paths, rights
from pve_standin.core.cfs import cfs_read
from pve_standin.core.errors import ApiError
from pve_standin.core.users import ROOT, UserConfig, parse

DENIED = "Permission check failed"


def config() -> UserConfig:
    return parse(cfs_read(paths.USER_CFG) or "")


def denied(detail: str = "") -> ApiError:
    return ApiError(403, f"{DENIED} ({detail})" if detail else DENIED)


def check(definition: Mapping[str, Any], user: str, params: Mapping[str, Any]) -> None:
    """Refuse the call unless the method's declared permissions allow it."""
    if user == ROOT:
        return
    permissions = definition.get("permissions", {})
    if "!" in user and definition.get("allowtoken") is False:
        path = definition.get("path", "")
        raise ApiError(403, f"{DENIED} (URI '{path}' not available with API token, need proper ticket.\n)")
    if permissions.get("root_only") or not permissions:
        raise denied("user != root@pam")
    if permissions.get("user") in ("all", "world"):
        return
    _check_rule(permissions.get("check", []), user, params)


def _check_rule(rule: list[Any], user: str, params: Mapping[str, Any]) -> None:
    kind = rule[0] if rule else ""
    if kind not in _RULES:
        raise denied()
    _RULES[kind](rule, user, params)


def _all(rule: list[Any], user: str, params: Mapping[str, Any]) -> None:
    for part in rule[1:]:
        _check_rule(part, user, params)


def _any(rule: list[Any], user: str, params: Mapping[str, Any]) -> None:
    refusal = denied()
    for part in rule[1:]:
        try:
            _check_rule(part, user, params)
            return
        except ApiError as error:
            refusal = error
    raise refusal


def _perm(rule: list[Any], user: str, params: Mapping[str, Any]) -> None:
    path = re.sub(r"\{([^}]+)\}", lambda hit: str(params.get(hit.group(1), "")), str(rule[1]))
    require(user, path, rule[2], any_of="any" in rule[3:])


def _perm_modify(rule: list[Any], user: str, params: Mapping[str, Any]) -> None:
    require(user, *needed_to_modify(rights.normalised(str(params["path"])) or "/"), any_of=True)


def needed_to_modify(path: str) -> tuple[str, list[str]]:
    """One of these privileges on the path lets its access control list be changed."""
    for prefix, privilege in (
        ("/storage/", "Datastore.Allocate"),
        ("/vms/", "VM.Allocate"),
        ("/pool/", "Pool.Allocate"),
    ):
        if path.startswith(prefix):
            return path, ["Permissions.Modify", privilege]
    return path, ["Permissions.Modify"]


def _userid_param(rule: list[Any], user: str, params: Mapping[str, Any]) -> None:
    userid = str(params["userid"])
    if rule[1] == "self":
        if userid != user:
            raise denied()
        return
    require(user, f"/access/realm/{userid.rpartition('@')[2]}", [rule[1]])


def _userid_group(rule: list[Any], user: str, params: Mapping[str, Any]) -> None:
    """On all users, or on the groups of this one."""
    wanted, options = list(rule[1]), list(rule[2:])
    known = config()
    existing = "create" not in options
    if existing and params["userid"] not in known.users:
        raise ApiError(500, f"no such user ('{params['userid']}')")
    if holds(user, "/access/groups", wanted, any_of=True):
        return
    own = [name for name in known.groups if holds(user, f"/access/groups/{name}", wanted, any_of=True)]
    if "groups_param" in options:
        named = [word for word in re.split(r"[,;\s]+", str(params.get("groups", ""))) if word]
        for place in [f"/access/groups/{name}" for name in named if name not in own] or (
            [] if named else ["/access/groups"]
        ):
            raise denied(f"{place}, {'|'.join(wanted)}")
    if existing and not any(params["userid"] in known.groups[name].members for name in own):
        raise denied()


_RULES: dict[str, Callable[[list[Any], str, Mapping[str, Any]], None]] = {
    "and": _all,
    "or": _any,
    "perm": _perm,
    "perm-modify": _perm_modify,
    "userid-param": _userid_param,
    "userid-group": _userid_group,
}


def holds(user: str, path: str, wanted: Sequence[str], any_of: bool = False) -> bool:
    held = privileges(user, path)
    return (any if any_of else all)(name in held for name in wanted)


def require(user: str, path: str, wanted: Sequence[str], any_of: bool = False) -> None:
    if not holds(user, path, wanted, any_of):
        missing = [name for name in wanted if name not in privileges(user, path)]
        raise denied(f"{path}, {'|'.join(wanted if any_of else missing[:1])}")


def privileges(user: str, path: str) -> dict[str, bool]:
    """Privilege -> whether it holds below the path, too."""
    return rights.privileges(config(), user, path)
