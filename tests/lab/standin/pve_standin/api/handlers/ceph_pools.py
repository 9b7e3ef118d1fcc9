"""/nodes/{node}/ceph/{pool,fs,rules}: pools, file systems and CRUSH rules."""

from __future__ import annotations

import re
from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.api.schema import parse_property_string
from pve_standin.ceph import filesystem, pool, pool_views, rados, tools
from pve_standin.core import cfs
from pve_standin.core.errors import ApiError

POOL = "/nodes/{node}/ceph/pool"
OLD_POOL = "/nodes/{node}/ceph/pools"
"""The same on Proxmox VE 7."""
FS = "/nodes/{node}/ceph/fs"

_ERASURE_KEYS: dict[str, dict[str, Any]] = {
    "k": {"type": "integer", "minimum": 2},
    "m": {"type": "integer", "minimum": 1},
    "failure-domain": {"type": "string", "optional": True},
    "device-class": {"type": "string", "optional": True},
    "profile": {"type": "string", "optional": True},
}


@method("GET", OLD_POOL, protected=True)
@method("GET", POOL, protected=True)
def list_pools(call: Call) -> list[dict[str, Any]]:
    tools.check_inited()
    usage = {entry["name"]: entry["stats"] for entry in rados.mon("df", detail="detail")["pools"]}
    rules = {entry["rule_id"]: entry["rule_name"] for entry in rados.mon("osd crush rule dump")}
    return pool_views.listing(pool.details(), usage, rules, _autoscale())


def _autoscale() -> dict[str, dict[str, Any]]:
    """What the autoscaler thinks of every pool; nothing while no manager runs it."""
    try:
        return {entry["pool_name"]: entry for entry in rados.mgr("osd pool autoscale-status")}
    except ApiError:
        return {}


@method("POST", OLD_POOL, protected=True)
@method("POST", POOL, protected=True)
def create_pool(call: Call) -> str:
    cfs.check_quorum(2)
    tools.check_configured()
    name = call.params["name"]
    erasure = _erasure(call)
    settings = pool.wanted_settings(call.params)
    if erasure is not None:
        for key in ("size", "min_size", "crush_rule"):
            settings.pop(key, None)
    with_storage = bool(call.params.get("add_storages", erasure is not None))
    if with_storage:
        _check_storage_name(name)

    def work() -> None:
        if erasure is not None:
            pool.create(f"{name}-data", settings, erasure)
            pool.create(f"{name}-metadata", pool.wanted_settings(call.params))
        else:
            pool.create(name, settings)
        if with_storage and erasure is not None:
            pool.add_storage(name, f"{name}-metadata", f"{name}-data")
        elif with_storage:
            pool.add_storage(name, name)

    return call.fork_worker("cephcreatepool", name, work)


def _erasure(call: Call) -> Any:
    text = call.params.get("erasure-coding")
    return (
        None if text is None else {key: str(value) for key, value in parse_property_string(_ERASURE_KEYS, text).items()}
    )


def _check_storage_name(name: str) -> None:
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]", name):
        raise ApiError(500, "pool name contains characters which are illegal for storage naming")


@method("GET", POOL + "/{name}")
def pool_children(call: Call) -> list[dict[str, str]]:
    return [{"name": "status"}]


@method("GET", OLD_POOL + "/{name}", protected=True)
@method("GET", POOL + "/{name}/status", protected=True)
def pool_status(call: Call) -> dict[str, Any]:
    tools.check_inited()
    name = call.params["name"]
    values = pool.values(name)
    view = pool_views.status(name, values["pool_id"], values)
    if call.params.get("verbose"):
        stats = {entry["name"]: entry["stats"] for entry in rados.mon("df", detail="detail")["pools"]}
        view["statistics"] = stats.get(name, {})
        view["autoscale_status"] = _autoscale().get(name, {})
        view["application_list"] = ["rbd", "rgw", "cephfs"]
    return view


@method("PUT", OLD_POOL + "/{name}", protected=True)
@method("PUT", POOL + "/{name}", protected=True)
def set_pool(call: Call) -> str:
    tools.check_configured()
    name = call.params["name"]
    settings = pool.wanted_settings(call.params, {})
    return call.fork_worker("cephsetpool", name, lambda: pool.apply(name, settings, call.log))


@method("DELETE", OLD_POOL + "/{name}", protected=True)
@method("DELETE", POOL + "/{name}", protected=True)
def destroy_pool(call: Call) -> str:
    tools.check_inited()
    name = call.params["name"]
    options = {
        "force": bool(call.params.get("force")),
        "remove_storages": bool(call.params.get("remove_storages")),
        "remove_profile": bool(call.params.get("remove_ecprofile", 1)),
    }
    return call.fork_worker("cephdestroypool", name, lambda: pool.destroy(name, **options))


@method("GET", "/nodes/{node}/ceph/rules", protected=True)
def rules(call: Call) -> list[dict[str, str]]:
    tools.check_inited()
    return [{"name": name} for name in rados.mon("osd crush rule ls")]


@method("GET", FS, protected=True)
def list_filesystems(call: Call) -> list[dict[str, Any]]:
    tools.check_inited()
    return filesystem.listing()


@method("POST", FS + "/{name}", protected=True)
def create_filesystem(call: Call) -> str:
    tools.check_configured()
    name = call.params.get("name", "cephfs")
    pg_num = call.params.get("pg_num", 128)
    filesystem.check_new(name)
    with_storage = bool(call.params.get("add-storage"))
    return call.fork_worker("cephfscreate", name, lambda: filesystem.create(name, pg_num, with_storage))


@method("DELETE", FS + "/{name}", protected=True)
def destroy_filesystem(call: Call) -> str:
    tools.check_configured()
    name = call.params["name"]
    filesystem.check_destroy(name)
    storages = bool(call.params.get("remove-storages"))
    pools = bool(call.params.get("remove-pools"))
    return call.fork_worker(
        "cephfsdestroy", name, lambda: filesystem.destroy(name, remove_storages=storages, remove_pools=pools)
    )
