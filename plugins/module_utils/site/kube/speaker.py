# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one speaker shows, held against what is expected of it: in its own words for each kind of fault.

That a session is up proves no route, and that a route is chosen proves no packet. What is in the kernel's table for
good reasons differs by the class of a prefix.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from ...model.kube.bgp_view import Chosen, Installed, View
from ...model.kube.calico import Pool
from ...model.kube.fabric import within
from .blocks import pool_of

Topic = Literal[
    "missing",
    "unexpected",
    "down",
    "no_policy",
    "wrong_neighbour",
    "no_route",
    "next_hop_unresolvable",
    "not_in_kernel",
    "wrong_in_kernel",
    "wrong_next_hop",
    "no_way_back",
    "established_without_routes",
]
Class = Literal["service", "own_block", "vxlan_pool", "ipip_pool", "pool", "other"]


@dataclass(frozen=True)
class Expectation:
    """``peers``: addresses, or interfaces. ``prefixes``: prefix → the next hops that are right; none: any is.

    ``reach``: addresses to which there has to be a way, such as those that packets come from.
    """

    peers: tuple[str, ...] = ()
    prefixes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reach: tuple[str, ...] = ()
    pools: tuple[Pool, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """``thing``: the neighbour, prefix or address. ``responsible``: whose fault it is, where that is known."""

    topic: Topic
    thing: str
    told: str
    responsible: str = ""


def verdict(view: View, faults: Iterable[Fault]) -> str:
    """What recovers after a start has neither failed nor is it proved."""
    if view.recovering is not None:
        return "recovering"
    return "failed" if list(faults) else "proved"


def faults(view: View, expected: Expectation) -> tuple[Fault, ...]:
    found = [*_sessions(view, expected), *_prefixes(view, expected)]
    if view.recovering is None:
        found += [*_kernel(view, expected), *_ways_back(view, expected)]
    return tuple(found)


def _sessions(view: View, expected: Expectation) -> Iterator[Fault]:
    there = {one.name: one for one in view.neighbours}
    for name in expected.peers:
        one = there.get(name)
        if one is None:
            yield Fault("missing", name, f"there is no session with {name}")
        elif not one.up:
            reason = f", last error: {one.error}" if one.error else ""
            yield Fault("down", name, f"the session with {name} is {one.state}{reason}")
        elif one.blocked:
            yield Fault("no_policy", name, f"the session with {name} is up, and no policy lets a route through")
    for name, one in there.items():
        if name not in expected.peers:
            yield Fault("unexpected", name, f"there is a session with {name}, {one.state}, that nobody has declared")


def _prefixes(view: View, expected: Expectation) -> Iterator[Fault]:
    best: dict[str, Chosen] = {one.prefix: one for one in view.chosen if one.best}
    for prefix, right in expected.prefixes.items():
        one = best.get(prefix)
        if one is None:
            yield Fault("no_route", prefix, f"there is no route to {prefix}")
        elif not one.resolved:
            yield Fault("next_hop_unresolvable", prefix, f"no way leads to the next hop of {prefix}")
        else:
            wrong = sorted(set(one.gateways) - set(right)) if right else []
            if wrong:
                yield Fault("wrong_next_hop", prefix, f"{prefix} is sent to {', '.join(wrong)}, not to its owner")


def class_of(one: Chosen, expected: Expectation) -> Class:
    if any(within(one.prefix, service) for service in expected.services):
        return "service"
    if one.static:
        return "own_block"
    pool = pool_of(one.prefix, expected.pools)
    if pool is None:
        return "other"
    return "vxlan_pool" if pool.vxlan != "Never" else "ipip_pool" if pool.ipip != "Never" else "pool"


def _kernel(view: View, expected: Expectation) -> Iterator[Fault]:
    """What is chosen and has to be in the kernel's table; of services nothing has to."""
    table = {one.prefix: one for one in view.installed}
    for one in view.chosen:
        if one.best and one.kind in ("via", "blackhole") and one.resolved:
            fault = _installed(one, table.get(one.prefix), class_of(one, expected), view.by)
            if fault is not None:
                yield fault


def _installed(one: Chosen, there: Optional[Installed], kind: Class, writer: str) -> Optional[Fault]:
    prefix = one.prefix
    if kind == "service":
        if there is not None and there.protocol in ("bird", "bgp"):
            return Fault("wrong_in_kernel", prefix, f"{prefix} is in the kernel's table, and is a service", writer)
        return None
    if there is None:
        by = "felix" if kind == "vxlan_pool" else writer
        return Fault("not_in_kernel", prefix, f"{prefix} is chosen, and not in the kernel's table", by)
    same = set(one.gateways) <= set(there.gateways)
    overlay = {"ipip_pool": "tunl0", "vxlan_pool": "vxlan.calico"}.get(kind)
    if kind in ("pool", "other") and not same or (overlay and overlay not in there.devices and not same):
        ways = ", ".join(there.gateways) or there.kind
        return Fault(
            "wrong_in_kernel", prefix, f"the kernel sends {prefix} to {ways}, not to {', '.join(one.gateways)}"
        )
    return None


def _ways_back(view: View, expected: Expectation) -> Iterator[Fault]:
    for address in expected.reach:
        around = [one for one in view.installed if within(address, one.prefix)]
        narrowest = max(around, key=lambda one: ipaddress.ip_network(one.prefix).prefixlen, default=None)
        if narrowest is None or narrowest.kind in ("blackhole", "unreachable"):
            yield Fault("no_way_back", address, f"no way leads to {address}, so nothing comes back")
