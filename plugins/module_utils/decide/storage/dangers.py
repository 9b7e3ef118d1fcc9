# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is refused of storages, because it would lose access or data, or could never work; and what is warned of."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.storage.cfg import shown
from ...model.storage.storage import LOCAL, Storage, StorageEntry, Storages, StoragesObserved, secret_path
from ...model.storage.types import TYPES


def refusals(desired: Storages, observed: StoragesObserved, changing: bool) -> tuple[Refusal, ...]:
    return (
        *_no_quorum(observed, changing),
        *_unknown_nodes(desired, observed),
        *_bases(desired, observed),
        *(refusal for storage in desired.storages for refusal in _of_storage(storage, observed)),
    )


def warnings(desired: Storages, observed: StoragesObserved) -> tuple[str, ...]:
    left = [
        (storage.id, observed.entries[storage.id])
        for storage in desired.storages
        if storage.id in observed.entries and (storage.absent or differing_fixed(storage, observed.entries[storage.id]))
    ]
    return tuple(sentence for name, entry in left for sentence in _stays(name, entry))


def _stays(name: str, entry: StorageEntry) -> Iterator[str]:
    """What Proxmox VE leaves as it is at the nodes when it forgets a storage."""
    if entry.type in TYPES and TYPES[entry.type].mounted:
        yield f"{name}: what is mounted at the nodes now stays mounted until it is unmounted there or they restart."
    if entry.type == "iscsi":
        target = shown(entry.options["target"])
        yield (
            f"{name}: the nodes keep their sessions with {target} until they restart, or until `iscsiadm --mode node"
            f" --targetname {target} --logout` there, once nothing on its disks is in use."
        )


def differing_fixed(storage: Storage, entry: StorageEntry) -> list[str]:
    """Sentences on what Proxmox VE does not change in an existing entry."""
    if storage.type != entry.type:
        return [f"its type is {entry.type}, not {storage.type}"]
    return [
        f"{key} is {shown(entry.options.get(key, '')) or 'not set'}, not {shown(storage.options.get(key, '')) or 'set'}"
        for key in sorted(TYPES[storage.type].fixed & storage.given)
        if entry.options.get(key) != storage.options.get(key)
    ]


def _of_storage(storage: Storage, observed: StoragesObserved) -> Iterator[Refusal]:
    entry = observed.entries.get(storage.id)
    if entry is None:
        return
    differing = [] if storage.absent else differing_fixed(storage, entry)
    if differing and not storage.recreate:
        yield Refusal(
            f"The storage {storage.id} exists, and {'; '.join(differing)}. Proxmox VE does not change that in place.",
            f"Set recreate: true for {storage.id} to remove and add its entry (data stay where they are), or take"
            " another id.",
        )
    if storage.absent:
        yield from _of_removal(storage, observed)
    if storage.absent or differing:
        yield from _loses_key(storage, entry, observed)


def _of_removal(storage: Storage, observed: StoragesObserved) -> Iterator[Refusal]:
    if storage.id == LOCAL:
        yield Refusal("The storage local cannot be removed: Proxmox VE adds it again.", "Set disable: true instead.")
    users = observed.users.get(storage.id, ())
    if users:
        yield Refusal(
            f"The storage {storage.id} is used by {', '.join(users)}.",
            "Move or detach their volumes before removing it.",
        )


def _loses_key(storage: Storage, entry: StorageEntry, observed: StoragesObserved) -> Iterator[Refusal]:
    path = secret_path(storage.id, entry.type, "encryption-key")
    if entry.type == "pbs" and observed.digests.get(path) is not None and not storage.discard_key:
        yield Refusal(
            f"Removing the entry of {storage.id} also removes its encryption key {path}, without which its backups"
            " cannot be read.",
            f"Keep a copy of the key elsewhere, then set discard_encryption_key: true for {storage.id}.",
        )


def _bases(desired: Storages, observed: StoragesObserved) -> Iterator[Refusal]:
    """Proxmox VE removes no entry on which another is built, not even to add it again."""
    removed = {storage.id for storage in desired.storages if storage.absent}
    touched = removed | {
        storage.id
        for storage in desired.storages
        if storage.recreate
        and storage.id in observed.entries
        and differing_fixed(storage, observed.entries[storage.id])
    }
    for name, entry in sorted(observed.entries.items()):
        base = shown(entry.options.get("base", "")).partition(":")[0]
        if base in touched & set(observed.entries) and name not in removed:
            yield Refusal(f"The storage {base} is the base of {name}.", f"Remove {name} before that.")


def _unknown_nodes(desired: Storages, observed: StoragesObserved) -> Iterator[Refusal]:
    if observed.members is None:
        return
    for storage in desired.storages:
        nodes = storage.options.get("nodes", frozenset())
        unknown = sorted(set(nodes) - observed.members - desired.nodes) if not storage.absent else []
        if unknown:
            yield Refusal(
                f"The storage {storage.id} names {', '.join(unknown)}, which is no node of this cluster.",
                f"Its nodes are {', '.join(sorted(observed.members))}.",
            )


def _no_quorum(observed: StoragesObserved, changing: bool) -> Iterator[Refusal]:
    if changing and not observed.quorate:
        yield Refusal(
            "The cluster has no quorum, so nothing can be written to /etc/pve.",
            "Bring back the missing nodes or links (`pvecm status` shows them), then run again.",
        )
