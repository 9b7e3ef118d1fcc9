# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ceph in a report: its health, its OSDs on their disks, and its pools with the rule behind their placement groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from ...model.ceph.health_codes import HEALTH_CODES
from ...model.ceph.pg import CALCULATED, Room, choose
from ...model.ceph.safety import CephData
from ...model.ceph.state import CrushRule, Osd, Pool
from ...model.node.disk import Disk
from ...model.node.look import CephLook, Unknown, known
from .nodes import Site, SiteNode, ask
from .section import Missing, section


@dataclass(frozen=True)
class SiteCeph:
    """exists: False where no node has Ceph set up; None when nobody can tell. data: the best that any node was told.

    look: all that was told there; None where only the monitors told.
    """

    exists: Optional[bool]
    data: Optional[CephData] = None
    silence: str = ""
    look: Optional[CephLook] = None

    @classmethod
    def of(cls, site: Site) -> SiteCeph:
        told = [node.part(lambda look: look.ceph) for node in site.answering]
        full = [one for one in told if one is not None and not isinstance(one, Unknown)]
        if full:
            best = max(full, key=lambda one: (one.data.groups is not None, len(one.placed)))
            return cls(True, best.data, best.data.silence, best)
        seen = [known(node.part(lambda look: look.osds)) for node in site.answering]
        silences = [one.why for one in told if isinstance(one, Unknown)]
        silences += [one.ceph.silence for one in seen if one is not None and one.ceph.silence]
        clusters = [one.ceph.cluster for one in seen if one is not None and one.ceph.cluster is not None]
        why = silences[0] if silences else "no node with a monitor answered"
        if clusters:
            return cls(True, CephData(clusters[0], silence=why), why)
        if silences or any(one is not None and one.ceph.node.expects_monitors for one in seen):
            return cls(True, None, why)
        return cls(None if None in seen or not seen else False, None, "No node answered.")


def health_section(ceph: SiteCeph) -> dict[str, Any]:
    """Ceph's own checks, each with what it means."""
    if ceph.data is None:
        return section([], _missing(ceph), exists=ceph.exists, status=None, monitors=None, numbers=None)
    cluster, monitors = ceph.data.cluster, ceph.data.monitors
    rows = [
        {
            "code": check.code,
            "severity": check.severity,
            "message": check.message,
            "muted": check.muted,
            "meaning": HEALTH_CODES[check.code].meaning if check.code in HEALTH_CODES else None,
        }
        for check in cluster.checks
    ]
    named = {
        "quorum": list(cluster.quorum),
        "all": sorted(monitors.addresses) or sorted(cluster.daemons.get("mon", {})),
    }
    return {
        **section(
            rows, _silent_manager(ceph), exists=True, status=cluster.health, monitors=named, numbers=_numbers(ceph.data)
        ),
        "state": "partial" if ceph.silence else "known",
    }


def _numbers(data: CephData) -> Optional[dict[str, Any]]:
    """Of placement groups; None when no manager tells."""
    movement = data.movement
    if movement is None:
        return None
    names = ("pgs", "clean", "active", "copies", "degraded", "misplaced", "unfound", "bytes_per_second")
    return {name: getattr(movement, name) for name in names}


def _missing(ceph: SiteCeph) -> list[Missing]:
    return [] if ceph.exists is False else [Missing("Ceph", ceph.silence)]


def _silent_manager(ceph: SiteCeph) -> list[Missing]:
    return [Missing("Ceph's manager", ceph.silence)] if ceph.silence else []


def disks_section(site: Site, ceph: SiteCeph) -> dict[str, Any]:
    told, missing = ask(site.nodes, lambda look: look.osds)
    rows = [_disk(node, disk, found.holders.get(disk.path, ()), ceph) for node, found in told for disk in found.disks]
    placed = {number for row in rows for number in row["osds"]}
    osds = [] if ceph.data is None else [_osd(osd, ceph.data) for osd in ceph.data.cluster.osds]
    return section(rows, missing, osds=osds, elsewhere=[one["id"] for one in osds if one["id"] not in placed])


def _disk(node: SiteNode, disk: Disk, numbers: tuple[int, ...], ceph: SiteCeph) -> dict[str, Any]:
    return {
        "node": node.name,
        "path": disk.path,
        "model": disk.model,
        "serial": disk.serial,
        "bytes": disk.size,
        "rotational": disk.rotational,
        "used_as": disk.used,
        "osds": sorted(numbers),
        "fill": _fill(numbers, ceph),
    }


def _fill(numbers: tuple[int, ...], ceph: SiteCeph) -> Optional[float]:
    """The part of a disk that its OSDs have filled; None where that is not told."""
    use = ceph.data.use if ceph.data is not None else {}
    found = [use[number] for number in numbers if number in use and use[number].bytes_total]
    if not found or len(found) < len(numbers):
        return None
    return round(sum(one.bytes_used for one in found) / sum(one.bytes_total for one in found), 4)


def _osd(osd: Osd, data: CephData) -> dict[str, Any]:
    use = data.use.get(osd.id)
    return {
        "id": osd.id,
        "node": osd.host,
        "up": osd.up,
        "in": osd.is_in,
        "class": osd.device_class,
        "destroyed": osd.destroyed,
        "fill": round(use.bytes_used / use.bytes_total, 4) if use and use.bytes_total else None,
        "pgs": use.pgs if use else None,
    }


def pools_section(ceph: SiteCeph) -> dict[str, Any]:
    if ceph.data is None:
        return section([], _missing(ceph), limit=None, nearfull=None)
    cluster = ceph.data.cluster
    rows = [_pool(pool, ceph.data) for pool in cluster.pools]
    return section(rows, [], limit=cluster.max_pg_per_osd, nearfull=cluster.nearfull)


def _pool(pool: Pool, data: CephData) -> dict[str, Any]:
    rule = next((one for one in data.cluster.rules if one.id == pool.crush_rule), None)
    osds = sum(
        1 for osd in data.cluster.osds if osd.is_in and not osd.destroyed and (rule is None or rule.reaches(osd))
    )
    return {
        "name": pool.name,
        "copies": pool.size,
        "min_copies": pool.min_size,
        "code": f"{pool.pieces}+{pool.size - pool.pieces}" if pool.erasure_coded else None,
        "pg_num": pool.pg_num,
        "pg_rule": _pg_rule(pool, osds, data),
        "crush_rule": None if rule is None else _rule(rule),
        "osds": osds,
        "applications": list(pool.applications),
        **_groups(pool, data),
    }


def _pg_rule(pool: Pool, osds: int, data: CephData) -> dict[str, Any]:
    """Who chose pg_num, and what the rule of this collection gives a pool that has these OSDs for itself."""
    if not osds:
        return {"autoscaler": pool.pg_autoscale_mode, "calculated": None, "reason": None}
    choice = choose(CALCULATED, Room(osds, limit=data.cluster.max_pg_per_osd), pool.size)
    return {"autoscaler": pool.pg_autoscale_mode, "calculated": choice.pg_num, "reason": choice.reason}


def _rule(rule: CrushRule) -> dict[str, Any]:
    return {"name": rule.name, "failure_domain": rule.failure_domain, "class": rule.device_class}


def _groups(pool: Pool, data: CephData) -> dict[str, Any]:
    """None of it is known without a manager that answers."""
    if data.groups is None:
        return {"clean": None, "active": None, "bytes": None}
    own = [group for group in data.groups if group.pool == pool.id]
    return {
        "clean": sum(group.clean for group in own),
        "active": sum(group.active for group in own),
        "bytes": sum(group.bytes for group in own),
    }
