# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Ceph's monitors answer, as the model. Input: their JSON answers by command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...model.ceph.conf import NETWORKS, networks
from ...model.ceph.state import (
    BACKFILLFULL,
    MAX_PG_PER_OSD,
    NEARFULL,
    CephCluster,
    Check,
    CrushRule,
    Filesystem,
    Osd,
    Pool,
)

_ERASURE = 3  # pg_pool_t::TYPE_ERASURE
_BULK = "bulk"
_OVERWRITES = "ec_overwrites"


def parse_cluster(answers: Mapping[str, Any]) -> CephCluster:
    status, osd_dump, fs_dump = answers["status"], answers["osd dump"], answers["fs dump"]
    daemons = parse_daemons(answers["node ls"])
    profiles = osd_dump.get("erasure_code_profiles", {})
    return CephCluster(
        fsid=status["fsid"],
        health=status["health"]["status"],
        checks=parse_checks(status["health"]),
        quorum=tuple(status["quorum_names"]),
        mgrs=tuple(sorted(name for names in daemons.get("mgr", {}).values() for name in names)),
        mds=dict(_mds_states(fs_dump)),
        osds=parse_osds(osd_dump["osds"], answers["osd tree"], daemons.get("osd", {})),
        pools=tuple(parse_pool(entry, profiles) for entry in osd_dump["pools"]),
        rules=tuple(parse_rule(entry) for entry in answers["osd crush rule dump"]),
        filesystems=tuple(parse_filesystem(entry["mdsmap"]) for entry in fs_dump["filesystems"]),
        max_pg_per_osd=_max_pg_per_osd(answers["config dump"]),
        profiles=profiles,
        nearfull=round(osd_dump.get("nearfull_ratio", NEARFULL), 4),
        networks={key: networks(_set(answers["config dump"], key) or "") for key in NETWORKS},
        backfillfull=round(osd_dump.get("backfillfull_ratio", BACKFILLFULL), 4),
        daemons=daemons,
        mutes=tuple(sorted(mute["code"] for mute in status["health"].get("mutes", ()))),
    )


def parse_daemons(node_ls: Mapping[str, Any]) -> dict[str, dict[str, tuple[str, ...]]]:
    """``node ls``: kind → node → ids. A machine that calls itself by its full name is the node of its first part."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind, hosts in node_ls.items():
        for host, ids in hosts.items():
            node = host.partition(".")[0]
            known = found.setdefault(kind, {}).get(node, ())
            found[kind][node] = (*known, *(str(one) for one in ids))
    return found


def parse_checks(health: Mapping[str, Any]) -> tuple[Check, ...]:
    return tuple(
        Check(code, check["severity"], check["summary"]["message"], bool(check.get("muted")))
        for code, check in sorted(health["checks"].items())
    )


def parse_osds(
    entries: list[dict[str, Any]], tree: Mapping[str, Any], running: Mapping[str, tuple[str, ...]]
) -> tuple[Osd, ...]:
    """OSDs of ``osd dump`` with their places in ``osd tree``. ``running``: node → ids of the OSDs that ran there."""
    nodes = {node["id"]: node for node in tree["nodes"]}
    parents: dict[int, list[Mapping[str, Any]]] = {}
    for node in tree["nodes"]:
        for child in node.get("children", ()):
            parents.setdefault(child, []).append(node)
    homes = {int(number): node for node, numbers in running.items() for number in numbers}
    return tuple(
        _osd(entry, nodes.get(entry["osd"], {}), list(_ancestors(entry["osd"], parents)), homes) for entry in entries
    )


def _osd(
    entry: Mapping[str, Any], leaf: Mapping[str, Any], above: list[Mapping[str, Any]], homes: Mapping[int, str]
) -> Osd:
    bucket = next((bucket["name"] for bucket in above if bucket["type"] == "host"), None)
    return Osd(
        id=entry["osd"],
        uuid=entry["uuid"],
        up=bool(entry["up"]),
        is_in=bool(entry["in"]),
        host=homes.get(entry["osd"], bucket),
        device_class=leaf.get("device_class") or None,
        places=frozenset((bucket["type"], bucket["name"]) for bucket in above),
        destroyed="destroyed" in entry.get("state", ()),
        noout="noout" in entry.get("state", ()),
        weight=round(leaf.get("crush_weight", 0.0), 4),
        told=entry["osd"] in homes,
    )


def _ancestors(node: int, parents: Mapping[int, list[Mapping[str, Any]]]) -> Iterator[Mapping[str, Any]]:
    for parent in parents.get(node, ()):
        yield parent
        yield from _ancestors(parent["id"], parents)


def parse_pool(entry: Mapping[str, Any], profiles: Mapping[str, Mapping[str, str]]) -> Pool:
    """A pool of ``osd dump``, which is also the form of ``osd pool ls detail``."""
    profile = entry.get("erasure_code_profile", "")
    coded = entry["type"] == _ERASURE
    return Pool(
        id=entry.get("pool", entry.get("pool_id", -1)),
        name=entry["pool_name"],
        size=entry["size"],
        min_size=entry["min_size"],
        pg_num=entry["pg_num_target"],
        pg_autoscale_mode=entry["pg_autoscale_mode"],
        crush_rule=entry["crush_rule"],
        applications=tuple(sorted(entry["application_metadata"])),
        bulk=_BULK in entry["flags_names"].split(","),
        erasure_coded=coded,
        profile=profile,
        overwrites=_OVERWRITES in entry["flags_names"].split(","),
        quota_bytes=entry.get("quota_max_bytes", 0),
        quota_objects=entry.get("quota_max_objects", 0),
        options={key: value for key, value in entry["options"].items() if isinstance(value, (int, float))},
        pieces=_pieces(entry, profiles) if coded else 1,
    )


def _pieces(entry: Mapping[str, Any], profiles: Mapping[str, Mapping[str, str]]) -> int:
    """k of the profile; Ceph's min_size is never less than that."""
    return int(profiles.get(entry.get("erasure_code_profile", ""), {}).get("k", entry["min_size"]))


def parse_rule(entry: Mapping[str, Any]) -> CrushRule:
    """``take default~ssd`` starts below the bucket ``default``, on OSDs of the class ``ssd``."""
    takes = [step["item_name"].partition("~") for step in entry["steps"] if step["op"] == "take"]
    domains = [step.get("type") or "osd" for step in entry["steps"] if step["op"].startswith("choose")]
    classes: set[Optional[str]] = {device_class or None for dummy, dummy, device_class in takes}
    return CrushRule(
        id=entry["rule_id"],
        name=entry["rule_name"],
        roots=frozenset(root for root, dummy, dummy in takes),
        device_class=classes.pop() if len(classes) == 1 else None,
        failure_domain=domains[-1] if domains else "osd",
        plain=len(takes) == len(domains) == 1,
    )


def parse_filesystem(mdsmap: Mapping[str, Any]) -> Filesystem:
    active = [info["name"] for info in mdsmap["info"].values() if info["state"] == "up:active"]
    return Filesystem(mdsmap["fs_name"], mdsmap["metadata_pool"], tuple(mdsmap["data_pools"]), tuple(sorted(active)))


def _mds_states(fs_dump: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for info in fs_dump["standbys"]:
        yield info["name"], info["state"]
    for entry in fs_dump["filesystems"]:
        for info in entry["mdsmap"]["info"].values():
            yield info["name"], info["state"]


def _max_pg_per_osd(overrides: list[dict[str, Any]]) -> int:
    """The monitors' limit."""
    return int(_set(overrides, "mon_max_pg_per_osd") or MAX_PG_PER_OSD)


def _set(overrides: list[dict[str, Any]], name: str) -> Optional[str]:
    """``config dump`` lists only what was changed, with the narrower section last."""
    found = [one["value"] for one in overrides if one["name"] == name and one["section"] in ("global", "mon")]
    return found[-1] if found else None
