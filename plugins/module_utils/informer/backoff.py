# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long to wait before asking again: longer each time, never all at once, and shortly again after a good while."""

from __future__ import annotations

import random
import time
from collections.abc import Callable


class Backoff:
    """As client-go's reflector: 0.8 to 30 seconds, doubled, up to once more by chance; anew after two good minutes."""

    def __init__(
        self,
        first: float = 0.8,
        longest: float = 30.0,
        reset_after: float = 120.0,
        jitter: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._first, self._longest, self._reset_after, self._jitter = first, longest, reset_after, jitter
        self._clock = clock
        self._base, self._asked = first, clock()

    def next(self) -> float:
        """Seconds."""
        now = self._clock()
        if now - self._asked > self._reset_after:
            self._base = self._first
        self._asked = now
        base = self._base
        self._base = min(self._longest, base * 2)
        return base * (1 + random.random() * self._jitter)
