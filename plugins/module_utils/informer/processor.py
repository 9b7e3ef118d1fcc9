# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell handlers what has happened, each at its own pace (client-go's sharedProcessor and processorListener)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

from .delta_fifo import Told
from .notification import Notification, coalesced
from .store import Object

LOG = logging.getLogger(__name__)
#: More than so many notifications wait for no handler, but one for each object.
BUFFER = 1024
#: After a handler has failed.
PAUSE = 1.0


class ResourceEventHandler:
    """To be subclassed. What blocks belongs into a thread (``asyncio.to_thread``): here it would stop everybody."""

    async def on_add(self, obj: Object, is_in_initial_list: bool) -> None:
        """There is a new object."""

    async def on_update(self, old: Object, new: Object) -> None:
        """An object has changed, or is told again."""

    async def on_replace(self, old: Object, new: Object) -> None:
        """Another object has the name of one that is gone."""
        await self.on_update(old, new)

    async def on_delete(self, obj: Told) -> None:
        """An object is gone; DeletedFinalStateUnknown if nobody saw how."""


@dataclass
class ListenerMetrics:
    """``lag``: seconds that the last notification has waited."""

    delivered: int = 0
    failed: int = 0
    coalesced: int = 0
    longest: int = 0
    lag: float = 0.0


@dataclass
class _Waiting:
    notification: Optional[Notification]
    since: float


class ProcessorListener:
    """A handler, and what it is still to be told.

    Beyond ``buffer`` a notification is joined with the one that waits for the same object, so what waits is bounded by
    the number of objects. A handler that fails misses one notification, and goes on after a pause.
    """

    def __init__(
        self, handler: ResourceEventHandler, resync_period: float, buffer: int = BUFFER, pause: float = PAUSE
    ) -> None:
        self.handler, self.resync_period = handler, resync_period
        self.metrics = ListenerMetrics()
        self._buffer, self._pause = buffer, pause
        self._pending: deque[_Waiting] = deque()
        self._last: dict[str, _Waiting] = {}
        self._changed = asyncio.Event()
        self._closed = False
        self._initial = 0
        self._told = 0
        self.next_resync = 0.0

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, notification: Notification) -> None:
        waiting = self._last.get(notification.key) if len(self._pending) >= self._buffer else None
        if waiting is not None and waiting.notification is not None:
            self.metrics.coalesced += 1
            waiting.notification = coalesced(waiting.notification, notification)
            if waiting.notification is None:
                del self._last[notification.key]
            return
        waiting = _Waiting(notification, time.monotonic())
        self._pending.append(waiting)
        self._last[notification.key] = waiting
        self.metrics.longest = max(self.metrics.longest, len(self._pending))
        self._changed.set()

    def add_initial(self, objects: list[Notification]) -> None:
        """What there already is, for a handler that comes late."""
        for notification in objects:
            self.add(notification)
        self._initial = len(self._pending)

    @property
    def has_been_told_all(self) -> bool:
        """Whether it has been told of everything that was there when it came."""
        return self._told >= self._initial

    def close(self) -> None:
        """What waits is still told."""
        self._closed = True
        self._changed.set()

    async def run(self) -> None:
        while True:
            while not self._pending:
                if self._closed:
                    return
                self._changed.clear()
                await self._changed.wait()
            waiting = self._pending.popleft()
            told = waiting.notification
            if told is not None:
                if self._last.get(told.key) is waiting:
                    del self._last[told.key]
                self.metrics.lag = time.monotonic() - waiting.since
                await self._deliver(told)
            self._told += 1

    async def _deliver(self, told: Notification) -> None:
        try:
            await self._call(told)
            self.metrics.delivered += 1
        except Exception:
            self.metrics.failed += 1
            LOG.exception("A handler failed at %s of %s; it is not told so again.", told.kind, told.key)
            await asyncio.sleep(self._pause)

    async def _call(self, told: Notification) -> None:
        if told.new is None:
            if told.gone is not None:
                await self.handler.on_delete(told.gone)
        elif told.old is None:
            await self.handler.on_add(told.new, told.initial)
        elif told.kind == "replace":
            await self.handler.on_replace(told.old, told.new)
        else:
            await self.handler.on_update(told.old, told.new)


class SharedProcessor:
    """Listeners begin as syncing, and are asked at each check whether they are to be told all again (client-go)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.listeners: list[ProcessorListener] = []
        self._syncing: list[ProcessorListener] = []

    def add(self, listener: ProcessorListener) -> None:
        listener.next_resync = self._clock() + listener.resync_period
        self.listeners.append(listener)
        self._syncing.append(listener)

    def remove(self, listener: ProcessorListener) -> None:
        self.listeners.remove(listener)
        if listener in self._syncing:
            self._syncing.remove(listener)

    def distribute(self, notification: Notification, sync: bool) -> None:
        for listener in self._syncing if sync else self.listeners:
            listener.add(notification)

    def should_resync(self) -> bool:
        """Whether it is time for any; those are told what comes of it."""
        now = self._clock()
        self._syncing = [one for one in self.listeners if one.resync_period and now >= one.next_resync]
        for listener in self._syncing:
            listener.next_resync = now + listener.resync_period
        return bool(self._syncing)
