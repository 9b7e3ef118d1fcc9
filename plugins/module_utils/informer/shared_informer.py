# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cache of one kind of object that is kept like the server's, and handlers that are told (SharedIndexInformer)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Optional

from .backoff import Backoff
from .delta_fifo import Delta, DeltaFIFO
from .errors import FIFOClosed, InformerStopped, ListWatchFailure
from .notification import Notification
from .processor import BUFFER, ProcessorListener, ResourceEventHandler, SharedProcessor
from .reflector import SILENCE, ListerWatcher, Reflector, Transform
from .store import DeletedFinalStateUnknown, Indexer, IndexFunc, resource_version

MINIMUM_RESYNC = 1.0
#: Seconds for handlers to be told what is left, when an informer is stopped.
DRAIN = 5.0
#: So many objects are processed before others have their turn.
_AT_ONCE = 256


class SharedIndexInformer:
    """``resync_period``: seconds, for handlers that name none; 0: nothing is told again but after a new list.

    It is made and used in one event loop.
    """

    def __init__(
        self,
        list_watch: ListerWatcher,
        kind: str = "",
        resync_period: float = 0.0,
        indexers: Optional[Mapping[str, IndexFunc]] = None,
        transform: Optional[Transform] = None,
        on_error: Optional[Callable[[ListWatchFailure], None]] = None,
        backoff: Optional[Backoff] = None,
        silence: float = SILENCE,
        buffer: int = BUFFER,
    ) -> None:
        self.indexer = Indexer(indexers)
        self.fifo = DeltaFIFO(self.indexer)
        self.reflector = Reflector(list_watch, self.fifo, kind, transform, on_error, backoff, silence)
        self.processor = SharedProcessor()
        self.resync_check_period = self._resync_period = resync_period
        self._buffer = buffer
        self._resync_wanted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._listening: dict[int, asyncio.Task[None]] = {}
        self._started = self._stopped = False

    @property
    def has_synced(self) -> bool:
        """Whether all of the first list is in the cache."""
        return self.fifo.has_synced

    def metrics(self) -> dict[str, Any]:
        """Numbers for who watches the watcher."""
        told = [vars(listener.metrics) for listener in self.processor.listeners]
        counts = {"objects": len(self.indexer), "queued": len(self.fifo)}
        return {**vars(self.reflector.metrics), **counts, "listeners": told}

    def add_event_handler(
        self, handler: ResourceEventHandler, resync_period: Optional[float] = None
    ) -> ProcessorListener:
        """It is first told of everything that is in the cache. Raises InformerStopped."""
        if self._stopped:
            raise InformerStopped("The informer has been stopped; nobody would be told anything.")
        period = self._period(self._resync_period if resync_period is None else resync_period)
        listener = ProcessorListener(handler, period, self._buffer)
        self.processor.add(listener)
        present = [(key, self.indexer.get(key)) for key in self.indexer.list_keys()]
        listener.add_initial([Notification(key, None, obj, initial=True) for key, obj in present])
        if self._started:
            self._listen(listener)
        return listener

    def remove_event_handler(self, listener: ProcessorListener) -> None:
        """What waits is still told."""
        self.processor.remove(listener)
        listener.close()

    def _period(self, wanted: float) -> float:
        """At least a second; once the informer runs, not more often than it checks."""
        if wanted <= 0:
            return 0.0
        wanted = max(wanted, MINIMUM_RESYNC)
        if not self._started or not self.resync_check_period:
            self.resync_check_period = min(self.resync_check_period or wanted, wanted)
            self._resync_wanted.set()
        return max(wanted, self.resync_check_period)

    async def run(self) -> None:
        """Until ``stop``; once. Raises what no part of it knew to expect."""
        if self._started:
            raise InformerStopped("An informer runs once.")
        self._started = True
        for listener in self.processor.listeners:
            self._listen(listener)
        parts = (self.reflector.run(), self._resync(), self._process())
        self._tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            done, dummy = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
            failed = [task.exception() for task in done if not task.cancelled()]
            for error in failed:
                if error is not None:
                    raise error
        finally:
            await self.stop()

    async def stop(self, drain: float = DRAIN) -> None:
        """The watch ends, the queue is emptied into the cache, and handlers are told the rest of it."""
        self._stopped = True
        reflecting, processing = self._tasks[:2], self._tasks[2:]
        for task in reflecting:
            task.cancel()
        self.fifo.close()
        await asyncio.gather(*reflecting, *processing, return_exceptions=True)
        for listener in self.processor.listeners:
            listener.close()
        listening = list(self._listening.values())
        if listening:
            dummy, late = await asyncio.wait(listening, timeout=drain)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def wait_for_cache_sync(self) -> None:
        while not self.has_synced:
            await asyncio.sleep(0.02)

    def _listen(self, listener: ProcessorListener) -> None:
        task = asyncio.ensure_future(listener.run())
        self._listening[id(listener)] = task
        task.add_done_callback(lambda dummy: self._listening.pop(id(listener), None))

    async def _resync(self) -> None:
        if not self.resync_check_period:
            await self._resync_wanted.wait()
        while True:
            await asyncio.sleep(self.resync_check_period)
            if self.processor.should_resync():
                self.fifo.resync()

    async def _process(self) -> None:
        processed = 0
        try:
            while True:
                await self.fifo.pop(self.handle_deltas)
                processed += 1
                if processed % _AT_ONCE == 0:
                    await asyncio.sleep(0)
        except FIFOClosed:
            return

    def handle_deltas(self, key: str, deltas: list[Delta], initial: bool) -> None:
        """From the oldest to the newest."""
        for delta in deltas:
            old, obj = self.indexer.get(key), delta.object
            if delta.type == "Deleted":
                self.indexer.delete(key)
                self.processor.distribute(Notification(key, old, None, obj), False)
            elif isinstance(obj, DeletedFinalStateUnknown):
                raise TypeError(f"{key}: {delta.type} of what is gone")
            else:
                self.indexer.update(obj)
                unchanged = delta.type == "Replaced" and old and resource_version(old) == resource_version(obj)
                sync = delta.type == "Sync" or bool(unchanged)
                self.processor.distribute(Notification(key, old, obj, None, initial and old is None), sync)
