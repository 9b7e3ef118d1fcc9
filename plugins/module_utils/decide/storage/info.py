# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``storage_info`` tells: the cluster's storages in the form in which ``storage`` takes the wanted ones."""

from __future__ import annotations

from typing import Any

from ...model.storage.access import ObservedStorageAccess, enabled_on
from ...model.storage.entry import StorageEntry
from ...model.storage.storage import ObservedStorages, secret_path
from ...model.storage.types import TYPES
from ...model.storage.values import as_parameter, parameter_name


def describe(observed: ObservedStorages, here: ObservedStorageAccess) -> dict[str, Any]:
    """Of secrets, only whether they are stored. Types that ``storage`` does not know are returned as they are."""
    return {
        "storages": [_definition(name, entry) for name, entry in sorted(observed.entries.items())],
        "secrets": {
            name: stored
            for name, entry in sorted(observed.entries.items())
            if (stored := _stored(name, entry, observed))
        },
        "unreadable": dict(observed.unreadable),
        "active": sorted(
            name for name, entry in here.entries.items() if name in here.active and enabled_on(here.node, entry)
        ),
        "node": here.node,
    }


def _definition(name: str, entry: StorageEntry) -> dict[str, Any]:
    options = {parameter_name(key): as_parameter(key, value) for key, value in sorted(entry.options.items())}
    return {"id": name, "type": entry.type, **options}


def _stored(name: str, entry: StorageEntry, observed: ObservedStorages) -> list[str]:
    known = TYPES[entry.type].secrets if entry.type in TYPES else ()
    return sorted(
        parameter_name(secret)
        for secret in known
        if observed.digests.get(secret_path(name, entry.type, secret)) is not None
    )
