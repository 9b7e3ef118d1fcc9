# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One pass over a node: all observers side by side, since most of their time is spent waiting for commands."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Callable

from ..engine.errors import NotRead, Unreadable
from ..engine.reader import CLUSTER, NODE, Question, Reader, Recorder, Recording, Scope


class SharedRecorder(Recorder):
    """Asks nothing twice, however many observers ask at the same time."""

    def __init__(self, source: Reader, scopes: Iterable[Scope]) -> None:
        super().__init__(source, scopes)
        self._guard = threading.Lock()
        self._asking: dict[Question, threading.Lock] = {}

    def look(self, question: Question) -> Any:
        with self._guard:
            asking = self._asking.setdefault(question, threading.Lock())
        with asking:
            return super().look(question)


def record(reader: Reader, with_cluster: bool, observers: Sequence[Callable[[Reader], object]]) -> Recording:
    """All answers that these observers need; cluster readings only where they are asked for."""
    recorder = SharedRecorder(reader, (NODE, CLUSTER) if with_cluster else (NODE,))
    # NotRead: the rest of this subject is read on the node that reads for the whole cluster. Unreadable: its own task
    # reads it again, and says so; what the other subjects need is not its prisoner.
    side_by_side(recorder, observers, (NotRead, Unreadable))
    return recorder.recording


def side_by_side(
    recorder: SharedRecorder, observers: Sequence[Callable[[Reader], object]], passing: tuple[type[Exception], ...]
) -> None:
    """``passing``: errors that end an observer's own look, and keep nobody else from looking."""

    def observe(observer: Callable[[Reader], object]) -> None:
        with suppress(*passing):
            observer(recorder)

    with ThreadPoolExecutor(len(observers)) as pool:
        list(pool.map(observe, observers))
