"""The cluster as lists: nodes with their state and figures, and resources that other parts add to."""

from __future__ import annotations

from typing import Any, Callable

from pve_standin.core import cfs, nodestats
from pve_standin.core.cfs import node_list
from pve_standin.core.errors import ApiError
from pve_standin.pmxcfs import control

Row = dict[str, Any]

# functions that answer further rows of /cluster/resources for (type filter or '')
ResourceProvider = Callable[[str], list[Row]]
_providers: list[ResourceProvider] = []

FIGURES = ("cpu", "mem", "disk", "uptime")


def add_provider(provider: ResourceProvider) -> ResourceProvider:
    """Register a function that adds rows (guests, storages) to /cluster/resources."""
    _providers.append(provider)
    return provider


def status() -> list[Row]:
    """The rows of /cluster/status."""
    members = cfs.members()
    rows: list[Row] = []
    cluster = members.get("cluster")
    if isinstance(cluster, dict):
        rows.append(
            {
                "type": "cluster",
                "id": "cluster",
                "name": cluster["name"],
                "version": cluster["version"],
                "nodes": cluster["nodes"],
                "quorate": cluster["quorate"],
            }
        )
    for name, node in node_list().items():
        rows.append(
            {
                "type": "node",
                "id": f"node/{name}",
                "name": name,
                "nodeid": node["id"],
                "ip": node.get("ip") or _resolved(name),
                "online": node["online"],
                "local": int(name == cfs.nodename()),
                "level": "",
            }
        )
    return rows


def _resolved(name: str) -> str:
    """Address of a node that has not told its own since this one started."""
    try:
        return cfs.resolve(name)
    except ApiError:
        return ""


def nodes() -> list[Row]:
    """One row per node with its last published figures; an offline node keeps only its sizes."""
    figures = control.published(nodestats.PUBLISHED_KEY)
    figures.setdefault(cfs.nodename(), {}).update(nodestats.summary())
    rows = []
    for name, node in node_list().items():
        row: Row = {"type": "node", "id": f"node/{name}", "node": name, "status": "unknown", **figures.get(name, {})}
        if node["online"]:
            row["status"] = "online" if name in figures else "unknown"
        else:
            row["status"] = "offline"
            for key in FIGURES:
                row.pop(key, None)
        rows.append(row)
    return rows


def resources(kind: str = "") -> list[Row]:
    """Nodes, then whatever the providers add, then each node's local network zone."""
    rows: list[Row] = []
    if kind in ("", "node"):
        rows += nodes()
    for provider in _providers:
        rows += provider(kind)
    if kind in ("", "network"):
        rows += [_local_zone(name, node) for name, node in node_list().items()]
    return rows


def _local_zone(name: str, node: dict[str, Any]) -> Row:
    return {
        "type": "network",
        "id": f"network/{name}/zone/localnetwork",
        "network": "localnetwork",
        "network-type": "zone",
        "node": name,
        "status": "ok" if node["online"] else "unknown",
    }
