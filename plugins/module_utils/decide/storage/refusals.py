# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is refused of storages, because it would lose access or data, or could never work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...engine.plan import Refusal
from ...model.storage.cfg import PATH, shown
from ...model.storage.entry import LOCAL, StorageEntry
from ...model.storage.storage import (
    KEY,
    DesiredStorage,
    DesiredStorages,
    ObservedStorages,
    secret_path,
)
from ...model.storage.types import TYPES
from .fixed import differing_fixed


def refuse_storages(desired: DesiredStorages, observed: ObservedStorages, changing: bool) -> tuple[Refusal, ...]:
    return (
        *_refuse_without_quorum(observed, changing),
        *refuse_unreadable(observed.unreadable if changing else {}),
        *_refuse_unknown_nodes(desired, observed),
        *_refuse_bases(desired, observed),
        *(refusal for storage in desired.storages for refusal in _refuse_storage(storage, observed)),
    )


def refuse_unreadable(sections: Mapping[str, str]) -> Iterator[Refusal]:
    """To change a storage, where Proxmox VE takes some sections for none: it writes the whole file or nothing."""
    for name, reason in sorted(sections.items()):
        yield Refusal(
            f"Proxmox VE takes the section {name} of {PATH} for no storage ({reason}), and changes no storage as long"
            " as it stands there.",
            f"Correct or remove the section {name} with an editor.",
        )


def _refuse_storage(storage: DesiredStorage, observed: ObservedStorages) -> Iterator[Refusal]:
    entry = observed.entries.get(storage.id)
    if entry is None:
        yield from _refuse_without_secret(storage)
        return
    differing = [] if storage.absent else differing_fixed(storage, entry)
    if differing and not storage.recreate:
        yield Refusal(
            f"The storage {storage.id} exists, and {'; '.join(differing)}. Proxmox VE does not change that in place.",
            f"Set recreate: true for {storage.id} to remove and add its entry (data stay where they are), or take"
            " another id.",
        )
    if storage.absent:
        yield from _refuse_removal(storage, observed)
    if storage.absent or differing:
        yield from _refuse_loss_of_key(storage, entry, observed)
    if differing:
        yield from _refuse_loss_of_secrets(storage, entry, observed)


def _refuse_without_secret(storage: DesiredStorage) -> Iterator[Refusal]:
    given = {secret.name for secret in storage.secrets}
    for name in sorted(TYPES[storage.type].needed - given) if not storage.absent else ():
        yield Refusal(
            f"{storage.id} is new, and Proxmox VE adds no storage of the type {storage.type} without its {name}.",
            f"Give its {name}; once the storage is there, it may be left out.",
        )


def _refuse_loss_of_secrets(
    storage: DesiredStorage, entry: StorageEntry, observed: ObservedStorages
) -> Iterator[Refusal]:
    """What is stored goes with the entry; only a copy of the cluster's own Ceph key is made again."""
    given = {secret.name for secret in storage.secrets}
    known = TYPES[entry.type].secrets if entry.type in TYPES else {}
    for name in sorted(set(known) - given - {KEY}):
        own = name == "keyring" and "monhost" not in entry.options
        if not own and observed.digests.get(secret_path(storage.id, entry.type, name)) is not None:
            yield Refusal(
                f"Recreating the entry of {storage.id} removes its stored {name}, and none is given to store again.",
                f"Give the {name} of {storage.id}.",
            )


def _refuse_removal(storage: DesiredStorage, observed: ObservedStorages) -> Iterator[Refusal]:
    if storage.id == LOCAL:
        yield Refusal("The storage local cannot be removed: Proxmox VE adds it again.", "Set disable: true instead.")
    users = observed.users.get(storage.id, ())
    if users:
        yield Refusal(
            f"The storage {storage.id} is used by {', '.join(users)}.",
            "Move or detach their volumes before removing it.",
        )


def _refuse_loss_of_key(storage: DesiredStorage, entry: StorageEntry, observed: ObservedStorages) -> Iterator[Refusal]:
    if entry.type not in TYPES or KEY not in TYPES[entry.type].secrets:
        return
    path = secret_path(storage.id, entry.type, KEY)
    if observed.digests.get(path) is not None and not storage.discard_key:
        yield Refusal(
            f"Removing the entry of {storage.id} also removes its encryption key {path}, without which its backups"
            " cannot be read.",
            f"Keep a copy of the key elsewhere, then set discard_encryption_key: true for {storage.id}.",
        )


def _refuse_bases(desired: DesiredStorages, observed: ObservedStorages) -> Iterator[Refusal]:
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


def _refuse_unknown_nodes(desired: DesiredStorages, observed: ObservedStorages) -> Iterator[Refusal]:
    if observed.members is None:
        return
    for storage in desired.storages:
        nodes = storage.options.get("nodes", frozenset())
        unknown = sorted(set(nodes) - observed.members - desired.nodes) if not storage.absent else []
        if unknown:
            yield Refusal(
                f"The storage {storage.id} names nodes that are not in this cluster: {', '.join(unknown)}.",
                f"Its nodes are {', '.join(sorted(observed.members))}.",
            )


def _refuse_without_quorum(observed: ObservedStorages, changing: bool) -> Iterator[Refusal]:
    if changing and not observed.quorate:
        yield Refusal(
            "The cluster has no quorum, so nothing can be written to /etc/pve.",
            "Bring back the missing nodes or links (`pvecm status` shows them), then run again.",
        )
