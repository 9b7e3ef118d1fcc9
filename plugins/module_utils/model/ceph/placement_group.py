# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One placement group: which OSDs serve it, which of them have all of it, and what becomes of it without some.

Two answers that must not be mixed. Whether it can be read and written is a matter of the acting set and of the pool's
``min_size``; whether its data is still there is a matter of whole copies.

Upstream: Ceph documentation, "Placement Group States"; ``ok-to-stop`` in DaemonServer.cc counts whole copies.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Optional

from .state import Pool

#: What a loss of OSDs means for one placement group, from harmless to worst. ``newest only there``: it goes on, but the
#: latest writes were on what is lost alone. ``no whole copy``: what is left does not suffice to read it.
Outcome = Literal["untouched", "fewer copies", "stops", "newest only there", "no whole copy", "unknown"]

#: Ceph has no report of the group that can be trusted: these words beat every other one, ``active`` too.
_SILENT = frozenset(("stale", "unknown"))
#: It finds its OSDs anew, and cannot be read for some seconds.
SETTLING = ("peering", "activating", "creating")
_LASTING = frozenset(("down", "incomplete"))
_AT_WORK = frozenset(("recovering", "recovery_wait", "backfilling", "backfill_wait"))


@dataclass(frozen=True)
class Copy:
    """A copy of a group's data on an OSD. ``piece``: which part it is, where data is cut into parts; else 0."""

    osd: int
    piece: int = 0


@dataclass(frozen=True)
class PlacementGroup:
    """``acting``: the copies that serve it. ``whole``: those that lack no object; None when nobody says.

    late: an OSD that serves it is down, and the manager has no report from after that. Objects that are unfound lie on
    none of the OSDs that are up.
    """

    id: str
    pool: int
    states: frozenset[str]
    acting: frozenset[Copy]
    whole: Optional[frozenset[Copy]]
    late: bool = False
    objects: int = 0
    bytes: int = 0
    unfound: int = 0
    degraded: int = 0
    misplaced: int = 0

    @property
    def known(self) -> bool:
        return bool(self.states) and not self.states & _SILENT and not self.late

    @property
    def active(self) -> bool:
        """It can be read and written."""
        return self.known and "active" in self.states

    @property
    def clean(self) -> bool:
        """All copies are there, whole, and where they belong; a scrub does not matter."""
        return self.active and "clean" in self.states

    @property
    def settles(self) -> bool:
        """It cannot be read, which is a matter of seconds."""
        if self.states & (_SILENT | _LASTING):
            return False
        return self.late or bool(self.states & {*SETTLING})

    @property
    def mending(self) -> bool:
        """It is served while its copies are made or moved, or wait for their turn."""
        return self.active and bool(self.states & _AT_WORK)

    @property
    def has_copy(self) -> bool:
        """Served, or kept from it by too few copies alone."""
        return self.known and bool(self.states & {"active", "peered"})

    def is_thin(self, lost: Collection[int], pool: Pool) -> bool:
        """Fewer of those that serve it are whole, without the lost, than have to serve it: what the others lack may be
        copied from an OSD that nobody names, as it was marked out."""
        return not self.clean and self.whole is not None and _left(self.whole, lost, pool) < pool.min_size

    def without(self, lost: Collection[int], pool: Pool) -> Outcome:
        """What these OSDs, gone together, mean for it."""
        if not self.known:
            return "unknown"
        if not any(copy.osd in lost for copy in self.acting | (self.whole or frozenset())):
            # What is whole nowhere among those that serve it is copied from an OSD that nobody names.
            return "untouched" if self.whole is None or _left(self.whole, lost, pool) >= pool.pieces else "unknown"
        stops = _left(self.acting, lost, pool) < pool.min_size
        if self.whole is None:
            return "stops" if stops else "unknown"
        if _left(self.whole, lost, pool) < pool.pieces:
            return "no whole copy" if stops else "newest only there"
        return "stops" if stops else "fewer copies"


def _left(copies: frozenset[Copy], lost: Collection[int], pool: Pool) -> int:
    """How many are left; of data that is cut into parts the same part twice counts once."""
    left = [copy for copy in copies if copy.osd not in lost]
    return len({copy.piece for copy in left}) if pool.erasure_coded else len(left)
