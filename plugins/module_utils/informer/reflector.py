# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep a queue told of what a server has: list once, then watch, and list again only when it must be (Reflector)."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Protocol

from .backoff import Backoff
from .delta_fifo import DeltaFIFO
from .errors import ListWatchFailure
from .store import Object, resource_version, uid

Event = Mapping[str, Any]
Transform = Callable[[Object], Object]
LOG = logging.getLogger(__name__)

#: Objects of one page, as client-go asks for them.
PAGE = 500
#: A server is asked to end a watch after five to ten minutes, so that watches spread over its replicas.
WATCH_SECONDS = 300.0
#: Bookmarks come every minute: who says nothing for so long is gone, whatever TCP thinks.
SILENCE = 75.0
_SHORT = 1.0


class ListerWatcher(Protocol):
    """One kind of object on one server."""

    async def list(self, version: str, limit: int, continue_token: str) -> Mapping[str, Any]:
        """One page, as the server tells it; raises ListWatchFailure."""

    def watch(self, version: str, seconds: float) -> AsyncGenerator[Sequence[Event], None]:
        """Events as they come, several at once where they come so. Raises ListWatchFailure if the watch is not
        opened, or if what comes is no event. A connection that breaks later just ends it."""


@dataclass
class ReflectorMetrics:
    """Counts since the start."""

    lists: int = 0
    pages: int = 0
    watches: int = 0
    events: int = 0
    bookmarks: int = 0
    silences: int = 0
    failures: int = 0


class Reflector:
    """``kind``: objects of another are skipped.  ``transform`` is applied before an object is kept.

    on_error: told of every failure, but not of a resource version that has expired, which is nothing unusual.
    """

    def __init__(
        self,
        list_watch: ListerWatcher,
        fifo: DeltaFIFO,
        kind: str = "",
        transform: Optional[Transform] = None,
        on_error: Optional[Callable[[ListWatchFailure], None]] = None,
        backoff: Optional[Backoff] = None,
        silence: float = SILENCE,
    ) -> None:
        self._list_watch, self._fifo, self._kind, self._transform = list_watch, fifo, kind, transform
        self._on_error, self._backoff, self._silence = on_error, backoff or Backoff(), silence
        self.metrics = ReflectorMetrics()
        self.last_sync_resource_version = ""
        self._paginated = self._unavailable = False

    async def run(self) -> None:
        """For ever, until it is cancelled."""
        while True:
            try:
                await self.list_and_watch()
            except ListWatchFailure as failure:
                self._tell(failure)
            await asyncio.sleep(self._backoff.next())

    async def list_and_watch(self) -> None:
        """Returns when there has to be a new list."""
        await self._list()
        while True:
            try:
                await self._watch()
            except ListWatchFailure as failure:
                if failure.expired:
                    return
                if not failure.waits:
                    raise
                self._tell(failure)
                await asyncio.sleep(max(self._backoff.next(), failure.retry_after))

    def _tell(self, failure: ListWatchFailure) -> None:
        self.metrics.failures += 1
        LOG.warning("%s", failure)
        if self._on_error is not None:
            self._on_error(failure)

    async def _list(self) -> None:
        """Nothing of it reaches the queue before its last page is there."""
        wanted = "" if self._unavailable else self.last_sync_resource_version or "0"
        self.metrics.lists += 1
        try:
            objects, version = await self._pages(wanted)
        except ListWatchFailure as failure:
            if not (failure.expired or failure.too_large_resource_version) or wanted == "":
                raise
            self._unavailable = True
            objects, version = await self._pages("")
        self._fifo.replace(objects)
        self.last_sync_resource_version, self._unavailable = version, False

    async def _pages(self, wanted: str) -> tuple[list[Object], str]:
        """A list that is asked from the server's cache, at a version, is not cut into pages by it."""
        limit = PAGE if wanted in ("", "0") or self._paginated else 0
        answer = await self._list_watch.list(wanted, limit, "")
        objects = self._kept_of(answer)
        while following := (answer.get("metadata") or {}).get("continue"):
            try:
                answer = await self._list_watch.list("", limit, str(following))
            except ListWatchFailure as failure:
                if not failure.expired:
                    raise
                answer = await self._list_watch.list(wanted, 0, "")
                objects = []
            else:
                self._paginated = self._paginated or wanted == "0"
            objects += self._kept_of(answer)
        return objects, resource_version(answer)

    def _kept_of(self, answer: Mapping[str, Any]) -> list[Object]:
        """What is as it was is the object that is kept already, so that a new list takes no second place in memory."""
        self.metrics.pages += 1
        return [self._known_or_new(obj) for obj in answer.get("items") or ()]

    def _known_or_new(self, obj: Object) -> Object:
        known = self._fifo.known.get(self._fifo.known.key_of(obj))
        if known is not None and resource_version(obj) and resource_version(known) == resource_version(obj):
            return known if uid(known) == uid(obj) else self._transformed(obj)
        return self._transformed(obj)

    def _transformed(self, obj: Object) -> Object:
        return obj if self._transform is None else self._transform(obj)

    async def _watch(self) -> None:
        started, before = time.monotonic(), self.metrics.events
        self.metrics.watches += 1
        seconds = WATCH_SECONDS * (1 + random.random())
        stream = self._list_watch.watch(self.last_sync_resource_version, seconds)
        try:
            while True:
                try:
                    events = await _next_within(stream, self._silence)
                except StopAsyncIteration:
                    break
                if events is None:
                    self.metrics.silences += 1
                    return
                for event in events:
                    self._take(event)
        finally:
            await stream.aclose()
        if self.metrics.events == before and time.monotonic() - started < _SHORT:
            raise ListWatchFailure("the watch was ended at once, and nothing was told")

    def _take(self, event: Event) -> None:
        kind, obj = event.get("type"), event.get("object")
        if not isinstance(obj, Mapping):
            raise ListWatchFailure(f"what comes is no event: {str(event)[:200]}")
        if kind == "ERROR":
            raise ListWatchFailure(str(obj.get("message")), int(obj.get("code") or 0), str(obj.get("reason")))
        self.metrics.events += 1
        if self._kind and obj.get("kind") != self._kind:
            LOG.warning("A %s came where %s are watched; it is skipped.", obj.get("kind"), self._kind)
            return
        if kind == "BOOKMARK":
            self.metrics.bookmarks += 1
        elif kind == "ADDED":
            self._fifo.add(self._transformed(obj))
        elif kind == "MODIFIED":
            self._fifo.update(self._transformed(obj))
        elif kind == "DELETED":
            self._fifo.delete(self._transformed(obj))
        else:
            LOG.warning("An event of the unknown type %s is skipped.", kind)
        self.last_sync_resource_version = resource_version(obj)


async def _next_within(stream: AsyncGenerator[Sequence[Event], None], seconds: float) -> Optional[Sequence[Event]]:
    """None when nothing came. (``wait_for`` would lose a cancellation that comes together with an event.)"""
    waiting = asyncio.ensure_future(stream.__anext__())
    try:
        done, dummy = await asyncio.wait([waiting], timeout=seconds)
        return waiting.result() if done else None
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)  # retrieves an exception for which nobody else asks
