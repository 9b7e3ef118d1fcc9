# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Versions, pending updates and certificates of the nodes in a report."""

from __future__ import annotations

import re
from typing import Any, Optional

from ...model.debian.upgrade import PendingUpdates
from ...model.node.certificate import Certificate
from ...model.node.look import known
from ...model.node.proxmox_ve import ObservedProxmoxVe
from .nodes import Site, SiteNode, ask
from .section import section

_DATE = re.compile(r"(\d+)-(\d+)-(\d+)T.*")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?([+-])(\d\d)(\d\d)")


def versions_section(site: Site) -> dict[str, Any]:
    told, missing = ask(site.nodes, lambda look: look.proxmox)
    without_updates = ask((node for node, dummy in told), lambda look: look.updates)[1]
    rows = [_versions(node, found, known(node.part(lambda look: look.updates))) for node, found in told]
    return section(rows, [*missing, *without_updates])


def _versions(node: SiteNode, found: ObservedProxmoxVe, updates: Optional[PendingUpdates]) -> dict[str, Any]:
    pending = None if updates is None else updates.updates
    return {
        "node": node.name,
        "debian": found.host.codename,
        "proxmox_ve": found.packages.get("pve-manager"),
        "ceph": found.packages.get("ceph-mon") or found.packages.get("ceph-common"),
        "kernel": found.kernel,
        "newest_kernel": found.newest_kernel,
        "reboot": found.reboot_required or found.newer_kernel is not None,
        "unfinished": list(found.unfinished),
        "pending": None if pending is None else len(pending),
        "security": None if pending is None else sum(one.security for one in pending),
        "lists_age_days": None if updates is None else updates.lists_age,
        "updates": None
        if pending is None
        else [{"package": one.package, "installed": one.installed, "available": one.available} for one in pending],
    }


def certificates_section(site: Site, today: str) -> dict[str, Any]:
    """``today``: as ISO 8601 has it. The cluster's authority is one, whoever was asked."""
    rows: dict[tuple[Optional[str], str], dict[str, Any]] = {}
    told, missing = ask(site.nodes, lambda look: look.certificates)
    for node, found in told:
        for one in found:
            own = one.path.startswith("/etc/pve/nodes/") or site.config is None
            whose = node.name if own else None
            rows.setdefault((whose, one.path), _certificate(whose, one, today))
    return section(sorted(rows.values(), key=lambda row: str(row["expires"])), missing)


def _certificate(node: Optional[str], one: Certificate, today: str) -> dict[str, Any]:
    return {
        "node": node,
        "path": one.path,
        "subject": one.subject,
        "issuer": one.issuer,
        "expires": one.expires,
        "days": days(one.expires) - days(today),
        "served": one.served,
    }


def seconds(date: str) -> float:
    """Since 1970, of a time in UTC."""
    hours, minutes, rest = (int(part) for part in date.partition("T")[2].rstrip("Z").split(":"))
    return float((days(date) - days("1970-01-01T00:00:00Z")) * 86400 + hours * 3600 + minutes * 60 + rest)


def moment_of(stamp: str) -> Optional[float]:
    """Since 1970, of a time as Ceph writes it: ``2026-11-30T08:12:51.123456+0100``; None of what never was."""
    found = _STAMP.fullmatch(stamp)
    if found is None:
        return None
    ahead = int(found[3]) * 3600 + int(found[4]) * 60
    return seconds(found[1]) + (ahead if found[2] == "-" else -ahead)


def days(date: str) -> int:
    """Days since the first of March of the year 0, of a date such as ``2036-11-19T06:21:17Z``."""
    found = _DATE.fullmatch(date)
    if found is None:
        raise ValueError(f"{date} is no date")
    year, month, day = (int(part) for part in found.groups())
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1
