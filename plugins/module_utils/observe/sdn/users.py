# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask who uses networks that are to go: guests by their configurations, and addresses that are given out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...engine.reader import Reader
from ...model.sdn.sdn import Things

_GUESTS = "/cluster/resources"
_BRIDGE = re.compile(r"(?:^|,)bridge=([^,]+)")
Row = Mapping[str, Any]


def observe_guests(reader: Reader, vnets: Iterable[str]) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    """Vnet → its users; and guests whose configuration cannot be read, as their node is off."""
    wanted = set(vnets)
    if not wanted:
        return {}, ()
    rows = reader.get(_GUESTS)
    up = {row["node"] for row in rows if row["type"] == "node" and row.get("status") == "online"}
    guests = [row for row in rows if row["type"] in ("qemu", "lxc")]
    known = [row for row in guests if row["node"] in up]
    found: dict[str, set[str]] = {name: set() for name in wanted}
    for row, bridges in zip(known, _bridges(reader, known)):
        for name in bridges & wanted:
            found[name].add(_called(row))
    users = {name: tuple(sorted(guests)) for name, guests in found.items() if guests}
    return users, tuple(sorted(_called(row) for row in guests if row["node"] not in up))


def _called(row: Row) -> str:
    return f"{row.get('name') or 'guest'} ({row['vmid']})"


def _bridges(reader: Reader, guests: list[Row]) -> list[set[str]]:
    """Those that it has now, and those that it has after its next start."""
    told = reader.get_many([f"/nodes/{row['node']}/{row['type']}/{row['vmid']}/pending" for row in guests])
    return [{bridge for row in rows for bridge in _of(row)} for rows in told]


def _of(row: Row) -> list[str]:
    texts = (str(row.get(part) or "") for part in ("value", "pending"))
    return [name for text in texts for name in _BRIDGE.findall(text)] if re.fullmatch(r"net\d+", row["key"]) else []


def observe_held(reader: Reader, leaving: Things, things: Things) -> Mapping[str, tuple[str, ...]]:
    """Subnet → the addresses that are given in it, of those whose addresses the cluster itself keeps."""
    going = {name for kind, name in leaving if kind == "subnet"}
    keepers = {thing.text("ipam") for (kind, name), thing in things.items() if kind == "zone"}
    kept = [
        name for kind, name in sorted(things) if kind == "ipam" and name in keepers and things[kind, name].type == "pve"
    ]
    if not going or not kept:
        return {}
    found: dict[str, list[str]] = {}
    for rows in reader.get_many([f"/cluster/sdn/ipams/{name}/status" for name in kept]):
        for row in rows:
            name = f"{row.get('vnet')}/{row.get('subnet')}"
            if name in going and not row.get("gateway"):
                holder = row.get("hostname") or row.get("mac") or "nobody known"
                found.setdefault(name, []).append(f"{row['ip']} ({holder})")
    return {name: tuple(sorted(addresses)) for name, addresses in found.items()}
