# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person reads during a long wait: how much is left, how fast it goes, when it will be over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional

_OSD = re.compile(r"\bosd\.\d+")
_DATA = re.compile(r"\bdata\b|\bcopy\b")
_SELDOM = 600
_MONITOR = re.compile(r"\bmon\.")
_GUEST = re.compile(r"\b(VM|container) \d")


class Progress:
    """One wait, from its first look on. Times are seconds of any clock that only goes forward."""

    def __init__(self, step: str, deadline: float, now: float) -> None:
        self.step, self.deadline, self.began = step, deadline, now
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

    def line(self, report: Mapping[str, Any], now: float) -> str:
        """The step, how far it is by a ``node_report``, and how much time it has left."""
        parts = [*self._guests(report), *self._monitors(report), *self._data(report, now)] or [
            "how far it has come is not known just now"
        ]
        left = duration(max(0.0, self.deadline - (now - self.began)))
        return f"{self.step}: {', '.join(parts)}; {left} until the deadline"

    def _guests(self, report: Mapping[str, Any]) -> list[str]:
        left = len(report.get("guests", ()))
        if not left or not _GUEST.search(self.step):
            return []
        return [f"{left} guest{'' if left == 1 else 's'} still on the node"]

    def _monitors(self, report: Mapping[str, Any]) -> list[str]:
        monitors = report.get("monitors")
        if not monitors or not _MONITOR.search(self.step):
            return []
        return [f"{len(monitors['quorum'])} of {len(monitors['all'])} monitors in quorum"]

    def _data(self, report: Mapping[str, Any], now: float) -> list[str]:
        moving = report.get("moving")
        if not moving or not _DATA.search(self.step):
            return []
        osd = _OSD.search(self.step)
        groups = report.get("placement_groups", {}).get(osd.group()) if osd else None
        return [*([] if groups is None else [f"{groups} placement groups on it"]), *self._objects(moving, now)]

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


def duration(seconds: float) -> str:
    """``40 seconds``, ``12 minutes``, ``5 h 20 min``."""
    if seconds < 90:
        return "1 second" if round(seconds) == 1 else f"{seconds:.0f} seconds"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
