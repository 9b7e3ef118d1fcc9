# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a storage of Proxmox VE is: an entry of storage.cfg that holds for the whole cluster, and its secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from .cfg import Options
from .entry import StorageEntry
from .types import TYPES

#: The secret without which backups cannot be read, and its value for one that Proxmox VE makes.
KEY = "encryption-key"
AUTOGEN = "autogen"


@dataclass(frozen=True)
class Secret:
    """A value that is kept beside storage.cfg. ``path`` is where, ``forms`` how Proxmox VE writes it there."""

    name: str
    path: str
    value: str = field(repr=False)

    @property
    def digests(self) -> frozenset[str]:
        """SHA-256 of the forms in which the value may be stored."""
        text = self.value.rstrip("\n")
        forms = (text, f"{text}\n", f"{text}\n\n", f"password={text}\n")
        return frozenset(hashlib.sha256(form.encode()).hexdigest() for form in forms)


@dataclass(frozen=True)
class DesiredStorage:
    """A storage as wanted. ``given`` are the options the user named, also those that only say the default.

    ``recreate`` permits to remove and add the entry when an option differs that Proxmox VE does not change.
    ``discard_key`` permits to remove the entry although its encryption key is removed with it.
    """

    id: str
    type: str
    options: Options
    given: frozenset[str] = frozenset()
    secrets: tuple[Secret, ...] = ()
    absent: bool = False
    recreate: bool = False
    discard_key: bool = False


@dataclass(frozen=True)
class DesiredStorages:
    """Desired state: the storages listed, and no word about any other. ``nodes`` may become members in this run."""

    storages: tuple[DesiredStorage, ...] = ()
    nodes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ObservedStorages:
    """``entries`` of storage.cfg by name. ``digests``: secret file → SHA-256 of its content.

    ``members`` are the cluster's nodes (None: no cluster). ``users``: storage → guests that have a disk on it;
    looked up only for storages that may be removed. ``unreadable``: section → why Proxmox VE takes it for no storage.
    """

    entries: Mapping[str, StorageEntry]
    digests: Mapping[str, Optional[str]]
    members: Optional[frozenset[str]] = None
    quorate: bool = True
    users: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)


def secret_path(storage: str, kind: str, name: str) -> str:
    """Where Proxmox VE keeps a secret of a storage of this type."""
    return TYPES[kind].secrets[name].format(id=storage)
