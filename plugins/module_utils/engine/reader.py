# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How observers ask questions, and how the answers travel.

An observer never opens a file or starts a process itself: it asks a ``Reader``. Every question is a small value
(kind, argument, scope) and every answer is JSON. So the same observer works on the node (``transport.node``),
on the controller from answers recorded earlier in the run (``Replay``), and in tests from recorded transcripts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Literal, Optional, TypeVar

from .errors import NotRead, Unreadable

Scope = Literal["node", "cluster"]
NODE: Literal["node"] = "node"
CLUSTER: Literal["cluster"] = "cluster"
#: What is asked: of a file system, of a command or a program of ours, of a server by its address, of the HTTPS API.
Kind = Literal["read", "names", "entry", "digest", "age", "run", "program", "certificate", "clock", "api"]
#: Asks for all that an answer of the HTTPS API holds.
WHOLE = "whole"
EntryKind = Literal["file", "directory", "link", "block", "other"]


@dataclass(frozen=True)
class Completed:
    """A command that has ended."""

    rc: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Entry:
    """A file system entry. ``target`` is set for links."""

    kind: EntryKind
    mode: int
    owner: str
    group: str
    size: int
    target: Optional[str] = None


@dataclass(frozen=True)
class Question:
    """``scope`` cluster: any member gives the same answer, so one member is asked for all."""

    kind: Kind
    argument: tuple[str, ...]
    scope: Scope = NODE

    @property
    def key(self) -> str:
        return json.dumps([self.kind, *self.argument])


def command(*argv: str, scope: Scope = NODE) -> Question:
    """The question what a reading command prints."""
    return Question("run", argv, scope)


def program(name: str, *arguments: str, scope: Scope = NODE) -> Question:
    """The question what a program that is sent to the node prints."""
    return Question("program", (name, *arguments), scope)


class Reader:
    """What an observer may ask. Subclasses answer in ``look``."""

    def look(self, question: Question) -> Any:
        raise NotImplementedError

    def read(self, path: str, scope: Scope = NODE) -> Optional[str]:
        """The text of a file; None when there is no such file."""
        found: Optional[str] = self.look(Question("read", (path,), scope))
        return found

    def names(self, path: str, scope: Scope = NODE) -> tuple[str, ...]:
        """The sorted names in a directory; empty when there is no such directory."""
        return tuple(self.look(Question("names", (path,), scope)))

    def entry(self, path: str, scope: Scope = NODE) -> Optional[Entry]:
        """Kind, mode and owner of a path (links are not followed); None when it does not exist."""
        found = self.look(Question("entry", (path,), scope))
        return None if found is None else Entry(**found)

    def digest(self, path: str, scope: Scope = NODE) -> Optional[str]:
        """SHA-256 of a file's content, for keys that must be compared but never travel; None when missing."""
        found: Optional[str] = self.look(Question("digest", (path,), scope))
        return found

    def age(self, path: str) -> Optional[int]:
        """Whole days since a file or directory was changed; None when there is none."""
        found = self.look(Question("age", (path,)))
        return None if found is None else int(found)

    def certificate(self, address: str) -> Optional[str]:
        """The certificate (PEM) served at ``host:port``, whoever signed it; None when nobody answers with one."""
        found: Optional[str] = self.look(Question("certificate", (address,)))
        return found

    def clock(self, address: str) -> Optional[float]:
        """How many seconds the clock behind the HTTPS server at ``host:port`` is ahead; None when nobody answers."""
        found: Optional[float] = self.look(Question("clock", (address,)))
        return found

    def run(self, *argv: str, scope: Scope = NODE) -> Completed:
        """Run a reading command; rc 127 when the program is not installed."""
        return Completed(*self.look(command(*argv, scope=scope)))

    def program(self, name: str, *arguments: str, scope: Scope = NODE) -> Completed:
        """Run one of the programs that this collection sends to nodes (``transport/programs``), by its name."""
        return Completed(*self.look(program(name, *arguments, scope=scope)))

    def run_json(self, *argv: str, scope: Scope = NODE) -> Any:
        """The JSON that a reading command prints; None when it exits non-zero."""
        done = self.run(*argv, scope=scope)
        if done.rc != 0:
            return None
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            raise Unreadable(f"`{' '.join(argv)}` did not print JSON: {error}.", stdout=done.stdout[:2000]) from error

    def get(self, path: str, scope: Scope = CLUSTER) -> Any:
        """The data that the HTTPS API has at a path, which may end in a query; Unreadable when it gives none."""
        return self.look(Question("api", (path,), scope))

    def get_whole(self, path: str, scope: Scope = CLUSTER) -> Any:
        """The same with what is told beside the data, which it calls ``data``."""
        return self.look(Question("api", (path, WHOLE), scope))

    def get_many(self, paths: Sequence[str], scope: Scope = CLUSTER) -> list[Any]:
        """The same for several paths, in their order."""
        return self.look_many([Question("api", (path,), scope) for path in paths])

    def look_many(self, questions: Sequence[Question]) -> list[Any]:
        """The answers in the order of the questions; a reader that can asks them side by side."""
        return [self.look(question) for question in questions]


Observer = TypeVar("Observer", bound=Callable[..., object])


def recorded(observer: Observer) -> Observer:
    """Marks an observer, (reader) → model, as part of the one look at a node with which a run begins.

    It is found by this mark, which stands alone in the line above it.
    """
    vars(observer)["recorded"] = True
    return observer


Recording = dict[str, dict[str, Any]]
#: Beside the scopes, in the recording of a ``Recorder`` that keeps failures: question → why it has no answer.
UNREAD = "unread"


class Recorder(Reader):
    """Passes questions on, keeps the answers, and asks nothing twice."""

    def __init__(self, source: Reader, scopes: Iterable[Scope] = (NODE, CLUSTER)) -> None:
        self._source = source
        self._scopes = frozenset(scopes)
        self.recording: Recording = {scope: {} for scope in sorted(self._scopes)}

    def look(self, question: Question) -> Any:
        if question.scope not in self._scopes:
            raise NotRead(f"Readings of the whole {question.scope} are taken on another node.")
        answers = self.recording[question.scope]
        if question.key not in answers:
            answers[question.key] = self._source.look(question)
        return answers[question.key]

    def look_many(self, questions: Sequence[Question]) -> list[Any]:
        known = self.recording
        new = [one for one in dict.fromkeys(questions) if one.scope in known and one.key not in known[one.scope]]
        for question, answer in zip(new, self._source.look_many(new)):
            known[question.scope][question.key] = answer
        return [self.look(question) for question in questions]


class Replay(Reader):
    """Answers from a recording; raises NotRead for a question that was not asked then.

    Where the recording tells why a question got no answer, that is raised as it was then, as Unreadable.
    """

    def __init__(self, recording: Mapping[str, Mapping[str, Any]]) -> None:
        self._recording = recording

    def look(self, question: Question) -> Any:
        try:
            return self._recording[question.scope][question.key]
        except KeyError:
            if question.key in self._recording.get(UNREAD, {}):
                raise Unreadable(self._recording[UNREAD][question.key]) from None
            raise NotRead(f"Not observed in this run: {question.key}.") from None
