# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One informer for each kind, however many use it, and reading from its cache (SharedInformerFactory, Lister)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Optional

from .shared_informer import SharedIndexInformer
from .store import NAMESPACE, Indexer, Object, meta_namespace_index, metadata

Objects = list[Object]


class Lister:
    """Asks the cache, and never the server."""

    def __init__(self, indexer: Indexer) -> None:
        self._indexer = indexer

    def list(self, namespace: str = "", labels: Optional[Mapping[str, str]] = None) -> Objects:
        """All that have these labels; of all namespaces, or of one."""
        found = self._indexer.by_index(NAMESPACE, namespace) if namespace else self._indexer.objects()
        wanted = (labels or {}).items()
        return [obj for obj in found if wanted <= (metadata(obj).get("labels") or {}).items()]

    def get(self, name: str, namespace: str = "") -> Optional[Object]:
        return self._indexer.get(f"{namespace}/{name}" if namespace else name)


class SharedInformerFactory:
    """``make`` gives an informer for the path of a kind in the API, such as /api/v1/nodes."""

    def __init__(self, make: Callable[[str], SharedIndexInformer]) -> None:
        self._make = make
        self._informers: dict[str, SharedIndexInformer] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def for_resource(self, path: str) -> SharedIndexInformer:
        if path not in self._informers:
            made = self._informers[path] = self._make(path)
            made.indexer.add_indexers({NAMESPACE: meta_namespace_index})
        return self._informers[path]

    def lister(self, path: str) -> Lister:
        return Lister(self.for_resource(path).indexer)

    def start(self) -> None:
        """Those that do not run yet."""
        for path, informer in self._informers.items():
            if path not in self._running:
                self._running[path] = asyncio.ensure_future(informer.run())

    async def wait_for_cache_sync(self) -> None:
        await asyncio.gather(*(informer.wait_for_cache_sync() for informer in self._informers.values()))

    async def wait(self) -> None:
        """Until one ends by an error, which is raised, or all have been stopped."""
        await asyncio.gather(*self._running.values())

    async def shutdown(self) -> None:
        await asyncio.gather(*(informer.stop() for informer in self._informers.values()))
        await asyncio.gather(*self._running.values(), return_exceptions=True)
