"""Guests in /cluster/resources."""

from __future__ import annotations

from typing import Any

from pve_standin.core import cfs
from pve_standin.guest import config, machine, run_state

PUBLISHED_KEY = "guests"


def measure() -> dict[str, dict[str, int]]:
    """What pvestatd publishes: the machines that run here and for how long."""
    mine = [vmid for vmid, entry in config.guests().items() if entry["node"] == cfs.nodename()]
    return {str(vmid): {"uptime": run_state.uptime(vmid)} for vmid in mine if run_state.is_running(vmid)}


def rows(published: dict[str, dict[str, dict[str, int]]]) -> list[dict[str, Any]]:
    """The 'vm' rows of the whole cluster."""
    found = []
    for vmid, entry in sorted(config.guests().items()):
        if entry["type"] == "qemu":
            running = published.get(entry["node"], {}).get(str(vmid))
            found.append(_row(vmid, entry["node"], running))
    return found


def _row(vmid: int, node: str, running: Any) -> dict[str, Any]:
    view = machine.summary(vmid, config.read(vmid, node))
    row = {key: view[key] for key in ("cpu", "disk", "diskread", "diskwrite", "maxdisk", "maxmem", "mem", "name")}
    row.update({"netin": 0, "netout": 0, "memhost": 0, "template": view.get("template", 0)})
    row.update({"id": f"qemu/{vmid}", "vmid": vmid, "node": node, "type": "qemu", "maxcpu": view["cpus"]})
    row["status"] = "running" if running else "stopped"
    row["uptime"] = running["uptime"] if running else 0
    return row
