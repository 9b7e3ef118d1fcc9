# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A list of Proxmox VE's API, as an informer lists and watches it: by polls, often after a change and else seldom."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

from ..engine.errors import Unreadable
from ..informer.errors import ListWatchFailure
from .proxmox import Answer, Event, Part, Polls, answer_of

LOG = logging.getLogger(__name__)
#: Seconds between two polls: after a change, and when nothing happens. The second is less than an informer's patience.
BUSY, IDLE = 5.0, 30.0

#: So many questions at once, as others ask the node, too.
AT_ONCE = 4

Say = Callable[[str], None]
Events = list[Event]


class PollWatch:
    """``get``: asks the API for a path, and may block.  ``say``: told of what is no event, once each time it begins.

    What cannot be asked has not happened: a poll that fails changes nothing, and the next one goes on from there.
    """

    def __init__(self, get: Callable[[str], Any], part: Part, say: Say, busy: float = BUSY, idle: float = IDLE) -> None:
        self._get, self._part, self._say = get, part, say
        self._busy, self._idle = busy, idle
        self._polls = Polls(part)
        self._failing = False
        self._version = 0
        self._free = asyncio.Semaphore(AT_ONCE)

    async def list(self, version: str, limit: int, continue_token: str) -> Mapping[str, Any]:
        try:
            await self._poll()
        except Unreadable as error:
            self._tell_failure(error)
            raise ListWatchFailure(str(error)) from error
        return {"metadata": {"resourceVersion": str(self._version)}, "items": [*self._polls.objects.values()]}

    async def watch(self, version: str, seconds: float) -> AsyncGenerator[Sequence[Mapping[str, Any]], None]:
        pause = self._busy
        while True:
            await asyncio.sleep(pause)
            try:
                events = await self._poll()
            except Unreadable as error:
                self._tell_failure(error)
                events = []
            pause = self._busy if events else min(self._idle, pause * 2)
            yield [{"type": event.type, "object": event.object} for event in events]

    async def _poll(self) -> Events:
        rows = await asyncio.to_thread(self._get, self._part.path)
        asked = self._polls.questions(rows)
        told = await asyncio.gather(*map(self._ask, asked.values()))
        events, notices = self._polls.take(rows, dict(zip(asked, told)))
        if self._failing:
            self._failing = False
            self._say(f"{self._part.name}: the API answers again")
        for notice in notices:
            self._say(f"{self._part.name}: {notice}")
        self._version += 1
        return events

    async def _ask(self, path: str) -> Answer:
        try:
            async with self._free:
                return Answer("there", await asyncio.to_thread(self._get, path))
        except Unreadable as error:
            return answer_of(int(error.details.get("status") or 0), str(error))

    def _tell_failure(self, error: Unreadable) -> None:
        LOG.warning("%s", error)
        if not self._failing:
            self._failing = True
            self._say(f"{self._part.name}: the API gives no list: {error}")
