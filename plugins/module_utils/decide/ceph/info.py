# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is known of Ceph, in the form in which the writing modules take it: an inventory for what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from ...model.ceph.osd import ObservedOsds
from ...model.ceph.pg import AUTOSCALE, CALCULATED
from ...model.ceph.pool import APPLICATIONS
from ...model.ceph.state import CephCluster, CephConf, CrushRule, Osd, Pool


def describe(observed: ObservedOsds) -> dict[str, Any]:
    """What the module ``ceph_info`` returns."""
    node, cluster = observed.ceph.node, observed.ceph.cluster
    conf = node.conf
    return {
        "node": node.name,
        "release": node.release,
        "fsid": None if conf is None else conf.fsid,
        "public_network": _network(conf, cluster, "public_network"),
        "cluster_network": _network(conf, cluster, "cluster_network"),
        "silence": observed.ceph.silence,
        "health": None if cluster is None else cluster.health,
        "checks": {} if cluster is None else {check.code: check.message for check in cluster.checks},
        "mons": [] if cluster is None else list(cluster.quorum),
        "mgrs": [] if cluster is None else list(cluster.mgrs),
        "mdss": [] if cluster is None else sorted(cluster.mds),
        "osds": [] if cluster is None else [_osd(osd) for osd in cluster.osds],
        "disks": list(_disks(observed)),
        "crush_rules": [] if cluster is None else [_rule(rule) for rule in cluster.rules if _replicated(rule, cluster)],
        "pools": [] if cluster is None else [_pool(pool, cluster) for pool in cluster.pools if _wanted(pool, cluster)],
        "filesystems": [] if cluster is None else [{"name": one.name} for one in cluster.filesystems],
    }


def _network(conf: Optional[CephConf], cluster: Optional[CephCluster], key: str) -> Optional[str]:
    """From ceph.conf, else from the monitors' own database."""
    named: tuple[str, ...] = getattr(conf, key, ())
    stored = cluster.networks.get(key, ()) if cluster is not None and conf is not None else ()
    return ",".join(named or stored) or None


def _osd(osd: Osd) -> dict[str, Any]:
    fields = ("id", "uuid", "host", "up", "device_class", "destroyed", "noout")
    return {**{field: getattr(osd, field) for field in fields}, "in": osd.is_in}


def _disks(observed: ObservedOsds) -> Iterator[dict[str, Any]]:
    """This node's OSDs by their disks."""
    cluster = observed.ceph.cluster
    for disk in observed.disks:
        numbers = observed.holders.get(disk.path, ())
        found = [osd for osd in (cluster.osd(number) for number in numbers) if osd] if cluster else []
        if numbers:
            yield {
                "device": disk.stable_name,
                "names": list(disk.names),
                "size": disk.size,
                "osd_ids": list(numbers),
                "device_class": found[0].device_class if found else None,
            }


def _replicated(rule: CrushRule, cluster: CephCluster) -> bool:
    """Rules that ceph_crush_rule could have made: those of erasure coded pools come with the pool."""
    return len(rule.roots) == 1 and not any(pool.erasure_coded and pool.crush_rule == rule.id for pool in cluster.pools)


def _rule(rule: CrushRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "root": min(rule.roots),
        "failure_domain": rule.failure_domain,
        "device_class": rule.device_class,
    }


def _wanted(pool: Pool, cluster: CephCluster) -> bool:
    """The pools of file systems come with these, and those whose name begins with a dot are Ceph's own."""
    taken = {number for found in cluster.filesystems for number in (found.metadata_pool, *found.data_pools)}
    return not pool.name.startswith(".") and pool.id not in taken


def _pool(pool: Pool, cluster: CephCluster) -> dict[str, Any]:
    rules = {rule.id: rule.name for rule in cluster.rules}
    scaled = pool.pg_autoscale_mode == "on"
    described: dict[str, Any] = {
        "name": pool.name,
        "size": pool.size,
        "min_size": pool.min_size,
        "pg_mode": AUTOSCALE if scaled else CALCULATED,
    }
    used = [name for name in APPLICATIONS if name in pool.applications]
    described.update({"application": used[0]} if used else {})
    if scaled and "target_size_ratio" in pool.options:
        described["target_size_ratio"] = pool.options["target_size_ratio"]
    if scaled and "pg_num_min" in pool.options:
        described["pg_num_min"] = int(pool.options["pg_num_min"])
    if scaled and pool.bulk:
        described["bulk"] = True
    if pool.erasure_coded:
        described["erasure_coding"] = _code(pool, cluster)
    elif pool.crush_rule in rules:
        described["crush_rule"] = rules[pool.crush_rule]
    described.update({"quota_bytes": str(pool.quota_bytes)} if pool.quota_bytes else {})
    described.update({"quota_objects": pool.quota_objects} if pool.quota_objects else {})
    return described


def _code(pool: Pool, cluster: CephCluster) -> dict[str, Any]:
    profile = cluster.profiles.get(pool.profile, {})
    described: dict[str, Any] = {key: int(profile.get(key, 0)) for key in ("k", "m")}
    described["failure_domain"] = profile.get("crush-failure-domain", "host")
    if profile.get("crush-device-class"):
        described["device_class"] = profile["crush-device-class"]
    return described
