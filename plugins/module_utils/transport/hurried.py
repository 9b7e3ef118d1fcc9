# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node that is asked in a hurry, as in a night in which half of it hangs: what does not answer is not waited for.

A file system whose server is frozen keeps whoever opens a file for ever, and the second question as long as the first.
So every question has a thread of its own that is left behind, and what did not answer once is not asked again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any, Callable

from ..engine.errors import CollectionError, Unreadable
from ..engine.reader import CLUSTER, NODE, UNREAD, Question, Reader, Recording
from ..observe.node.look import STUMBLES
from .node import Node
from .record import SharedRecorder, side_by_side

#: Seconds for one question, and for all of them together.
PATIENCE, WHOLE = 10.0, 17.0
#: What a command returns that was ended at its deadline.
_ENDED = 124


class Hurried(Reader):
    """``whole``: seconds from now after which nothing is waited for any more."""

    def __init__(self, source: Reader, patience: float = PATIENCE, whole: float = WHOLE) -> None:
        self._source, self._patience = source, patience
        self._end = time.monotonic() + whole
        self._stuck: set[str] = set()

    def look(self, question: Question) -> Any:
        whom = _whom(question)
        if whom in self._stuck and question.kind == "program":
            return [_ENDED, "", "it has not answered before"]
        if whom in self._stuck:
            raise Unreadable(f"{whom} has not answered before and was not asked again.")
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unreadable(f"There was no time left to ask {whom}.")
        box: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(target=self._answer, args=(question, box), daemon=True).start()
        patience = min(self._patience, left)
        try:
            found = box.get(timeout=patience)
        except Empty:
            found = None
        ended = found is not None and _was_ended(question, found[0])
        if found is None or ended:
            self._stuck.add(whom)
        if ended and question.kind == "program":
            return found[0]  # whoever asks one of our own programs knows what its silence means
        if found is None or ended:
            raise Unreadable(f"{whom} did not answer within {patience:.0f} seconds.")
        if isinstance(found[0], CollectionError):
            raise found[0]
        return found[0]

    def _answer(self, question: Question, box: SimpleQueue[Any]) -> None:
        try:
            box.put((self._source.look(question),))
        except CollectionError as error:
            box.put((error,))
        except OSError as error:  # such as a program on a disk that is gone
            box.put((Unreadable(f"{_whom(question)} cannot be asked: {error}."),))


def read_in_a_hurry(observers: Sequence[Callable[[Reader], object]]) -> Recording:
    """All that these observers ask of this node, also about the cluster; and why what has no answer has none."""
    hurried = Hurried(Node(patience=PATIENCE - 1))
    recorder = _WithFailures(hurried, (NODE, CLUSTER))

    # Whoever replays this meets the same, and says so.
    side_by_side(recorder, observers, (CollectionError, *STUMBLES))
    return {**recorder.recording, UNREAD: dict(recorder.unread)}


class _WithFailures(SharedRecorder):
    """Keeps why a question was not answered, too."""

    def __init__(self, *of: Any) -> None:
        super().__init__(*of)
        self.unread: dict[str, str] = {}

    def look(self, question: Question) -> Any:
        try:
            return super().look(question)
        except Unreadable as error:
            self.unread[question.key] = error.message
            raise


def _whom(question: Question) -> str:
    """Who answers: a program, a server, or whatever serves the upper part of a path."""
    first = question.argument[0]
    return "/".join(first.split("/")[:3]) if first.startswith("/") else first


def _was_ended(question: Question, found: Any) -> bool:
    return question.kind in ("run", "program") and not isinstance(found, CollectionError) and found[0] == _ENDED
