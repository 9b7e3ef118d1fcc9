"""The inventory the lab writes for Ansible: how to reach the nodes and what the lab gave them. Pure."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any, Optional

from .addresses import SERVER, management_address, node_name
from .disks import Disk


def inventory(
    node_disks: dict[int, list[Disk]],
    private_key: str,
    ssh_options: Sequence[str],
    keyring_sha256: Optional[str],
    own_kernel: bool = False,
) -> dict[str, Any]:
    """Group `proxmox` with every node."""
    group_vars: dict[str, Any] = {
        "ansible_user": "root",
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_private_key_file": private_key,
        "ansible_ssh_common_args": " ".join(_quoted(word) for word in ssh_options),
        # every lab has the same addresses: a kept connection must not lead into another lab
        "ansible_control_path": os.path.join(os.path.dirname(private_key), "%%C"),
        "lab_mirror": f"http://{SERVER}",
    }
    if keyring_sha256 is not None:
        group_vars["lab_keyring_sha256"] = keyring_sha256
    if own_kernel:  # it tells the time by the host's clock, but does not know that
        group_vars["proxmox_ve_require_time_sync"] = False
    hosts = {
        node_name(node): {
            "ansible_host": management_address(node),
            "lab_disks": [_disk(disk) for disk in own],
        }
        for node, own in sorted(node_disks.items())
    }
    return {"proxmox": {"hosts": hosts, "vars": group_vars}}


def _disk(disk: Disk) -> dict[str, Any]:
    return {"path": disk.by_id, "dev": disk.dev, "serial": disk.serial, "size": disk.size}


def dynamic(document: dict[str, Any]) -> dict[str, Any]:
    """The same in the form an inventory script answers `--list` with."""
    groups = {name: {"hosts": list(group["hosts"]), "vars": group["vars"]} for name, group in document.items()}
    hostvars = {host: values for group in document.values() for host, values in group["hosts"].items()}
    return {**groups, "_meta": {"hostvars": hostvars}}


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


def text(document: dict[str, Any]) -> str:
    """JSON, which is YAML, so that nothing but the standard library is needed to write it."""
    return json.dumps(document, indent=2) + "\n"
