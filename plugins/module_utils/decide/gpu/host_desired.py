# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → what a node is to do with its GPUs, and which of its cards are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.errors import Invalid
from ...engine.plan import Refusal
from ...model.gpu.gpu import ObservedGpus, Workload
from ...model.gpu.host import CardRule, DesiredGpuHost
from ...model.gpu.pci import NVIDIA, Card, full_address

_ID = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}( [0-9a-f]{4}:[0-9a-f]{4})?")


@dataclass(frozen=True)
class Wanted:
    """A card with what it is to do. ``functions``: virtual ones to be made; 0 for none of ours."""

    card: Card
    workload: Workload
    functions: int = 0


def desired_from(params: Mapping[str, Any]) -> DesiredGpuHost:
    return DesiredGpuHost(
        workload=params["workload"],
        rules=tuple(map(_rule, params["cards"])),
        give_console=params["give_console"],
        new_cards=params["new_cards"],
    )


def _rule(said: Mapping[str, Any]) -> CardRule:
    name = str(said["card"]).strip().lower()
    address = full_address(name)
    if address is None and not _ID.fullmatch(name):
        raise Invalid(
            f"{said['card']!r} names no card.",
            "Take its address (0000:01:00.0), or vendor:device (10de:2236), with its subsystem after a blank.",
        )
    functions = int(said["functions"] or 0)
    if functions and said["workload"] != "vm-vgpu":
        raise Invalid(f"{name}: functions are made for vm-vgpu, and it is to be {said['workload']}.")
    if functions < 0:
        raise Invalid(f"{name}: {functions} functions cannot be made.")
    return CardRule(name if address is None else address, said["workload"], functions)


def named_by(rule: CardRule, card: Card) -> bool:
    if full_address(rule.card) is not None:
        return any(rule.card in (one.address, one.address.partition(".")[0]) for one in card.physical)
    return rule.card in (card.gpu.id, card.gpu.identity)


def wanted(desired: DesiredGpuHost, gpus: ObservedGpus) -> list[Wanted]:
    """Cards of which something is wanted; what names a single one says more than what names its kind."""
    found = []
    for card in gpus.cards:
        rules = sorted((one for one in desired.rules if named_by(one, card)), key=_rank)
        if rules:
            found.append(Wanted(card, rules[0].workload, rules[0].functions))
        elif desired.workload is not None:
            found.append(Wanted(card, desired.workload))
    return found


def _rank(rule: CardRule) -> int:
    return 0 if full_address(rule.card) is not None else 1 if " " in rule.card else 2


def refuse_rules(desired: DesiredGpuHost, gpus: ObservedGpus) -> Iterator[Refusal]:
    there = ", ".join(f"{card.address} ({card.gpu.identity})" for card in gpus.cards) or "none"
    for rule in desired.rules:
        if not any(named_by(rule, card) for card in gpus.cards):
            yield Refusal(f"{gpus.node} has no GPU {rule.card}.", f"It has: {there}.")
    for card in gpus.cards:
        rules = [one for one in desired.rules if named_by(one, card)]
        best = {one.workload for one in rules if _rank(one) == min(map(_rank, rules))}
        if len(best) > 1:
            yield Refusal(f"{card} is to be {' and '.join(sorted(best))}.", "A card has one workload.")


def refuse_mixed(cards: list[Wanted]) -> Iterator[Refusal]:
    """Workloads that exclude each other on one node, or in one group."""
    workloads: dict[int, dict[str, list[str]]] = {}
    for one in cards:
        if one.card.gpu.group is not None:
            workloads.setdefault(one.card.gpu.group, {}).setdefault(one.workload, []).append(one.card.address)
    for group, kinds in workloads.items():
        if len(kinds) > 1:
            told = ", ".join(f"{' and '.join(names)} {kind}" for kind, names in sorted(kinds.items()))
            yield Refusal(f"IOMMU group {group} is to be mixed: {told}.", "A group goes to one guest, or to none.")
    nvidia = {one.workload for one in cards if one.card.gpu.vendor == NVIDIA}
    if {"container", "vm-vgpu"} <= nvidia:
        yield Refusal(
            "NVIDIA's cards are to be mixed, container and vm-vgpu.",
            "The driver that shares them among machines serves no programs of the node: choose one for all of them.",
        )
