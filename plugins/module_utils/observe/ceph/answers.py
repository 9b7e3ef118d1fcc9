# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Ceph's monitors answer, as the model. Input: their JSON answers by command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...model.ceph.conf import NETWORKS, networks
from ...model.ceph.state import MAX_PG_PER_OSD, NEARFULL, CephCluster, Check, CrushRule, Filesystem, Osd, Pool

_ERASURE = 3  # pg_pool_t::TYPE_ERASURE
_BULK = "bulk"
_OVERWRITES = "ec_overwrites"


def parse_cluster(answers: Mapping[str, Any]) -> CephCluster:
    status, osd_dump, fs_dump = answers["status"], answers["osd dump"], answers["fs dump"]
    return CephCluster(
        fsid=status["fsid"],
        health=status["health"]["status"],
        checks=parse_checks(status["health"]),
        quorum=tuple(status["quorum_names"]),
        mgrs=tuple(sorted(name for names in answers["node ls"].get("mgr", {}).values() for name in names)),
        mds=dict(_mds_states(fs_dump)),
        osds=parse_osds(osd_dump["osds"], answers["osd tree"]),
        pools=tuple(parse_pool(entry) for entry in osd_dump["pools"]),
        rules=tuple(parse_rule(entry) for entry in answers["osd crush rule dump"]),
        filesystems=tuple(parse_filesystem(entry["mdsmap"]) for entry in fs_dump["filesystems"]),
        max_pg_per_osd=_max_pg_per_osd(answers["config dump"]),
        profiles=osd_dump.get("erasure_code_profiles", {}),
        nearfull=round(osd_dump.get("nearfull_ratio", NEARFULL), 4),
        networks={key: networks(_set(answers["config dump"], key) or "") for key in NETWORKS},
    )


def parse_checks(health: Mapping[str, Any]) -> tuple[Check, ...]:
    return tuple(
        Check(code, check["severity"], check["summary"]["message"], bool(check.get("muted")))
        for code, check in sorted(health["checks"].items())
    )


def parse_osds(entries: list[dict[str, Any]], tree: Mapping[str, Any]) -> tuple[Osd, ...]:
    """OSDs of ``osd dump`` with their place in ``osd tree``; one that has no place yet has no host."""
    nodes = {node["id"]: node for node in tree["nodes"]}
    parents = {child: node for node in tree["nodes"] for child in node.get("children", ())}
    return tuple(_osd(entry, nodes.get(entry["osd"], {}), list(_ancestors(entry["osd"], parents))) for entry in entries)


def _osd(entry: Mapping[str, Any], leaf: Mapping[str, Any], above: list[Mapping[str, Any]]) -> Osd:
    return Osd(
        id=entry["osd"],
        uuid=entry["uuid"],
        up=bool(entry["up"]),
        is_in=bool(entry["in"]),
        host=next((bucket["name"] for bucket in above if bucket["type"] == "host"), None),
        device_class=leaf.get("device_class") or None,
        buckets=frozenset(bucket["name"] for bucket in above),
        destroyed="destroyed" in entry.get("state", ()),
        noout="noout" in entry.get("state", ()),
        weight=round(leaf.get("crush_weight", 0.0), 4),
    )


def _ancestors(node: int, parents: Mapping[int, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    while node in parents:
        yield parents[node]
        node = parents[node]["id"]


def parse_pool(entry: Mapping[str, Any]) -> Pool:
    """A pool of ``osd dump``, which is also the form of ``osd pool ls detail``."""
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
        erasure_coded=entry["type"] == _ERASURE,
        profile=entry.get("erasure_code_profile", ""),
        overwrites=_OVERWRITES in entry["flags_names"].split(","),
        quota_bytes=entry.get("quota_max_bytes", 0),
        quota_objects=entry.get("quota_max_objects", 0),
        options={key: value for key, value in entry["options"].items() if isinstance(value, (int, float))},
    )


def parse_rule(entry: Mapping[str, Any]) -> CrushRule:
    """``take default~ssd`` starts below the bucket ``default``, on OSDs of the class ``ssd``."""
    takes = [step["item_name"].partition("~") for step in entry["steps"] if step["op"] == "take"]
    domains = [step["type"] for step in entry["steps"] if step["op"].startswith("choose") and step.get("type")]
    classes: set[Optional[str]] = {device_class or None for dummy, dummy, device_class in takes}
    return CrushRule(
        id=entry["rule_id"],
        name=entry["rule_name"],
        roots=frozenset(root for root, dummy, dummy in takes),
        device_class=classes.pop() if len(classes) == 1 else None,
        failure_domain=domains[-1] if domains else "osd",
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
