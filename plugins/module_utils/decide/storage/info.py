# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``storage_info`` tells: the cluster's storages in the form in which ``storage`` takes the wanted ones."""

from __future__ import annotations

from typing import Any, Union

from ...model.storage.access import ObservedStorageAccess, enabled_on
from ...model.storage.cfg import Value, shown
from ...model.storage.storage import ObservedStorages, StorageEntry, secret_path
from ...model.storage.types import BOOLEANS, PAIRS, TYPES
from .desired import parameter_name

#: Options that are numbers as parameters.
_NUMBERS = frozenset(("max-protected-backups", "port", "saferemove-stepsize"))
#: Options that are lists as parameters.
_LISTS = frozenset(("content", "monhost", "nodes"))


def describe(observed: ObservedStorages, here: ObservedStorageAccess) -> dict[str, Any]:
    """Of secrets, only whether they are stored. Types that ``storage`` does not know are returned as they are."""
    return {
        "storages": [_definition(name, entry) for name, entry in sorted(observed.entries.items())],
        "secrets": {
            name: stored
            for name, entry in sorted(observed.entries.items())
            if (stored := _stored(name, entry, observed))
        },
        "active": sorted(
            name for name, entry in here.entries.items() if name in here.active and enabled_on(here.node, entry)
        ),
        "node": here.node,
    }


def _definition(name: str, entry: StorageEntry) -> dict[str, Any]:
    options = {parameter_name(key): _parameter(key, value) for key, value in sorted(entry.options.items())}
    return {"id": name, "type": entry.type, **options}


def _parameter(key: str, value: Value) -> Union[str, int, bool, list[str], dict[str, Any]]:
    """The value in the type that the parameter has."""
    if key in BOOLEANS:
        return value == "1"
    if key in PAIRS:
        pairs = (pair.partition("=") for pair in sorted(value))
        return {parameter_name(name): _word(key, number) for name, dummy, number in pairs}
    if key in _LISTS:
        return sorted(value)
    text = shown(value)
    return int(text) if key in _NUMBERS and text.lstrip("-").isdecimal() else text


def _word(key: str, text: str) -> Union[str, int]:
    return int(text) if key != "content-dirs" and text.isdecimal() else text


def _stored(name: str, entry: StorageEntry, observed: ObservedStorages) -> list[str]:
    known = TYPES[entry.type].secrets if entry.type in TYPES else frozenset[str]()
    return sorted(
        parameter_name(secret)
        for secret in known
        if observed.digests.get(secret_path(name, entry.type, secret)) is not None
    )
