"""/nodes/{node}/vzdump: backups of one guest at a time."""

from __future__ import annotations

from pve_standin.api.registry import Call, method
from pve_standin.api.schema import split_list
from pve_standin.core.errors import parameter_error
from pve_standin.guest import backup, config
from pve_standin.storage import config as storages


@method("POST", "/nodes/{node}/vzdump", protected=True)
def vzdump(call: Call) -> str:
    """A guest of another node is passed over, and that is called OK."""
    vmids = split_list(call.params.get("vmid", ""))
    if len(vmids) != 1:
        raise parameter_error({"vmid": "the lab backs up one guest at a time"})
    storages.read().get(call.params["storage"])
    vmid = int(vmids[0])
    known = config.guests().get(vmid)
    if known is not None and known["node"] != call.node:
        return "OK"
    params = {"mode": "snapshot", **{key: value for key, value in call.params.items() if key != "vmid"}}
    return call.fork_worker("vzdump", str(vmid), lambda: backup.make(vmid, params))
