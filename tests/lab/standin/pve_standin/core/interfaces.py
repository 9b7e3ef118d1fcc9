"""The node's network as /nodes/{node}/network shows it: what is configured and what is up."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pve_standin.core.exec import run

CONFIG = Path("/etc/network/interfaces")
_KINDS = {"bridge": "bridge", "bond": "bond", "vlan": "vlan"}


def network() -> list[dict[str, Any]]:
    """Physical interfaces and bridges of the machine, with the options of /etc/network/interfaces."""
    configured = read_config()
    rows: list[dict[str, Any]] = []
    for link in json.loads(run(["ip", "-json", "-details", "address", "show"]).stdout or "[]"):
        if link["ifname"] == "lo":
            continue
        rows.append(_row(link, configured.get(link["ifname"], {}), len(rows) + 3))
    return rows


def _row(link: dict[str, Any], configured: dict[str, str], priority: int) -> dict[str, Any]:
    kind = link.get("linkinfo", {}).get("info_kind", "")
    row: dict[str, Any] = {
        "iface": link["ifname"],
        "type": _KINDS.get(kind, "eth"),
        "active": int("UP" in link.get("flags", [])),
        "families": ["inet"],
        "method": configured.get("method", "manual"),
        "method6": "manual",
        "priority": priority,
    }
    if configured.get("auto"):
        row["autostart"] = 1
    for key in ("bridge_ports", "bridge_stp", "bridge_fd", "gateway"):
        if key in configured:
            row[key] = configured[key]
    for address in link.get("addr_info", []):
        if address["family"] == "inet":
            row["address"] = address["local"]
            row["netmask"] = str(address["prefixlen"])
            row["cidr"] = f"{address['local']}/{address['prefixlen']}"
            row["method"] = "static"
            break
    return row


def read_config() -> dict[str, dict[str, str]]:
    """Options per interface; keys with '_' instead of '-'."""
    found: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    lines = CONFIG.read_text(encoding="utf-8").splitlines() if CONFIG.exists() else []
    for line in lines:
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "auto":
            for name in words[1:]:
                found.setdefault(name, {})["auto"] = "1"
        elif words[0] == "iface" and len(words) >= 4:
            current = found.setdefault(words[1], {})
            current["method"] = words[3]
        elif re.match(r"\s", line):
            current[words[0].replace("-", "_")] = " ".join(words[1:])
    return found
