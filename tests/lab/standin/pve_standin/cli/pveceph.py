"""pveceph: Ceph on Proxmox VE nodes."""

from __future__ import annotations

import sys
from typing import Any

from pve_standin.api import registry
from pve_standin.api.handlers import ceph_pools
from pve_standin.ceph import install as installation
from pve_standin.ceph import tools
from pve_standin.cli.formatter import print_result
from pve_standin.cli.main import Command, Params, cli
from pve_standin.cli.tables import FORMAT_OPTION, Column, human_bytes, table
from pve_standin.core.cfs import nodename
from pve_standin.core.exec import CommandFailed, run_visible
from pve_standin.core.release import current

BASE = "/nodes/{node}/ceph"
STATUS_TIMEOUT = 15

POOL_COLUMNS = [
    Column("pool_name", "Name"),
    Column("size", "Size", right=True),
    Column("min_size", "Min Size", right=True),
    Column("pg_num", "PG Num", right=True),
    Column("pg_num_min", "min. PG Num", right=True),
    Column("pg_num_final", "Optimal PG Num", right=True),
    Column("pg_autoscale_mode", "PG Autoscale Mode"),
    Column("target_size", "PG Autoscale Target Size", right=True),
    Column("target_size_ratio", "PG Autoscale Target Ratio", right=True),
    Column("crush_rule_name", "Crush Rule Name"),
    Column("percent_used", "%-Used", lambda value: f"{value:.15g}", right=True),
    Column("bytes_used", "Used", human_bytes, right=True),
]


def render(result: Any, params: Params) -> None:
    if not params.get("quiet"):
        print_result(result, params.get("output-format", "text"))


def render_pools(pools: list[dict[str, Any]], params: Params) -> None:
    if params.get("output-format", "text") == "text":
        print(table(POOL_COLUMNS, sorted(pools, key=lambda pool: str(pool["pool_name"]))))
    else:
        render(pools, params)


def install_command() -> Command:
    """Proxmox VE 7 knows one repository, and an option for another one with what is new."""
    here = current()
    version = {"type": "string", "optional": True, "enum": list(here.ceph), "default": here.ceph_default}
    if "enterprise" not in here.ceph_components:
        options = {"version": version, "test-repository": {"type": "boolean", "optional": True, "default": False}}
        return Command(run=install, options=options, absent=("repository",))
    repositories = [*here.ceph_components, *(["manual"] if here.ceph_manual else [])]
    return Command(
        run=install,
        options={"version": version, "repository": {"type": "string", "optional": True, "enum": repositories}},
    )


def install(params: Params) -> None:
    repository = params.get("repository", "enterprise")
    if repository not in (*current().ceph_components, "manual"):
        repository = "test" if params.get("test-repository") else "main"
    installation.install(params.get("version", current().ceph_default), repository)


def purge(params: Params) -> None:
    installation.purge(bool(params.get("logs")), bool(params.get("crash")))


def status(_params: Params) -> int | None:
    tools.check_inited()
    try:
        run_visible(["/usr/bin/ceph", "-s"], timeout=STATUS_TIMEOUT)
    except CommandFailed as error:
        print(f"command 'ceph -s' failed: exit code {error.result.returncode}", file=sys.stderr)
        return int(error.result.returncode)
    return 0


def osd_details(params: Params) -> None:
    path = f"/nodes/{nodename()}/ceph/osd/{params['osdid']}/metadata"
    result = registry.call("GET", path, {})
    if not params.get("verbose"):
        result = {**result["osd"], "devices": result["devices"]}
    render(result, params)


def create_filesystem(params: Params) -> None:
    """Its name has a default, so it cannot be part of the command's path."""
    given = dict(params)
    name = given.pop("name", "cephfs")
    registry.call("POST", f"/nodes/{nodename()}/ceph/fs/{name}", given)


def destroy_filesystem(params: Params) -> None:
    """Part of the API only since Proxmox VE 9."""
    ceph_pools.destroy_filesystem(registry.Call(nodename(), "root@pam", params))


COMMANDS = {
    "fs create": Command(run=create_filesystem),
    "fs destroy": Command(run=destroy_filesystem),
    "init": Command("POST", BASE + "/init"),
    "install": Command(run=install),  # with the options of install_command()
    "mds create": Command("POST", BASE + "/mds/{name}", exit_with_task=True),
    "mds destroy": Command("DELETE", BASE + "/mds/{name}", exit_with_task=True),
    "mgr create": Command("POST", BASE + "/mgr/{id}", exit_with_task=True),
    "mgr destroy": Command("DELETE", BASE + "/mgr/{id}", exit_with_task=True),
    "mon create": Command("POST", BASE + "/mon/{monid}", exit_with_task=True),
    "mon destroy": Command("DELETE", BASE + "/mon/{monid}", exit_with_task=True),
    "osd create": Command("POST", BASE + "/osd", exit_with_task=True),
    "osd destroy": Command("DELETE", BASE + "/osd/{osdid}", exit_with_task=True),
    "osd details": Command(run=osd_details, options=FORMAT_OPTION),
    "pool create": Command("POST", BASE + "/pool"),
    "pool destroy": Command("DELETE", BASE + "/pool/{name}"),
    "pool get": Command("GET", BASE + "/pool/{name}/status", render=render, options=FORMAT_OPTION),
    "pool ls": Command("GET", BASE + "/pool", render=render_pools, options=FORMAT_OPTION),
    "pool set": Command("PUT", BASE + "/pool/{name}"),
    "purge": Command(run=purge),
    "start": Command("POST", BASE + "/start", exit_with_task=True),
    "status": Command(run=status),
    "stop": Command("POST", BASE + "/stop", exit_with_task=True),
}


def main() -> None:
    cli("pveceph", {**COMMANDS, "install": install_command()})
