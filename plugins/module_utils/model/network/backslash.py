# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files without a backslash: about its meaning no two programs agree."""

from __future__ import annotations

from collections.abc import Iterator

from . import ifupdown, ifupdown2
from .statements import Lines, Program


def flattened(text: str, program: Program) -> str:
    """The same lines for this program, each on a line of its own.

    In a comment a slash stands for the backslash. A backslash within an option stays: nothing can stand for it.
    """
    if "\\" not in text:
        return text
    lines = ifupdown.logical_lines(text) if program == "ifupdown" else ifupdown2.logical_lines(text)
    rows, place = text.split("\n"), 0
    new: list[str] = []
    for line, where in lines:
        new += _comments(rows[place : where.first])
        new += _joined(rows, line, where)
        place = where.end
    return "\n".join((*new, *_comments(rows[place:])))


def _joined(rows: list[str], line: str, where: Lines) -> Iterator[str]:
    first = rows[where.first]
    if where.end - where.first == 1 and "\\" not in first:
        yield first
    elif line:
        indent = first[: len(first) - len(first.lstrip())]
        yield from _comments([f"{indent}{line}"]) if line.startswith("#") else [f"{indent}{line}"]


def _comments(rows: list[str]) -> Iterator[str]:
    for row in rows:
        yield row.replace("\\", "/")
