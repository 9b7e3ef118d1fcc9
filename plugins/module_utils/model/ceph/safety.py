# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Ceph says about taking OSDs away, and about the data that moves because of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Movement:
    """Placement groups by state, and copies of objects that are missing (degraded) or not yet where they belong."""

    pgs: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    copies: int = 0
    degraded: int = 0
    misplaced: int = 0
    unfound: int = 0
    bytes_per_second: int = 0

    @property
    def clean(self) -> int:
        """Placement groups whose data is complete and where it belongs; a scrub does not matter."""
        return self._count("active", "clean")

    @property
    def active(self) -> int:
        """Placement groups whose data can be read and written."""
        return self._count("active")

    def _count(self, *words: str) -> int:
        return sum(count for state, count in self.states.items() if set(words) <= set(state.split("+")))


@dataclass(frozen=True)
class OsdUse:
    """How full an OSD is, in kilobytes."""

    id: int
    size: int
    used: int


@dataclass(frozen=True)
class OsdSafety:
    """The answers of ``osd safe-to-destroy`` and ``osd ok-to-stop`` for these OSDs together.

    safe: may be destroyed without losing redundancy. active: hold placement groups now. stored: have data that not
    yet lies elsewhere. silent: say nothing about what they hold, while not all data is complete elsewhere.
    stops: placement groups that could no longer be read and written if all of these OSDs were stopped.
    unknown: placement groups of which Ceph cannot say that yet.
    """

    osds: tuple[int, ...]
    safe: frozenset[int]
    active: frozenset[int]
    stored: frozenset[int]
    silent: frozenset[int]
    stops: int
    movement: Movement
    use: tuple[OsdUse, ...] = ()
    unknown: int = 0

    @property
    def safe_to_destroy(self) -> bool:
        return self.safe >= set(self.osds)

    @property
    def ok_to_stop(self) -> bool:
        return self.stops == self.unknown == 0
