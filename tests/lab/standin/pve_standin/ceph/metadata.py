"""What is known about every daemon: the monitors' metadata joined with what the nodes published about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pve_standin.ceph import conf, local, metadata_server, rados, tools
from pve_standin.pmxcfs import control

Entry = dict[str, Any]
Published = dict[str, dict[str, dict[str, dict[str, int]]]]

_VERSION_KEYS = ("ceph_version", "ceph_version_short", "hostname", "id", "name")


def status() -> Entry:
    """The monitors' status with the details that only their own health, monitor and manager commands show."""
    tools.check_inited()
    found = dict(rados.mon("status"))
    found["health"] = rados.mon("health", detail="detail")
    found["monmap"] = rados.mon("mon dump")
    found["mgrmap"] = rados.mon("mgr dump")
    return found


def collect(versions_only: bool = False) -> Entry:
    published: Published = control.published(local.SERVICES_KEY)
    result: Entry = {kind: _daemons(kind, published, versions_only) for kind in ("mon", "mgr", "mds")}
    result["node"] = {node: version for node, version in control.published(local.VERSION_KEY).items() if version}
    osds = rados.mon("osd metadata")
    result["osd"] = [_kept(osd, versions_only) for osd in osds]
    return result


def _daemons(kind: str, published: Published, versions_only: bool) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for node, daemons in published.items():
        for daemon, state in daemons.get(kind, {}).items():
            found[f"{daemon}@{node}"] = dict(state)
    for entry in rados.mon(f"{kind} metadata"):
        key = f"{entry['name']}@{entry.get('hostname', 'unknown')}"
        found[key] = {**found.get(key, {}), **_kept(entry, versions_only)}
    return found


def _kept(entry: Mapping[str, Any], versions_only: bool) -> Entry:
    return {key: value for key, value in entry.items() if not versions_only or key in _VERSION_KEYS}


def _daemon_entries(kind: str) -> dict[str, Entry]:
    """Daemons by name with what the node and the monitors say, without any state yet."""
    found: dict[str, Entry] = {}
    for key, entry in _daemons(kind, control.published(local.SERVICES_KEY), True).items():
        name, _, host = key.partition("@")
        view: Entry = {"name": name, "host": host, "state": "unknown"}
        for field in ("direxists", "service", "ceph_version", "ceph_version_short"):
            if field in entry:
                view[field] = entry[field]
        found[name] = view
    return found


def monitors() -> list[Entry]:
    found = _daemon_entries("mon")
    for name, section in conf.read().daemons("mon").items():
        found.setdefault(name, {"name": name, "state": "unknown"}).setdefault("addr", section.get("public_addr", ""))
    answer = rados.mon("quorum_status")
    for monitor in answer["monmap"]["mons"]:
        entry = found.setdefault(monitor["name"], {"name": monitor["name"], "state": "unknown"})
        entry["rank"] = monitor["rank"]
        entry["addr"] = monitor["addr"]
        if monitor["rank"] in answer["quorum"]:
            entry["quorum"] = 1
            entry["state"] = "running"
        else:
            entry["state"] = "stopped"
    return list(found.values())


def managers() -> list[Entry]:
    found = _daemon_entries("mgr")
    map_ = rados.mon("mgr dump")
    states = {entry["name"]: "standby" for entry in map_["standbys"]}
    if map_["active_name"]:
        states[map_["active_name"]] = "active"
    addresses = {entry["name"]: entry.get("addr", "") for entry in rados.mon("mgr metadata")}
    for name, state in states.items():
        found.setdefault(name, {"name": name})["state"] = state
    for name, entry in found.items():
        if addresses.get(name):
            entry["addr"] = addresses[name]
        if entry["state"] == "unknown":
            entry["state"] = "stopped"
    return list(found.values())


def metadata_servers() -> list[Entry]:
    found = _daemon_entries("mds")
    states = metadata_server.states()
    for name in set(conf.read().daemons("mds")) | set(states):
        found.setdefault(name, {"name": name, "state": "unknown"})
    for name, entry in found.items():
        entry.update(states.get(name, {"state": "stopped"} if entry.get("service") else {}))
    return list(found.values())
