# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node is told about its GPUs for its boots: modules, options of modules, virtual functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Optional

from ...model.gpu.host import MODPROBE, MODULES, UNIT_FILE, ObservedGpuHost
from ...model.gpu.pci import AMD, INTEL, NVIDIA, Card, Function
from .host_desired import Wanted

_HEADING = "# Written by baremetal.virt (gpu_host), and written anew when somebody changes it.\n"
DEVICES = "/sys/bus/pci/devices"
#: Modules that would take a card first.
_DRIVERS: Mapping[str, tuple[str, ...]] = {
    NVIDIA: ("nouveau", "nvidia", "nvidia_drm", "nvidiafb"),
    AMD: ("amdgpu", "radeon"),
    INTEL: ("i915", "xe"),
}
#: The same for other functions of a card: beginning of their class → modules.
_OF_COMPANIONS = {"0403": ("snd_hda_intel",), "0c03": ("xhci_pci",), "0c80": ("i2c_nvidia_gpu", "ucsi_ccg")}


def texts(cards: Sequence[Wanted], observed: ObservedGpuHost) -> dict[str, Optional[str]]:
    """Path → its text, or None for a file that is not to be there. Cards of which nothing is wanted lose nothing."""
    passed = [one.card for one in cards if one.workload == "vm-passthrough"]
    others = [card for card in observed.gpus.cards if card not in passed]
    loaded = "vfio\nvfio_iommu_type1\nvfio_pci\n"
    options = [*_vfio(passed, others), *_blacklist(passed, others, cards)]
    made = [one for one in cards if one.functions and not by_helper(one, observed.helper)]
    return {
        MODULES: f"{_HEADING}{loaded}" if passed else None,
        MODPROBE: _HEADING + "".join(f"{line}\n" for line in options) if options else None,
        UNIT_FILE: _unit(made) if made else None,
    }


def by_helper(one: Wanted, helper: Optional[bool]) -> bool:
    """NVIDIA's own helper makes them, all that a card can have."""
    whole = bool(one.functions) and one.functions == one.card.gpu.total
    return whole and helper is not None and one.card.gpu.vendor == NVIDIA


def digest(found: Mapping[str, Optional[str]], words: Iterable[str]) -> str:
    """Of all that only a boot brings into effect."""
    said = json.dumps([found[MODULES], found[MODPROBE], sorted(words)])
    return hashlib.sha256(said.encode()).hexdigest()


def _vfio(passed: Sequence[Card], others: Sequence[Card]) -> list[str]:
    """By their ids, where all with these ids are to go. Of two alike, one is named by its address."""
    functions = [function for card in passed for function in card.physical]
    kept = {function.id for card in others for function in card.functions}
    ids = sorted({one.id for one in functions if one.id not in kept})
    alone = sorted((one for one in functions if one.id in kept), key=lambda one: one.address)
    lines = [f"options vfio-pci ids={','.join(ids)}"] if ids else []
    if alone:
        named = "; ".join(map(_override, alone))
        lines.append(f"install vfio-pci {named}; /sbin/modprobe --ignore-install vfio-pci")
    modules = dict.fromkeys(module for one in functions for module in _takers(one))
    return lines + [f"softdep {module} pre: vfio-pci" for module in modules]


def _override(function: Function) -> str:
    """Only of this device: with another card in a slot, the disk or the network of the node may have its address.

    In an initial RAM disk the shell has nothing but its own commands.
    """
    path = f"{DEVICES}/{function.address}"
    read = f"read vendor < {path}/vendor; read device < {path}/device"
    return f"{read}; [ $vendor$device = {_numbers(function)} ] && echo vfio-pci > {path}/driver_override"


def _numbers(function: Function) -> str:
    """Vendor and device as sysfs has them, one behind the other."""
    return f"0x{function.vendor}0x{function.device}"


def _takers(function: Function) -> tuple[str, ...]:
    if function.is_gpu:
        return _DRIVERS.get(function.vendor, ())
    return _OF_COMPANIONS.get(function.kind[:4], ())


def _blacklist(passed: Sequence[Card], others: Sequence[Card], cards: Sequence[Wanted]) -> list[str]:
    """Drivers that no card of the node needs any more. NVIDIA's driver for vGPUs does not work beside nouveau."""
    lines = []
    given, needing = ({card.gpu.vendor for card in several} for several in (passed, others))
    shared = {one.card.gpu.vendor for one in cards if one.workload == "vm-vgpu"}
    for vendor, modules in _DRIVERS.items():
        if vendor in given - needing:
            lines += [f"blacklist {module}" for module in modules]
        elif vendor == NVIDIA and vendor in shared:
            lines.append("blacklist nouveau")
    return lines


def _unit(made: Sequence[Wanted]) -> str:
    """Their number goes through 0, as the kernel changes it in no other way. Another device keeps what it has."""
    starts = []
    for one in made:
        folder = f"{DEVICES}/{one.card.address}"
        path = f"{folder}/sriov_numvfs"
        starts.append(
            f'ExecStart=/bin/sh -c \'[ "$(cat {folder}/vendor)$(cat {folder}/device)" = {_numbers(one.card.gpu)} ] &&'
            f' {{ [ "$(cat {path})" = {one.functions} ] ||'
            f" {{ echo 0 > {path} && echo {one.functions} > {path}; }}; }}'\n"
        )
    return (
        f"{_HEADING}[Unit]\nDescription=Virtual functions of GPUs\n"
        "After=systemd-modules-load.service nvidia-vgpud.service nvidia-vgpu-mgr.service\nBefore=pve-guests.service\n\n"
        f"[Service]\nType=oneshot\nRemainAfterExit=yes\n{''.join(starts)}\n"
        "[Install]\nWantedBy=multi-user.target\n"
    )
