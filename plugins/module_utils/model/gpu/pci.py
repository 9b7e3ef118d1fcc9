# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A function of a PCI device as sysfs shows it, and a graphics card, which is one or several of them.

Upstream: the kernel's Documentation/ABI/testing/sysfs-bus-pci, PVE::SysFSTools.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

NVIDIA, AMD, INTEL = "10de", "1002", "8086"
#: What only shows the console of a server, or of a virtual machine, and computes nothing: ASPEED, Matrox, Cirrus, QEMU,
#: Red Hat (QXL, virtio), VMware.
CONSOLES = frozenset(("1a03", "102b", "1013", "1234", "1b36", "1af4", "15ad"))
#: Drivers that hold a device for a virtual machine.
VFIO = frozenset(("vfio-pci", "nvgrace_gpu_vfio_pci"))
#: Beginnings of classes: displays, and processors beside them, as the larger cards of AMD call themselves.
DISPLAY, ACCELERATOR = ("03",), ("1200",)
#: Displays without those that only compute, whose class is 0302.
SCREENS = ("0300", "0380")
_ADDRESS = re.compile(r"(?:([0-9a-fA-F]{4,8}):)?([0-9a-fA-F]{2}:[0-9a-fA-F]{2})(?:\.([0-7]))?")
_NVSWITCH_CLASS = "068000"


def full_address(text: str) -> Optional[str]:
    """``0000:01:00`` of ``01:00``, with the function where it is said; None of what is no address."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None:
        return None
    domain, slot, function = found.groups()
    return f"{int(domain or '0', 16):04x}:{slot.lower()}" + (f".{function}" if function else "")


def slot_of(address: str) -> str:
    """Without the function."""
    return address.partition(".")[0]


def covers(written: str, address: str) -> bool:
    """Whether Proxmox VE takes this function for what is written: without a function, all of the slot are meant."""
    return written == address or written == slot_of(address)


@dataclass(frozen=True)
class VgpuType:
    """``name``: as in ``mdev=``, such as nvidia-560. available: how many more can be made; None where nobody tells."""

    name: str
    title: str
    available: Optional[int] = None


@dataclass(frozen=True)
class Function:
    """``kind``: class of the device, six hexadecimal digits. group: of the IOMMU; None without one.

    bridge: it leads to another bus, and is never given to a guest. physfn: the function of which this one is virtual.
    virtfns: its virtual functions. total, made: how many of these it can have, and has. resettable: the kernel knows
    how. readable: its configuration space answers; None where it was not asked. vgpu: the type that runs on it, 0 for
    none; None where it is no such function. types: those that can be made of it now.
    """

    address: str
    vendor: str
    device: str
    kind: str
    subsystem: str = ""
    driver: str = ""
    group: Optional[int] = None
    numa: int = -1
    boot_vga: bool = False
    bridge: bool = False
    physfn: str = ""
    virtfns: tuple[str, ...] = ()
    total: int = 0
    made: int = 0
    resettable: bool = True
    readable: Optional[bool] = None
    vgpu: Optional[int] = None
    types: tuple[VgpuType, ...] = ()

    @property
    def id(self) -> str:
        """In lower case, as Proxmox VE compares it."""
        return f"{self.vendor}:{self.device}"

    @property
    def identity(self) -> str:
        """What it is, wherever it is plugged in."""
        return f"{self.id} {self.subsystem}".strip()

    @property
    def is_gpu(self) -> bool:
        computes = self.vendor == AMD and self.kind.startswith(ACCELERATOR)
        return computes or (self.kind.startswith(DISPLAY) and self.vendor not in CONSOLES)

    @property
    def is_nvswitch(self) -> bool:
        return self.vendor == NVIDIA and self.kind == _NVSWITCH_CLASS

    @property
    def mediated(self) -> bool:
        """Proxmox VE shows it as one that can be shared: it then wants ``mdev`` in a mapping, and else refuses that."""
        return bool(self.types) or self.vgpu is not None

    def __str__(self) -> str:
        return f"{self.address} ({self.id}, {self.driver or 'no driver'})"


@dataclass(frozen=True)
class Card:
    """A GPU. ``companions``: other functions of its slot, such as audio. virtual: its virtual functions.

    sharers: what else is in its IOMMU group. nodes: files below /dev by which programs and containers reach it.
    """

    gpu: Function
    companions: tuple[Function, ...] = ()
    virtual: tuple[Function, ...] = ()
    sharers: tuple[Function, ...] = ()
    nodes: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return self.gpu.address

    @property
    def functions(self) -> tuple[Function, ...]:
        return (self.gpu, *self.companions, *self.virtual)

    @property
    def physical(self) -> tuple[Function, ...]:
        """What a guest is given that gets the whole card."""
        return (self.gpu, *self.companions)

    @property
    def types(self) -> tuple[VgpuType, ...]:
        """Types of vGPUs, of the card and of its functions."""
        found = {one.name: one for function in (*self.virtual, self.gpu) for one in function.types}
        return tuple(found[name] for name in sorted(found))

    def has(self, written: str) -> bool:
        """Whether an address that stands in a configuration is the card, or a part of it."""
        return any(covers(written, one.address) for one in self.functions)

    def __str__(self) -> str:
        return f"{self.address} ({self.gpu.id})"


@dataclass(frozen=True)
class Nvml:
    """What NVIDIA's driver tells. ``links``: address → those that NVLink connects it with. types: address → titles."""

    links: Mapping[str, tuple[str, ...]]
    types: Mapping[str, tuple[str, ...]]
