# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what informers tell to what a rulebook is told: one event for each run that is to be made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Optional, Protocol

from ..engine.errors import CollectionError
from ..informer.delta_fifo import Told
from ..informer.notification import Notification
from ..informer.processor import ResourceEventHandler
from ..informer.shared_informer import SharedIndexInformer
from ..informer.store import DeletedFinalStateUnknown, Object, meta_namespace_key
from .judge import Drift, Judge, Watch
from .key_queue import KeyQueue

LOG = logging.getLogger(__name__)
Put = Callable[[Mapping[str, Any]], Awaitable[None]]


class Turns(Protocol):
    """Whether the run that an event has asked for is over."""

    def ask(self, key: str) -> bool:
        """There is to be a run; False while one that nobody has asked for now is at work."""

    async def ended(self, key: str) -> bool:
        """Wait for it; whether it has ended well."""


class Watcher:
    """``turns``: None where nobody tells of the end of runs; then each change is told as soon as it is taken."""

    def __init__(self, put: Put, turns: Optional[Turns], queue: Optional[KeyQueue] = None) -> None:
        self._put, self._turns, self._queue = put, turns, queue or KeyQueue()
        self._latest: dict[str, Drift] = {}
        self._judges: list[tuple[Judge, SharedIndexInformer]] = []
        self._following: set[asyncio.Task[None]] = set()

    def watch(self, watch: Watch, informer: SharedIndexInformer) -> None:
        judge = Judge(watch)
        self._judges.append((judge, informer))
        informer.add_event_handler(_Handler(judge, self._tell))

    def _tell(self, drift: Drift) -> None:
        self._latest[drift.key] = drift
        self._queue.add(drift.key)

    async def run(self) -> None:
        """For ever, until it is cancelled."""
        try:
            while True:
                key = await self._queue.get()
                await self._announce(key, self._latest[key])
        finally:
            self._queue.close()
            for task in self._following:
                task.cancel()

    async def _announce(self, key: str, told: Drift) -> None:
        turns = None if told.watch.mode == "notify" else self._turns
        if turns is None:
            await self._put(told.event())
            self._queue.done(key, True)
            return
        asked = turns.ask(key)
        if asked:
            await self._put(told.event())
        task = asyncio.ensure_future(self._follow(key, turns, told if asked else None))
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _follow(self, key: str, turns: Turns, told: Optional[Drift]) -> None:
        """``told``: what has asked for the run; None for one that began before, which is followed by another."""
        try:
            succeeded = await turns.ended(key)
        except (CollectionError, OSError) as error:
            LOG.error("Nobody can tell whether the run for %s has ended: %s", key, error)
            succeeded = False
        if told is None:
            self._queue.add(key)
        elif succeeded and told.watch.mode == "repair" and not self._queue.waits(key):
            self._prove(key)
        LOG.info("The run for %s has %s.", key, "ended well" if succeeded else "failed")
        self._queue.done(key, succeeded)

    def _prove(self, key: str) -> None:
        for judge, informer in self._judges:
            for object_key in informer.indexer.list_keys():
                obj = informer.indexer.get(object_key)
                if obj is not None and judge.watch.key_of(object_key) == key:
                    judge.prove(object_key, obj)


class _Handler(ResourceEventHandler):
    def __init__(self, judge: Judge, tell: Callable[[Drift], None]) -> None:
        self._judge, self._tell = judge, tell

    def _hand_on(self, told: Notification) -> None:
        drift = self._judge.judge(told)
        if drift is not None:
            self._tell(drift)

    async def on_add(self, obj: Object, is_in_initial_list: bool) -> None:
        self._hand_on(Notification(meta_namespace_key(obj), None, obj, initial=is_in_initial_list))

    async def on_update(self, old: Object, new: Object) -> None:
        self._hand_on(Notification(meta_namespace_key(new), old, new))

    async def on_delete(self, obj: Told) -> None:
        key = obj.key if isinstance(obj, DeletedFinalStateUnknown) else meta_namespace_key(obj)
        self._hand_on(Notification(key, None, None, obj))
