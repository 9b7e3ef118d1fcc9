"""/nodes/{node}/ceph/osd: object storage daemons."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.ceph import osd, osd_views, rados, services, tools
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run

BASE = "/nodes/{node}/ceph/osd"


@method("GET", BASE, protected=True)
def tree(call: Call) -> dict[str, Any]:
    tools.check_inited()
    dump = rados.mon("osd dump")
    usage = rados.mgr("pg dump", dumpcontents=["osds"])["osd_stats"]
    performance = rados.mgr("osd perf")["osdstats"]["osd_perf_infos"]
    root = osd_views.tree(
        rados.mon("osd tree")["nodes"],
        {entry["osd"]: entry for entry in dump["osds"]},
        {entry["osd"]: entry for entry in usage},
        {entry["id"]: entry["perf_stats"] for entry in performance},
        {entry["id"]: entry for entry in rados.mon("osd metadata")},
    )
    return {"flags": dump["flags"], "root": root}


@method("POST", BASE, protected=True)
def create(call: Call) -> str:
    tools.check_inited("ceph-mon")
    tools.link_configuration()
    chosen = osd.check_new(call.params)
    device_class = call.params.get("crush-device-class")
    name = chosen["dev"].rpartition("/")[2]
    return call.fork_worker("cephcreateosd", name, lambda: osd.create(chosen, device_class))


@method("GET", BASE + "/{osdid}")
def children(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in ("metadata", "lv-info")]


@method("GET", BASE + "/{osdid}/metadata", protected=True)
def metadata(call: Call) -> dict[str, Any]:
    tools.check_inited()
    osdid = call.params["osdid"]
    osd.check_local(osdid)
    known = rados.mon("osd metadata", id=osdid)
    properties = ["--property=MainPID", "--property=MemoryCurrent"]
    shown = run(["/bin/systemctl", "show", services.unit("osd", str(osdid)), *properties]).stdout
    values = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    memory = values.get("MemoryCurrent", "")
    return osd_views.details(osdid, known, int(values.get("MainPID", 0)), int(memory) if memory.isdigit() else 0)


@method("GET", BASE + "/{osdid}/lv-info", protected=True)
def logical_volume(call: Call) -> dict[str, Any]:
    """The lab's OSDs lie on bare devices, so there is no logical volume to describe."""
    raise ApiError(
        500, f"OSD '{call.params['osdid']}' has no logical volume of type '{call.params.get('type', 'block')}'"
    )


@method("DELETE", BASE + "/{osdid}", protected=True)
def destroy(call: Call) -> str:
    tools.check_inited()
    osdid = call.params["osdid"]
    osd.check_destroy(osdid)
    cleanup = bool(call.params.get("cleanup"))
    return call.fork_worker("cephdestroyosd", f"osd.{osdid}", lambda: osd.destroy(osdid, cleanup))


@method("POST", BASE + "/{osdid}/in", protected=True)
def mark_in(call: Call) -> None:
    tools.check_inited()
    osd.mark(call.params["osdid"], "in")


@method("POST", BASE + "/{osdid}/out", protected=True)
def mark_out(call: Call) -> None:
    tools.check_inited()
    osd.mark(call.params["osdid"], "out")


@method("POST", BASE + "/{osdid}/scrub", protected=True)
def scrub(call: Call) -> None:
    tools.check_inited()
    osd.scrub(call.params["osdid"], bool(call.params.get("deep")))
