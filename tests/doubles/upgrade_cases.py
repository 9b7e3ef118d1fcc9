"""Upgrades that went wrong in public, each with the smallest texts that show it; and a node before its upgrade."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import ObservedNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.kernel import Boot
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.node import ObservedUpgrade
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.packages import Packages, Policy, Row
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade.packages import parse_upgrade

CASES = Path(__file__).parent.parent / "unit" / "cases" / "upgrade"
OLD, NEW = "6.14.11-4-pve", "6.14.11-5-pve"
ARCHIVE = "http://download.proxmox.com/debian/pve trixie/pve-no-subscription amd64 Packages"
SIMULATED = (
    "NOTE: This is only a simulation!\n"
    "Reading package lists...\nBuilding dependency tree...\n"
    "The following packages will be upgraded:\n  pve-manager openssl\n"
    f"Inst proxmox-kernel-{NEW}-signed (6.14.11-5 Proxmox:9/stable [amd64])\n"
    "Inst pve-manager [9.0.3] (9.0.11 Proxmox:9/stable [all])\n"
    "Inst openssl [3.5.1-1] (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64])\n"
    "Conf pve-manager (9.0.11 Proxmox:9/stable [all])\n"
)


def text(name: str, file: str) -> str:
    return (CASES / name / file).read_text()


def data(name: str, file: str) -> Any:
    return json.loads(text(name, file))


def right(name: str) -> Any:
    """What has to come of it, as the programs themselves or their manuals say."""
    return yaml.safe_load(text(name, "right.yml"))["expect"]


def boot(*releases: str, running: str = OLD, **more: Any) -> Boot:
    """GRUB from /boot, with these kernels whole."""
    found = releases or (OLD,)
    return Boot("grub", running, tuple(f"vmlinuz-{one}" for one in found), frozenset(found), **more)


def packages(simulated: str = "", **more: Any) -> Packages:
    policy = Policy("9.0.3", "9.0.3", (Row("9.0.3", 500, (ARCHIVE,)),))
    given = {"policies": {"pve-manager": policy}, "installed": {"pve-manager": "9.0.3"}, "lists_age": 0}
    return Packages(simulation=parse_upgrade(simulated), **{**given, **more})


def node(simulated: str = "", **more: Any) -> ObservedUpgrade:
    """A healthy node alone, with what ``apt-get --simulate`` would print there."""
    given: dict[str, Any] = {
        "packages": packages(simulated),
        "boot": boot(),
        "network": ObservedNetwork("ifupdown2", kernel=Kernel()),
        "space": {"/": ("/", 90 << 30), "/var/cache/apt/archives": ("/", 90 << 30), "/boot": ("/", 90 << 30)},
        "network_starts": True,
        "clock": 0.0001,
    }
    return ObservedUpgrade("pve1", "0b1d", **{**given, **more})


def with_packages(observed: ObservedUpgrade, **more: Any) -> ObservedUpgrade:
    return replace(observed, packages=replace(observed.packages, **more))
