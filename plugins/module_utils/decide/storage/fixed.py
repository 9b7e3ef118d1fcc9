# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Proxmox VE does not change in an existing entry."""

from __future__ import annotations

from ...model.storage.cfg import shown
from ...model.storage.entry import StorageEntry
from ...model.storage.storage import DesiredStorage
from ...model.storage.types import TYPES


def differing_fixed(storage: DesiredStorage, entry: StorageEntry) -> list[str]:
    """The differences that only a new entry can settle, each in words."""
    if storage.type != entry.type:
        return [f"its type is {entry.type}, not {storage.type}"]
    return [
        f"{key} is {shown(entry.options.get(key, '')) or 'not set'}, not {shown(storage.options.get(key, '')) or 'set'}"
        for key in sorted(TYPES[storage.type].fixed & storage.given)
        if entry.options.get(key) != storage.options.get(key)
    ]
