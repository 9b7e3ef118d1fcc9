# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of the module and the role: what users may say of these networks.

Options are called as in the API, with _ for -. Names are ``raw``: what YAML has made a number or a truth value of is
refused, and not turned into a text that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..access.parameters import API
from .options import CONTROLLERS, FABRIC_NODE, FABRICS, IPAMS, SUBNET, VNET, ZONES, Option

_ID: dict[str, Any] = {"type": "raw", "required": True}
_STATE: dict[str, Any] = {"type": "str", "default": "present", "choices": ["absent", "present"]}
_UNSET: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
_LIST: dict[str, Any] = {"type": "list", "elements": "str"}
_FORMS: Mapping[str, dict[str, Any]] = {
    "number": {"type": "int"},
    "flag": {"type": "bool"},
    "words": _LIST,
    "addresses": _LIST,
    "ranges": _LIST,
    "interfaces": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "ip": {"type": "str"},
            "ip6": {"type": "str"},
            "hello_multiplier": {"type": "int"},
        },
    },
}


def _options(tables: Iterable[Mapping[str, Option]]) -> dict[str, Any]:
    """Of all types together; which of them a type knows is told when it is said."""
    known = {name: option for table in tables for name, option in table.items()}
    return {name.replace("-", "_"): _parameter(option) for name, option in known.items()}


def _parameter(option: Option) -> dict[str, Any]:
    found = dict(_FORMS.get(option.form, {"type": "str"}))
    return {**found, "no_log": True} if option.secret else found


def _things(ids: Iterable[str], tables: Iterable[Mapping[str, Option]], types: Iterable[str] = ()) -> dict[str, Any]:
    of_type = {"type": {"type": "str", "choices": sorted(types)}} if types else {}
    options = {**dict.fromkeys(ids, _ID), **of_type, "state": _STATE, "unset": _UNSET, **_options(tables)}
    return {"type": "list", "elements": "dict", "default": [], "options": options}


SDN: dict[str, Any] = {
    "zones": _things(["zone"], ZONES.values(), ZONES),
    "vnets": _things(["vnet"], [VNET]),
    "subnets": _things(["vnet", "subnet"], [SUBNET]),
    "controllers": _things(["controller"], CONTROLLERS.values(), CONTROLLERS),
    "fabrics": _things(["fabric"], FABRICS.values(), FABRICS),
    "fabric_nodes": _things(["fabric", "node"], [FABRIC_NODE]),
    "ipams": _things(["ipam"], IPAMS.values(), IPAMS),
    "reflectors": {"type": "list", "elements": "str", "default": []},
    "exclusive": {"type": "list", "elements": "str", "default": []},
    "lock_file": {"type": "path", "default": "~/.local/state/baremetal.virt/sdn_lock"},
    "break_lock": {"type": "bool", "default": False},
    "api": {"type": "dict", "options": API},
}
