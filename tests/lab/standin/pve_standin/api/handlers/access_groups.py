"""/access/groups and /access/roles."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import ApiError, Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import access, privileges, release, userdb, users
from pve_standin.core.errors import parameter_error


@method("GET", "/access/groups")
def list_groups(call: Call) -> list[dict[str, Any]]:
    wanted = ["User.Modify", "Sys.Audit", "Group.Allocate"]
    return [
        {"groupid": name, **_comment(group), "users": ",".join(sorted(group.members))}
        for name, group in sorted(userdb.read().groups.items())
        if access.holds(call.user, f"/access/groups/{name}", wanted, any_of=True)
    ]


def _comment(group: users.Group) -> dict[str, str]:
    return {} if group.comment is None else {"comment": group.comment}


def _existing(config: users.UserConfig, name: str) -> users.Group:
    if name not in config.groups:
        raise ApiError(500, f"group '{name}' does not exist")
    return config.groups[name]


@method("GET", "/access/groups/{groupid}")
def read_group(call: Call) -> dict[str, Any]:
    group = _existing(userdb.read(), call.params["groupid"])
    return {**_comment(group), "members": sorted(group.members)}


@method("POST", "/access/groups", protected=True)
def create_group(call: Call) -> None:
    name = call.params["groupid"]
    with userdb.changing("create group") as config:
        if name in config.groups:
            raise ApiError(500, f"group '{name}' already exists")
        config.groups[name] = users.Group([], call.params.get("comment"))


@method("PUT", "/access/groups/{groupid}", protected=True)
def update_group(call: Call) -> None:
    with userdb.changing("update group") as config:
        group = _existing(config, call.params["groupid"])
        group.comment = call.params.get("comment", group.comment)


@method("DELETE", "/access/groups/{groupid}", protected=True)
def delete_group(call: Call) -> None:
    """Its entries in the access control list go with it."""
    name = call.params["groupid"]
    with userdb.changing("delete group") as config:
        _existing(config, name)
        del config.groups[name]
        config.drop_entries(lambda entry: entry.who == f"@{name}")


@method("GET", "/access/roles")
def list_roles(call: Call) -> list[dict[str, Any]]:
    config = userdb.read()
    return [
        {
            "roleid": name,
            "privs": ",".join(sorted(config.privileges_of(name))),
            "special": int(name not in config.roles),
        }
        for name in (*config.roles, *privileges.built_in())
    ]


@method("GET", "/access/roles/{roleid}")
def read_role(call: Call) -> dict[str, int]:
    config, name = userdb.read(), call.params["roleid"]
    if name not in config.roles and name not in privileges.built_in():
        raise ApiError(500, f"role '{name}' does not exist")
    return dict.fromkeys(sorted(config.privileges_of(name)), 1)


@method("POST", "/access/roles", protected=True)
def create_role(call: Call) -> None:
    name = call.params["roleid"]
    if name.lower().startswith("pve") and release.current().pve != "7":
        told = "cannot use role ID starting with the (case-insensitive) 'PVE' namespace"
        raise parameter_error({"roleid": told})
    with userdb.changing("create role") as config:
        if name in config.roles or name in privileges.built_in():
            raise ApiError(500, f"role '{name}' already exists")
        config.roles[name] = set(split_list(call.params.get("privs", "")))


@method("PUT", "/access/roles/{roleid}", protected=True)
def update_role(call: Call) -> None:
    """Without ``append`` the role has these privileges and no others, none if none are named."""
    name = call.params["roleid"]
    _refuse_built_in(name, "modified")
    with userdb.changing("update role") as config:
        _existing_role(config, name)
        given = set(split_list(call.params.get("privs", "")))
        config.roles[name] = given | config.roles[name] if call.params.get("append") else given


@method("DELETE", "/access/roles/{roleid}", protected=True)
def delete_role(call: Call) -> None:
    """Whoever has it loses it."""
    name = call.params["roleid"]
    _refuse_built_in(name, "deleted")
    with userdb.changing("delete role") as config:
        _existing_role(config, name)
        del config.roles[name]
        config.drop_entries(lambda entry: entry.role == name)


def _refuse_built_in(name: str, what: str) -> None:
    if name in privileges.built_in():
        raise ApiError(500, f"auto-generated role '{name}' cannot be {what}")


def _existing_role(config: users.UserConfig, name: str) -> None:
    if name not in config.roles:
        raise ApiError(500, f"role '{name}' does not exist")
