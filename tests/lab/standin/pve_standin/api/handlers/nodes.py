"""/nodes: the node list and what a node says about itself."""

from __future__ import annotations

from typing import Any

from pve_standin.api import registry
from pve_standin.api.registry import Call, method
from pve_standin.cluster import overview
from pve_standin.core import later, nodestats, services, versions
from pve_standin.core.rows import Rows


@method("GET", "/nodes")
def nodes(call: Call) -> list[dict[str, Any]]:
    from pve_standin.cluster import certificates

    rows = []
    for row in overview.nodes():
        row.pop("cgroup-mode", None)
        rows.append({**row, "ssl_fingerprint": certificates.certificate_fingerprint(row["node"])})
    return rows


@method("GET", "/nodes/{node}")
def index(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in registry.children(f"/nodes/{call.node}")]


@method("GET", "/nodes/{node}/version")
def version(call: Call) -> dict[str, str]:
    return versions.version_info()


@method("GET", "/nodes/{node}/status")
def status(call: Call) -> dict[str, Any]:
    import os

    system = os.uname()
    return {
        "uptime": nodestats.uptime(),
        "cpu": nodestats.cpu_usage(),
        "wait": 0,
        "idle": 0,
        "loadavg": nodestats.load_average(),
        "cpuinfo": nodestats.cpu_info(),
        "rootfs": nodestats.root_file_system(),
        **nodestats.memory(),
        "ksm": {"shared": 0},
        "kversion": f"{system.sysname} {system.release} {system.version}",
        "current-kernel": {
            "sysname": system.sysname,
            "release": system.release,
            "version": system.version,
            "machine": system.machine,
        },
        "boot-info": {"mode": "efi" if os.path.isdir("/sys/firmware/efi") else "legacy-bios"},
        "pveversion": versions.version_text(),
    }


@method("POST", "/nodes/{node}/status", protected=True)
def node_command(call: Call) -> None:
    """As upstream's PVE/API2/Nodes.pm: the answer goes out first, the machine follows two seconds later."""
    command = {"shutdown": "poweroff", "reboot": "reboot"}[call.params["command"]]
    later.systemctl(command, seconds=2)


@method("GET", "/nodes/{node}/services")
def service_list(call: Call) -> list[dict[str, str]]:
    return services.states()


@method("GET", "/nodes/{node}/services/{service}/state")
def service_state(call: Call) -> dict[str, str]:
    return services.state(call.params["service"])


@method("POST", "/nodes/{node}/services/{service}/start", protected=True, task="srvstart", task_id="service")
def service_start(call: Call) -> None:
    services.control("start", call.params["service"])


@method("POST", "/nodes/{node}/services/{service}/stop", protected=True, task="srvstop", task_id="service")
def service_stop(call: Call) -> None:
    services.control("stop", call.params["service"])


@method("POST", "/nodes/{node}/services/{service}/restart", protected=True, task="srvrestart", task_id="service")
def service_restart(call: Call) -> None:
    services.control("restart", call.params["service"])


@method("POST", "/nodes/{node}/services/{service}/reload", protected=True, task="srvreload", task_id="service")
def service_reload(call: Call) -> None:
    services.control("reload-or-restart", call.params["service"])


@method("GET", "/nodes/{node}/network")
def network(call: Call) -> list[dict[str, Any]]:
    from pve_standin.core import interfaces
    from pve_standin.sdn import local

    rows = interfaces.network()
    kind = call.params.get("type")
    wanted = ("bridge", "OVSBridge") if kind in ("any_bridge", "any_local_bridge") else (kind,)
    shown = [row for row in rows if kind is None or row["type"] in wanted]
    return Rows(shown, changes=local.staged_changes())


@method("GET", "/nodes/{node}/apt/versions")
def apt_versions(call: Call) -> list[dict[str, Any]]:
    found = versions.installed()
    rows = []
    for name in ("proxmox-ve", "pve-manager", *versions.OPTIONAL, *versions.PACKAGES):
        if name in found:
            row: dict[str, Any] = {"Package": name, "OldVersion": found[name], "CurrentState": "Installed"}
            if name == "pve-manager":
                row["ManagerVersion"] = versions.version_text().partition("/")[2]
            if name == "proxmox-ve":
                row["RunningKernel"] = versions.kernel()
            rows.append(row)
    return rows


@method("GET", "/nodes/{node}/time")
def node_time(call: Call) -> dict[str, Any]:
    import time

    now = int(time.time())
    return {"time": now, "localtime": now + time.localtime(now).tm_gmtoff, "timezone": time.tzname[0]}
