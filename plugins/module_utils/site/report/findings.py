# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong, what wants attention, and what nobody could tell: a name for each, and the facts of its sentence.

The sentences are in ``report/words.py``, in each language. Found from the sections of the report alone, so that nothing
is said that does not stand below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from .finding import LEVELS, Fact, Finding, Level
from .ways import links_down

#: Days before which an expiring certificate is told of; upstream renews its own two weeks before.
SOON = 14
#: Days after which package lists say little about what is pending.
STALE_LISTS = 7
_IGNORED_SERVICES = frozenset(("chrony", "pveproxy"))


def worst_first(found: Iterable[Finding]) -> list[Finding]:
    """Of one level in the order of what needs what."""
    return sorted(found, key=lambda one: LEVELS.index(one.level))


def findings(sections: Mapping[str, Any]) -> list[Finding]:
    return [
        *_quorum(sections["cluster"]),
        *_nodes(sections["cluster"]),
        *links_down(sections["links"], sections["cluster"]),
        *_osds(sections["disks"]),
        *_ceph(sections["health"]),
        *_silent_osds(sections["disks"], sections["cluster"]),
        *_guests(sections["guests"]),
        *_storages(sections["storages"]),
        *_versions(sections["versions"]),
        *_certificates(sections["certificates"]),
    ]


def verdict(found: Sequence[Finding]) -> dict[str, Any]:
    """The first line: the worst level, and how many there are of it."""
    for level in LEVELS:
        number = sum(one.level == level for one in found)
        if number:
            only = "_1" if number == 1 and level != "unknown" else ""
            return {"id": f"verdict.{level}{only}", "level": level, "number": number}
    return {"id": "verdict.fine", "level": "fine", "number": 0}


def _nodes(cluster: Mapping[str, Any]) -> Iterator[Finding]:
    for row in cluster["rows"]:
        name = row["node"]
        if not row["answered"]:
            if row["host"] is None:
                yield Finding("node.unlisted", "unknown", name, {"node": name})
            else:
                yield Finding("node.silent", "wrong", name, {"node": name, "why": row["why"]})
            continue
        services = row["services"]
        if row["web"] is False:
            yield Finding("web.silent", "wrong", name, {"node": name})
        for service, state in (services or {}).items():
            needed = service not in _IGNORED_SERVICES and (row["member"] or service != "corosync")
            if needed and state not in ("active", "reloading", "activating"):
                yield Finding("service.down", "wrong", name, {"node": name, "service": service, "state": state})
    for one in cluster["pmxcfs"]:
        yield Finding("pmxcfs.silent", "wrong", one["who"], {"node": one["who"], "why": one["why"]})
    for one in cluster["untold"]:
        yield Finding("cluster.untold", "unknown", one["who"], {"node": one["who"], "why": one["why"]})
    if services_unknown := [row["node"] for row in cluster["rows"] if row["answered"] and row["services"] is None]:
        yield Finding("services.unknown", "unknown", services_unknown[0], {"nodes": ", ".join(services_unknown)})


def _quorum(cluster: Mapping[str, Any]) -> Iterator[Finding]:
    if cluster["name"] is None:
        return
    counted = [(row["node"], row["quorum"]) for row in cluster["rows"] if row["quorum"] is not None]
    parts = sorted({tuple(quorum["sees"]) for dummy, quorum in counted if quorum["quorate"]})
    if any(not set(one) & set(other) for one, other in combinations(parts, 2)):
        words = " | ".join(", ".join(part) for part in parts)
        yield Finding("quorum.split", "wrong", cluster["name"], {"parts": words})
    elif len(parts) > 1:
        yield Finding("quorum.changing", "unknown", cluster["name"], {})
    for node, quorum in counted:
        if not quorum["quorate"]:
            facts: dict[str, Fact] = {key: quorum[key] for key in ("votes", "expected", "needed")}
            yield Finding("quorum.lost", "wrong", node, {"node": node, **facts, "sees": ", ".join(quorum["sees"])})
    for node, quorum in counted:
        if quorum["unreached"]:
            facts = {"node": node, "others": ", ".join(quorum["unreached"])}
            yield Finding("quorum.doubtful", "unknown", node, facts)
    if not counted:
        yield Finding("quorum.unknown", "unknown", cluster["name"], {})


def _ceph(health: Mapping[str, Any]) -> Iterator[Finding]:
    if health["state"] == "unknown":
        why = {"why": health["missing"][0]["why"]}
        exists = health["exists"]
        yield Finding("ceph.silent", "wrong", "Ceph", why) if exists else Finding("ceph.untold", "unknown", "Ceph", why)
        return
    if health["state"] == "none":
        return
    if health["missing"]:
        yield Finding("ceph.numbers", "unknown", "Ceph", {"why": health["missing"][0]["why"].rstrip(".")})
    monitors = health["monitors"] or {"quorum": [], "all": []}
    if gone := sorted(set(monitors["all"]) - set(monitors["quorum"])):
        facts: dict[str, Fact] = {
            "names": ", ".join(gone),
            "left": len(monitors["quorum"]),
            "all": len(monitors["all"]),
        }
        yield Finding("ceph.monitors", "wrong", "Ceph", facts)
    numbers = health["numbers"]
    if numbers is not None and numbers["active"] < numbers["pgs"]:
        yield Finding(
            "ceph.stands", "wrong", "Ceph", {"groups": numbers["pgs"] - numbers["active"], "all": numbers["pgs"]}
        )
    if numbers is not None and numbers["unfound"]:
        yield Finding("ceph.unfound", "wrong", "Ceph", {"objects": numbers["unfound"]})
    for row in health["rows"]:
        level: Level = "wrong" if row["severity"] == "HEALTH_ERR" else "warning"
        yield Finding("ceph.check", level, row["code"], {"code": row["code"], "message": row["message"]})


def _osds(disks: Mapping[str, Any]) -> Iterator[Finding]:
    for osd in disks["osds"]:
        if not osd["up"] and not osd["destroyed"]:
            level: Level = "wrong" if osd["in"] else "warning"
            facts: dict[str, Fact] = {"osd": osd["id"], "node": osd["node"] or ""}
            yield Finding("osd.down" if osd["node"] else "osd.down_somewhere", level, f"osd.{osd['id']}", facts)


def _silent_osds(disks: Mapping[str, Any], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Ceph believes that an OSD is up until others have reported it for some time."""
    for row in cluster["rows"]:
        names = [f"osd.{osd['id']}" for osd in disks["osds"] if osd["up"] and osd["node"] == row["node"]]
        if names and not row["answered"]:
            facts = {"node": row["node"], "osds": ", ".join(names)}
            yield Finding("osd.silent", "unknown", row["node"], facts)


def _guests(guests: Mapping[str, Any]) -> Iterator[Finding]:
    if guests["state"] == "unknown":
        first = guests["missing"][0]
        yield Finding("guests.unknown", "unknown", first["who"], {"node": first["who"], "why": first["why"]})


def _storages(storages: Mapping[str, Any]) -> Iterator[Finding]:
    for row in storages["rows"]:
        if row["inactive"]:
            facts = {"storage": row["name"], "nodes": ", ".join(row["inactive"])}
            yield Finding("storage.inactive", "wrong", row["name"], facts)


def _versions(versions: Mapping[str, Any]) -> Iterator[Finding]:
    for row in versions["rows"]:
        node = row["node"]
        if row["unfinished"]:
            yield Finding(
                "packages.unfinished", "wrong", node, {"node": node, "packages": ", ".join(row["unfinished"])}
            )
        if row["reboot"]:
            facts = {"node": node, "kernel": row["kernel"], "newest": row["newest_kernel"] or ""}
            yield Finding("kernel.old" if row["newest_kernel"] else "kernel.foreign", "warning", node, facts)
        if row["security"]:
            yield Finding("updates.security", "warning", node, {"node": node, "number": row["security"]})
        if row["lists_age_days"] is not None and row["lists_age_days"] > STALE_LISTS:
            yield Finding("updates.stale", "unknown", node, {"node": node, "days": row["lists_age_days"]})
    if len({row["proxmox_ve"] for row in versions["rows"]}) > 1:
        words = ", ".join(f"{row['node']} {row['proxmox_ve'] or '-'}" for row in versions["rows"])
        yield Finding("versions.differ", "warning", "Proxmox VE", {"versions": words})


def _certificates(certificates: Mapping[str, Any]) -> Iterator[Finding]:
    for row in certificates["rows"]:
        facts = {"path": row["path"], "node": row["node"] or "-", "date": row["expires"][:10], "days": row["days"]}
        if row["days"] < 0:
            yield Finding("certificate.expired", "wrong", row["path"], facts)
        elif row["days"] < SOON:
            yield Finding("certificate.expires", "warning", row["path"], facts)
