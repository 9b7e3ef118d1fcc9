# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One node's access to storages: which are active there, and what NFS servers offer to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from .entry import StorageEntry
from .storage import DesiredStorage
from .types import TYPES

Expectation = Literal["offered", "active"]
OFFERED: Expectation = "offered"
ACTIVE: Expectation = "active"


@dataclass(frozen=True)
class DesiredStorageAccess:
    """Desired state. ``expect``: ``offered`` before the entries exist, ``active`` afterwards.

    ``ask_pvesm``: also prove what no file tells (rbd, lvm, ...), at the price of one ``pvesm status``.
    """

    storages: tuple[DesiredStorage, ...]
    expect: Expectation = ACTIVE
    ask_pvesm: bool = False


@dataclass(frozen=True)
class ObservedStorageAccess:
    """``active``: storages of which that is certain. ``evident``: those of which files tell that they are.

    ``offered``: NFS server → directories that it exports.

    ``groups``: volume group of this node → its thin pools; None where that was not asked, or not answered.
    """

    node: str
    entries: Mapping[str, StorageEntry]
    active: frozenset[str] = frozenset()
    evident: frozenset[str] = frozenset()
    offered: Mapping[str, frozenset[str]] = field(default_factory=dict)
    groups: Optional[Mapping[str, frozenset[str]]] = None


@dataclass(frozen=True)
class Mount:
    """What is mounted at a path, as mountinfo tells it."""

    kind: str
    source: str


def on_local_group(storage: DesiredStorage) -> bool:
    """Does its volume group have to be there before the storage? With a base, Proxmox VE makes it."""
    return TYPES[storage.type].beforehand == "group" and "base" not in storage.options and not storage.absent


def enabled_on(node: str, entry: StorageEntry) -> bool:
    """Is the storage meant to be used by this node?"""
    return not entry.disabled and entry.is_on(node)
