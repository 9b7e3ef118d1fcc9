# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as text for a screen or a log: plain, without colour, and at most ``WIDTH`` columns wide.

What a person may want to copy is never broken: a word is a word, and so is what stands between backticks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .hosts import named
from .plan import Document, Line, Saying

WIDTH = 100
_MARK = "DESTROYS DATA"
_MEASURED, _GUESSED = "as measured in earlier runs", "a guess: nothing like it was measured yet"
_WORD = re.compile(r"(?:`[^`]*`|\S)+")


def plan_text(document: Document) -> str:
    """The whole plan; its last line is the sum."""
    parts = [_heading(document), *_table(document.lines), *_warnings(document.warnings), *_refused(document)]
    return "\n".join([*parts, "", summed_up(document)]) if len(parts) > 1 else summed_up(document)


def duration(seconds: float) -> str:
    """``40 seconds``, ``12 minutes``, ``5 h 20 min``."""
    if seconds < 90:
        return "1 second" if round(seconds) == 1 else f"{seconds:.0f} seconds"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _heading(document: Document) -> str:
    return f"Plan for {document.site}, {counted(len(document.hosts), 'node')} (nothing is changed yet)"


def summed_up(document: Document) -> str:
    """The last line: how much would be done, and how much of it destroys data; or that nothing is, or may be."""
    if document.refusals:
        return f"Refused: nothing was changed. {_reasons(document)}"
    if not document.lines:
        return f"Plan for {document.site}, {counted(len(document.hosts), 'node')}: nothing to do"
    destroys = f" ({_destroying(document.destructive)})" if document.destructive else ""
    words = f"Plan: {counted(document.steps, 'step')} on {counted(len(document.changing), 'node')}{destroys}"
    if document.seconds is None:
        return words
    return f"{words}, about {duration(document.seconds)} ({_MEASURED if document.measured else _GUESSED})"


def _destroying(number: int) -> str:
    return "1 destroys data" if number == 1 else f"{number} destroy data"


def _reasons(document: Document) -> str:
    number, hosts = len(document.refusals), {host for one in document.refusals for host in one.hosts}
    return f"{counted(number, 'reason')} on {counted(len(hosts), 'node')} above."


def _table(lines: Sequence[Line]) -> Iterator[str]:
    if not lines:
        return
    yield ""
    first = max(len(line.subject) for line in lines) + 2
    second = max(len(named(line.hosts)) for line in lines) + 2
    told = ""
    for line in lines:
        subject, told = ("" if line.subject == told else line.subject), line.subject
        mark = f" - {_MARK}" if line.step.destructive else ""
        head = f"{subject:{first}}{named(line.hosts):{second}}"
        yield from wrapped(head, line.step.sentence + mark, first + second)


def _warnings(warnings: Iterable[Saying]) -> Iterator[str]:
    for warning in warnings:
        yield ""
        yield from wrapped("warning  ", f"{named(warning.hosts)}: {warning.text}", 9)


def _refused(document: Document) -> Iterator[str]:
    for number, refusal in enumerate(document.refusals, 1):
        yield ""
        head = f"{number} {named(refusal.hosts)}  "
        yield from wrapped(head, refusal.text, len(head))


def wrapped(head: str, text: str, indent: int) -> Iterator[str]:
    """The text behind its head, with further lines below it; a word that is longer than a line stands alone."""
    line = head
    for word in _WORD.findall(text):
        gap = "" if line in (head, " " * indent) else " "
        if gap and len(line) + 1 + len(word) > WIDTH:
            yield line.rstrip()
            line, gap = " " * indent, ""
        line += gap + word
    yield line.rstrip()
