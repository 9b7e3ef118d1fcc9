# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters that describe storages: several modules take the same list. The doc fragment ``storages`` explains."""

from __future__ import annotations

from typing import Any

from .types import FILES, TYPES

_STRINGS = (
    "path server export options share username domain subdir fs_name pool data_pool namespace"
    " vgname base thinpool blocksize mountpoint portal target datastore fingerprint saferemove_throughput is_mountpoint"
)
_RETENTION = ("keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly")
_LIMITS = ("clone", "default", "migration", "move", "restore")


def _string(**more: Any) -> dict[str, Any]:
    return {"type": "str", **more}


def _strings(**more: Any) -> dict[str, Any]:
    return {"type": "list", "elements": "str", **more}


_FLAG = {"type": "bool"}
_NUMBER = {"type": "int"}

STORAGE: dict[str, Any] = {
    "id": _string(required=True),
    "type": _string(required=True, choices=sorted(TYPES)),
    "state": _string(default="present", choices=["absent", "present"]),
    "content": _strings(choices=sorted(FILES | {"none"})),
    "nodes": _strings(),
    "disable": {"type": "bool", "default": False},
    "recreate": {"type": "bool", "default": False},
    "discard_encryption_key": {"type": "bool", "default": False, "no_log": False},
    **{name: _string() for name in _STRINGS.split()},
    "monhost": _strings(),
    "format": _string(choices=["qcow2", "raw", "subvol", "vmdk"]),
    "preallocation": _string(choices=["falloc", "full", "metadata", "off"]),
    "smbversion": _string(choices=["2.0", "2.1", "3", "3.0", "3.11", "default"]),
    "port": _NUMBER,
    "max_protected_backups": _NUMBER,
    "saferemove_stepsize": {"type": "int", "choices": [1, 2, 4, 8, 16, 32]},
    "shared": _FLAG,
    "create_base_path": _FLAG,
    "create_subdirs": _FLAG,
    "snapshot_as_volume_chain": _FLAG,
    "fuse": _FLAG,
    "krbd": _FLAG,
    "saferemove": _FLAG,
    "tagged_only": _FLAG,
    "sparse": _FLAG,
    "content_dirs": {"type": "dict"},
    "bwlimit": {"type": "dict", "options": dict.fromkeys(_LIMITS, _NUMBER)},
    "prune_backups": {
        "type": "dict",
        "options": {"keep_all": _FLAG, **dict.fromkeys(_RETENTION, _NUMBER)},
    },
    "password": _string(no_log=True),
    "keyring": _string(no_log=True),
    "encryption_key": _string(no_log=True),
    "master_pubkey": _string(no_log=True),
}

STORAGES = {"type": "list", "elements": "dict", "required": True, "options": STORAGE}
