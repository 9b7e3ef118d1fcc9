# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read graphics cards from sysfs: files only, no process, so that a card that hangs stops nobody."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Optional

from ...engine.reader import Reader
from ...model.gpu.host import KNOWN
from ...model.gpu.pci import ACCELERATOR, CONSOLES, DISPLAY, Card, Function, VgpuType, slot_of

SYSFS = "/sys"
#: A configuration space of which every byte is ff: nothing answers there.
_DEAD = frozenset(hashlib.sha256(b"\xff" * size).hexdigest() for size in (64, 256, 4096))
_LINE = re.compile(r"^\s*(\d+)\s*:\s*(\S.*?)\s*$", re.MULTILINE)
_MINOR = re.compile(r"^Device Minor:\s*(\d+)", re.MULTILINE)


class Tree:
    """The PCI devices of one node. Each is looked at once."""

    def __init__(self, reader: Reader, sysfs: str = SYSFS) -> None:
        self._reader, self._sysfs = reader, sysfs
        self._seen: dict[str, Optional[Function]] = {}
        self.addresses = reader.names(f"{sysfs}/bus/pci/devices")

    def kind(self, address: str) -> str:
        return self._number(self._path(address), "class")

    def function(self, address: str) -> Optional[Function]:
        """None where nothing has this address."""
        if address not in self._seen:
            self._seen[address] = self._look(address) if address in self.addresses else None
        return self._seen[address]

    def several(self, addresses: Iterable[str]) -> tuple[Function, ...]:
        return tuple(found for one in addresses if (found := self.function(one)) is not None)

    def group(self, number: Optional[int]) -> tuple[str, ...]:
        return () if number is None else self._reader.names(f"{self._sysfs}/kernel/iommu_groups/{number}/devices")

    def nodes(self) -> Iterator[tuple[str, str]]:
        """Path below /dev → address of the card."""
        for name in self._reader.names(f"{self._sysfs}/class/drm"):
            if re.fullmatch(r"(renderD|card)\d+", name):
                yield f"/dev/dri/{name}", self._target(f"{self._sysfs}/class/drm/{name}", "device")
        for address in self._reader.names("/proc/driver/nvidia/gpus"):
            found = _MINOR.search(self._reader.read(f"/proc/driver/nvidia/gpus/{address}/information") or "")
            if found:
                yield f"/dev/nvidia{found[1]}", address.lower()

    def _path(self, address: str) -> str:
        return f"{self._sysfs}/bus/pci/devices/{address}"

    def _look(self, address: str) -> Function:
        path = self._path(address)
        present = frozenset(self._reader.names(path))
        group = self._target(path, "iommu_group") if "iommu_group" in present else ""
        subsystem = [self._number(path, f"subsystem_{part}") for part in ("vendor", "device")]
        digest = self._reader.digest(f"{path}/config") if "config" in present else None
        virtual = sorted((name for name in present if re.fullmatch(r"virtfn\d+", name)), key=lambda one: int(one[6:]))
        return Function(
            address=address,
            vendor=self._number(path, "vendor"),
            device=self._number(path, "device"),
            kind=self._number(path, "class"),
            subsystem=":".join(subsystem) if all(subsystem) else "",
            driver=self._target(path, "driver") if "driver" in present else "",
            group=int(group) if group.isdecimal() else None,
            numa=_decimal(self._text(path, "numa_node", present), -1),
            boot_vga=self._text(path, "boot_vga", present) == "1",
            bridge="pci_bus" in present,
            physfn=self._target(path, "physfn") if "physfn" in present else "",
            virtfns=tuple(self._target(path, name) for name in virtual),
            total=_decimal(self._text(path, "sriov_totalvfs", present), 0),
            made=_decimal(self._text(path, "sriov_numvfs", present), 0),
            resettable="reset" in present,
            readable=None if digest is None else digest not in _DEAD,
            vgpu=self._running_type(path) if "nvidia" in present else None,
            types=(*self._mediated(path, present), *self._creatable(path, present)),
        )

    def _text(self, path: str, name: str, present: frozenset[str]) -> str:
        return (self._reader.read(f"{path}/{name}") or "").strip() if name in present else ""

    def _number(self, path: str, name: str) -> str:
        return (self._reader.read(f"{path}/{name}") or "").strip().lower().replace("0x", "", 1)

    def _target(self, path: str, name: str) -> str:
        found = self._reader.entry(f"{path}/{name}")
        return "" if found is None or found.target is None else found.target.rpartition("/")[2]

    def _running_type(self, path: str) -> Optional[int]:
        text = (self._reader.read(f"{path}/nvidia/current_vgpu_type") or "").strip()
        return int(text) if text.isdecimal() else None

    def _mediated(self, path: str, present: frozenset[str]) -> Iterator[VgpuType]:
        """Types as the kernel itself offers them."""
        folder = f"{path}/mdev_supported_types"
        for name in self._reader.names(folder) if "mdev_supported_types" in present else ():
            title = (self._reader.read(f"{folder}/{name}/name") or name).strip()
            left = (self._reader.read(f"{folder}/{name}/available_instances") or "").strip()
            yield VgpuType(name, title, int(left) if left.isdecimal() else None)

    def _creatable(self, path: str, present: frozenset[str]) -> Iterator[VgpuType]:
        """Types as NVIDIA's driver offers them from kernel 6.8 on. The first line is a heading."""
        text = self._reader.read(f"{path}/nvidia/creatable_vgpu_types") if "nvidia" in present else None
        yield from (VgpuType(f"nvidia-{number}", title) for number, title in _LINE.findall(text or ""))


def _decimal(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"-?\d+", text) else otherwise


def cards(tree: Tree) -> tuple[Card, ...]:
    """Every GPU that is no virtual function of another one; of several in a slot the first is the card.

    Other functions of its maker in the slot belong to it: audio, USB. Others are there of a processor with graphics.
    """
    found = tree.several(one for one in tree.addresses if tree.kind(one).startswith(DISPLAY + ACCELERATOR))
    gpus: dict[str, Function] = {}
    for one in found:
        if one.is_gpu and not one.physfn:
            gpus.setdefault(slot_of(one.address), one)
    nodes = list(tree.nodes())
    return tuple(_card(tree, gpu, nodes) for gpu in gpus.values())


def _card(tree: Tree, gpu: Function, nodes: Iterable[tuple[str, str]]) -> Card:
    slot = slot_of(gpu.address)
    beside = tree.several(one for one in tree.addresses if slot_of(one) == slot and one != gpu.address)
    companions = tuple(one for one in beside if not one.physfn and one.vendor == gpu.vendor)
    own = {gpu.address, *(one.address for one in companions)}
    shared = tree.several(one for one in tree.group(gpu.group) if one not in own)
    return Card(
        gpu=gpu,
        companions=companions,
        virtual=tree.several(gpu.virtfns),
        sharers=tuple(one for one in shared if not one.bridge),
        nodes=tuple(sorted(path for path, address in nodes if address == gpu.address)),
    )


def consoles(tree: Tree) -> tuple[Function, ...]:
    found = tree.several(one for one in tree.addresses if tree.kind(one).startswith(DISPLAY))
    return tuple(one for one in found if one.vendor in CONSOLES)


def switches(tree: Tree) -> tuple[Function, ...]:
    """NVSwitches, which connect the GPUs of a server."""
    found = tree.several(one for one in tree.addresses if tree.kind(one).startswith("0680"))
    return tuple(one for one in found if one.is_nvswitch)


def known(reader: Reader) -> Mapping[str, str]:
    """What stood where, when it was last put down; nothing where that never was."""
    text = reader.read(KNOWN)
    return {} if text is None else {str(address): str(what) for address, what in json.loads(text).items()}
