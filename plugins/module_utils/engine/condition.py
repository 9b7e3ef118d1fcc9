# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A condition is data: a question to a node, and what is to be found in the answer.

Waits, proofs and test doubles judge the same value, so a condition that a plan waits for can be tried on a recorded
answer. What cannot be known fulfils no condition, not even a negative one: a program that failed, text that is no
JSON, a key that is missing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Callable, Literal, Union

from .errors import Unreadable
from .reader import Question, Reader

Key = Union[str, int]
#: ``has``, ``has any`` (one of several) and ``lacks`` look into a list or the keys of an object; ``some`` and ``none``
#: ask whether it is empty.
#: ``each begins``: every element of a list is a text that begins so.
#: ``passes``: the value is a pure function of what is found → what is missing, in sentences; none is to be missing.
#: ``passes since``: the value makes such a function of what is found when the wait begins; before that nothing passes.
#: ``succeeds``: the process ended with exit code 0, for programs whose answer is that code; it has no path.
Op = Literal[
    "is",
    "is not",
    "one of",
    "has",
    "has any",
    "lacks",
    "some",
    "none",
    "each begins",
    "at least",
    "at most",
    "matches",
    "passes",
    "passes since",
    "succeeds",
]
#: Kinds of questions whose answer is what a process did: exit code, standard output, standard error.
_PROCESSES = ("run", "program")

EVERY = "*"
#: So much of what is missing is told.
_TOLD = 5


class _Unknown(Exception):
    """The answer does not tell."""


@dataclass(frozen=True)
class Condition:
    """``path`` leads into the answer's JSON; the key ``EVERY`` gathers the values of all elements into a list.

    ``matches`` takes a regular expression (multiline) for the text as it is, whatever the exit code; it has no path.
    ``says``: the same for people, as it stands after "waited for".

    >>> down = Condition(Question("run", ("ask", "7")), ("up",), "is", 0)
    >>> down.judge([0, '{"up": 0}', ""]), down.judge([0, '{"up": 1}', ""]), down.judge([1, "", "no answer"])
    (True, False, False)
    """

    question: Question
    path: tuple[Key, ...]
    op: Op
    value: Any = None
    says: str = ""

    def holds(self, reader: Reader) -> bool:
        """Asks anew; a question that gets no answer is a condition that does not hold."""
        try:
            return self.judge(reader.look(self.question))
        except Unreadable:
            return False

    def begun(self, reader: Reader) -> Condition:
        """As it is from now on; Unreadable where what is there now decides about that, and nobody tells it."""
        if self.op != "passes since":
            return self
        try:
            now = _follow(_parsed(self.question, reader.look(self.question)), self.path)
        except _Unknown:
            raise Unreadable(f"What is there before {self} is not known.") from None
        return replace(self, op="passes", value=self.value(now))

    def judge(self, answer: Any) -> bool:
        """Whether this answer, in the form that ``Reader.look`` gives it, fulfils the condition."""
        if self.op == "matches":
            return re.search(str(self.value), _text(self.question, answer), re.MULTILINE) is not None
        if self.op == "succeeds":
            return self.question.kind in _PROCESSES and answer[0] == 0
        try:
            return _compare(_follow(_parsed(self.question, answer), self.path), self.op, self.value)
        except _Unknown:
            return False

    def lacking(self, reader: Reader) -> str:
        """What it waits for, and where the answer tells more, what is missing there."""
        if self.op != "passes":
            return str(self)
        try:
            missing = self.value(_follow(_parsed(self.question, reader.look(self.question)), self.path))
        except (Unreadable, _Unknown):
            return str(self)
        return f"{self}: {'; '.join([*missing[:_TOLD], '...'] if len(missing) > _TOLD else missing)}"

    def words(self, reader: Reader) -> str:
        """What makes it hold, for people: the text that matches, or the condition itself."""
        if self.op != "matches":
            return str(self)
        found = re.search(str(self.value), _text(self.question, reader.look(self.question)), re.MULTILINE)
        return " / ".join(found.group(0).strip().splitlines()) if found else str(self)

    def __str__(self) -> str:
        if self.says:
            return self.says
        asked = " ".join(self.question.argument)
        if self.question.kind not in ("run", "read"):
            asked = f"the {self.question.kind} of {asked}"
        if self.op == "matches":
            return f"/{self.value}/ in {asked}"
        if self.op == "succeeds":
            return f"success of {asked}"
        place = ".".join(map(str, self.path)) or "the answer"
        value = "" if self.op in ("some", "none") else f" {self.value!r}"
        return f"{place} {self.op}{value} in {asked}"


def _text(question: Question, answer: Any) -> str:
    return str(answer[1]) if question.kind in _PROCESSES else str(answer or "")


def _parsed(question: Question, answer: Any) -> Any:
    """The answer as data: the JSON a command printed or a file holds; other kinds of questions answer in JSON."""
    if question.kind in _PROCESSES and answer[0] != 0:
        raise _Unknown
    if question.kind not in (*_PROCESSES, "read"):
        return answer
    try:
        return json.loads(_text(question, answer))
    except ValueError:
        raise _Unknown from None


def _follow(value: Any, path: tuple[Key, ...]) -> Any:
    for number, key in enumerate(path):
        if key == EVERY:
            elements = value.values() if isinstance(value, dict) else value
            return [_follow(element, path[number + 1 :]) for element in elements]
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            raise _Unknown from None
    return value


def _compare(found: Any, op: Op, value: Any) -> bool:
    if op in ("has", "has any", "lacks", "some", "none") and not isinstance(found, (list, dict)):
        raise _Unknown
    if op == "each begins" and not (isinstance(found, list) and all(isinstance(element, str) for element in found)):
        raise _Unknown
    if op in ("at least", "at most") and not isinstance(found, (int, float)):
        raise _Unknown
    results: dict[Op, Callable[[], object]] = {
        "is": lambda: found == value,
        "is not": lambda: found != value,
        "one of": lambda: found in value,
        "has": lambda: value in found,
        "has any": lambda: any(one in found for one in value),
        "lacks": lambda: value not in found,
        "some": lambda: bool(found),
        "none": lambda: not found,
        "each begins": lambda: all(element.startswith(value) for element in found),
        "at least": lambda: found >= value,
        "at most": lambda: found <= value,
        "passes": lambda: not value(found),
        "passes since": lambda: False,
    }
    return bool(results[op]())
