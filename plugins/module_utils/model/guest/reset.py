# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Machines that go back to a snapshot, or are made anew, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ..access import need
from .backup import Held
from .fleet import ObservedFleets
from .release import Scope

#: Field of a guest's mark: for which reset it went back to which snapshot, or was made anew. A rollback leaves
#: descriptions as they are.
RESET = "reset"
#: States in which the HA manager lets a guest be.
LEFT_ALONE = ("disabled", "ignored", "stopped")


@dataclass(frozen=True)
class DesiredReset:
    """``snapshot``: none where machines are destroyed and made anew. ``at_most``: as many may be destroyed in one run.

    ``run``: how whoever asks calls this reset; a guest that bears that name with the snapshot's has gone back.
    """

    scope: Scope
    snapshot: str
    run: str
    at_most: int = 50

    @property
    def noted(self) -> str:
        return f"{self.snapshot}@{self.run}"


@dataclass(frozen=True)
class Snapshot:
    """``taken``: seconds since 1970. ``parent``: the one before it."""

    name: str
    taken: int
    parent: str = ""


@dataclass(frozen=True)
class ObservedReset:
    """``fleets``: with the configurations of all guests that are seen. ``snapshots``: VMID → those of a guest.

    ``then``: VMID → its configuration in the snapshot that is wanted; not there where it has none. ``volumes``: VMID →
    all its volumes, those that are pending and of snapshots too. ``ha``: what the HA manager is in charge of: sid →
    state. ``replicated``: guests that have copies elsewhere. ``rights``: path → what the caller has there; None of
    root@pam, who has all.
    """

    fleets: ObservedFleets
    snapshots: Mapping[int, Sequence[Snapshot]] = field(default_factory=dict)
    then: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    volumes: Mapping[int, Sequence[Held]] = field(default_factory=dict)
    ha: Mapping[str, str] = field(default_factory=dict)
    replicated: frozenset[int] = frozenset()
    rights: Optional[Mapping[str, need.Held]] = None
