"""/nodes/{node}/qemu: the machines of a node."""

from __future__ import annotations

from typing import Any, Callable

from pve_standin.api import registry
from pve_standin.api.registry import Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import cfs
from pve_standin.core.errors import ApiError, parameter_error
from pve_standin.guest import config, copies, disk, machine, migration, permits, pool_members, run_state
from pve_standin.ha import status as ha_status

BASE = "/nodes/{node}/qemu"
ONE = BASE + "/{vmid}"


def _local(call: Call) -> list[int]:
    return sorted(
        vmid for vmid, entry in config.guests().items() if entry["node"] == call.node and entry["type"] == "qemu"
    )


@method("GET", BASE, protected=True)
def index(call: Call) -> list[dict[str, Any]]:
    return [machine.summary(vmid, config.read(vmid)) for vmid in _local(call)]


@method("POST", BASE, protected=True)
def create(call: Call) -> str:
    cfs.check_quorum(2)
    vmid = call.params["vmid"]
    permits.create(call, "qemu")
    machine.check_free(vmid)
    disk.check_imports(call.params)
    if call.params.get("pool"):
        pool_members.check(call.params["pool"])

    def work() -> None:
        permits.tags(call)
        machine.create(vmid, call.params)

    return call.fork_worker("qmcreate", str(vmid), work)


@method("GET", ONE)
def children(call: Call) -> list[dict[str, str]]:
    config.read(call.params["vmid"])
    return [{"subdir": name} for name in ("config", "migrate", "status", "template")]


def _change(call: Call) -> Callable[[], None]:
    params = dict(call.params)
    disk.check_imports(params)
    delete = split_list(params.pop("delete", ""))
    permits.update(call, "qemu", delete)
    return lambda: machine.update(call.params["vmid"], params, delete)


@method("PUT", ONE + "/config", protected=True)
def update(call: Call) -> None:
    cfs.check_quorum(2)
    _change(call)()


@method("POST", ONE + "/config", protected=True)
def update_async(call: Call) -> str:
    cfs.check_quorum(2)
    return call.fork_worker("qmconfig", str(call.params["vmid"]), _change(call))


@method("DELETE", ONE, protected=True)
def destroy(call: Call) -> str:
    vmid = call.params["vmid"]
    if config.read(vmid).get("protection"):
        raise ApiError(500, f"can't remove VM {vmid} - protection mode enabled")
    if run_state.is_running(vmid):
        raise ApiError(500, f"VM {vmid} is running - destroy failed")
    return call.fork_worker("qmdestroy", str(vmid), lambda: machine.destroy(vmid))


@method("POST", ONE + "/template", protected=True)
def template(call: Call) -> str:
    vmid = call.params["vmid"]
    config.read(vmid)
    return call.fork_worker("qmtemplate", str(vmid), lambda: copies.to_template("qemu", vmid))


@method("GET", ONE + "/status")
def status_children(call: Call) -> list[dict[str, str]]:
    return [{"subdir": name} for name in ("current", "reboot", "reset", "shutdown", "start", "stop")]


@method("GET", ONE + "/status/current", protected=True)
def status(call: Call) -> dict[str, Any]:
    vmid = call.params["vmid"]
    view = machine.summary(vmid, config.read(vmid))
    return {**view, "qmpstatus": view["status"], "ha": {"managed": 0}}


def _switch(call: Call, task: str, change: Callable[[int], None]) -> str:
    cfs.check_quorum(2)
    vmid = call.params["vmid"]
    config.read(vmid)
    return call.fork_worker(task, str(vmid), lambda: change(vmid))


@method("POST", ONE + "/status/start", protected=True)
def start(call: Call) -> str:
    if run_state.is_running(call.params["vmid"]):
        raise ApiError(500, f"VM {call.params['vmid']} already running")
    return _switch(call, "qmstart", machine.start)


@method("POST", ONE + "/status/stop", protected=True)
def stop(call: Call) -> str:
    return _switch(call, "qmstop", machine.stop)


@method("POST", ONE + "/status/shutdown", protected=True)
def shutdown(call: Call) -> str:
    return _switch(call, "qmshutdown", lambda vmid: machine.shutdown(vmid, call.params.get("timeout")))


@method("POST", ONE + "/status/reboot", protected=True)
def reboot(call: Call) -> str:
    if not run_state.is_running(call.params["vmid"]):
        raise ApiError(500, f"VM {call.params['vmid']} not running")
    return _switch(call, "qmreboot", lambda vmid: machine.reboot(vmid, call.params.get("timeout")))


@method("GET", ONE + "/migrate", protected=True)
def migration_preconditions(call: Call) -> dict[str, Any]:
    vmid = call.params["vmid"]
    local = migration.local_disks(config.read(vmid))
    return {
        "running": 1 if run_state.is_running(vmid) else 0,
        "local_disks": [{"volid": volume, "cdrom": int(of_cd)} for volume, of_cd in local.items()],
        "local_resources": [],
        "mapped-resources": [],
        "mapped-resource-info": {},
        "allowed_nodes": [name for name in cfs.node_list() if name != call.node],
    }


@method("POST", ONE + "/migrate", protected=True)
def migrate(call: Call) -> str:
    """A guest of the HA manager is moved by that, which is only told to."""
    cfs.check_quorum(2)
    vmid, target = call.params["vmid"], call.params["target"]
    if ha_status.managed().get(f"vm:{vmid}", "ignored") != "ignored":
        return call.fork_worker("hamigrate", str(vmid), lambda: ha_status.queue(f"migrate vm:{vmid} {target}"))
    return move(call)


def move(call: Call) -> str:
    vmid, target = call.params["vmid"], call.params["target"]
    migration.check(vmid, target, bool(call.params.get("online")))

    def work() -> None:
        if migration.migrate(vmid, target, bool(call.params.get("with-local-disks"))):
            registry.call("POST", f"/nodes/{target}/qemu/{vmid}/status/start", {}, user=call.user)

    return call.fork_worker("qmigrate", str(vmid), work)


@method("GET", "/cluster/nextid")
def next_id(call: Call) -> int:
    taken = config.guests()
    wanted = call.params.get("vmid")
    if wanted is not None:
        if wanted in taken:
            raise parameter_error({"vmid": f"VM {wanted} already exists"})
        return int(wanted)
    return next(vmid for vmid in range(100, 1000000) if vmid not in taken)
