"""ha-manager: the configuration of high availability, and commands to its manager."""

from __future__ import annotations

from typing import Any

from pve_standin.api import registry
from pve_standin.cli.main import Command, Params, cli
from pve_standin.core import cfs
from pve_standin.core.errors import ApiError
from pve_standin.ha import status as ha_status


def status(_params: Params) -> None:
    for row in registry.call("GET", "/cluster/ha/status/current", {}):
        print(f"{row['type']} {row['status']}")


def maintenance(verb: str, params: Params) -> None:
    if params["node"] not in cfs.node_list():
        raise ApiError(500, f"no such cluster node '{params['node']}'")
    ha_status.queue(f"{verb}-node-maintenance {params['node']}")


def render_resources(rows: list[dict[str, Any]], _params: Params) -> None:
    for row in sorted(rows, key=lambda row: str(row["sid"])):
        print(row["sid"])
        for key in sorted(set(row) - {"sid", "type", "digest"}):
            print(f"\t{key} {row[key]}")
        print()


def render_rules(rows: list[dict[str, Any]], _params: Params) -> None:
    for row in sorted(rows, key=lambda row: str(row["rule"])):
        print(f"{row['type']}: {row['rule']}")
        for key in sorted(set(row) - {"rule", "type", "digest"}):
            print(f"\t{key} {row[key]}")
        print()


def render_groups(rows: list[dict[str, Any]], _params: Params) -> None:
    for row in sorted(rows, key=lambda row: str(row["group"])):
        print(f"group: {row['group']}")
        for key in sorted(set(row) - {"group", "type", "digest"}):
            print(f"\t{key} {row[key]}")
        print()


RESOURCES = "/cluster/ha/resources"
RULES = "/cluster/ha/rules"
GROUPS = "/cluster/ha/groups"

COMMANDS = {
    "crm-command migrate": Command("POST", RESOURCES + "/{sid}/migrate"),
    "crm-command node-maintenance disable": Command(run=lambda params: maintenance("disable", params)),
    "crm-command node-maintenance enable": Command(run=lambda params: maintenance("enable", params)),
    "crm-command relocate": Command("POST", RESOURCES + "/{sid}/relocate"),
    "add": Command("POST", RESOURCES),
    "config": Command("GET", RESOURCES, render=render_resources),
    "groupadd": Command("POST", GROUPS),
    "groupconfig": Command("GET", GROUPS, render=render_groups),
    "groupremove": Command("DELETE", GROUPS + "/{group}"),
    "groupset": Command("PUT", GROUPS + "/{group}"),
    "remove": Command("DELETE", RESOURCES + "/{sid}"),
    "rules add": Command("POST", RULES),
    "rules config": Command("GET", RULES, render=render_rules),
    "rules remove": Command("DELETE", RULES + "/{rule}"),
    "rules set": Command("PUT", RULES + "/{rule}"),
    "set": Command("PUT", RESOURCES + "/{sid}"),
    "status": Command(run=status),
}


def main() -> None:
    cli("ha-manager", COMMANDS)
