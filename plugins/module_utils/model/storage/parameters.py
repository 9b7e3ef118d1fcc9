# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters that describe storages, made from the rows of options: several modules take the same list.

``make pages`` writes the documentation of the modules and the specification of the role from the same rows.
"""

from __future__ import annotations

from typing import Any

from .options import OPTIONS, Kind, Option
from .types import TYPES

_TYPES: dict[Kind, dict[str, Any]] = {
    "text": {"type": "str"},
    "path": {"type": "str"},
    "flag": {"type": "bool"},
    "number": {"type": "int"},
    "words": {"type": "list", "elements": "str"},
    "options": {"type": "str"},
    "pairs": {"type": "dict"},
    "secret": {"type": "str", "no_log": True},
}
#: What describes the storage itself, or permits something; parameter → (specification, description).
CONTROL: dict[str, tuple[dict[str, Any], str]] = {
    "id": ({"type": "str", "required": True}, "Name of the storage, unique in the cluster."),
    "type": ({"type": "str", "required": True, "choices": sorted(TYPES)}, "What kind of storage it is."),
    "state": (
        {"type": "str", "default": "present", "choices": ["absent", "present"]},
        "V(absent) removes the entry of the storage; its data stay. A storage that guests use is not removed.",
    ),
    "recreate": (
        {"type": "bool", "default": False},
        "If an option differs that Proxmox VE does not change in place, remove the entry and add it again. Data stay"
        " where they are. Refused otherwise.",
    ),
    "discard_encryption_key": (
        {"type": "bool", "default": False, "no_log": False},
        "Permit the removal of a V(pbs) entry although its encryption key is removed with it, without which its"
        " backups cannot be read. Refused otherwise.",
    ),
}


def specification(option: Option) -> dict[str, Any]:
    """The option as a parameter of a module."""
    found = dict(_TYPES[option.kind])
    if option.choices:
        found["choices"] = list(option.choices)
    if option.parts:
        found["options"] = {part.parameter: specification(part) for part in option.parts}
    return found


STORAGE: dict[str, Any] = {
    **{name: spec for name, (spec, dummy) in CONTROL.items()},
    **{option.parameter: specification(option) for option in OPTIONS.values()},
}

STORAGES = {"type": "list", "elements": "dict", "required": True, "options": STORAGE}
