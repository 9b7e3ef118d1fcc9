# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The text of ceph.conf: sections in brackets with ``key = value`` lines, read letter by letter as Ceph reads it.

A remark begins with ``#`` or ``;`` wherever it stands, quotation marks around a whole value are not part of it, a line
goes on after a backslash at its end, and what does not fit makes the whole file invalid. Upstream: Ceph's
common/ConfUtils.cc (IniGrammer).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...engine.errors import Unreadable

Sections = dict[str, dict[str, str]]

_END = re.compile(r"\r\n|\n|\r")
#: What may stand between any two letters outside of quotation marks, and counts for nothing.
_NOTHING = re.compile(r"(?:\\(?:\r\n|\n|\r)|[ \t]*[#;][^\r\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
#: A byte that was read as it is.
_NO_LETTER = re.compile("[\udc80-\udcff]")
_SPACE = " \t\n\v\f\r"


@dataclass(frozen=True)
class Setting:
    """A setting where it stands: its value, as Ceph takes it, is written in ``text[begin:end]``."""

    section: str
    key: str
    value: str
    begin: int
    end: int


@dataclass(frozen=True)
class Section:
    """One stretch of a section, from its heading to the end of its last setting; a section may have several."""

    name: str
    begin: int
    end: int


@dataclass(frozen=True)
class Layout:
    """Where in the text everything stands, for edits that leave the rest as it is, remarks included."""

    sections: tuple[Section, ...]
    settings: tuple[Setting, ...]


class _Wrong(Exception):
    """The text is no ceph.conf from here on."""


def parse_sections(text: str, path: str) -> Sections:
    """Section → normal name of a key → value; of a key that is set twice the last one."""
    return _scanned(text, path).values


def parse_layout(text: str, path: str) -> Layout:
    scanner = _scanned(text, path)
    return Layout(tuple(scanner.sections), tuple(scanner.settings))


def _scanned(text: str, path: str) -> _Scanner:
    scanner = _Scanner(text)
    try:
        scanner.file()
    except _Wrong as wrong:
        line = text.count("\n", 0, scanner.place) + 1
        raise Unreadable(
            f"Ceph cannot read {path}: in line {line}, {wrong}.", "Correct the file; Ceph's own programs need it, too."
        ) from wrong
    return scanner


def normal_name(key: str) -> str:
    """``mon host`` and ``mon_host`` are the same key."""
    return re.sub(f"[{_SPACE}]+", "_", key.strip(_SPACE))


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self.place = 0
        self.values: Sections = {}
        self.sections: list[Section] = []
        self.settings: list[Setting] = []
        self._written = 0  # the end of the letters that were read last; a remark may follow
        self._line_ended = 0  # the end of the line of the last heading or setting

    def file(self) -> None:
        foreign = _NO_LETTER.search(self._text)
        if foreign:
            self.place = foreign.start()
            raise _Wrong("a byte is no part of a letter in UTF-8")
        alone = self._setting("global")  # a file may also be a single line without a section
        while not alone and self._line_end():
            pass
        while not alone and self._heading_follows():
            self._section()
        self._skip()
        if self.place < len(self._text):
            raise _Wrong("neither a section nor a setting (key = value) stands there")

    def _section(self) -> None:
        begin = self.place
        name = self._heading()
        self.values.setdefault(name, {})
        while not self._heading_follows() and self._setting(name):
            pass
        self.sections.append(Section(name, begin, self._line_ended))
        while self._line_end():
            pass

    def _heading_follows(self) -> bool:
        self._skip()
        return self._text.startswith("[", self.place)

    def _heading(self) -> str:
        self.place += 1
        name = self._letters("]")
        if not name or not self._text.startswith("]", self.place):
            raise _Wrong("the name of the section does not end")
        self.place += 1
        self._rest_of_line()
        return name

    def _setting(self, section: str) -> bool:
        """A key and its value; False, with nothing taken, where there is no key with a sign of equality."""
        start = self.place
        self._blanks()
        self._skip()
        key = self._key()
        self._blanks()
        self._skip()
        if not key or not self._text.startswith("=", self.place):
            self.place = start
            return False
        self.place += 1
        self._blanks()
        begin = self._written = self.place
        value = self._value().strip(_SPACE)
        setting = Setting(section, normal_name(key), value, begin, self._written)
        self._rest_of_line()
        self.settings.append(setting)
        self.values.setdefault(section, {})[setting.key] = value
        return True

    def _key(self) -> str:
        start = end = self.place
        while self._letters("=[ "):
            end = self.place
            self._skip()
            self.place = self._match(_BLANKS)
        self.place = end
        return self._text[start:end]

    def _value(self) -> str:
        self._skip()
        quote = self._text[self.place : self.place + 1]
        if quote not in ("'", '"') or not quote:
            return self._letters("")
        self.place += 1
        value = self._letters(quote, quoted=True)
        if not self._text.startswith(quote, self.place):
            raise _Wrong("the quotation does not end, or holds a remark")
        self.place = self._written = self.place + 1
        return value

    def _letters(self, stop: str, quoted: bool = False) -> str:
        """The letters up to one of these, a remark or the end of the line; after a backslash, any letter is one."""
        found: list[str] = []
        while True:
            if not quoted:
                self._skip()
            letter = self._text[self.place : self.place + 1]
            if not letter or letter in stop or letter in "#;\r\n":
                return "".join(found)
            if letter == "\\":
                following = self._text[self.place + 1 : self.place + 2]
                if following and following not in "\r\n":
                    self.place += 1
                    letter = following
            self.place = self._written = self.place + 1
            found.append(letter)

    def _rest_of_line(self) -> None:
        """Nothing but blanks and a remark, the end of the line, and lines that are empty."""
        if not self._empty_line():
            raise _Wrong("something stands behind the value, or the line does not end")
        self._line_ended = self.place
        while self._empty_line():
            pass

    def _empty_line(self) -> bool:
        start = self.place
        self._skip()
        self.place = self._match(_BLANKS)
        end = _END.match(self._text, self.place)
        self.place = end.end() if end else start
        return end is not None

    def _line_end(self) -> bool:
        self._skip()
        end = _END.match(self._text, self.place)
        self.place = end.end() if end else self.place
        return end is not None

    def _blanks(self) -> None:
        self._skip()
        self.place = self._match(_BLANKS)

    def _skip(self) -> None:
        self.place = self._match(_NOTHING)

    def _match(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self.place)
        return found.end() if found else self.place
