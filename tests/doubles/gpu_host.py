"""A node with GPUs that boots: what is written takes effect as the boot loader, modprobe and systemd would have it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from ansible_collections.baremetal.virt.plugins.module_utils.model.gpu.host import CMDLINE, MODPROBE, UNIT, UNIT_FILE
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade import kernel

from .gpu_trees import DEVICES, GpuNode
from .support import Completed, FakeNode, printed

#: The older one leaves an IOMMU of Intel off.
RELEASE, OLD = "6.14.11-4-pve", "6.2.16-20-pve"
ENABLED = f"/etc/systemd/system/multi-user.target.wants/{UNIT}"
ESP = "A1B2-0001"
FIRST = "root=/dev/mapper/pve-root ro quiet"


def prepared(node: GpuNode, loader: str = "grub", release: str = RELEASE, words: str = FIRST) -> GpuNode:
    """The node with a boot loader: grub, grub-esp or systemd-boot."""
    node.files.update(
        {
            kernel.RUNNING: f"{release}\n",
            "/proc/cmdline": f"{words}\n",
            "/proc/sys/kernel/random/boot_id": "boot-1\n",
            "/etc/os-release": "ID=debian\nVERSION_CODENAME=trixie\n",
            kernel.GRUB: f'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="{words.partition("ro ")[2]}"\n',
            CMDLINE: f"{words}\n",
        }
    )
    node.commands.update(
        {
            ("getent", "ahosts", "pve1"): printed("10.10.1.11 STREAM pve1\n"),
            ("ip", "-json", "address"): printed("[]"),
            kernel.IMAGES: printed(f"vmlinuz-{release}\ninitrd.img-{release}\n"),
            kernel.GRUB_ENV: printed(""),
        }
    )
    effects: dict[tuple[str, ...], Callable[[FakeNode], None]] = {
        ("update-grub",): _update_grub,
        ("proxmox-boot-tool", "refresh"): _refresh,
        ("update-initramfs", "-u", "-k", "all"): _initramfs,
        ("systemctl", "daemon-reload"): _reload,
        ("systemctl", "enable", UNIT): _enable,
        ("systemctl", "disable", UNIT): lambda it: _links(it).__delitem__(ENABLED),
        ("systemctl", "restart", UNIT): _make_functions,
    }
    node.effects.update(effects)
    if loader != "grub":
        node.files[kernel.UUIDS] = f"{ESP}\n"
        node.directories[kernel.EFI] = ("root", "root", 0o755)
        node.commands["boot_partitions", ESP] = lambda it: _partition(it, loader)
        _refresh(node)
    else:
        _update_grub(node)
    _initramfs(node)
    return node


def _links(node: FakeNode) -> dict[str, str]:
    assert isinstance(node, GpuNode)
    return node.links


def _grub_words(node: FakeNode) -> str:
    """As the shell reads these files, one after the other."""
    found = ""
    snippets = sorted(path for path in node.files if path.startswith(kernel.SNIPPETS) and path.endswith(".cfg"))
    for path in (kernel.GRUB, *snippets):
        for value in re.findall(r'^GRUB_CMDLINE_LINUX_DEFAULT="(.*)"$', node.files[path], re.MULTILINE):
            found = value.replace("$GRUB_CMDLINE_LINUX_DEFAULT", found)
    return f"root=/dev/mapper/pve-root ro {found}"


def _menu(node: FakeNode) -> str:
    linux = f"\tlinux\t/boot/vmlinuz-{RELEASE} root=/dev/mapper/pve-root ro"
    return (
        f"menuentry 'Proxmox VE GNU/Linux' $menuentry_id_option 'gnulinux-simple-1' {{\n"
        f"{linux.rpartition(' root=')[0]} {_grub_words(node)}\n}}\n"
        f"menuentry 'recovery' $menuentry_id_option 'gnulinux-recovery-1' {{\n{linux} single\n}}\n"
    )


def _update_grub(node: FakeNode) -> None:
    node.files[kernel.GRUB_CFG] = _menu(node)


def _refresh(node: FakeNode) -> None:
    node.files["/esp/options"] = node.files[CMDLINE]
    node.files["/esp/grub.cfg"] = _menu(node)


def _partition(node: FakeNode, loader: str) -> Completed:
    grub = node.files["/esp/grub.cfg"] if loader == "grub-esp" else None
    told = {"present": True, "files": [], "default": None, "options": [], "grub": grub}
    if loader == "systemd-boot":
        told["options"] = node.files["/esp/options"].splitlines()
    return printed(json.dumps({ESP: told}))


def _initramfs(node: FakeNode) -> None:
    node.files["/initramfs/modprobe"] = node.files.get(MODPROBE, "")


def _reload(node: FakeNode) -> None:
    node.files["/systemd/unit"] = node.files[UNIT_FILE]


def _enable(node: FakeNode) -> None:
    _links(node)[ENABLED] = UNIT_FILE


def _make_functions(node: FakeNode) -> None:
    """What the unit that systemd has read says; the driver has to be there."""
    assert isinstance(node, GpuNode)
    for address, count in re.findall(
        r"echo ([1-9]\d*) > /sys/bus/pci/devices/(\S+)/sriov_numvfs", node.files["/systemd/unit"]
    ):
        address, count = count, address
        assert node.links[f"{DEVICES}/{address}/driver"].endswith("/nvidia")
        if node.files[f"{DEVICES}/{address}/sriov_numvfs"] != f"{count}\n":
            forget_functions(node, address)
            node.make_functions(address, int(count), 70, "files")


def forget_functions(node: GpuNode, parent: str) -> None:
    """As a boot does."""
    functions = [
        target.rpartition("/")[2]
        for path, target in node.links.items()
        if path.startswith(f"{DEVICES}/{parent}/virtfn")
    ]
    node.files = {path: one for path, one in node.files.items() if not any(f"/{it}/" in path for it in functions)}
    node.links = {
        path: one
        for path, one in node.links.items()
        if "/virtfn" not in path and not any(f"/{it}" in path for it in functions)
    }
    node.spaces = {path: one for path, one in node.spaces.items() if not any(f"/{it}/" in path for it in functions)}
    node.files[f"{DEVICES}/{parent}/sriov_numvfs"] = "0\n"


def reboot(node: GpuNode, loader: str = "grub", firmware: bool = True) -> None:
    """``firmware``: whether it has an IOMMU to be switched on."""
    number = int(node.files["/proc/sys/kernel/random/boot_id"].split("-")[1])
    node.files["/proc/sys/kernel/random/boot_id"] = f"boot-{number + 1}\n"
    node.files = {path: text for path, text in node.files.items() if not path.startswith("/run/")}
    if loader == "systemd-boot":
        words = node.files["/esp/options"]
    else:
        menu = node.files[kernel.GRUB_CFG if loader == "grub" else "/esp/grub.cfg"]
        words = re.findall(r"linux\t\S+ (.*)", menu)[0] + "\n"
    node.files["/proc/cmdline"] = words
    on = firmware and ("intel_iommu=on" in words.split() or node.files[kernel.RUNNING].strip() != OLD)
    node.units(*(["dmar0"] if on and "intel_iommu=off" not in words.split() else []))
    options = node.files["/initramfs/modprobe"]
    ids = set(",".join(re.findall(r"vfio-pci ids=(\S+)", options)).split(","))
    named = set(re.findall(r"/devices/(\S+)/driver_override", options))
    for path in [path for path in node.files if re.fullmatch(rf"{DEVICES}/[^/]+/vendor", path)]:
        address = path.split("/")[-2]
        its = ":".join(node.files[f"{DEVICES}/{address}/{name}"].strip()[2:] for name in ("vendor", "device"))
        group = f"{DEVICES}/{address}/iommu_group"
        if on:
            node.links.setdefault(group, "../../../../kernel/iommu_groups/14")
        if its in ids or address in named:
            node.bind(address, "vfio-pci")
        elif node.links.get(f"{DEVICES}/{address}/driver", "").endswith("/vfio-pci") or "blacklist nouveau" in options:
            node.bind(address, "nvidia")
    for path in [path for path in node.files if path.endswith("/sriov_numvfs")]:
        forget_functions(node, path.split("/")[-2])
    if ENABLED in node.links:
        _reload(node)
        _make_functions(node)
