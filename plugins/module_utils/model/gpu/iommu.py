# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether devices are kept apart from each other's memory, and what the kernel was told about it.

Upstream: the kernel's kernel-parameters.txt; PVE::SysFSTools::check_iommu_support asks for the units alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Why it is off: a parameter is missing or switches it off, the firmware has it off, or this is a virtual machine
#: whose own machine has none.
Cause = Literal["kernel_parameter", "firmware", "guest_without_viommu"]
INTEL_CPU, AMD_CPU = "GenuineIntel", "AuthenticAMD"
#: From this kernel on an IOMMU of Intel is on unless it is switched off; one of AMD always is.
INTEL_DEFAULT_ON = (6, 8)


@dataclass(frozen=True)
class Iommu:
    """``units``: what /sys/class/iommu has. words: the command line that the kernel was started with.

    guest: a hypervisor runs it.
    """

    units: tuple[str, ...]
    cpu: str
    kernel: str
    words: tuple[str, ...]
    guest: bool = False

    def last(self, name: str) -> str:
        """The value of a parameter: of several the last wins."""
        found = [word.partition("=")[2] for word in self.words if word.partition("=")[0] == name]
        return found[-1] if found else ""

    def has(self, name: str, option: str) -> bool:
        """Whether an option is among those of a parameter, which are separated by commas."""
        return option in self.last(name).split(",")
