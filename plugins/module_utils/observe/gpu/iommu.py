# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read whether there is an IOMMU, and what explains that there is none."""

from __future__ import annotations

import re

from ...engine.reader import Reader
from ...model.gpu.iommu import Iommu

COMMAND_LINE = "/proc/cmdline"
KERNEL = "/proc/sys/kernel/osrelease"
CPU = "/proc/cpuinfo"
_VENDOR = re.compile(r"^vendor_id\s*:\s*(\S+)", re.MULTILINE)
_FLAGS = re.compile(r"^flags\s*:.*\bhypervisor\b", re.MULTILINE)


def observe(reader: Reader, sysfs: str) -> Iommu:
    processor = reader.read(CPU) or ""
    vendor = _VENDOR.search(processor)
    return Iommu(
        units=reader.names(f"{sysfs}/class/iommu"),
        cpu=vendor[1] if vendor else "",
        kernel=(reader.read(KERNEL) or "").strip(),
        words=tuple((reader.read(COMMAND_LINE) or "").split()),
        guest=_FLAGS.search(processor) is not None,
    )
