"""qm: virtual machines."""

from __future__ import annotations

from typing import Any

from pve_standin.api import registry
from pve_standin.cli.main import Command, Params, cli
from pve_standin.core.cfs import nodename
from pve_standin.guest import config, run_state

ONE = "/nodes/{node}/qemu/{vmid}"


def render_list(rows: list[dict[str, Any]], _params: Params) -> None:
    layout = "{:>10} {:<20} {:<10} {:<10} {:>12} {:<10}"
    print(layout.format("VMID", "NAME", "STATUS", "MEM(MB)", "BOOTDISK(GB)", "PID"))
    for row in sorted(rows, key=lambda row: int(row["vmid"])):
        size = f"{row['maxdisk'] / (1 << 30):.2f}"
        print(layout.format(row["vmid"], row["name"], row["status"], row["maxmem"] >> 20, size, row.get("pid", 0)))


def render_config(result: dict[str, Any], _params: Params) -> None:
    for key in sorted(set(result) - {"digest"}):
        print(f"{key}: {result[key]}")


def status(params: Params) -> None:
    config.read(params["vmid"])
    print(f"status: {'running' if run_state.is_running(params['vmid']) else 'stopped'}")


def update(params: Params) -> None:
    given = {key: value for key, value in params.items() if key != "vmid"}
    shown = " ".join(f"-{key} {value}" for key, value in sorted(given.items()))
    print(f"update VM {params['vmid']}: {shown}", flush=True)
    registry.call("PUT", f"/nodes/{nodename()}/qemu/{params['vmid']}/config", given)


def show_pending(params: Params) -> None:
    for row in registry.call("GET", f"/nodes/{nodename()}/qemu/{params['vmid']}/pending", {}):
        if row["key"] == "digest":
            continue
        if "value" in row:
            print(f"{'del' if row.get('delete') else 'cur'} {row['key']}: {row['value']}")
        if "pending" in row:
            print(f"new {row['key']}: {row['pending']}")


COMMANDS = {
    "config": Command("GET", ONE + "/config", render=render_config),
    "create": Command("POST", "/nodes/{node}/qemu", exit_with_task=True),
    "destroy": Command("DELETE", ONE, exit_with_task=True),
    "list": Command("GET", "/nodes/{node}/qemu", render=render_list),
    "migrate": Command("POST", ONE + "/migrate", exit_with_task=True),
    "pending": Command(run=show_pending),
    "reboot": Command("POST", ONE + "/status/reboot", exit_with_task=True),
    "set": Command(run=update),
    "shutdown": Command("POST", ONE + "/status/shutdown", exit_with_task=True),
    "start": Command("POST", ONE + "/status/start", exit_with_task=True),
    "status": Command(run=status),
    "stop": Command("POST", ONE + "/status/stop", exit_with_task=True),
    "template": Command("POST", ONE + "/template", exit_with_task=True),
}


def main() -> None:
    cli("qm", COMMANDS)
