# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All GPUs of a node, and who uses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from .iommu import Iommu
from .pci import Card, Function, Nvml
from .use import MappedDevice, Use

#: As NVIDIA's operator calls them: the node's own programs and containers have the cards, each virtual machine a whole
#: one, or several share one.
Workload = Literal["container", "vm-passthrough", "vm-vgpu"]
WORKLOADS: tuple[Workload, ...] = ("container", "vm-passthrough", "vm-vgpu")


@dataclass(frozen=True)
class ObservedGpus:
    """``consoles``: what shows the console and is no GPU. known: address → identity when it was last put down.

    nvml: None where NVIDIA's driver does not answer, or was not asked. strangers: address → identity of whatever else
    stands at an address that a guest or a mapping names.
    """

    node: str
    cards: tuple[Card, ...]
    iommu: Iommu
    consoles: tuple[Function, ...] = ()
    switches: tuple[Function, ...] = ()
    uses: tuple[Use, ...] = ()
    mapped: tuple[MappedDevice, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    strangers: Mapping[str, str] = field(default_factory=dict)
    nvml: Optional[Nvml] = None
