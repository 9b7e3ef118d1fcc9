# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of the modules and the role: what users may say of fleets. Names and days are ``raw``."""

from __future__ import annotations

from typing import Any

from ..access.parameters import API
from .parameters import FIREWALL

_RAW: dict[str, Any] = {"type": "raw"}
_ID: dict[str, Any] = {"type": "raw", "required": True}
_NAMES: dict[str, Any] = {"type": "list", "elements": "raw", "default": []}
_INT: dict[str, Any] = {"type": "int"}

NETWORK: dict[str, Any] = {
    "bridge": _ID,
    "first_address": _RAW,
    "gateway": _RAW,
    "nameservers": _NAMES,
    "search_domain": _RAW,
    "vlan": _INT,
    "vnet": _RAW,
}
ISOLATION: dict[str, Any] = {
    "ipfilter": {"type": "bool", "default": True},
    "macfilter": {"type": "bool", "default": True},
    "policy_in": {**FIREWALL["policy_in"], "default": "ACCEPT"},
}
FLEET: dict[str, Any] = {
    "id": _ID,
    "owners": {"type": "raw", "required": True},
    "template": {"type": "dict"},
    "per_owner": {"type": "list", "elements": "dict", "required": True},
    "ids": {
        "type": "dict",
        "required": True,
        "options": {"first": {"type": "int", "required": True}, "count": {"type": "int", "required": True}},
    },
    "network": {"type": "dict", "required": True, "options": NETWORK},
    "isolation": {"type": "dict", "options": ISOLATION},
    "realm": {"type": "raw", "default": "pve"},
    "prefix": {"type": "raw", "default": ""},
    "role": _RAW,
    "quota": {"type": "dict", "options": {"cores": _INT, "memory": _INT, "disk": _RAW, "gpus": _INT}},
    "expires": {"type": "raw", "required": True},
    "zone": {"type": "raw", "default": "UTC"},
    "warn_days": {"type": "int", "default": 14},
    "grace_days": {"type": "int", "default": 14},
    "release": {
        "type": "dict",
        "options": {"backup_to": _ID, "discard": _NAMES, "stop_timeout": {"type": "int", "default": 180}},
    },
}
_FLEETS: dict[str, Any] = {"type": "list", "elements": "dict", "default": [], "options": FLEET}
_FLAG: dict[str, Any] = {"type": "bool", "default": False}
FLEETS: dict[str, Any] = {"fleets": _FLEETS, "confirm_owners": _INT, "api": {"type": "dict", "options": API}}
RELEASE: dict[str, Any] = {
    "fleets": _FLEETS,
    "owners": _NAMES,
    "fleet": {"type": "str"},
    "expired": _FLAG,
    "revoke": _FLAG,
    "at_most": {"type": "int", "default": 50},
    "api": {"type": "dict", "options": API},
}
RESET: dict[str, Any] = {
    "fleets": _FLEETS,
    "owners": _NAMES,
    "fleet": {"type": "str"},
    "guests": {"type": "list", "elements": "int", "default": []},
    "snapshot": _RAW,
    "anew": _FLAG,
    "confirm_owners": _INT,
    "run": _ID,
    "at_most": {"type": "int", "default": 50},
    "api": {"type": "dict", "options": API},
}
EXTENSION: dict[str, Any] = {
    "fleets": _FLEETS,
    "owners": _NAMES,
    "fleet": {"type": "str"},
    "last_day": _ID,
    "api": {"type": "dict", "options": API},
}
