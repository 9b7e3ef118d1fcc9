# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``network_info`` tells of a node: what is written, what there is, who needs it, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

from ...model.network.conversion import converted, differences
from ...model.network.document import comments_of
from ...model.network.interface import Interface, Kernel, Link, Use
from ...model.network.meaning import interfaces, ranges
from ...model.network.network import ObservedNetwork
from ...model.network.reading import read
from ...model.network.statements import Problem
from ...model.network.values import BOND_MODES
from .refusals import refuse_gateways, refuse_stack
from .warnings import warn_of_filters

#: What can be declared; of anything else only the name is told.
DECLARED = ("physical", "bond", "vlan", "bridge", "ovs_bridge", "ovs_port")


def describe(observed: ObservedNetwork) -> dict[str, Any]:
    program = observed.program
    reading = read(observed.files, program) if program is not None else None
    found = interfaces(reading) if reading is not None else {}
    return {
        "node": observed.node,
        "program": program,
        "files": list(reading.paths) if reading is not None else [],
        "staged": observed.staged is not None,
        "interfaces": [
            as_declared(one, comments_of(observed.files, reading, one.name))
            for one in found.values()
            if reading is not None and is_declared(one) and one.places
        ],
        "others": sorted(one.name for one in found.values() if not is_declared(one)),
        "links": [_link(link, observed) for link in observed.kernel.links.values()],
        "routes": _routes(observed.kernel),
        "uses": [_use(use) for use in observed.uses],
        "cloud_init": observed.cloud_init,
        "doubts": list(_doubts(observed, found, reading.problems if reading is not None else ())),
    }


def is_declared(one: Interface) -> bool:
    """A device that is a port of Open vSwitch is declared with its bridge."""
    return one.kind in DECLARED and not (one.ovs and one.ovs.type not in ("OVSBridge", "OVSIntPort"))


def as_declared(one: Interface, comments: tuple[str, ...] = ()) -> dict[str, Any]:
    """An interface in the form in which it is declared; what is not said is left out. Of comments one is declared."""
    gateways = {gateway.ip.version: gateway for gateway in one.gateways}
    metrics = {gateway.metric for gateway in one.gateways if gateway.metric}
    told: dict[str, Any] = {
        "name": one.name,
        "type": one.kind,
        "auto": None if one.auto else False,
        "addresses": [str(address) for address in one.addresses] or None,
        "gateway": str(gateways[4].ip) if 4 in gateways else None,
        "gateway6": str(gateways[6].ip) if 6 in gateways else None,
        "metric": metrics.pop() if len(metrics) == 1 else None,
        "mtu": one.mtu,
        "mac": one.mac if one.kind != "physical" else None,
        "comment": comments[0] if len(comments) == 1 and "\\" not in comments[0] else None,
        "routes": [_route(route.to, route.via, route.metric) for route in one.routes] or None,
        **_of_kind(one),
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _of_kind(one: Interface) -> dict[str, Any]:
    if one.kind == "bond" and one.bond:
        bond = one.bond
        return {
            "members": list(bond.members),
            "mode": bond.mode or BOND_MODES[0],
            "miimon": bond.miimon,
            "hash_policy": bond.hash_policy,
            "lacp_rate": bond.lacp_rate,
            "primary": bond.primary,
        }
    if one.kind == "bridge" and one.bridge:
        aware = one.bridge.vlan_aware
        return {
            "ports": list(one.bridge.ports),
            "vlan_aware": aware or None,
            "vids": one.bridge.vids if aware else None,
        }
    if one.ovs:
        return {"ports": list(one.ovs.ports) or None, "below": one.ovs.bridge, "tag": one.ovs.tag}
    if one.kind == "vlan" and one.vlan and "." not in one.name:
        return {"below": one.vlan.below, "tag": one.vlan.tag}
    return {}


def _route(to: object, via: Optional[object], metric: int) -> dict[str, Any]:
    return {"to": str(to), **({"via": str(via)} if via else {}), **({"metric": metric} if metric else {})}


def _use(use: Use) -> dict[str, Any]:
    return {"interface": use.interface, "by": use.what, **({"tag": use.tag} if use.tag is not None else {})}


def _routes(kernel: Kernel) -> list[dict[str, Any]]:
    return [{**_route(route.to, route.via, route.metric), "interface": route.interface} for route in kernel.routes]


def _link(link: Link, observed: ObservedNetwork) -> dict[str, Any]:
    return {
        "name": link.name,
        "alternatives": list(link.alternatives),
        "mac": link.permanent_mac or link.mac,
        "pci": link.pci,
        "carrier": link.carrier,
        "mtu": link.mtu,
        "master": link.master,
        "addresses": [str(address) for address in link.addresses],
        "expiring": [str(address) for address in link.expiring],
        "manager": observed.managers.get(link.name, ""),
        "vlans": ranges(observed.kernel.vlans.get(link.name, ())),
    }


def _doubts(
    observed: ObservedNetwork, found: Mapping[str, Interface], problems: Iterable[tuple[str, Problem]]
) -> Iterator[str]:
    for path, problem in problems:
        yield f"{path}, line {problem.lines.first + 1}: {problem.what}."
    for one in found.values():
        yield from (f"{one.name}: no program understands '{line}'." for line in one.unreadable)
    if observed.program == "ifupdown":
        for difference in differences(observed.files, observed.files, "ifupdown", "ifupdown2"):
            yield f"ifupdown2 would read it otherwise: {difference}."
        for difference in differences(observed.files, converted(observed.files).files, "ifupdown", "ifupdown2"):
            yield f"No other spelling of it means the same to ifupdown2: {difference}."
    yield from (refusal.reason for refusal in refuse_stack(dict(found), tuple(found), observed.kernel))
    yield from (refusal.reason for refusal in refuse_gateways(dict(found), observed.kernel))
    yield from warn_of_filters(dict(found), observed.kernel)
