"""/pools: sets of guests and storages that rights are given on. Both paths to one pool, the new and the old."""

from __future__ import annotations

import re
from typing import Any

from pve_standin.api.registry import ApiError, Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import access, userdb, users
from pve_standin.pmxcfs import control


@method("GET", "/pools")
def index(call: Call) -> list[dict[str, Any]]:
    """Of a pool that is named everything is told, whoever asks."""
    config = userdb.read()
    if "poolid" in call.params:
        name = call.params["poolid"]
        return [{"poolid": name, **_whole(_existing(config, name), call.params.get("type"))}]
    return [
        {"poolid": name, **_comment(pool)}
        for name, pool in sorted(config.pools.items())
        if access.holds(call.user, f"/pool/{name}", ["Pool.Audit"])
    ]


@method("GET", "/pools/{poolid}")
def read(call: Call) -> dict[str, Any]:
    return _whole(_existing(userdb.read(), call.params["poolid"]), call.params.get("type"))


def _comment(pool: users.Pool) -> dict[str, str]:
    return {} if pool.comment is None else {"comment": pool.comment}


def _whole(pool: users.Pool, kind: str | None) -> dict[str, Any]:
    """Guests and storages that there are; those that somebody only named are not shown."""
    from pve_standin.guest import resources
    from pve_standin.storage import config as storages

    guests = [row for row in resources.rows(control.published(resources.PUBLISHED_KEY)) if row["vmid"] in pool.vms]
    known = storages.read().storages
    stores: list[dict[str, Any]] = [
        {"id": f"storage/{name}", "storage": name, "type": "storage"} for name in pool.storage if name in known
    ]
    members = [row for row in (*guests, *stores) if kind in (None, row["type"])]
    return {**_comment(pool), "members": members}


def _existing(config: users.UserConfig, name: str) -> users.Pool:
    if name not in config.pools:
        raise ApiError(500, f"pool '{name}' does not exist")
    return config.pools[name]


@method("POST", "/pools", protected=True)
def create(call: Call) -> None:
    name = call.params["poolid"]
    with userdb.changing("create pool") as config:
        if name in config.pools:
            raise ApiError(500, f"pool '{name}' already exists")
        if not re.match(r"[A-Za-z]", name.rpartition("/")[2]):
            raise ApiError(500, "pool name must start with a letter")
        parent = name.rpartition("/")[0]
        if parent and parent not in config.pools:
            raise ApiError(500, f"parent '{parent}' of pool '{name}' does not exist")
        config.pools[name] = users.Pool(call.params.get("comment"))


@method("PUT", "/pools", protected=True)
def update(call: Call) -> None:
    _update(call)


@method("PUT", "/pools/{poolid}", protected=True)
def update_old(call: Call) -> None:
    _update(call)


def _update(call: Call) -> None:
    """All of it or nothing."""
    name, leaving = call.params["poolid"], bool(call.params.get("delete"))
    with userdb.changing("update pools") as config:
        pool = _existing(config, name)
        pool.comment = call.params.get("comment", pool.comment)
        for word in split_list(str(call.params.get("vms", ""))):
            access.require(call.user, f"/vms/{word}", ["Permissions.Modify", "VM.Allocate"], any_of=True)
            _guest(config, name, int(word), leaving, bool(call.params.get("allow-move")))
        for word in split_list(call.params.get("storage", "")):
            access.require(call.user, f"/storage/{word}", ["Permissions.Modify", "Datastore.Allocate"], any_of=True)
            _member(pool.storage, word, f"Storage '{word}'", leaving)


def _guest(config: users.UserConfig, name: str, vmid: int, leaving: bool, may_move: bool) -> None:
    here = config.pool_of(vmid)
    if not leaving and here not in (None, name):
        if not may_move:
            told = f"VM {vmid} belongs already to pool '{here}' and 'allow-move' is not set"
            raise ApiError(500, told)
        config.pools[str(here)].vms.remove(vmid)
    _member(config.pools[name].vms, vmid, f"VM {vmid}", leaving)


def _member(members: list[Any], one: Any, called: str, leaving: bool) -> None:
    if leaving and one not in members:
        raise ApiError(500, f"{called} is not a pool member")
    if not leaving and one in members:
        raise ApiError(500, f"{called} is already a pool member")
    members.remove(one) if leaving else members.append(one)


@method("DELETE", "/pools", protected=True)
def delete(call: Call) -> None:
    _delete(call.params["poolid"])


@method("DELETE", "/pools/{poolid}", protected=True)
def delete_old(call: Call) -> None:
    _delete(call.params["poolid"])


def _delete(name: str) -> None:
    """Entries on it go with it, but only if it is not inside another pool."""
    with userdb.changing("delete pool") as config:
        pool = _existing(config, name)
        inside = [f"pool '{other}'" for other in sorted(config.pools) if other.startswith(f"{name}/")]
        held = [*inside, *(f"VM {vmid}" for vmid in pool.vms), *(f"storage '{one}'" for one in pool.storage)]
        if held:
            raise ApiError(500, f"pool '{name}' is not empty (contains {held[0]})")
        del config.pools[name]
        if "/" not in name:
            config.acl.pop(f"/pool/{name}", None)
