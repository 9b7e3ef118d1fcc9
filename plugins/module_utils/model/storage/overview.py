# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The storages of a cluster as one of its nodes sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .entry import StorageEntry


@dataclass(frozen=True)
class Fill:
    """Bytes, as pvestatd last told."""

    total: int
    used: int


@dataclass(frozen=True)
class StorageOverview:
    """``entries``: storage.cfg. active: those that are, on this node. fill: of those that tell."""

    node: str
    entries: Mapping[str, StorageEntry] = field(default_factory=dict)
    active: frozenset[str] = frozenset()
    fill: Mapping[str, Fill] = field(default_factory=dict)
