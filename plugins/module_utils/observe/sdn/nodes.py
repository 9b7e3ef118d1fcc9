# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask each node what it shows of the networks; that a task has ended well says nothing of the nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional
from urllib.parse import quote

from ...engine.reader import Reader
from ...model.sdn.frr import MERGED
from ...model.sdn.sdn import AVAILABLE, DRY_RUN_SINCE, ObservedNode, Release, Things

_STATUS = "/cluster/status"
#: Shown of a file that is only to get another number.
_NUMBER = re.compile(r"#version:\d+")
_INTERFACES = "/etc/network/interfaces.d/sdn"


def observe_nodes(
    reader: Reader, release: Release, running: Things, settled: bool
) -> Mapping[str, Optional[ObservedNode]]:
    """``settled``: nothing is staged, so that what a dry run differs by is a node's own fault."""
    rows = [row for row in reader.get(_STATUS) if row["type"] == "node"]
    dry = settled and release >= DRY_RUN_SINCE
    routed = any(kind in ("controller", "fabric") for kind, dummy in running)
    return {row["name"]: _node(reader, row["name"], dry, routed) if int(row["online"]) else None for row in rows}


def _node(reader: Reader, name: str, dry: bool, routed: bool) -> ObservedNode:
    network = reader.get_whole(f"/nodes/{name}/network")
    zones = reader.get(f"/nodes/{name}/sdn/zones")
    shows = {row["zone"]: row["status"] for row in zones}
    bad = sorted(zone for zone, status in shows.items() if status != AVAILABLE)
    told = reader.get_many([f"/nodes/{name}/sdn/zones/{quote(zone, safe='')}/content" for zone in bad])
    return ObservedNode(
        addresses=frozenset(_addresses(network["data"])),
        interfaces=frozenset(row["iface"] for row in network["data"]),
        shows=shows,
        vnets={
            row["vnet"]: row.get("statusmsg") or row["status"]
            for rows in told
            for row in rows
            if row["status"] != AVAILABLE
        },
        staged=bool(network.get("changes")),
        differs=_differing(reader.get(f"/cluster/sdn/dry-run?node={quote(name)}"), routed) if dry else (),
    )


def _addresses(rows: list[Mapping[str, Any]]) -> set[str]:
    """Without the length of the network."""
    told = [row.get(key) or "" for row in rows for key in ("address", "address6", "cidr", "cidr6")]
    return {address.partition("/")[0] for address in told if address}


def _differing(told: Mapping[str, str], routed: bool) -> tuple[str, ...]:
    """FRR's file counts only where something of these networks is in it: others may have written it."""
    files = {"interfaces-diff": _INTERFACES, **({"frr-diff": MERGED} if routed else {})}
    return tuple(path for key, path in files.items() if _says_something(told.get(key) or ""))


def _says_something(difference: str) -> bool:
    changed = [line for line in difference.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return any(line[1:].strip() and not _NUMBER.fullmatch(line[1:].strip()) for line in changed)
