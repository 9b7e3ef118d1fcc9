# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the IOMMU is on, why it is not, and what is to be said to the kernel about it.

That it is on is seen by its units and the groups of devices. The command line only explains that it is off: what stands
there has no effect on some machines, and is not needed on others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from ...model.gpu.iommu import INTEL_CPU, INTEL_DEFAULT_ON, Cause, Iommu

ON = "intel_iommu=on"
#: Words that switch it off.
OFF = ("intel_iommu=off", "amd_iommu=off", "iommu=off")


@dataclass(frozen=True)
class Parameters:
    """What has to be added to the kernel's command line, and what to go from it."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


def is_on(iommu: Iommu, grouped: bool) -> bool:
    """``grouped``: the device in question is in a group."""
    return bool(iommu.units) and grouped


def why_off(iommu: Iommu) -> Cause:
    if _switched_off(iommu) or _needs_parameter(iommu):
        return "kernel_parameter"
    return "guest_without_viommu" if iommu.guest else "firmware"


def parameters(iommu: Iommu, grouped: bool) -> Parameters:
    """None where it is on, or where no parameter could switch it on."""
    if is_on(iommu, grouped):
        return Parameters()
    return Parameters((ON,) if _needs_parameter(iommu) else (), tuple(_switched_off(iommu)))


def told(iommu: Iommu) -> list[str]:
    """What of the command line is not as whoever wrote it thinks."""
    lines = [f"a later {word} wins" for word in _switched_off(iommu) if len(_of(iommu, word)) > 1]
    return lines + (["amd_iommu=on is no option"] if "amd_iommu=on" in iommu.words else [])


def _switched_off(iommu: Iommu) -> list[str]:
    return [word for word in OFF if iommu.has(*word.split("=")) and _is_for(iommu, word)]


def _is_for(iommu: Iommu, word: str) -> bool:
    """A parameter of another maker's IOMMU has no effect."""
    return word.startswith("iommu") or word.startswith("intel") == (iommu.cpu == INTEL_CPU)


def _of(iommu: Iommu, word: str) -> list[str]:
    name = word.partition("=")[0]
    return [one for one in iommu.words if one.partition("=")[0] == name]


def _needs_parameter(iommu: Iommu) -> bool:
    """An IOMMU of Intel with a kernel that leaves it off; one of AMD is on by default."""
    version = _version(iommu.kernel)
    older = version is not None and version < INTEL_DEFAULT_ON
    return iommu.cpu == INTEL_CPU and older and not iommu.has("intel_iommu", "on")


def _version(kernel: str) -> Optional[tuple[int, int]]:
    found = re.match(r"(\d+)\.(\d+)", kernel)
    return (int(found[1]), int(found[2])) if found else None
