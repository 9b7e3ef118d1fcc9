"""OSDs as the API shows them: the CRUSH tree with usage, and one OSD's details. Pure: shapes the monitors' answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Entry = dict[str, Any]


def tree(
    nodes: list[Entry],
    osds: Mapping[int, Entry],
    usage: Mapping[int, Entry],
    performance: Mapping[int, Entry],
    metadata: Mapping[int, Entry],
) -> Entry:
    """The CRUSH tree below one nameless root; children in reverse order of the map, as upstream's are."""
    by_id = {node["id"]: node for node in nodes}
    nested = {child for node in nodes for child in node.get("children", [])}
    roots = [node for node in nodes if node["id"] not in nested]

    def build(node: Entry, host: str | None) -> Entry:
        if node["type"] == "osd":
            return _osd(node, host, osds, usage, performance, metadata)
        inside = node["name"] if node["type"] == "host" else host
        children = [build(by_id[child], inside) for child in node.get("children", []) if child in by_id]
        view: Entry = {"id": str(node["id"]), "name": node["name"], "type": node["type"], "leaf": 0}
        view.update({"pgs": 0, "reweight": -1})
        if node["type"] == "host":
            versions = {child.get("ceph_version_short") for child in children} - {None}
            if versions:
                view["version"] = min(str(version) for version in versions)
        if children:
            view["children"] = children
        return view

    return {"leaf": 0, "children": [build(node, None) for node in roots]}


def _osd(
    node: Entry,
    host: str | None,
    osds: Mapping[int, Entry],
    usage: Mapping[int, Entry],
    performance: Mapping[int, Entry],
    metadata: Mapping[int, Entry],
) -> Entry:
    number = node["id"]
    view: Entry = {
        "id": str(number),
        "name": node["name"],
        "type": "osd",
        "leaf": 1,
        "host": host,
        "status": node["status"],
        "in": osds.get(number, {}).get("in", 0),
        "crush_weight": node["crush_weight"],
        "reweight": node["reweight"],
        "device_class": node.get("device_class", ""),
    }
    stats = usage.get(number)
    if stats is not None:
        total, used = stats["kb"] * 1024, stats["kb_used"] * 1024
        view.update({"total_space": total, "bytes_used": used, "percent_used": 100 * used / total if total else 0})
        view["pgs"] = stats.get("num_pgs", 0)
    latency = performance.get(number)
    if latency is not None:
        view["apply_latency_ms"] = latency["apply_latency_ms"]
        view["commit_latency_ms"] = latency["commit_latency_ms"]
    view.update(_from_metadata(metadata.get(number, {})))
    return view


def _from_metadata(known: Mapping[str, Any]) -> Entry:
    if not known:
        return {}
    return {
        "ceph_version": known.get("ceph_version", ""),
        "ceph_version_short": known.get("ceph_version_short", ""),
        "osdtype": known.get("osd_objectstore", ""),
        "blfsdev": known.get("bluestore_bdev_dev_node"),
        "dbdev": known.get("bluefs_db_dev_node"),
        "waldev": known.get("bluefs_wal_dev_node"),
    }


def details(osdid: int, known: Mapping[str, Any], pid: int, memory: int) -> Entry:
    """`GET .../osd/{id}/metadata`."""
    osd: Entry = {
        "id": osdid,
        "hostname": known.get("hostname", ""),
        "version": f"{known.get('ceph_version_short', '')} ({known.get('ceph_release', '')})",
        "osd_data": known.get("osd_data", ""),
        "osd_objectstore": known.get("osd_objectstore", ""),
        "encrypted": 0,
        "pid": pid,
        "mem_usage": memory,
    }
    for key in ("back_addr", "front_addr", "hb_back_addr", "hb_front_addr"):
        osd[key] = known.get(key, "")
    devices = [_device("block", "bluestore_bdev", known)]
    for kind in ("db", "wal"):
        if known.get(f"bluefs_dedicated_{kind}") == "1":
            devices.append(_device(kind, f"bluefs_{kind}", known))
    return {"osd": osd, "devices": devices}


def _device(kind: str, prefix: str, known: Mapping[str, Any]) -> Entry:
    return {
        "device": kind,
        "dev_node": known.get(f"{prefix}_dev_node", ""),
        "physical_device": known.get(f"{prefix}_devices", ""),
        "size": int(known.get(f"{prefix}_size", 0)),
        "support_discard": int(known.get(f"{prefix}_support_discard", 0)),
        "type": known.get(f"{prefix}_type", ""),
    }
