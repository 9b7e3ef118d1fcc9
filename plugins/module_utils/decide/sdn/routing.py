# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controllers and fabrics: what there may be one of only, and what must not meet."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from ...engine.plan import Refusal
from ...model.sdn.sdn import Thing
from .change import Change

_SEVERAL_EVPN_SINCE = (9, 2)


def refuse_controllers(change: Change) -> Iterator[Refusal]:
    release = change.observed.release
    evpn = [name for name, thing in change.of("controller") if thing.type == "evpn"]
    ours = any(("controller", name) in change.desired.wishes for name in evpn)
    if len(evpn) > 1 and ours and release is not None and release < _SEVERAL_EVPN_SINCE:
        yield Refusal(f"There would be several controllers for evpn: {', '.join(evpn)}.", "Keep one of them.")
    for kind in ("bgp", "isis"):
        yield from _refuse_second(change, kind)
    yield from _refuse_vrfs(change)


def _refuse_second(change: Change, type_: str) -> Iterator[Refusal]:
    """Proxmox VE itself counts those of the node that it is asked on, and takes any of them then."""
    placed: dict[str, list[str]] = {}
    for name, thing in change.of("controller"):
        if thing.type == type_:
            placed.setdefault(thing.text("node"), []).append(name)
    for node, names in sorted(placed.items()):
        if len(names) > 1 and any(("controller", name) in change.desired.wishes for name in names):
            yield Refusal(
                f"{node} would have several controllers for {type_}: {', '.join(names)}.", "Keep one of them."
            )


def _refuse_vrfs(change: Change) -> Iterator[Refusal]:
    used: dict[str, list[str]] = {}
    for name, thing in change.of("zone"):
        if thing.type == "evpn":
            used.setdefault(thing.text("vrf-vxlan"), []).append(name)
    for number, names in sorted(used.items()):
        if len(names) > 1 and any(("zone", name) in change.desired.wishes for name in names):
            yield Refusal(f"The zones {' and '.join(names)} would have the same vrf_vxlan {number}.")


def refuse_fabrics(change: Change) -> Iterator[Refusal]:
    taken: dict[str, str] = {}
    plugged: dict[tuple[str, str], str] = {}
    for name, thing in change.of("fabric node"):
        fabric, dummy, node = name.partition("/")
        declared = ("fabric node", name) in change.desired.wishes
        if declared:
            yield from _refuse_prefix(change, fabric, name, thing)
            yield from _refuse_interfaces(change, node, name, thing)
        for address in (thing.text("ip"), thing.text("ip6")):
            other = taken.setdefault(address, name) if address else name
            if other != name:
                yield Refusal(f"The nodes {other} and {name} of fabrics would have the same address {address}.")
        for interface in interfaces(thing):
            other = plugged.setdefault((node, interface), fabric)
            if other != fabric:
                yield Refusal(f"On {node} the interface {interface} would be in the fabrics {other} and {fabric}.")


def interfaces(thing: Thing) -> list[str]:
    return [word.partition(",")[0].partition("=")[2] for word in thing.words("interfaces")]


def _refuse_prefix(change: Change, fabric: str, name: str, thing: Thing) -> Iterator[Refusal]:
    known = change.goal.get(("fabric", fabric))
    for option, prefix in (("ip", "ip_prefix"), ("ip6", "ip6_prefix")):
        address = thing.text(option)
        within = known.text(prefix) if known is not None else ""
        if address and within and not _is_in(address, within):
            yield Refusal(f"The node {name} of a fabric has the address {address}, which is not in {within}.")


def _is_in(address: str, network: str) -> bool:
    whole: Any = ipaddress.ip_network(network, strict=False)
    return ipaddress.ip_address(address) in whole


def _refuse_interfaces(change: Change, node: str, name: str, thing: Thing) -> Iterator[Refusal]:
    told = change.observed.nodes.get(node)
    missing = [one for one in interfaces(thing) if told is not None and one not in told.interfaces]
    if missing:
        yield Refusal(f"The node {name} of a fabric names {', '.join(missing)}, which {node} does not have.")
