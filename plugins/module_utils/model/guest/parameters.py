# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of the modules and the role: what users may say of guests.

Names and ids are ``raw``, as in ``model/access/parameters.py``: what YAML has made a number of is refused.
"""

from __future__ import annotations

from typing import Any

from ..access.parameters import API

_TEXT: dict[str, Any] = {"type": "str"}
_RAW: dict[str, Any] = {"type": "raw"}
_FLAG: dict[str, Any] = {"type": "bool"}
_INT: dict[str, Any] = {"type": "int"}
_RATE: dict[str, Any] = {"type": "float"}
_ID: dict[str, Any] = {"type": "raw", "required": True}
_NAMES: dict[str, Any] = {"type": "list", "elements": "raw"}
_STATE: dict[str, Any] = {"type": "str", "default": "present", "choices": ["absent", "present"]}


def _list(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "default": [], "options": options}


def _dict(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "dict", "options": options}


CLONE = {
    "vmid": _INT,
    "template": _RAW,
    "version": _RAW,
    "full": {"type": "bool", "default": False},
    "storage": _RAW,
}
SNAPSHOT = {"name": _ID, "state": _STATE, "description": _TEXT, "vmstate": {"type": "bool", "default": False}}
HA = {
    "managed": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["disabled", "ignored", "started", "stopped"]},
    "max_restart": _INT,
    "max_relocate": _INT,
}
_POLICY: dict[str, Any] = {"type": "str", "choices": ["ACCEPT", "DROP", "REJECT"]}
FIREWALL: dict[str, Any] = {
    "enable": {"type": "bool", "default": True},
    "ipfilter": _FLAG,
    "macfilter": _FLAG,
    "policy_in": _POLICY,
    "policy_out": _POLICY,
}
COMMON: dict[str, Any] = {
    "vmid": {"type": "int", "required": True},
    "name": _ID,
    "state": _STATE,
    "running": _FLAG,
    "node": _RAW,
    "mark": {"type": "dict", "default": {}},
    "pool": _RAW,
    "tags": _NAMES,
    "description": _TEXT,
    "onboot": _FLAG,
    "startup": _dict({"order": _INT, "up": _INT, "down": _INT}),
    "protection": _FLAG,
    "clone": _dict(CLONE),
    "snapshots": _list(SNAPSHOT),
    "ha": _dict(HA),
    "firewall": _dict(FIREWALL),
}
_ADDRESSES = {"ip": _RAW, "gw": _RAW, "ip6": _RAW, "gw6": _RAW}
_WIRE: dict[str, Any] = {
    "slot": _ID,
    "state": _STATE,
    "bridge": _RAW,
    "mac": _RAW,
    "tag": _INT,
    "firewall": _FLAG,
    "link_down": _FLAG,
    "mtu": _INT,
    "rate": _RATE,
}
DISK = {
    "slot": _ID,
    "state": _STATE,
    "storage": _RAW,
    "size": _RAW,
    "import_from": _RAW,
    "serial": _RAW,
    "ssd": _FLAG,
    "discard": _FLAG,
    "iothread": _FLAG,
    "cache": _TEXT,
    "backup": _FLAG,
    "replicate": _FLAG,
}
HOSTPCI: dict[str, Any] = {
    "slot": _ID,
    "state": _STATE,
    "mapping": _RAW,
    "mdev": _RAW,
    "pcie": _FLAG,
    "x_vga": _FLAG,
    "rombar": _FLAG,
}
CLOUD_INIT: dict[str, Any] = {
    "storage": _RAW,
    "slot": {"type": "raw", "default": "ide2"},
    "user": _RAW,
    "password": {"type": "str", "no_log": True},
    "password_update": {
        "type": "str",
        "default": "on_create",
        "choices": ["always", "on_create"],
        "no_log": False,
    },
    "ssh_keys": {"type": "list", "elements": "str", "no_log": False},
    "addresses": _list({"net": {"type": "raw", "default": "net0"}, **_ADDRESSES}),
    "nameservers": _NAMES,
    "search_domain": _RAW,
    "upgrade": _FLAG,
    "type": {"type": "str", "choices": ["configdrive2", "nocloud"]},
    "custom": {"type": "dict"},
}
VM: dict[str, Any] = {
    **COMMON,
    "ostype": _TEXT,
    "bios": {"type": "str", "choices": ["ovmf", "seabios"]},
    "machine": _TEXT,
    "cpu": _TEXT,
    "cores": _INT,
    "sockets": _INT,
    "memory": _INT,
    "balloon": _INT,
    "scsihw": _TEXT,
    "agent": _FLAG,
    "boot": _NAMES,
    "vga": _TEXT,
    "serial0": _TEXT,
    "disks": _list(DISK),
    "efidisk": _dict({"storage": _ID, "pre_enrolled_keys": {"type": "bool", "default": False}}),
    "tpm": _dict({"storage": _ID}),
    "cdroms": _list({"slot": _ID, "iso": _ID}),
    "nets": _list(
        {**_WIRE, "model": {"type": "str", "default": "virtio"}, "trunks": _RAW, "queues": _INT},
    ),
    "hostpci": _list(HOSTPCI),
    "cloud_init": _dict(CLOUD_INIT),
    "template": _RAW,
}
CONTAINER: dict[str, Any] = {
    **COMMON,
    "os_template": _RAW,
    "ostype": _TEXT,
    "unprivileged": {"type": "bool", "default": True},
    "cores": _INT,
    "cpulimit": _RATE,
    "cpuunits": _INT,
    "memory": _INT,
    "swap": _INT,
    "features": _dict({"nesting": _FLAG, "keyctl": _FLAG, "fuse": _FLAG}),
    "rootfs": _dict({"storage": _ID, "size": _ID}),
    "mounts": _list(
        {"slot": _ID, "state": _STATE, "storage": _RAW, "size": _RAW, "path": _RAW, "backup": _FLAG},
    ),
    "nets": _list({**_WIRE, "name": {"type": "raw", "default": "eth0"}, **_ADDRESSES}),
    "nameservers": _NAMES,
    "search_domain": _RAW,
    "password": {"type": "str", "no_log": True},
    "ssh_keys": {"type": "list", "elements": "str", "no_log": False},
}
_RESERVE = {"type": "int", "default": 2048}
VMS: dict[str, Any] = {"vms": _list(VM), "reserve_memory": _RESERVE, "api": _dict(API)}
CONTAINERS: dict[str, Any] = {"containers": _list(CONTAINER), "reserve_memory": _RESERVE, "api": _dict(API)}
