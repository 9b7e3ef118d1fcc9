# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node is to do with its GPUs, and what it has been told for its next boot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..node.state import STATE
from ..upgrade.kernel import Boot
from ..upgrade.node import WANTED_BOOTS
from .gpu import ObservedGpus, Workload

#: Our own files; whole, so that taking one away takes all of it back.
MODULES = "/etc/modules-load.d/baremetal-gpu.conf"
MODPROBE = "/etc/modprobe.d/baremetal-gpu.conf"
GRUB = "/etc/default/grub.d/baremetal-gpu.cfg"
CMDLINE = "/etc/kernel/cmdline"
UNIT = "baremetal-gpu-functions.service"
UNIT_FILE = f"/etc/systemd/system/{UNIT}"
#: What was put down for boots: its digest, and in which boot that was done.
PUT_DOWN = f"{STATE}/gpu_host.json"
#: Why the node is to be booted. It is gone with the boot.
WANTS_BOOT = f"{WANTED_BOOTS}/gpu_host"
#: address → identity, of what stood there when it was last put down.
KNOWN = f"{STATE}/gpus.json"
#: Of the package pve-nvidia-vgpu-helper: makes virtual functions of NVIDIA's cards at each boot.
HELPER = "pve-nvidia-sriov@ALL.service"
HELPER_FILE = "/usr/lib/systemd/system/pve-nvidia-sriov@.service"


@dataclass(frozen=True)
class CardRule:
    """``card``: a PCI address, or vendor:device, which the subsystem may follow. functions: to be made of each."""

    card: str
    workload: Workload
    functions: int = 0


@dataclass(frozen=True)
class DesiredGpuHost:
    """``workload``: of all cards that no rule names; None leaves these alone.

    give_console: the only card that shows the console may be given away. new_cards: what stands at an address that a
    guest names may be another card than before.
    """

    workload: Optional[Workload] = None
    rules: tuple[CardRule, ...] = ()
    give_console: bool = False
    new_cards: bool = False


@dataclass(frozen=True)
class ObservedGpuHost:
    """``files``: path → text of those that bear on it, foreign ones, too.

    lines: the command lines that the boot loader has for kernels, of every entry that starts one.
    put_down: the digest of what was put down for boots, and the boot in which that was. helper: NVIDIA's own helper is
    on; None where it is not installed. enabled: our own unit is.
    """

    gpus: ObservedGpus
    boot: Boot
    boot_id: str
    files: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    put_down: tuple[str, str] = ("", "")
    helper: Optional[bool] = None
    enabled: bool = False
