# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is warned of before an entry goes: what Proxmox VE leaves behind on the nodes."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.storage.cfg import shown
from ...model.storage.entry import StorageEntry
from ...model.storage.storage import DesiredStorages, ObservedStorages
from ...model.storage.types import TYPES
from .fixed import differing_fixed


def warn_of_storages(desired: DesiredStorages, observed: ObservedStorages) -> tuple[str, ...]:
    left = [
        (storage.id, observed.entries[storage.id])
        for storage in desired.storages
        if storage.id in observed.entries and (storage.absent or differing_fixed(storage, observed.entries[storage.id]))
    ]
    return tuple(sentence for name, entry in left for sentence in _stays(name, entry))


def _stays(name: str, entry: StorageEntry) -> Iterator[str]:
    """What Proxmox VE leaves behind on the nodes when it forgets a storage."""
    known = TYPES.get(entry.type)
    if known is not None and known.mounted:
        yield f"{name}: what the nodes have mounted stays mounted until it is unmounted there or they restart."
    if known is not None and known.sessions:
        target = shown(entry.options["target"])
        yield (
            f"{name}: the nodes keep their sessions with {target} until they restart, or until `iscsiadm --mode node"
            f" --targetname {target} --logout` is run there, once nothing on its disks is in use."
        )
