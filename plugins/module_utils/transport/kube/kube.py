# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The third way to what is changed: Kubernetes' API, asked from the controller."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

from ...engine.errors import NotRead, StepFailed, Unreadable
from ...engine.plan import Clear, Send, Step, WriteFile
from ...engine.reader import Question, Reader
from ..node import Node
from ..perform import perform
from .failure import CONFLICT, NOT_FOUND, KubeFailure

#: So many questions at once.
AT_ONCE = 8
#: Objects of one page of a list: a server that has to give all at once holds all of them in memory.
PAGE = 500
#: Seconds before each further attempt.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)


class Kube(Reader):
    """A question has a path, and a second argument where it is one that is posted, such as a review of rights.

    None is the answer where the server knows no such kind or object.
    """

    def __init__(self, kubeconfig: str, context: str, fingerprint: str, pauses: Sequence[float] = PAUSES) -> None:
        from .wire import Wire  # now, as the library takes a second to load

        self._wire = Wire(kubeconfig, context, fingerprint, AT_ONCE)
        self._pauses = pauses

    def look(self, question: Question) -> Any:
        if question.kind != "api":
            raise NotRead(f"Kubernetes' API knows nothing of a node's files and commands: {question.key}.")
        path, *posted = question.argument
        try:
            return self._patiently(lambda: self._wire.exchange("POST", path, posted[0]) if posted else self._list(path))
        except KubeFailure as failure:
            if failure.status == NOT_FOUND:
                return None
            raise Unreadable(f"{self._wire.url} does not tell {path}: {failure}.", status=failure.status) from failure

    def look_many(self, questions: Sequence[Question]) -> list[Any]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self.look, questions))

    def _list(self, path: str) -> Any:
        """All pages of a list in one."""
        mark = "&" if "?" in path else "?"
        answer = self._wire.exchange("GET", f"{path}{mark}limit={PAGE}")
        following = answer
        while following.get("metadata", {}).get("continue") and "items" in answer:
            rest = urlencode({"limit": PAGE, "continue": following["metadata"]["continue"]})
            following = self._wire.exchange("GET", f"{path}{mark}{rest}")
            answer["items"] += following["items"]
        return answer

    def _patiently(self, send: Callable[[], Any]) -> Any:
        for pause in self._pauses:
            try:
                return send()
            except KubeFailure as failure:
                if not failure.passes:
                    raise
            time.sleep(pause)
        return send()

    def act(self, step: Step) -> str:
        """Carry out a step; raises StepFailed."""
        action = step.action
        if isinstance(action, WriteFile):
            return perform(step, Node())
        try:
            if isinstance(action, Send):
                self._send(action)
            elif isinstance(action, Clear):
                self._clear(step.why, action)
            else:
                raise TypeError(f"{step.why}: not for Kubernetes' API: {action!r}")
        except (KubeFailure, Unreadable) as failure:
            told = str(failure).rstrip(".")
            raise StepFailed(f"{step.why} failed: {told}.", step.hint, step=step.why, id=step.id) from failure
        return ""

    def _send(self, action: Send) -> None:
        """A merge and a removal may be asked for twice. What was to be made and is there was made by us, or is told."""
        sent = 0

        def send() -> None:
            nonlocal sent
            sent += 1
            self._wire.exchange(action.method, action.path, action.document)

        try:
            self._patiently(send)
        except KubeFailure as failure:
            again = sent > 1 and action.method == "POST" and failure.status == CONFLICT
            gone = action.method == "DELETE" and failure.status == NOT_FOUND
            if not again and not gone:
                raise

    def _clear(self, why: str, action: Clear) -> None:
        deadline = time.monotonic() + action.timeout
        while True:
            left = action.left(self.look(action.question))
            if not left:
                return
            if time.monotonic() >= deadline:
                names = ", ".join(words for words, dummy in left)
                raise StepFailed(f"{why} failed: after {action.timeout:.0f} seconds there still are {names}.")
            for sending in (sending for dummy, sending in left):
                if sending is not None:
                    self._try(sending)
            time.sleep(action.interval)

    def _try(self, sending: Send) -> None:
        """Once: it is looked again what is left, and until when."""
        try:
            self._wire.exchange(sending.method, sending.path, sending.document)
        except KubeFailure as failure:
            if not failure.passes and failure.status != NOT_FOUND:
                raise
