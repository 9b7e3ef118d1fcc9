# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nothing is done for: each says what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ...engine.plan import Refusal
from ...model.sdn.sdn import NAMED, WITHIN, Kind, ObservedNode, options_of
from .change import Change
from .leaving import refuse_leaving
from .peers import refuse_peers
from .routing import refuse_controllers, refuse_fabrics
from .vnets import refuse_vnets

_OVER: tuple[tuple[Kind, str], ...] = (("zone", "vxlan"), ("controller", "evpn"))
_BRIDGED = ("vlan", "qinq")


def refuse(change: Change) -> Iterator[Refusal]:
    yield from _refuse_release(change)
    yield from _refuse_types(change)
    yield from _refuse_incomplete(change)
    yield from _refuse_underlay(change)
    yield from _refuse_unknown(change)
    yield from _refuse_nodes(change)
    yield from _refuse_bridges(change)
    yield from refuse_vnets(change)
    yield from refuse_controllers(change)
    yield from refuse_fabrics(change)
    yield from refuse_peers(change)
    yield from refuse_leaving(change)


def _refuse_release(change: Change) -> Iterator[Refusal]:
    release = change.observed.release
    if release is not None and release < (9, 0):
        named = [f"{kind} {name}" for kind, name in sorted(change.desired.wishes) if kind in ("fabric", "fabric node")]
        named += [f"fabric of the zone {name}" for name, thing in change.wished("zone") if thing.text("fabric")]
        named += [f"fabric of the controller {name}" for name, one in change.wished("controller") if one.text("fabric")]
        if named:
            yield Refusal(
                f"Fabrics need Proxmox VE 9: {', '.join(named)}.", "Name the peers instead, or upgrade first."
            )


def _refuse_types(change: Change) -> Iterator[Refusal]:
    for key, wish in sorted(change.desired.wishes.items()):
        known = change.now.get(key)
        if known is not None and not wish.absent and wish.type != known.type:
            yield Refusal(
                f"The {key[0]} {key[1]} is of the type {known.type}, and keeps it.",
                "Declare it absent, run, and declare it again; or take another name.",
            )


def _refuse_incomplete(change: Change) -> Iterator[Refusal]:
    for (kind, name), wish in sorted(change.desired.wishes.items()):
        if not wish.absent:
            thing = change.goal[kind, name]
            table = options_of(kind, wish.type)
            missing = sorted(word for word, option in table.items() if option.required and word not in thing.options)
            if missing:
                told = ", ".join(word.replace("-", "_") for word in missing)
                yield Refusal(f"The {kind} {name} ({wish.type}) needs {told}.", "Declare it.")


def _refuse_underlay(change: Change) -> Iterator[Refusal]:
    """How its nodes reach each other is said once, also together with what was said before."""
    for kind, type_ in _OVER:
        for name, thing in change.wished(kind):
            if thing.type == type_ and bool(thing.words("peers")) == bool(thing.text("fabric")):
                both = "both peers and a fabric" if thing.words("peers") else "neither peers nor a fabric"
                hint = "Say one of them; unset takes the other one away."
                yield Refusal(f"The {kind} {name} ({type_}) would have {both}.", hint)


def _refuse_unknown(change: Change) -> Iterator[Refusal]:
    for kind, option, other in NAMED:
        for name, thing in change.wished(kind):
            there = thing.text(option)
            if there and (other, there) not in change.goal:
                yield Refusal(f"The {kind} {name} names the {other} {there}, which there is not.", "Declare it, too.")
    for kind, other in WITHIN:
        for name in dict(change.wished(kind)):
            there = name.partition("/")[0]
            if (other, there) not in change.goal:
                yield Refusal(f"There is no {other} {there} for the {kind} {name}.", "Declare it, too.")


def _refuse_nodes(change: Change) -> Iterator[Refusal]:
    """Proxmox VE takes a name that is no node, and then nobody has the zone."""
    if change.observed.release is None:
        return
    for name, thing in change.wished("zone"):
        named = {*thing.words("nodes"), *thing.words("exitnodes"), *_one(thing.text("exitnodes-primary"))}
        yield from _no_node(change, f"The zone {name}", named)
        outside = sorted(set(thing.words("exitnodes")) - set(change.nodes_of(thing)))
        if outside:
            yield Refusal(f"The zone {name} has no exit node {', '.join(outside)}, as it is not among its nodes.")
        primary = thing.text("exitnodes-primary")
        if primary and primary not in thing.words("exitnodes"):
            yield Refusal(f"The primary exit node of the zone {name}, {primary}, is not among its exit nodes.")
    for name, thing in change.wished("controller"):
        yield from _no_node(change, f"The controller {name}", _one(thing.text("node")))
    for name in dict(change.wished("fabric node")):
        yield from _no_node(change, f"The fabric {name.partition('/')[0]}", _one(name.partition("/")[2]))


def _one(name: str) -> set[str]:
    return {name} if name else set()


def _no_node(change: Change, what: str, names: set[str]) -> Iterator[Refusal]:
    unknown = sorted(names - set(change.observed.nodes))
    if unknown:
        known = ", ".join(sorted(change.observed.nodes))
        yield Refusal(f"{what} names {', '.join(unknown)}, which is no node.", f"There are {known}.")


def _refuse_bridges(change: Change) -> Iterator[Refusal]:
    for name, thing in change.wished("zone"):
        bridge = thing.text("bridge")
        nodes: list[tuple[str, Optional[ObservedNode]]] = [
            (node, change.observed.nodes.get(node)) for node in change.nodes_of(thing)
        ]
        without = [node for node, told in nodes if told is not None and bridge not in told.interfaces]
        if thing.type in _BRIDGED and bridge and without:
            yield Refusal(
                f"The zone {name} is to use the bridge {bridge}, which there is not on {', '.join(without)}.",
                "Make it there first (role network), or limit the zone to nodes that have it.",
            )
