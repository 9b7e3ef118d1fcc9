"""Guests in /cluster/resources."""

from __future__ import annotations

from typing import Any

from pve_standin.core import cfs, userdb
from pve_standin.guest import config, container, machine, run_state
from pve_standin.ha import status

PUBLISHED_KEY = "guests"


def measure() -> dict[str, dict[str, int]]:
    """What pvestatd publishes: the machines that run here and for how long."""
    mine = [vmid for vmid, entry in config.guests().items() if entry["node"] == cfs.nodename()]
    return {str(vmid): {"uptime": run_state.uptime(vmid)} for vmid in mine if run_state.is_running(vmid)}


def rows(published: dict[str, dict[str, dict[str, int]]]) -> list[dict[str, Any]]:
    """The 'vm' rows of the whole cluster."""
    known = userdb.read()
    managed = status.managed()
    found = []
    for vmid, entry in sorted(config.guests().items()):
        running = published.get(entry["node"], {}).get(str(vmid))
        if entry["node"] == cfs.nodename():  # its own it need not be told of
            running = {"uptime": run_state.uptime(vmid)} if run_state.is_running(vmid) else None
        row = _row(vmid, entry["node"], entry["type"], running)
        pool = known.pool_of(vmid)
        sid = f"{'vm' if entry['type'] == 'qemu' else 'ct'}:{vmid}"
        found.append({**row, **({"pool": pool} if pool else {}), **_ha(managed.get(sid))})
    return found


def _ha(state: str | None) -> dict[str, str]:
    return {} if state is None else {"hastate": state}


def _row(vmid: int, node: str, kind: str, running: Any) -> dict[str, Any]:
    summary = machine.summary if kind == "qemu" else container.summary
    view = summary(vmid, config.read(vmid, node, kind))
    row: dict[str, Any] = {key: view[key] for key in ("tags", "lock") if key in view}
    row |= {key: view[key] for key in ("cpu", "disk", "diskread", "diskwrite", "maxdisk", "maxmem", "mem", "name")}
    row.update({"netin": 0, "netout": 0, "memhost": 0, "template": view.get("template", 0)})
    row.update({"id": f"{kind}/{vmid}", "vmid": vmid, "node": node, "type": kind, "maxcpu": view["cpus"]})
    row["status"] = "running" if running else "stopped"
    row["uptime"] = running["uptime"] if running else 0
    return row
