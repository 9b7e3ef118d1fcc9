"""Nodes with graphics cards as sysfs shows them: test doubles. None of them is a copy of a real machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Optional

import yaml

from .support import FakeNode, printed

CASES = Path(__file__).parent.parent / "unit" / "cases" / "gpu"
DEVICES = "/sys/bus/pci/devices"
CPUINFO = "processor\t: 0\nvendor_id\t: {}\nflags\t\t: fpu vme{}\n\n"


class GpuNode(FakeNode):
    """A node in memory with a sysfs: files that are links, and directories that are there by what is below them."""

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.spaces: dict[str, bytes] = {}
        self.files["/proc/sys/kernel/hostname"] = "pve1\n"
        self.files["/proc/sys/kernel/osrelease"] = "6.14.11-4-pve\n"
        self.files["/proc/cmdline"] = "root=/dev/mapper/pve-root ro quiet\n"
        self.processor("GenuineIntel")
        self.units("dmar0")

    def _names(self, argument: tuple[str, ...]) -> list[str]:
        prefix = argument[0].rstrip("/") + "/"
        paths = [*self.files, *self.directories, *self.links, *self.spaces]
        return sorted({path[len(prefix) :].split("/")[0] for path in paths if path.startswith(prefix)})

    def _entry(self, argument: tuple[str, ...]) -> Optional[dict[str, Any]]:
        target = self.links.get(argument[0])
        if target is None:
            return super()._entry(argument)
        return {"kind": "link", "owner": "root", "group": "root", "mode": 0o777, "size": 0, "target": target}

    def _digest(self, argument: tuple[str, ...]) -> Optional[str]:
        import hashlib

        space = self.spaces.get(argument[0])
        return super()._digest(argument) if space is None else hashlib.sha256(space).hexdigest()

    def processor(self, vendor: str, hypervisor: bool = False) -> None:
        self.files["/proc/cpuinfo"] = CPUINFO.format(vendor, " hypervisor" * hypervisor)

    def units(self, *names: str) -> None:
        self.directories = {path: one for path, one in self.directories.items() if "class/iommu" not in path}
        self.directories.update({f"/sys/class/iommu/{name}": ("root", "root", 0o755) for name in names})

    def bind(self, address: str, driver: str) -> None:
        """As the kernel shows it; no driver: unbound."""
        self.links.pop(f"{DEVICES}/{address}/driver", None)
        if driver:
            self.links[f"{DEVICES}/{address}/driver"] = f"../../../../bus/pci/drivers/{driver}"

    def add(
        self, address: str, id_: str, kind: str, driver: str = "", group: Optional[int] = None, **more: Any
    ) -> None:
        """A function. ``more``: further files of it; a value that is True makes an empty one."""
        vendor, device = id_.split(":")
        sub_vendor, sub_device = more.pop("subsystem", "10de:1482").split(":")
        said = {"vendor": vendor, "device": device, "subsystem_vendor": sub_vendor, "subsystem_device": sub_device}
        files = {name: f"0x{value}" for name, value in said.items()}
        files.update({"class": f"0x{kind}", "irq": "16", "driver_override": "(null)"})
        files.update({name.replace("__", "/"): "" if value is True else str(value) for name, value in more.items()})
        self.files.update({f"{DEVICES}/{address}/{name}": f"{value}\n" for name, value in files.items()})
        self.spaces[f"{DEVICES}/{address}/config"] = bytes.fromhex(vendor + device) + bytes(60)
        self.bind(address, driver)
        if group is not None:
            self.links[f"{DEVICES}/{address}/iommu_group"] = f"../../../../kernel/iommu_groups/{group}"
            self.links[f"/sys/kernel/iommu_groups/{group}/devices/{address}"] = f"../{address}"

    def make_functions(self, parent: str, count: int, group: int, era: str = "") -> None:
        """Virtual functions of NVIDIA's, with types by the kernel (``mdev``) or by the driver's files (``files``)."""
        path = f"{DEVICES}/{parent}"
        self.files[f"{path}/sriov_numvfs"] = f"{count}\n"
        vendor, device = (self.files[f"{path}/{name}"].strip()[2:] for name in ("vendor", "device"))
        for number in range(count):
            at = number + 4
            address = f"{parent[:8]}{at // 8:02x}.{at % 8}"
            more: dict[str, Any] = {"reset": True}
            if era == "mdev":
                folder = "mdev_supported_types__nvidia-592"
                more |= {f"{folder}__name": "NVIDIA A10-4Q", f"{folder}__available_instances": "1"}
            elif era == "files":
                listing = "ID    : vGPU Name\n592   : NVIDIA A10-4Q"
                more |= {"nvidia__creatable_vgpu_types": listing, "nvidia__current_vgpu_type": "0"}
            self.add(address, f"{vendor}:{device}", "030200", "nvidia", group + number, **more)
            self.links[f"{DEVICES}/{address}/physfn"] = f"../{parent}"
            self.links[f"{path}/virtfn{number}"] = f"../{address}"

    def guests(self, texts: Mapping[str, str], running: Iterable[int] = ()) -> None:
        """``100.conf`` → its text; 1xx are virtual machines, others containers."""
        ids = {}
        for name, text in texts.items():
            vmid = name.partition(".")[0]
            machine = vmid.startswith("1")
            ids[vmid] = {"node": "pve1", "type": "qemu" if machine else "lxc"}
            self.files[f"/etc/pve/nodes/pve1/{'qemu-server' if machine else 'lxc'}/{name}"] = text
        self.files["/etc/pve/.vmlist"] = json.dumps({"ids": ids})
        for number in running:
            self.files.update({f"/run/qemu-server/{number}.pid": "77\n", "/proc/77": ""})

    def read_tree(self, text: str) -> None:
        """A tree as it stands in a case: ``path = value``, ``path -> target``, ``path/``."""
        for line in text.splitlines():
            if " -> " in line:
                path, target = line.split(" -> ")
                self.links[f"/sys/{path}"] = target
            elif " = " in line:
                path, value = line.split(" = ")
                self.files[f"/sys/{path}"] = f"{value}\n"


def text(case: str, name: str) -> str:
    return (CASES / case / name).read_text()


def right(case: str) -> Any:
    return yaml.safe_load(text(case, "right.yml"))


def of_case(case: str, tree: str) -> GpuNode:
    """A node with the tree, guests and mappings of a case."""
    node = GpuNode()
    node.read_tree(text(case, tree))
    texts: dict[str, str] = {}
    for line in text(case, "guests.txt").splitlines():
        name, said = line.split("\t")
        texts[name] = texts.get(name, "") + f"{said}\n"
    node.guests(texts)
    node.files["/etc/pve/mapping/pci.cfg"] = text(case, "pci.cfg")
    return node


# --- trees --------------------------------------------------------------------------------------------------------


def consumer() -> GpuNode:
    """A card with audio, which also shows the console; nothing is prepared."""
    node = GpuNode()
    node.add("0000:01:00.0", "10de:2504", "030000", "nouveau", 14, boot_vga=1, reset=True)
    node.add("0000:01:00.1", "10de:228e", "040300", "snd_hda_intel", 14)
    return node


def passed_through() -> GpuNode:
    """The same, prepared, beside the console of a server."""
    node = consumer()
    node.files[f"{DEVICES}/0000:01:00.0/boot_vga"] = "0\n"
    for address in ("0000:01:00.0", "0000:01:00.1"):
        node.bind(address, "vfio-pci")
    node.add("0000:03:00.0", "1a03:2000", "030000", "ast", 20, boot_vga=1, subsystem="1a03:2000")
    return node


def four_functions() -> GpuNode:
    """Audio is bound, as it is named first; USB and UCSI are not."""
    node = GpuNode()
    drivers = ("vfio-pci", "vfio-pci", "xhci_hcd", "nvidia-gpu")
    kinds = {"21c4": "030000", "1aeb": "040300", "1aec": "0c0330", "1aed": "0c8000"}
    for number, ((device, kind), driver) in enumerate(zip(kinds.items(), drivers)):
        node.add(f"0000:01:00.{number}", f"10de:{device}", kind, driver, 14, reset=True)
    node.add("0000:03:00.0", "1a03:2000", "030000", "ast", 20, boot_vga=1, subsystem="1a03:2000")
    return node


def a10(functions: int = 32, era: str = "files") -> GpuNode:
    node = GpuNode()
    more = {"sriov_totalvfs": 32, "sriov_numvfs": 0, "sriov_drivers_autoprobe": 1, "reset": True}
    node.add("0000:65:00.0", "10de:2236", "030200", "nvidia", 60, **more)
    if functions:
        node.make_functions("0000:65:00.0", functions, 70, era)
    return node


def t4() -> GpuNode:
    """No virtual functions: the card itself offers types."""
    node = GpuNode()
    folder = "mdev_supported_types__nvidia-232"
    types = {f"{folder}__name": "GRID T4-8Q", f"{folder}__available_instances": "2"}
    node.add("0000:3b:00.0", "10de:1eb8", "030200", "nvidia", 33, reset=True, subsystem="10de:12a2", **types)
    return node


def shared_group() -> GpuNode:
    """With a network card, below a bridge that counts for nobody."""
    node = GpuNode()
    node.add("0000:00:01.0", "8086:1901", "060400", "pcieport", 2, pci_bus__0000_01=True)
    node.add("0000:01:00.0", "10de:2236", "030200", "vfio-pci", 2, reset=True)
    node.add("0000:02:00.0", "8086:1533", "020000", "igb", 2)
    return node


def two_of_one_kind() -> GpuNode:
    node = GpuNode()
    for bus, group in (("01", 14), ("41", 30)):
        node.add(f"0000:{bus}:00.0", "10de:2236", "030200", "nvidia", group, reset=True)
    return node


def nvswitch_server() -> GpuNode:
    """Eight GPUs of which NVIDIA's driver tells that all are linked, and four switches."""
    node = GpuNode()
    for number in range(8):
        numa = number // 4
        node.add(
            f"0000:{16 + number:02x}:00.0", "10de:2330", "030200", "nvidia", number + 40, reset=True, numa_node=numa
        )
    for number in range(4):
        node.add(f"0000:{number + 5:02x}:00.0", "10de:22a3", "068000", "nvidia", number + 60)
    names = [f"GPU{number}" for number in range(8)]
    rows = ["\t" + "\t".join([*names, "CPU Affinity", "NUMA Affinity"])]
    rows += ["\t".join([one, *(" X " if one == other else "NV18" for other in names), "0-51", "0"]) for one in names]
    listed = "".join(f"{number}, 00000000:{16 + number:02X}:00.0\n" for number in range(8))
    node.commands["nvidia-smi", "--query-gpu=index,pci.bus_id", "--format=csv,noheader"] = printed(listed)
    node.commands["nvidia-smi", "topo", "-m"] = printed("\n".join(rows) + "\n\nLegend:\n\n  X = Self\n")
    types = "GPU 00000000:10:00.0\n    NVIDIA H100XM-40C\n    NVIDIA H100XM-80C\n"
    node.commands["nvidia-smi", "vgpu", "-s"] = printed(types)
    return node


def integrated() -> GpuNode:
    node = GpuNode()
    node.add("0000:00:02.0", "8086:a780", "030000", "i915", 0, boot_vga=1, subsystem="8086:7270")
    return node


def amd() -> GpuNode:
    """A processor of AMD, and one of its cards that call themselves accelerators."""
    node = GpuNode()
    node.processor("AuthenticAMD")
    node.units("ivhd0")
    node.add("0000:c1:00.0", "1002:74a1", "120000", "amdgpu", 8, subsystem="1002:74a1")
    return node


def no_iommu() -> GpuNode:
    node = GpuNode()
    node.units()
    node.add("0000:01:00.0", "10de:2236", "030200", "vfio-pci", reset=True)
    return node


def wrong_driver() -> GpuNode:
    node = GpuNode()
    node.add("0000:01:00.0", "10de:2236", "030200", "nvidia", 14, reset=True)
    return node


def dead() -> GpuNode:
    """It stands in sysfs, and answers nothing."""
    node = wrong_driver()
    node.bind("0000:01:00.0", "vfio-pci")
    node.spaces[f"{DEVICES}/0000:01:00.0/config"] = b"\xff" * 256
    return node


def asleep() -> GpuNode:
    node = wrong_driver()
    node.bind("0000:01:00.0", "vfio-pci")
    node.files[f"{DEVICES}/0000:01:00.0/power_state"] = "D3cold\n"
    return node


def unresettable() -> GpuNode:
    node = GpuNode()
    node.add("0000:05:00.0", "1002:1638", "030000", "vfio-pci", 14, subsystem="1002:1636")
    return node


def functions_in_one_group() -> GpuNode:
    """A board without ACS: all virtual functions are in the group of the card."""
    node = a10(0)
    node.make_functions("0000:65:00.0", 2, 70, "files")
    for address in ("0000:65:00.4", "0000:65:00.5"):
        node.links[f"{DEVICES}/{address}/iommu_group"] = "../../../../kernel/iommu_groups/70"
    return node
