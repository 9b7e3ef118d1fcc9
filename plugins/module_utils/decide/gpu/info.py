# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module ``gpu_info`` returns."""

from __future__ import annotations

from typing import Any, Optional

from ...model.gpu.gpu import ObservedGpus, Workload
from ...model.gpu.pci import NVIDIA, Card
from .iommu import is_on, told, why_off
from .users import changed_addresses, users_of, vgpu_members, wrong_mappings
from .verdict import notices, reasons, vgpus_in_use, workload_of


def answer(observed: ObservedGpus, workload: Optional[Workload]) -> dict[str, Any]:
    """``workload``: what all cards are judged for; None for what each is there for now."""
    return {
        "node": observed.node,
        "iommu": _iommu(observed),
        "gpus": [_card(card, observed, workload or workload_of(card)) for card in observed.cards],
        "consoles": [one.address for one in observed.consoles],
        "nvswitches": [one.address for one in observed.switches],
        "any_card": sorted({use.vmid for use in observed.uses if use.way == "any"}),
        "rights_only": sorted({use.vmid for use in observed.uses if use.way == "rights"} - _users(observed)),
        "changed_addresses": [str(one) for one in changed_addresses(observed)],
        "wrong_mappings": [f"{entry.mapping}: {problem}" for entry, problem in wrong_mappings(observed)],
    }


def _users(observed: ObservedGpus) -> set[int]:
    return {use.vmid for use in observed.uses if use.way != "rights"}


def _iommu(observed: ObservedGpus) -> dict[str, Any]:
    on = is_on(observed.iommu, grouped=True)
    return {"on": on, "because": "" if on else why_off(observed.iommu), "notices": told(observed.iommu)}


def _card(card: Card, observed: ObservedGpus, workload: Workload) -> dict[str, Any]:
    found = reasons(card, observed, workload)
    users = users_of(card, observed)
    return {
        "address": card.address,
        "id": card.gpu.id,
        "subsystem_id": card.gpu.subsystem,
        "driver": card.gpu.driver,
        "iommu_group": card.gpu.group,
        "numa_node": card.gpu.numa,
        "workload": workload,
        "verdict": found[0].code if found else "ready",
        "reasons": [{"code": one.code, "text": one.text} for one in found],
        "notices": list(notices(card)),
        "companions": [_function(one.address, one.id, one.driver, one.group) for one in card.companions],
        "shared_with": [_function(one.address, one.id, one.driver, one.group) for one in card.sharers],
        "functions_total": card.gpu.total,
        "functions": vgpu_members(card),
        "vgpu_types": _types(card, observed),
        "vgpus_in_use": [one.address for one in vgpus_in_use(card)],
        "nvlink": _nvlink(card, observed),
        "used_by": sorted({use.vmid for use in users.sure}),
        "possibly_used_by": sorted({use.vmid for use in users.possible} - {use.vmid for use in users.sure}),
        "console": card.gpu.boot_vga,
    }


def _function(address: str, id_: str, driver: str, group: Optional[int]) -> dict[str, Any]:
    return {"address": address, "id": id_, "driver": driver, "iommu_group": group}


def _types(card: Card, observed: ObservedGpus) -> list[dict[str, Any]]:
    """By sysfs; where it names none, by the driver, which tells their titles only."""
    found = [{"name": one.name, "title": one.title, "available": one.available} for one in card.types]
    titles = () if found or observed.nvml is None else observed.nvml.types.get(card.address, ())
    return found or [{"name": "", "title": title, "available": None} for title in titles]


def _nvlink(card: Card, observed: ObservedGpus) -> Optional[list[str]]:
    """None where nobody can tell: only NVIDIA's own driver knows, and it has to be running."""
    if card.gpu.vendor != NVIDIA:
        return []
    links = None if observed.nvml is None else observed.nvml.links.get(card.address)
    return None if links is None else list(links)
