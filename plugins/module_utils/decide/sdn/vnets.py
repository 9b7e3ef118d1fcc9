# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Vnets and their subnets, as they fit into their zones and beside each other."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from ...engine.plan import Refusal
from ...model.sdn.sdn import Key, Thing
from .change import Change

#: Zones whose numbers are those of VXLAN, of which there is one set for the whole cluster.
_VXLAN = ("vxlan", "evpn")
_LAST_VLAN = 4094


def refuse_vnets(change: Change) -> Iterator[Refusal]:
    for name, thing in change.wished("vnet"):
        yield from _refuse_name(change, name)
        zone = change.goal.get(("zone", thing.text("zone")))
        if zone is not None:
            yield from _refuse_tag(name, thing, zone)
            yield from _refuse_awareness(change, name, thing, zone)
        yield from _refuse_move(change, name, thing)
    yield from _refuse_twice(change)
    yield from _refuse_overlaps(change)


def _refuse_name(change: Change, name: str) -> Iterator[Refusal]:
    """Proxmox VE lets a vnet be called like a bridge, and writes both."""
    having = [node for node, told in sorted(change.observed.nodes.items()) if told and name in told.interfaces]
    if having and ("vnet", name) not in change.observed.running:
        yield Refusal(f"A vnet {name} would be called like an interface of {', '.join(having)}.", "Take another name.")


def _refuse_tag(name: str, thing: Thing, zone: Thing) -> Iterator[Refusal]:
    tag = thing.options.get("tag")
    if zone.type == "simple" and tag is not None:
        yield Refusal(f"The vnet {name} has a tag, and its zone is simple, which knows none.", "Take tag out.")
    if zone.type in ("vlan", *_VXLAN) and tag is None:
        yield Refusal(f"The vnet {name} needs a tag, as its zone is of the type {zone.type}.", "Declare tag.")
    if zone.type in ("vlan", "qinq") and isinstance(tag, int) and tag > _LAST_VLAN:
        yield Refusal(f"The vnet {name} has the tag {tag}; VLANs end with {_LAST_VLAN}.", "Take a smaller one.")


def _refuse_awareness(change: Change, name: str, thing: Thing, zone: Thing) -> Iterator[Refusal]:
    if not thing.options.get("vlanaware"):
        return
    if zone.type == "evpn":
        yield Refusal(f"The vnet {name} cannot be VLAN aware in a zone of the type evpn.", "Take vlanaware out.")
    if any(subnet.partition("/")[0] == name for subnet in dict(change.of("subnet"))):
        yield Refusal(f"The vnet {name} cannot be VLAN aware and have subnets.", "Take one of them out.")


def _refuse_move(change: Change, name: str, thing: Thing) -> Iterator[Refusal]:
    known = change.now.get(("vnet", name))
    having = [subnet for kind, subnet in change.now if kind == "subnet" and subnet.partition("/")[0] == name]
    if known is not None and having and known.text("zone") != thing.text("zone"):
        yield Refusal(
            f"The vnet {name} cannot go from the zone {known.text('zone')} to {thing.text('zone')} with its subnets.",
            "Declare the subnets absent first, and run.",
        )


def _refuse_twice(change: Change) -> Iterator[Refusal]:
    used: dict[tuple[str, Any], list[str]] = {}
    for name, thing in change.of("vnet"):
        zone = change.goal.get(("zone", thing.text("zone")))
        if zone is not None and thing.options.get("tag") is not None:
            among = "vxlan" if zone.type in _VXLAN else f"zone {thing.text('zone')}"
            used.setdefault((among, thing.options["tag"]), []).append(name)
    for (among, tag), names in sorted(used.items(), key=str):
        if len(names) > 1 and any(("vnet", name) in change.desired.wishes for name in names):
            yield Refusal(
                f"The vnets {' and '.join(names)} would have the same tag {tag} ({among}).", "Give each its own."
            )


def _refuse_overlaps(change: Change) -> Iterator[Refusal]:
    """Within one zone; Proxmox VE takes them, and then nobody knows which way a packet goes."""
    placed = [(name, _zone(change, name), _network(name)) for name in dict(change.of("subnet"))]
    for (one, zone, network), (other, other_zone, other_network) in combinations(placed, 2):
        declared = _declared(change, one) or _declared(change, other)
        if declared and zone == other_zone and _overlap(network, other_network):
            yield Refusal(f"The subnets {one} and {other} of the zone {zone} overlap.", "Take one of them out.")


def _declared(change: Change, name: str) -> bool:
    key: Key = ("subnet", name)
    return key in change.desired.wishes


def _zone(change: Change, subnet: str) -> str:
    vnet = change.goal.get(("vnet", subnet.partition("/")[0]))
    return vnet.text("zone") if vnet is not None else ""


def _network(subnet: str) -> Any:
    return ipaddress.ip_network(subnet.partition("/")[2], strict=False)


def _overlap(one: Any, other: Any) -> bool:
    return bool(one.version == other.version and one.overlaps(other))
