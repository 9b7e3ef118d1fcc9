# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a card can do what is wanted of it, and what is in the way; everything, the gravest first."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Literal, Optional

from ...model.gpu.gpu import ObservedGpus, Workload
from ...model.gpu.iommu import Cause
from ...model.gpu.pci import SCREENS, VFIO, Card, Function
from .iommu import is_on, why_off
from .users import will_fail

Code = Literal[
    "config_unreadable",
    "iommu_off",
    "no_group",
    "group_shared",
    "driver",
    "companion_unbound",
    "functions_missing",
    "console",
    "no_vgpu",
]
_OFF: dict[Cause, str] = {
    "kernel_parameter": "the kernel's command line leaves it off",
    "firmware": "the firmware (BIOS) has it off: VT-d, AMD-Vi",
    "guest_without_viommu": "this node is a virtual machine whose own machine has none (viommu of its machine)",
}


@dataclass(frozen=True)
class Reason:
    """``text``: for people."""

    code: Code
    text: str


def workload_of(card: Card) -> Workload:
    """What the card is there for now, by its drivers."""
    if card.virtual or card.gpu.made or card.gpu.mediated:
        return "vm-vgpu"
    return "vm-passthrough" if card.gpu.driver in VFIO else "container"


def reasons(card: Card, observed: ObservedGpus, workload: Workload, wanted: int = 0) -> list[Reason]:
    """``wanted``: how many virtual functions there are to be; 0 for as many as there are."""
    found = list(_unreadable(card))
    if workload == "container":
        return found + list(_host_driver(card))
    found += _iommu(card, observed)
    found += _shared(card, workload)
    if workload == "vm-passthrough":
        return found + [*_vfio(card), *_console(card, observed)]
    return found + list(_vgpu(card, observed, wanted))


def notices(card: Card) -> Iterator[str]:
    """What is no obstacle, and is to be known."""
    for one in card.physical:
        if not one.resettable and one.is_gpu:
            yield f"{one.address} cannot be reset: it can be given to a guest once after each boot of the node"


def _unreadable(card: Card) -> Iterator[Reason]:
    """It may still stand in sysfs. A card that sleeps (D3cold) is woken by the question, and is fine."""
    for one in card.physical:
        if one.readable is False:
            yield Reason("config_unreadable", f"{one.address} does not answer: its configuration space reads ff only")


def _host_driver(card: Card) -> Iterator[Reason]:
    if not card.gpu.driver or card.gpu.driver in VFIO:
        held = f"is held by {card.gpu.driver}" if card.gpu.driver else "has no driver"
        yield Reason("driver", f"{card.address} {held}, so that no program of the node can use it")


def _iommu(card: Card, observed: ObservedGpus) -> Iterator[Reason]:
    if not observed.iommu.units:
        yield Reason("iommu_off", f"the IOMMU is off: {_OFF[why_off(observed.iommu)]}")
    elif not is_on(observed.iommu, card.gpu.group is not None):
        yield Reason("no_group", f"{card.address} is in no IOMMU group, although there are units")


def _shared(card: Card, workload: Workload) -> Iterator[Reason]:
    """A guest gets the whole group: whoever else is in it is taken from the node."""
    own = {one.address for one in card.virtual}
    others = [one for one in card.sharers if one.address not in own]
    if others:
        told = ", ".join(map(str, others))
        yield Reason("group_shared", f"group {card.gpu.group} also has {told}, which the node would lose")
    if workload != "vm-vgpu":
        return
    groups = [one.group for one in card.virtual]
    if len(set(groups)) < len(groups) or card.gpu.group in groups:
        yield Reason(
            "group_shared", f"virtual functions of {card.address} share an IOMMU group: one guest would get all"
        )


def _vfio(card: Card) -> Iterator[Reason]:
    if card.gpu.driver not in VFIO:
        yield Reason("driver", f"{card.address} is bound to {card.gpu.driver or 'no driver'}, not to vfio-pci")
    for one in card.companions:
        if one.group is not None and one.group == card.gpu.group and one.driver not in VFIO:
            yield Reason("companion_unbound", f"{one} is of the same group, and not bound to vfio-pci")


def is_only_console(card: Card, observed: ObservedGpus, given: Container[str] = ()) -> bool:
    """The node shows its console on it, and has no other way to. ``given``: addresses of cards that go away as well."""
    others = [one for one in observed.cards if one != card and one.address not in given and _shows(one)]
    return card.gpu.boot_vga and not observed.consoles and not others


def _shows(card: Card) -> bool:
    """A screen can be plugged in, and the node has it."""
    return card.gpu.kind.startswith(SCREENS) and card.gpu.driver not in VFIO


def _console(card: Card, observed: ObservedGpus) -> Iterator[Reason]:
    if is_only_console(card, observed):
        yield Reason("console", f"{card.address} is the only one that shows the node's console")


def _vgpu(card: Card, observed: ObservedGpus, wanted: int) -> Iterator[Reason]:
    driver = card.gpu.driver
    if not driver or driver in VFIO:
        yield Reason("driver", f"{card.address} is bound to {driver or 'no driver'}; vGPUs need its maker's driver")
    missing = _missing(card, wanted)
    if missing is not None:
        mappings = {one.mapping for one in observed.mapped if _named(card, one.paths)}
        guests = [use.guest for use in will_fail(observed, mappings)]
        lost = f"; {', '.join(guests)} will not start" if guests else ""
        yield Reason("functions_missing", f"{card.address} has {card.gpu.made} virtual functions of {missing}{lost}")
    elif not card.types and not any(one.vgpu is not None for one in card.virtual):
        yield Reason("no_vgpu", f"the driver of {card.address} offers no types of vGPUs")


def _missing(card: Card, wanted: int) -> Optional[int]:
    """How many there should be, where there are fewer."""
    expected = wanted or (1 if card.gpu.total and not card.gpu.mediated else 0)
    return expected if card.gpu.made < expected else None


def _named(card: Card, paths: tuple[str, ...]) -> bool:
    """A function that is gone is known by its place: on the bus of the card."""
    bus = card.address[: len("0000:65")]
    return any(path.startswith(bus) for path in paths)


def vgpus_in_use(card: Card) -> tuple[Function, ...]:
    """Functions on which a type is set. On Proxmox VE that is done when a guest starts, so none is no fault there."""
    return tuple(one for one in card.virtual if one.vgpu)
