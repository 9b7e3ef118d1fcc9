"""Let an informer run against a script until everything of it has happened."""

from __future__ import annotations

import asyncio
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.informer.backoff import Backoff
from ansible_collections.baremetal.virt.plugins.module_utils.informer.errors import ListWatchFailure
from ansible_collections.baremetal.virt.plugins.module_utils.informer.shared_informer import SharedIndexInformer

from ...doubles.kube_script import Exchange, Log, Script


def hasty() -> Backoff:
    return Backoff(first=0.001, longest=0.002)


async def settled(informer: SharedIndexInformer, script: Script) -> None:
    """Nothing of the script is left, and nothing is on its way."""
    while script.left:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.02)
    while len(informer.fifo) or any(len(listener) for listener in informer.processor.listeners):
        await asyncio.sleep(0.001)


class Played:
    """What came of it."""

    def __init__(self, *exchanges: Exchange, resync: float = 0.0, **options: Any) -> None:
        self.script, self.log, self.resyncing = Script(*exchanges), Log(), Log()
        self.errors: list[str] = []
        asyncio.run(self._run(resync, options))

    async def _run(self, resync: float, options: dict[str, Any]) -> None:
        def note(failure: ListWatchFailure) -> None:
            self.errors.append(str(failure))

        informer = SharedIndexInformer(self.script, on_error=note, backoff=hasty(), **options)
        informer.add_event_handler(self.log)
        if resync:
            informer.add_event_handler(self.resyncing, resync)
        running = asyncio.ensure_future(informer.run())
        await asyncio.wait_for(settled(informer, self.script), 10)
        await informer.stop()
        await running
        self.informer = informer

    @property
    def told(self) -> list[str]:
        return self.log.told

    @property
    def cache(self) -> dict[str, str]:
        objects = self.informer.indexer.objects()
        return {obj["metadata"]["name"]: obj["metadata"]["resourceVersion"] for obj in objects}
