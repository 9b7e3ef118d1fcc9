# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a node's GPUs are left as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...engine.plan import Refusal
from ...model.gpu.host import MODPROBE, DesiredGpuHost, ObservedGpuHost
from ...model.gpu.use import Use
from . import command_line
from .host_desired import Wanted, refuse_mixed, refuse_rules
from .iommu import is_on, parameters, why_off
from .users import changed_addresses, users_of
from .verdict import Reason, is_only_console, reasons, vgpus_in_use, workload_of

#: What no file of the node mends.
_HARDWARE = ("config_unreadable", "group_shared", "no_group")
_IDS = re.compile(r"^\s*options\s+vfio[-_]pci\s.*\bids=", re.MULTILINE)
_CURES = {
    "config_unreadable": "Power the node off and on, and mend the card.",
    "group_shared": "Use another slot, or switch ACS on in the firmware.",
    "no_group": "Look at the settings of that slot in the firmware.",
}


def refuse(desired: DesiredGpuHost, observed: ObservedGpuHost, cards: Sequence[Wanted]) -> Iterator[Refusal]:
    """Whatever is to be done."""
    yield from refuse_rules(desired, observed.gpus)
    yield from refuse_mixed(list(cards))
    for one in cards:
        for reason in reasons(one.card, observed.gpus, one.workload):
            if reason.code in _HARDWARE:
                yield Refusal(f"{reason.text}.", _CURES[reason.code])
        if one.functions > one.card.gpu.total:
            yield Refusal(f"{one.card} can have {one.card.gpu.total} virtual functions, and not {one.functions}.")
    given = any(one.workload != "container" for one in cards)
    if given and observed.boot.way == "container":
        yield Refusal(f"{observed.gpus.node} is a container, and has no kernel of its own.", "Prepare its host.")
    elif given:
        yield from _refuse_iommu(observed, cards)
    if not desired.new_cards:
        for changed in changed_addresses(observed.gpus):
            yield Refusal(f"{changed}.", "Give that guest its card by a mapping; or say new_cards, if it is meant.")


def refuse_change(desired: DesiredGpuHost, observed: ObservedGpuHost, cards: Sequence[Wanted]) -> Iterator[Refusal]:
    """Only where something is to be done."""
    foreign = [path for path, text in observed.files.items() if path != MODPROBE and _IDS.search(text)]
    if foreign and any(one.workload == "vm-passthrough" for one in cards):
        yield Refusal(
            f"{', '.join(foreign)} names ids for vfio-pci, and of two such lines one has no effect.",
            "Take that line away: what is declared takes its place.",
        )
    given = {one.card.address for one in cards if one.workload == "vm-passthrough"}
    for one in cards:
        if one.card.address in given and not desired.give_console and is_only_console(one.card, observed.gpus, given):
            yield Refusal(
                f"{one.card} is the only one that shows the console of the node.", "Say give_console, if it is meant."
            )
        yield from _refuse_use(one, observed)


def _refuse_iommu(observed: ObservedGpuHost, cards: Sequence[Wanted]) -> Iterator[Refusal]:
    iommu = observed.gpus.iommu
    if is_on(iommu, any(one.card.gpu.group is not None for one in cards)):
        return
    cause = why_off(iommu)
    if iommu.units and cause != "kernel_parameter":  # what is wrong is the card's slot, which is told of the card
        return
    if cause == "firmware":
        yield Refusal("The IOMMU is off in the firmware.", "Switch on VT-d or AMD-Vi there.")
    elif cause == "guest_without_viommu":
        yield Refusal(
            "This node is a virtual machine without an IOMMU.", "Give its machine one (viommu), or use another node."
        )
    else:
        yield from command_line.refuse(observed, parameters(iommu, False))


def changes(one: Wanted) -> bool:
    """Whether the card itself becomes something else than it is now."""
    return workload_of(one.card) != one.workload or (one.functions not in (0, one.card.gpu.made))


def _refuse_use(one: Wanted, observed: ObservedGpuHost) -> Iterator[Refusal]:
    """Guests that have the card now, and those that could not start with it any more."""
    if not changes(one):
        return
    users = users_of(one.card, observed.gpus)
    now = [use for use in (*users.sure, *users.possible) if use.running]
    lost = [use for use in users.sure if not use.running and not _fits(use, one)]
    guests = sorted({use.guest for use in (*now, *lost)})
    busy = [function.address for function in vgpus_in_use(one.card)]
    if guests or busy:
        who = ", ".join(guests) or f"Somebody ({', '.join(busy)})"
        hint = "Stop these guests, or take it out of their configuration."
        yield Refusal(f"{who} uses {one.card}, which is to become {one.workload}.", hint)


def _fits(use: Use, one: Wanted) -> bool:
    """A container needs the node's driver, a machine that is given a card needs it for itself."""
    return (use.kind == "lxc") == (one.workload == "container")


def in_the_way(one: Wanted, observed: ObservedGpuHost) -> list[Reason]:
    return reasons(one.card, observed.gpus, one.workload, one.functions)
