# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of the module and the role: what users may say of access.

Names and ids are ``raw``: what YAML has made a number or a truth value of is refused, and not turned into a text that
nobody wrote.
"""

from __future__ import annotations

from typing import Any

from .realms import OPTIONS, REMOVE_VANISHED, TYPES, RealmOption

_TEXT: dict[str, Any] = {"type": "str"}
_FLAG: dict[str, Any] = {"type": "bool"}
_RAW: dict[str, Any] = {"type": "raw"}
_ID: dict[str, Any] = {"type": "raw", "required": True}
_NAMES: dict[str, Any] = {"type": "list", "elements": "raw", "default": []}
_STATE: dict[str, Any] = {"type": "str", "default": "present", "choices": ["absent", "present"]}
_SECRET: dict[str, Any] = {"type": "str", "no_log": True}
_UPDATE: dict[str, Any] = {
    "type": "str",
    "default": "on_create",
    "choices": ["always", "on_create"],
    "no_log": False,
}

USER = {
    "id": _ID,
    "state": _STATE,
    "groups": _NAMES,
    "enable": _FLAG,
    "expire": _RAW,
    "firstname": _TEXT,
    "lastname": _TEXT,
    "email": _TEXT,
    "comment": _TEXT,
    "password": _SECRET,
    "password_update": _UPDATE,
}
GROUP = {
    "id": _ID,
    "state": _STATE,
    "comment": _TEXT,
    "members": _NAMES,
    "exclusive": {"type": "bool", "default": False},
}
ROLE = {
    "id": _ID,
    "state": _STATE,
    "privs": {"type": "list", "elements": "str"},
    "preset": {"type": "str", "choices": ["student"]},
}
ENTRY = {
    "path": _ID,
    "user": _RAW,
    "group": _RAW,
    "token": {"type": "raw", "no_log": False},
    "role": _ID,
    "propagate": {"type": "bool", "default": True},
    "state": _STATE,
}
TOKEN = {
    "id": _ID,
    "state": _STATE,
    "comment": _TEXT,
    "expire": _RAW,
    "privsep": _FLAG,
    "file": {"type": "path"},
    "rotate": {"type": "bool", "default": False},
}
POOL = {
    "id": _ID,
    "state": _STATE,
    "comment": _TEXT,
    "vms": {"type": "list", "elements": "int", "default": []},
    "storage": _NAMES,
    "exclusive": {"type": "bool", "default": False},
}
SYNC = {
    "scope": {"type": "str", "choices": ["both", "groups", "users"]},
    "enable_new": _FLAG,
    "remove_vanished": {"type": "list", "elements": "str", "choices": list(REMOVE_VANISHED)},
}


def _realm_option(option: RealmOption) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {"flag": _FLAG, "number": {"type": "int"}}
    found = dict(kinds.get(option.kind, _TEXT))
    if option.choices:
        found["choices"] = list(option.choices)
    return {**found, "no_log": True} if option.secret else found


REALM: dict[str, Any] = {
    "id": _ID,
    "type": {"type": "str", "required": True, "choices": list(TYPES)},
    "state": _STATE,
    **{option.parameter: _realm_option(option) for option in OPTIONS.values()},
    "password": _SECRET,
    "password_update": _UPDATE,
    "sync": {"type": "bool", "default": False},
    "sync_defaults": {"type": "dict", "options": SYNC},
}
AUTOMATION: dict[str, Any] = {
    "id": _ID,
    "file": {"type": "path"},
    "pools": {"type": "list", "elements": "raw"},
    "template_pools": _NAMES,
    "storages": _NAMES,
    "image_storages": _NAMES,
    "backup_storages": _NAMES,
    "networks": _NAMES,
    "groups": {"type": "list", "elements": "raw"},
    "ha": {"type": "bool", "default": False},
    "accounts": {"type": "bool", "default": False},
}
NEED: dict[str, Any] = {
    "path": {"type": "str", "required": True},
    "privs": {"type": "list", "elements": "str", "required": True},
    "propagate": {"type": "bool", "default": True},
}
API: dict[str, Any] = {
    "host": _TEXT,
    "port": {"type": "int", "default": 8006},
    "fingerprint": _TEXT,
    "token_id": {"type": "str", "no_log": False},
    "token_secret": _SECRET,
}


def _list(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "default": [], "options": options}


ACCESS: dict[str, Any] = {
    "users": _list(USER),
    "groups": _list(GROUP),
    "roles": _list(ROLE),
    "acl": _list(ENTRY),
    "realms": _list(REALM),
    "pools": _list(POOL),
    "tokens": {**_list(TOKEN), "no_log": False},
    "automation": {"type": "dict", "options": AUTOMATION},
    "exclusive": {"type": "list", "elements": "str", "default": []},
    "clean_leftovers": {"type": "bool", "default": False},
    "token_folder": {"type": "path", "default": "~/.local/state/baremetal.virt/tokens", "no_log": False},
    "api": {"type": "dict", "options": API},
}
