# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node in one document, put together from what the subjects read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.disk import as_document
from ..model.host import Host
from .disks import observe_disks
from .proxmox_ve import observe
from .reader import Reader

_PACKAGES = (
    "ceph",
    "chrony",
    "corosync",
    "nfs-kernel-server",
    "proxmox-ve",
    "pve-cluster",
    "pve-manager",
    "qemu-server",
)


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the module ``node_info`` returns; it has no parameters."""
    node = observe(reader)
    return {
        "hostname": node.host.name,
        "fqdn": node.host.fqdn,
        "addresses": _addresses(node.host),
        "release": {"debian": node.host.codename, "pve": node.packages.get("pve-manager")},
        "kernel": {"running": node.kernel, "reboot_required": node.reboot_required},
        "container": node.host.container,
        "packages": {name: node.packages[name] for name in _PACKAGES if name in node.packages},
        "disks": [as_document(disk) for disk in observe_disks(reader)],
    }


def _addresses(host: Host) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for address in host.usable:
        found.setdefault(address.interface, []).append(f"{address.ip}/{address.prefix}")
    return found
