# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the GPUs of a node, what keeps them apart, and who uses them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...engine.reader import Reader
from ...model.gpu.gpu import ObservedGpus
from ...model.gpu.pci import NVIDIA, Card, full_address
from ...model.gpu.use import MappedDevice, Use
from . import iommu, nvml, pci, uses

_HOSTNAME = "/proc/sys/kernel/hostname"


def observe(reader: Reader, sysfs: str = pci.SYSFS) -> ObservedGpus:
    """By files alone."""
    tree = pci.Tree(reader, sysfs)
    found = pci.cards(tree)
    node = (reader.read(_HOSTNAME) or "").strip().partition(".")[0]
    known = pci.known(reader)
    used = uses.observe(reader, node)
    mapped = tuple(one for one in uses.mapped_devices(reader) if one.node == node)
    return ObservedGpus(
        node=node,
        cards=found,
        iommu=iommu.observe(reader, sysfs),
        consoles=pci.consoles(tree),
        switches=pci.switches(tree),
        uses=used,
        mapped=mapped,
        known=known,
        strangers={one.address: one.identity for one in tree.several(sorted(_named(used, mapped, found)))},
    )


def ask_driver(reader: Reader, found: ObservedGpus) -> ObservedGpus:
    """With what NVIDIA's driver tells, where it has a card. It takes its time when one of them hangs."""
    functions = (one for card in found.cards for one in card.functions)
    has_one = any(one.driver == "nvidia" and one.vendor == NVIDIA for one in functions)
    return replace(found, nvml=nvml.observe(reader)) if has_one else found


def _named(used: Iterable[Use], mapped: Iterable[MappedDevice], cards: Iterable[Card]) -> set[str]:
    """Addresses of guests and mappings at which none of these cards is; a slot stands for its first function."""
    written = {*_raw(used), *(path for one in mapped for path in one.paths)}
    known = list(cards)
    return {one if "." in one else f"{one}.0" for one in written if not any(card.has(one) for card in known)}


def _raw(used: Iterable[Use]) -> Iterator[str]:
    for use in used:
        yield from (one for one in use.written if full_address(one) == one)
