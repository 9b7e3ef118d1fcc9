"""pct: containers. The lab makes none; the list shows configuration files that are there."""

from __future__ import annotations

from typing import Any

from pve_standin.cli.main import Command, Params, cli


def render_list(rows: list[dict[str, Any]], _params: Params) -> None:
    if not rows:
        return
    layout = "{:<10} {:<10} {:<12} {:<20}"
    print(layout.format("VMID", "Status", "Lock", "Name"))
    for row in sorted(rows, key=lambda row: int(row["vmid"])):
        print(layout.format(row["vmid"], row["status"], row.get("lock", ""), row.get("name", "")))


COMMANDS = {"list": Command("GET", "/nodes/{node}/lxc", render=render_list)}


def main() -> None:
    cli("pct", COMMANDS)
