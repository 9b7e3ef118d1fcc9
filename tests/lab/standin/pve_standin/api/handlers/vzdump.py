"""/nodes/{node}/vzdump: backups of one guest at a time."""

from __future__ import annotations

from pve_standin.api.registry import Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import access
from pve_standin.core.errors import ApiError, parameter_error
from pve_standin.guest import backup, config
from pve_standin.storage import config as storages


@method("POST", "/nodes/{node}/vzdump", protected=True)
def vzdump(call: Call) -> str:
    """A guest of another node is passed over, and that is called OK."""
    vmids = split_list(call.params.get("vmid", ""))
    if len(vmids) != 1:
        raise parameter_error({"vmid": "the lab backs up one guest at a time"})
    storages.read().get(call.params["storage"])
    if "prune-backups" in call.params:
        access.require(call.user, f"/storage/{call.params['storage']}", ["Datastore.Allocate"])
    access.require(call.user, f"/storage/{call.params['storage']}", ["Datastore.AllocateSpace"])
    vmid = int(vmids[0])
    known = config.guests().get(vmid)
    if known is not None and known["node"] != call.node:
        return "OK"
    params = {"mode": "snapshot", **{key: value for key, value in call.params.items() if key != "vmid"}}

    def work() -> None:
        if not access.holds(call.user, f"/vms/{vmid}", ["VM.Backup"]):
            raise ApiError(500, f"403 Permission check failed (/vms/{vmid}, VM.Backup)")
        backup.make(vmid, params)

    return call.fork_worker("vzdump", str(vmid), work)
