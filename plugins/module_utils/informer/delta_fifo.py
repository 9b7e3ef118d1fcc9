# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has happened to each object and was not processed yet, in order (client-go's DeltaFIFO).

The seed's version, 0.23, with one correction of 0.27: a list also tells the end of what only the queue knew. The queue
belongs to one event loop, so what it does between two ``await`` is done at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, Optional, Union

from .errors import ErrRequeue, FIFOClosed
from .store import DeletedFinalStateUnknown, Indexer, Object

DeltaType = Literal["Added", "Updated", "Deleted", "Replaced", "Sync"]
Told = Union[Object, DeletedFinalStateUnknown]


class Delta(NamedTuple):
    """One thing that has happened."""

    type: DeltaType
    object: Told


#: The key, what has happened to it, and whether the first list is still being processed.
Process = Callable[[str, "list[Delta]", bool], None]


class DeltaFIFO:
    """``known``: the objects that were processed already. A key is in the queue exactly if something is to be told."""

    def __init__(self, known: Indexer) -> None:
        self.known = known
        self._items: dict[str, list[Delta]] = {}
        self._queue: deque[str] = deque()
        self._populated = False
        self._initial = 0
        self._closed = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def has_synced(self) -> bool:
        """Whether all of the first list has been popped, or something came before any list and has been."""
        return self._populated and self._initial == 0

    def deltas(self, key: str) -> list[Delta]:
        return list(self._items.get(key, ()))

    def add(self, obj: Object) -> None:
        self._populated = True
        self._append("Added", self.known.key_of(obj), obj)

    def update(self, obj: Object) -> None:
        self._populated = True
        self._append("Updated", self.known.key_of(obj), obj)

    def delete(self, obj: Told) -> None:
        """Of what nobody knows nothing is told."""
        key = obj.key if isinstance(obj, DeletedFinalStateUnknown) else self.known.key_of(obj)
        self._populated = True
        if key in self._items or key in self.known:
            self._append("Deleted", key, obj)

    def replace(self, objects: Iterable[Object]) -> None:
        """These are all there are."""
        given = [(self.known.key_of(obj), obj) for obj in objects]
        keys = {key for key, dummy in given}
        for key, obj in given:
            self._append("Replaced", key, obj)
        gone = [(key, self.known.get(key)) for key in self.known.list_keys() if key not in keys]
        gone += [
            (key, _last(deltas)) for key, deltas in self._items.items() if key not in keys and key not in self.known
        ]
        for key, last in gone:
            if last is not None:
                self._append("Deleted", key, DeletedFinalStateUnknown(key, last))
        if not self._populated:
            self._populated, self._initial = True, len(keys) + len(gone)

    def resync(self) -> None:
        """Everything known is told again, from the cache, unless something newer is on its way."""
        for key in self.known.list_keys():
            obj = self.known.get(key)
            if obj is not None and key not in self._items:
                self._append("Sync", key, obj)

    async def pop(self, process: Process) -> None:
        """Wait for something, and process it. Raises FIFOClosed when nothing is left and nothing more will come."""
        while not self._queue:
            if self._closed:
                raise FIFOClosed
            self._changed.clear()
            await self._changed.wait()
        key, initial = self._queue.popleft(), not self.has_synced
        self._initial = max(0, self._initial - 1)
        deltas = self._items.pop(key)
        try:
            process(key, deltas, initial)
        except ErrRequeue as again:
            if key not in self._items:
                self._items[key] = deltas
                self._queue.append(key)
                self._changed.set()
            if again.cause is not None:
                raise again.cause from None

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    def _append(self, kind: DeltaType, key: str, told: Told) -> None:
        deltas = self._items.get(key)
        if deltas is None:
            self._items[key] = [Delta(kind, told)]
            self._queue.append(key)
            self._changed.set()
        elif kind == "Deleted" and deltas[-1].type == "Deleted":
            if isinstance(deltas[-1].object, DeletedFinalStateUnknown):  # what was really seen is kept
                deltas[-1] = Delta(kind, told)
        else:
            deltas.append(Delta(kind, told))


def _last(deltas: list[Delta]) -> Optional[Object]:
    told = deltas[-1].object
    return told.obj if isinstance(told, DeletedFinalStateUnknown) else told
