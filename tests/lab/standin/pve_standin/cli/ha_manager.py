"""ha-manager: the configuration of high availability."""

from __future__ import annotations

from typing import Any

from pve_standin.api import registry
from pve_standin.cli.main import Command, Params, cli


def status(_params: Params) -> None:
    for row in registry.call("GET", "/cluster/ha/status/current", {}):
        print(f"{row['type']} {row['status']}")


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
