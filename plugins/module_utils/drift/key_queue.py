# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Of each key at most one run at work and one that waits; the last change is always followed by one.

As client-go's workqueue: what is added while its run is at work is run again when that has ended. A run that has failed
is begun again after a pause, which grows with each failure of that key.
"""

from __future__ import annotations

import asyncio
from collections import deque

FIRST, LONGEST = 5.0, 1000.0


class KeyQueue:
    """It belongs to one event loop."""

    def __init__(self, first: float = FIRST, longest: float = LONGEST) -> None:
        self._first, self._longest = first, longest
        self._ready: deque[str] = deque()
        self._dirty: set[str] = set()
        self._running: set[str] = set()
        self._failures: dict[str, int] = {}
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._changed = asyncio.Event()

    def add(self, key: str) -> None:
        """Something has happened; a pause after a failure goes on."""
        if key not in self._dirty and key not in self._later:
            self._dirty.add(key)
            if key not in self._running:
                self._ready.append(key)
                self._changed.set()

    async def get(self) -> str:
        """The next one; it is at work until ``done`` is called."""
        while not self._ready:
            self._changed.clear()
            await self._changed.wait()
        key = self._ready.popleft()
        self._dirty.discard(key)
        self._running.add(key)
        return key

    def waits(self, key: str) -> bool:
        """Whether there will be another run."""
        return key in self._dirty or key in self._later

    def done(self, key: str, succeeded: bool) -> None:
        self._running.discard(key)
        if succeeded:
            self._failures.pop(key, None)
            if key in self._dirty:
                self._ready.append(key)
                self._changed.set()
            return
        self._dirty.discard(key)
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        pause = min(self._longest, self._first * 2 ** min(failures - 1, 30))
        self._later[key] = asyncio.get_running_loop().call_later(pause, self._again, key)

    def _again(self, key: str) -> None:
        del self._later[key]
        self.add(key)

    def close(self) -> None:
        for handle in self._later.values():
            handle.cancel()
