# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stanzas of a deb822 file, read as apt reads them, and where each field stands.

Only a line with nothing in it ends a stanza; one of blanks goes on with the field before. A name reaches to the next
colon, in whatever line that is. Upstream: apt's apt-pkg/tagfile.cc (Scan, FindInternal and Fill); deb822(5).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from ...engine.c_text import SPACE

#: apt takes so little at the end of a file for its end, whatever it is.
_CRUMBS = 3


@dataclass(frozen=True)
class Field:
    """A field; ``first`` and ``last`` (which is not its any more) are indexes of lines."""

    name: str
    value: str
    first: int
    last: int


@dataclass(frozen=True)
class Stanza:
    """A stanza. ``broken``: a line in it is no field, and no colon follows in all of the file: apt reads no further."""

    fields: tuple[Field, ...]
    first: int
    last: int
    broken: bool = False

    def last_of(self, name: str) -> Optional[Field]:
        """The field of this name; of several the last one, as for apt."""
        return next((field for field in reversed(self.fields) if field.name == name), None)

    def value(self, name: str) -> str:
        field = self.last_of(name)
        return "" if field is None else field.value


def stanzas(lines: list[str]) -> Iterator[Stanza]:
    """The stanzas that have fields."""
    kept = [number for number, line in enumerate(lines) if not line.startswith("#")]
    starts: list[int] = []
    text = ""
    for number in kept:
        starts.append(len(text))
        text += lines[number]
    end = text.rstrip("\n\r")
    text += "\n" * (2 - text.count("\n", len(end)))

    def line_of(place: int) -> int:
        return kept[bisect_right(starts, place) - 1] if kept else 0

    place = 0
    while place < len(text):
        names, end_of_record, whole = _record(text, place)
        if not whole:
            if len(text) - place > _CRUMBS:
                yield Stanza((), line_of(end_of_record), len(lines), broken=True)
            return
        if names:
            borders = [line_of(one[0]) for one in names] + [line_of(end_of_record) + 1]
            stops = [one[0] for one in names[1:]] + [end_of_record]
            fields = tuple(
                Field(one[1].lower(), text[one[2] : stop].rstrip(SPACE), first, last)
                for one, stop, first, last in zip(names, stops, borders, borders[1:])
            )
            yield Stanza(fields, borders[0], borders[-1])
        place = end_of_record
        while place < len(text) and text[place] in "\n\r":
            place += 1


def _record(text: str, place: int) -> tuple[list[tuple[int, str, int]], int, bool]:
    """(start, name, start of the value) of each field, where the record ends, and whether it does.

    If it does not, the place is that of a line behind which no colon comes any more.
    """
    found: list[tuple[int, str, int]] = []
    while place < len(text):
        if text[place] not in SPACE:
            colon = text.find(":", place)
            if colon < 0:
                return found, place, False
            value = _value(text, colon + 1)
            found.append((place, text[place:colon].rstrip(SPACE), value))
            place = value
        end = text.find("\n", place)
        if end < 0:
            break
        place = end + 1
        while text.startswith("\r", place):
            place += 1
        if text.startswith("\n", place):
            return found, end, True
    return found, len(text), False


def _value(text: str, place: int) -> int:
    """Where a value begins: after white space, in the lines below, too, if they begin with a space."""
    while place < len(text) and text[place] in SPACE:
        if text[place] == "\n" and not text.startswith(" ", place + 1):
            break
        place += 1
    return place
