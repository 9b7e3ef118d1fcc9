# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files without a backslash: about its meaning no two programs agree."""

from __future__ import annotations

from collections.abc import Iterator

from . import ifupdown
from .statements import Lines


def flattened(text: str) -> str:
    """The same lines for ifupdown, each on a line of its own.

    In a comment a slash stands for the backslash. A backslash within an option stays: nothing can stand for it.
    """
    if "\\" not in text:
        return text
    rows, place = text.split("\n"), 0
    new: list[str] = []
    for line, where in ifupdown.logical_lines(text):
        new += _comments(rows[place : where.first])
        new += _joined(rows, line, where)
        place = where.end
    return "\n".join((*new, *_comments(rows[place:])))


def _joined(rows: list[str], line: str, where: Lines) -> Iterator[str]:
    first = rows[where.first]
    if where.end - where.first == 1 and not first.endswith("\\"):
        yield first
    elif line:
        row = first[: len(first) - len(first.lstrip())] + line
        yield from _comments([row]) if line.startswith("#") else [f"{row} " if row.endswith("\\") else row]


def _comments(rows: list[str]) -> Iterator[str]:
    for row in rows:
        yield row.replace("\\", "/")
