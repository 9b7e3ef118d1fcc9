# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run as people follow it: a line for what a task did, hosts that did the same together, failures at the end.

Times are seconds of any clock that only goes forward; the caller brings them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from .hosts import in_order, named
from .text import counted, duration, wrapped

#: When a task is told of that is still at work, in seconds since it began; afterwards as often as the last of these.
HEARTBEATS = (20, 60, 120, 240)
_GO_ON = "Run the same again: it goes on where this ended."
_UNTOUCHED = "Nothing was changed here."


@dataclass(frozen=True)
class Failure:
    """What went wrong on a host. ``rescued`` is known only at the end: the run went on."""

    host: str
    task: str
    text: str
    done: tuple[str, ...] = ()
    refused: bool = False


@dataclass
class _Task:
    name: str
    phase: str
    began: float
    running: list[str] = field(default_factory=list)
    changed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    beats: int = 0


class Story:
    """Events go in, lines come out."""

    def __init__(self, now: float) -> None:
        self._began = now
        self._task: Optional[_Task] = None
        self._shown_phase = ""
        self._steps: dict[str, int] = {}
        self._planned = 0
        self.failures: list[Failure] = []

    def task(self, name: str, phase: str, now: float) -> list[str]:
        """A task begins; the lines are those of the one before."""
        lines = self.flush(now)
        self._task = _Task(name, phase, now)
        return lines

    def planned(self, steps: int) -> None:
        """How many steps the plan of this run holds."""
        self._planned = steps

    def started(self, host: str) -> None:
        if self._task:
            self._task.running.append(host)

    def ended(self, host: str) -> None:
        if self._task and host in self._task.running:
            self._task.running.remove(host)

    def changed(self, host: str, sentences: Sequence[str]) -> None:
        """What the present task did on a host; without sentences, the task's name says it."""
        if self._task:
            told = self._task.changed.get(host, ()) + tuple(sentences or (self._task.name,))
            self._task.changed[host] = told
            self._steps[host] = self._steps.get(host, 0) + len(sentences or (1,))

    def failed(self, failure: Failure) -> list[str]:
        """Said at once in one line, and in full at the end."""
        self.failures.append(failure)
        return [f"{failure.host}  failed: {failure.task} (why is said at the end)"]

    def flush(self, now: float) -> list[str]:
        """The lines of the task that has ended."""
        task, self._task = self._task, None
        if task is None or not task.changed:
            return []
        lines: list[str] = []
        alike: dict[tuple[str, ...], list[str]] = {}
        for host, sentences in task.changed.items():
            alike.setdefault(sentences, []).append(host)
        for sentences, hosts in alike.items():
            lines += self._line(
                task.phase, sorted(hosts, key=in_order), f"{_shortened(sentences)} ({duration(now - task.began)})"
            )
        return lines

    def _line(self, phase: str, hosts: Sequence[str], text: str) -> Iterator[str]:
        shown, self._shown_phase = ("" if phase == self._shown_phase else phase), phase
        head = f"{shown:<14}{named(hosts):<12}  "
        return wrapped(head, text, len(head))

    def heartbeat(self, now: float) -> list[str]:
        """A line for a task that takes long, at times that grow further apart."""
        task = self._task
        if task is None or not task.running or now - task.began < _beat(task.beats):
            return []
        while now - task.began >= _beat(task.beats):
            task.beats += 1
        running = sorted(task.running, key=in_order)
        return list(self._line(task.phase, running, f"{task.name}: at work for {duration(now - task.began)}"))

    def status(self, now: float) -> str:
        """What is at work now and how far the run is, in one line; empty between two tasks."""
        task = self._task
        if task is None or not task.running:
            return ""
        hosts = named(sorted(task.running, key=in_order))
        far = f", {self._done} done" if self._planned else ""
        return f"{task.phase}  {hosts}  {task.name}: {duration(now - task.began)}{far}"

    @property
    def _done(self) -> str:
        """``17 of 41 steps``; more than were planned are no part of a whole."""
        number = sum(self._steps.values())
        return f"{number} of {self._planned} steps" if 0 < self._planned >= number else counted(number, "step")

    def cut(self, now: float) -> list[str]:
        """What to say when the run is broken off from outside."""
        at_work = self.status(now)
        told = ["", f"Cut after {duration(now - self._began)}: {at_work or 'nothing was at work'}."]
        if at_work or self._steps:
            told += [f"Done before: {self._done}. What was at work may be done in part.", _GO_ON]
        return told

    def end(self, failed_hosts: Mapping[str, Any], now: float, dry: bool = False) -> list[str]:
        """The last lines. ``failed_hosts``: those that the run gave up; failures of others were rescued."""
        lines: list[str] = []
        for failure in self.failures:
            if failure.host in failed_hosts:
                lines += ["", *_told(failure)]
            else:
                lines += ["", f"{failure.host}  rescued, the run went on: {failure.task}"]
        number, hosts = sum(self._steps.values()), len(self._steps)
        told = self._done if failed_hosts else counted(number, "step")
        done = f"{told} on {counted(hosts, 'node')}" if number else "nothing was changed"
        if 0 < number < self._planned and not failed_hosts:
            done += f" ({self._planned} were planned; no more were needed)"
        ended = "Ended with failures" if failed_hosts else "Dry run done" if dry else "Done"
        return [*lines, "", f"{ended} after {duration(now - self._began)}: {done}."]


def _beat(number: int) -> float:
    if number < len(HEARTBEATS):
        return HEARTBEATS[number]
    return HEARTBEATS[-1] * (number - len(HEARTBEATS) + 2)


def _shortened(sentences: Sequence[str]) -> str:
    """The first step, and how many there were besides."""
    more = len(sentences) - 1
    return sentences[0] if not more else f"{sentences[0]}, and {counted(more, 'step')} more"


def _told(failure: Failure) -> Iterator[str]:
    head = f"{failure.host}  "
    yield from wrapped(head, f"{failure.task}: {failure.text}", len(head))
    indent = " " * len(head)
    if failure.done:
        yield f"{indent}Done before that in this task:"
        for sentence in failure.done:
            yield from wrapped(f"{indent}- ", sentence, len(indent) + 2)
    yield f"{indent}{_UNTOUCHED if failure.refused and not failure.done else _GO_ON}"
