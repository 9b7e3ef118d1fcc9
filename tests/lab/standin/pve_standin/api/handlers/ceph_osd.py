"""/nodes/{node}/ceph/osd: object storage daemons."""

from __future__ import annotations

from pathlib import Path
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
    name = chosen["dev"].rpartition("/")[2]
    return call.fork_worker("cephcreateosd", name, lambda: osd.create(chosen, call.params))


@method("GET", BASE + "/{osdid}")
def children(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in ("metadata", "lv-info")]


@method("GET", BASE + "/{osdid}/metadata", protected=True)
def metadata(call: Call) -> dict[str, Any]:
    tools.check_inited()
    osdid = call.params["osdid"]
    osd.check_local(osdid)
    known = rados.mon("osd metadata", id=osdid)
    unit = services.unit("osd", str(osdid))
    shown = run(["/bin/systemctl", "show", "--property=MainPID", "--value", unit]).stdout.strip()
    pid = int(shown or 0)
    return osd_views.details(osdid, known, pid, _resident_bytes(pid))


def _resident_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text(encoding="ascii").splitlines() if pid and status.exists() else []
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS:")), 0)


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
