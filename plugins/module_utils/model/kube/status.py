# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CalicoNodeStatus: what calico-node tells of its BIRD through Kubernetes' API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .calico import Route, Seen, Status
from .fabric import Family

CLASSES = ("Agent", "BGP", "Routes")
#: Seconds between two reports of a node.
PERIOD = 10
_NONE = frozenset(("", "N/A"))
#: Seconds for which BIRD may wait for its neighbours after a start; calico-node calls it ready meanwhile.
RECOVERY = 240
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ](\d\d):(\d\d):(\d\d)")


def status_from(told: Mapping[str, Any]) -> Status:
    """One object; what it does not have yet is not there."""
    status = told.get("status") or {}
    bgp, routes = status.get("bgp") or {}, status.get("routes") or {}
    agents = status.get("agent") or {}
    birds: tuple[tuple[Family, Mapping[str, Any]], ...] = (
        ("ipv4", agents.get("birdV4") or {}),
        ("ipv6", agents.get("birdV6") or {}),
    )
    return Status(
        node=str((told.get("spec") or {}).get("node", "")),
        sessions=tuple(_seen(one) for family in ("peersV4", "peersV6") for one in bgp.get(family) or ()),
        routes=tuple(_route(one) for family in ("routesV4", "routesV6") for one in routes.get(family) or ()),
        ready=frozenset(one for one, bird in birds if bird.get("state") == "Ready" and not _just_begun(bird, status)),
        updated=str(status.get("lastUpdated") or ""),
    )


def reports(told: Mapping[str, Any]) -> bool:
    """Whether it tells all that is needed here, again and again."""
    spec = told.get("spec") or {}
    return set(CLASSES) <= set(spec.get("classes") or ()) and bool(spec.get("updatePeriodSeconds"))


def statuses_from(items: Iterable[Mapping[str, Any]]) -> dict[str, Status]:
    """Node → what it tells, from the object of it that tells most recently."""
    found: dict[str, Status] = {}
    for one in filter(reports, items):
        status = status_from(one)
        if status.node not in found or found[status.node].updated < status.updated:
            found[status.node] = status
    return found


def _seen(told: Mapping[str, Any]) -> Seen:
    kind = str(told.get("type", "")).lower()
    return Seen(str(told.get("peerIP", "")), str(told.get("state", "")), mesh=kind == "nodemesh")


def _route(told: Mapping[str, Any]) -> Route:
    learned = told.get("learnedFrom") or {}
    gateway = str(told.get("gateway") or "")
    return Route(
        prefix=str(told.get("destination", "")),
        gateway="" if gateway in _NONE else gateway,
        best=told.get("type") == "FIB",
        source=str(learned.get("peerIP") or ""),
    )


def _just_begun(agent: Mapping[str, Any], status: Mapping[str, Any]) -> bool:
    """Whether BIRD may still wait after its start, so that what it has chosen need not be in the kernel's table.

    A start on another day at the same time is taken for one of now: that costs some minutes, and never a packet.
    """
    begun = _TIME.match(str(agent.get("lastBootTime") or ""))
    told = _TIME.match(str(status.get("lastUpdated") or ""))
    if begun is None or told is None:
        return False
    passed = (_seconds(told) - _seconds(begun)) % 86400
    return passed < RECOVERY


def seconds_between(before: str, after: str) -> int:
    """Of two times at which a node told something, on one day or two that follow; none where it went backwards.

    >>> seconds_between("2026-11-30T23:59:50Z", "2026-12-01T00:00:05Z"), seconds_between("?", "2026-12-01T00:00:05Z")
    (15, 0)
    """
    times = [_TIME.match(one) for one in (before, after)]
    if times[0] is None or times[1] is None or after <= before:
        return 0
    return (_seconds(times[1]) - _seconds(times[0])) % 86400


def _seconds(time: re.Match[str]) -> int:
    return int(time[1]) * 3600 + int(time[2]) * 60 + int(time[3])
