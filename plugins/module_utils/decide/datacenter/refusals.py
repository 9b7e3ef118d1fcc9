# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nothing is done for: each says what was found, and what to do about it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from ...engine.plan import Refusal
from ...model.datacenter.datacenter import DesiredDatacenter, Key, ObservedDatacenter, Thing
from ...model.datacenter.options import NETWORKS, PARTS_SINCE, SINCE, Meaning, Release, told_release


def refuse(
    desired: DesiredDatacenter,
    observed: ObservedDatacenter,
    goal: Mapping[str, Meaning],
    things: Mapping[Key, Thing],
) -> Iterator[Refusal]:
    changed = frozenset(name for name in desired.options if observed.options.get(name) != goal.get(name))
    yield from _refuse_release(desired, observed, changed)
    yield from _refuse_networks(desired, observed, goal, changed)
    yield from _refuse_types(desired, observed)
    yield from _refuse_targets(desired, observed, things)
    bounds = goal.get("next-id")
    if isinstance(bounds, Mapping) and int(bounds.get("lower", "100")) > int(bounds.get("upper", "1000000")):
        yield Refusal("The lower bound of next_id would be above the upper one.", "Declare both.")


def _refuse_release(
    desired: DesiredDatacenter, observed: ObservedDatacenter, changed: frozenset[str]
) -> Iterator[Refusal]:
    """The oldest node counts: it would lose what it does not know."""
    new = [f"{what} ({told_release(since)})" for option, what, since in _needed(desired) if option in changed]
    silent = [name for name, node in sorted(observed.nodes.items()) if node.release is None]
    if new and silent:
        yield Refusal(
            f"Which Proxmox VE {', '.join(silent)} has, nobody can tell now: {', '.join(new)} may be newer.",
            "Wait until it is back, or let it leave the cluster.",
        )
    known = {name: node.release for name, node in observed.nodes.items() if node.release is not None}
    if not known:
        return
    node = min(known, key=lambda name: known[name])
    for _option, what, since in _needed(desired):
        if known[node] < since:
            yield Refusal(
                f"{what} needs Proxmox VE {told_release(since)}, and {node} has {told_release(known[node])}.",
                "That node would lose it when it writes the file. Upgrade it first.",
            )


def _needed(desired: DesiredDatacenter) -> Iterator[tuple[str, str, Release]]:
    """The option, what of it came with a release, and that release."""
    for name, said in sorted(desired.options.items()):
        if name in SINCE:
            yield name, name, SINCE[name]
        for part in sorted(said) if isinstance(said, Mapping) else ():
            if (name, part) in PARTS_SINCE:
                yield name, f"{name} {part}", PARTS_SINCE[name, part]


def _refuse_networks(
    desired: DesiredDatacenter, observed: ObservedDatacenter, goal: Mapping[str, Meaning], changed: frozenset[str]
) -> Iterator[Refusal]:
    """A node without an address there lets all migrations fail, and the API takes it all the same."""
    for name in NETWORKS:
        said, found = desired.options.get(name), goal.get(name)
        text = found.get("network", "") if isinstance(said, Mapping) and isinstance(found, Mapping) else ""
        if not text:
            continue
        network = ipaddress.ip_network(text)
        without, silent = [], []
        for node, told in sorted(observed.nodes.items()):
            if told.networks is None:
                silent.append(node)
            elif not any(ipaddress.ip_interface(one).ip in network for one in told.networks):
                without.append(node)
        if without:
            hint = "Give them one there first (role network)."
            yield Refusal(f"{name} is to go over {text}, and {', '.join(without)} has no address there.", hint)
        if silent and name in changed:  # a node that is off is no reason to stop what changes nothing
            yield Refusal(f"Whether {', '.join(silent)} has an address in {text} ({name}), nobody can tell now.")


def _refuse_types(desired: DesiredDatacenter, observed: ObservedDatacenter) -> Iterator[Refusal]:
    for (kind, name), wish in sorted(desired.wishes.items()):
        known = observed.things.get((kind, name))
        if known is not None and not wish.absent and wish.type != known.type:
            yield Refusal(
                f"The {kind} {name} is of the type {known.type}, and keeps it.",
                "Declare it absent, run, and declare it again; or take another name.",
            )


def _refuse_targets(
    desired: DesiredDatacenter, observed: ObservedDatacenter, things: Mapping[Key, Thing]
) -> Iterator[Refusal]:
    """Only where something is said of endpoints or matchers."""
    kinds = {kind for kind, dummy in desired.wishes} | desired.exclusive
    if observed.release is None or kinds <= {"metric server"}:
        return
    endpoints = {*(name for kind, name in things if kind == "endpoint"), *observed.foreign}
    for (kind, name), thing in sorted(things.items()):
        targets = thing.options.get("target", frozenset())
        unknown = sorted(set(targets if isinstance(targets, frozenset) else [targets]) - endpoints)
        known = {one for other, one in observed.things if other == "endpoint"}
        declared = (kind, name) in desired.wishes
        if kind == "matcher" and unknown and (declared or known & set(unknown)):
            yield Refusal(f"The matcher {name} leads to {', '.join(unknown)}, which there would not be.", "Declare it.")
