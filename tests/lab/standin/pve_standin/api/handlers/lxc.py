"""/nodes/{node}/lxc: the containers of a node."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import cfs
from pve_standin.core.errors import ApiError
from pve_standin.guest import config, container, permits, run_state

BASE = "/nodes/{node}/lxc"
ONE = BASE + "/{vmid}"


@method("GET", BASE, protected=True)
def index(call: Call) -> list[dict[str, Any]]:
    mine = [vmid for vmid, one in config.guests().items() if one["node"] == call.node and one["type"] == "lxc"]
    return [container.summary(vmid, config.read(vmid, None, "lxc")) for vmid in sorted(mine)]


@method("POST", BASE, protected=True)
def create(call: Call) -> str:
    cfs.check_quorum(2)
    vmid = call.params["vmid"]
    permits.create(call, "lxc")
    container.check(vmid, call.params)

    def work() -> None:
        permits.tags(call)
        container.create(vmid, call.params)

    return call.fork_worker("vzcreate", str(vmid), work)


@method("GET", ONE)
def children(call: Call) -> list[dict[str, str]]:
    config.read(call.params["vmid"], None, "lxc")
    return [{"subdir": name} for name in ("clone", "config", "pending", "resize", "snapshot", "status")]


@method("PUT", ONE + "/config", protected=True)
def update(call: Call) -> None:
    cfs.check_quorum(2)
    params = dict(call.params)
    delete = split_list(params.pop("delete", ""))
    permits.update(call, "lxc", delete)
    container.update(call.params["vmid"], params, delete)


@method("DELETE", ONE, protected=True)
def destroy(call: Call) -> str:
    vmid = call.params["vmid"]
    if config.read(vmid, None, "lxc").get("protection"):
        raise ApiError(500, f"can't remove CT {vmid} - protection mode enabled")
    return call.fork_worker("vzdestroy", str(vmid), lambda: container.destroy(vmid))


@method("GET", ONE + "/status")
def status_children(call: Call) -> list[dict[str, str]]:
    config.read(call.params["vmid"], None, "lxc")
    return [{"subdir": name} for name in ("current", "shutdown", "start", "stop")]


@method("GET", ONE + "/status/current", protected=True)
def status(call: Call) -> dict[str, Any]:
    vmid = call.params["vmid"]
    return {**container.summary(vmid, config.read(vmid, None, "lxc")), "ha": {"managed": 0}}


@method("POST", ONE + "/status/start", protected=True)
def start(call: Call) -> str:
    cfs.check_quorum(2)
    vmid = call.params["vmid"]
    config.read(vmid, None, "lxc")
    if run_state.is_running(vmid):
        raise ApiError(500, f"CT {vmid} already running")
    return call.fork_worker("vzstart", str(vmid), lambda: container.start(vmid))


def _stop(call: Call, task: str) -> str:
    cfs.check_quorum(2)
    vmid = call.params["vmid"]
    config.read(vmid, None, "lxc")
    if not run_state.is_running(vmid):
        raise ApiError(500, f"CT {vmid} not running")
    return call.fork_worker(task, str(vmid), lambda: run_state.stop(vmid))


@method("POST", ONE + "/status/stop", protected=True)
def stop(call: Call) -> str:
    return _stop(call, "vzstop")


@method("POST", ONE + "/status/shutdown", protected=True)
def shutdown(call: Call) -> str:
    return _stop(call, "vzshutdown")
