# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person reads during a long wait: how much is left, how fast it goes, when it will be over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Optional

from ..module_utils.report.text import duration

#: After some hours, the user is told this often.
_SELDOM = 600
Figures = Mapping[str, Any]


class Progress:
    """One unfinished step (``unfinished`` of a result), from its first look on.

    Times are seconds of any clock that only goes forward. The step's topic decides how its progress is told.
    """

    def __init__(self, step: Mapping[str, Any], now: float) -> None:
        self.id, self.why, self.hint = str(step["id"]), str(step["why"]), str(step.get("hint", ""))
        self.deadline, self.began = float(step["deadline"]), now
        self._tell = _TOPICS.get(str(step["topic"]))
        self._first: Optional[tuple[float, int]] = None
        self._told: Optional[float] = None

    def due(self, now: float) -> bool:
        """Often at first, seldom in what takes hours: after a tenth of the time that has gone by."""
        if self._told is not None and now - self._told < min(_SELDOM, (now - self.began) / 10):
            return False
        self._told = now
        return True

    def over(self, now: float) -> bool:
        return now - self.began >= self.deadline

    def line(self, figures: Figures, now: float) -> str:
        """The step, how far it is, and how much time it has left."""
        parts = [self.why]
        if self._tell is not None:
            parts = [
                f"{self.why}: {', '.join(self._tell(self, figures, now)) or 'how far it has come is not known now'}"
            ]
        if self.deadline:
            parts.append(f"{duration(max(0.0, self.deadline - (now - self.began)))} until the deadline")
        return "; ".join(parts)

    def failure(self) -> str:
        return f"{self.why} failed: not so after {duration(self.deadline)}. {self.hint}".strip()

    def _guests(self, figures: Figures, now: float) -> list[str]:
        left, said = figures.get("guests"), figures.get("said")
        words = [] if left is None else [f"{left} guest{'' if left == 1 else 's'} still on the node"]
        return [*words, *([str(said)] if said else [])]

    def _packages(self, figures: Figures, now: float) -> list[str]:
        return [str(figures["said"])] if "said" in figures else []

    def _monitors(self, figures: Figures, now: float) -> list[str]:
        monitors = figures.get("monitors")
        return [f"{len(monitors['quorum'])} of {len(monitors['all'])} monitors in quorum"] if monitors else []

    def _data(self, figures: Figures, now: float) -> list[str]:
        groups, moving = figures.get("placement_groups"), figures.get("moving")
        words = [] if groups is None else [f"{groups} placement groups on it"]
        return [*words, *(self._objects(moving, now) if moving else ())]

    def _objects(self, moving: Mapping[str, Any], now: float) -> list[str]:
        """Ceph reports its speed only at times; how much has gone since the first look always tells."""
        left = int(moving["objects"])
        first, objects = self._first = self._first or (now, left)
        speed = float(moving["objects_per_second"] or 0)
        if not speed and now > first:
            speed = max(0, objects - left) / (now - first)
        words = [f"{left} objects left"]
        if not left:
            return words
        if not speed:
            return [*words, "none has moved yet"]
        rate = f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}"
        data = f" ({moving['bytes_per_second'] >> 20} MiB/s)" if moving["bytes_per_second"] else ""
        return [*words, f"{rate} per second{data}", f"about {duration(left / speed)}"]


#: Topics with figures; of the others only the time is told.
_TOPICS: Mapping[str, Callable[[Progress, Figures, float], list[str]]] = {
    "data": Progress._data,
    "guest": Progress._guests,
    "monitor": Progress._monitors,
    "packages": Progress._packages,
}
