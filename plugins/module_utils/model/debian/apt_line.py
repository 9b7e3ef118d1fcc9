# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A line of APT's one-line format (sources.list(5)), read word by word as apt reads it.

Upstream: ParseFileOldStyle and ParseLine in apt's apt-pkg/sourcelist.cc, ParseQuoteWord in contrib/strutl.cc.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from ...engine.c_text import SPACE
from .apt_words import names_keys

TYPES = ("deb", "deb-src")
_BLANK = " \t\r"
_HEX = re.compile("%([0-9a-fA-F]{2})")


@dataclass(frozen=True)
class Line:
    """What a line says. ``start`` and ``end`` are where its URI stands in the line."""

    type: str
    options: Mapping[str, str]
    uri: str
    suite: str
    components: tuple[str, ...]
    start: int
    end: int


class Malformed(ValueError):
    """apt reads no file in which this stands; the text says what is wrong."""


def parse_line(line: str) -> Optional[Line]:
    """One line; None when there is nothing in it but a remark."""
    text = _without_remark(line).rstrip(_BLANK + "\n")
    start = len(text) - len(text.lstrip(_BLANK))
    if start == len(text):
        return None
    kind = re.split("[ \t\v]", text[start:], maxsplit=1)[0]
    if not kind or start + len(kind) == len(text):
        raise Malformed("there is nothing behind the type")
    if kind not in TYPES:
        raise Malformed(f"the type {kind} is not known")
    return _Words(text, start + len(kind)).line(kind)


def _without_remark(line: str) -> str:
    """A number sign begins a remark, except within brackets."""
    for place, letter in enumerate(line):
        if letter == "#" and line.count("[", 0, place) <= line.count("]", 0, place):
            return line[:place]
    return line


class _Words:
    """The words of a text from a place on."""

    def __init__(self, text: str, place: int) -> None:
        self._text = text
        self._place = place
        self._skip()

    def line(self, kind: str) -> Line:
        options = self._options() if self._text.startswith("[", self._place) else {}
        start = self._place
        uri = self._word("URI")
        end = start + len(self._text[start : self._place].rstrip(SPACE))
        suite = self._word("suite")
        if ":" not in uri:
            raise Malformed(f"{uri} is not a URI")
        components = []
        while True:
            component = self._next()
            if component is None:
                break
            components.append(component)
        if suite.endswith("/") == bool(components):
            raise Malformed("a suite that ends with a slash has no components, and every other one has")
        if not names_keys(options.get("signed-by", "")):
            raise Malformed("signed-by names neither a file nor a fingerprint")
        return Line(kind, options, uri, suite, tuple(components), start, end)

    def _options(self) -> dict[str, str]:
        self._place += 1
        self._skip()
        options: dict[str, str] = {}
        while not self._text.startswith("]", self._place):
            option = self._word("end of the options")
            if len(option) < 3:
                raise Malformed(f"the option {option} is too short")
            if option.endswith("]"):
                self._place = self._text.rindex("]", 0, self._place)
                option = option[:-1]
            name, sign, value = option.partition("=")
            if not (name and sign and value):
                raise Malformed(f"the option {option} is not of the form name=value")
            options[name] = value
        self._place += 1
        self._skip()
        return options

    def _word(self, what: str) -> str:
        word = self._next()
        if word is None:
            raise Malformed(f"the {what} is missing")
        return word

    def _next(self) -> Optional[str]:
        """The next word, or None: at the end, and where a quotation or a bracket does not end."""
        place, text = self._place, self._text
        if place >= len(text):
            return None
        while place < len(text) and text[place] not in SPACE:
            closing = {'"': '"', "[": "]"}.get(text[place])
            place = text.find(closing, place + 1) if closing else place
            if place < 0:
                return None
            place += 1
        word = _HEX.sub(lambda found: chr(int(found[1], 16)), text[self._place : place].replace('"', ""))
        self._place = place
        self._skip()
        return word

    def _skip(self) -> None:
        while self._place < len(self._text) and self._text[self._place] in SPACE:
            self._place += 1
