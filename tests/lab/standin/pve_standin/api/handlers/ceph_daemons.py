"""/nodes/{node}/ceph/{mon,mgr,mds}: creating, destroying and listing daemons."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.ceph import conf, manager, metadata, metadata_server, monitor, rados, tools
from pve_standin.core.errors import ApiError

BASE = "/nodes/{node}/ceph"


@method("GET", BASE + "/mon", protected=True)
def list_monitors(call: Call) -> list[dict[str, Any]]:
    tools.check_inited()
    return metadata.monitors()


@method("POST", BASE + "/mon/{monid}", protected=True)
def create_monitor(call: Call) -> str:
    tools.check_inited("ceph-mon")
    tools.link_configuration()
    monid = call.params.get("monid", call.node)
    current = conf.read()
    addresses = monitor.choose_addresses(current, call.params.get("mon-address"))
    monitor.check_new(current, monid, addresses)
    _check_reachable(expected=bool(current.mon_hosts))
    return call.fork_worker("cephcreatemon", monid, lambda: monitor.create(monid, addresses))


def _check_reachable(expected: bool) -> None:
    """Upstream tries also before the first monitor; Ceph's library says that it found none, and that is all."""
    try:
        rados.mon("mon stat")
    except ApiError as error:
        if not expected:
            return
        raise ApiError(500, "Could not connect to ceph cluster despite configured monitors") from error


@method("DELETE", BASE + "/mon/{monid}", protected=True)
def destroy_monitor(call: Call) -> str:
    tools.check_inited()
    monid = call.params["monid"]
    monitor.check_destroy(conf.read(), monid)
    return call.fork_worker("cephdestroymon", monid, lambda: monitor.destroy(monid))


@method("GET", BASE + "/mgr", protected=True)
def list_managers(call: Call) -> list[dict[str, Any]]:
    tools.check_inited()
    return metadata.managers()


@method("POST", BASE + "/mgr/{id}", protected=True)
def create_manager(call: Call) -> str:
    tools.check_inited("ceph-mgr")
    tools.link_configuration()
    mgrid = call.params.get("id", call.node)
    return call.fork_worker("cephcreatemgr", f"mgr.{mgrid}", lambda: manager.create(mgrid))


@method("DELETE", BASE + "/mgr/{id}", protected=True)
def destroy_manager(call: Call) -> str:
    tools.check_inited()
    mgrid = call.params["id"]
    return call.fork_worker("cephdestroymgr", f"mgr.{mgrid}", lambda: manager.destroy(mgrid))


@method("GET", BASE + "/mds", protected=True)
def list_metadata_servers(call: Call) -> list[dict[str, Any]]:
    tools.check_inited()
    return metadata.metadata_servers()


@method("POST", BASE + "/mds/{name}", protected=True)
def create_metadata_server(call: Call) -> str:
    tools.check_inited("ceph-mds")
    tools.link_configuration()
    name = call.params.get("name", call.node)
    metadata_server.check_new(name)
    return call.fork_worker("cephcreatemds", f"mds.{name}", lambda: metadata_server.create(name))


@method("DELETE", BASE + "/mds/{name}", protected=True)
def destroy_metadata_server(call: Call) -> str:
    tools.check_inited()
    name = call.params["name"]
    return call.fork_worker("cephdestroymds", f"mds.{name}", lambda: metadata_server.destroy(name))
