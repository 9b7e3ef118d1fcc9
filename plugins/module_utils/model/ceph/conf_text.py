# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The text of ceph.conf: sections in brackets with ``key = value`` lines, read letter by letter as Ceph reads it.

A remark begins with ``#`` or ``;`` wherever it stands, quotation marks around a whole value are not part of it, a line
goes on after a backslash at its end, and what does not fit makes the whole file invalid. Upstream: Ceph's
common/ConfUtils.cc (IniGrammer).
"""

from __future__ import annotations

import re
from typing import Optional

from ...engine.errors import Unreadable

Sections = dict[str, dict[str, str]]

_END = re.compile(r"\r\n|\n|\r")
#: What may stand between any two letters outside of quotation marks, and counts for nothing.
_NOTHING = re.compile(r"(?:\\(?:\r\n|\n|\r)|[ \t]*[#;][^\r\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
#: A byte that was read as it is.
_NO_LETTER = re.compile("[\udc80-\udcff]")
_SPACE = " \t\n\v\f\r"


class _Wrong(Exception):
    """The text is no ceph.conf from here on."""


def parse_sections(text: str, path: str) -> Sections:
    """Section → normal name of a key → value; of a key that is set twice the last one."""
    scanner = _Scanner(text)
    try:
        return scanner.file()
    except _Wrong as wrong:
        line = text.count("\n", 0, scanner.place) + 1
        raise Unreadable(
            f"Ceph cannot read {path}: in line {line}, {wrong}.", "Correct the file; Ceph's own programs need it, too."
        ) from wrong


def normal_name(key: str) -> str:
    """``mon host`` and ``mon_host`` are the same key."""
    return re.sub(f"[{_SPACE}]+", "_", key.strip(_SPACE))


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self.place = 0

    def file(self) -> Sections:
        foreign = _NO_LETTER.search(self._text)
        if foreign:
            self.place = foreign.start()
            raise _Wrong("a byte is no part of a letter in UTF-8")
        alone = self._setting()  # a file may also be a single line without a section
        sections: Sections = {"global": dict([alone])} if alone else {}
        while not alone and self._line_end():
            pass
        while not alone and self._heading_follows():
            settings = sections.setdefault(self._heading(), {})
            while not self._heading_follows():
                setting = self._setting()
                if setting is None:
                    break
                settings[setting[0]] = setting[1]
            while self._line_end():
                pass
        self._skip()
        if self.place < len(self._text):
            raise _Wrong("neither a section nor a setting (key = value) stands there")
        return sections

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

    def _setting(self) -> Optional[tuple[str, str]]:
        """A key and its value; None, with nothing taken, where there is no key with a sign of equality."""
        start = self.place
        self._blanks()
        self._skip()
        key = self._key()
        self._blanks()
        self._skip()
        if not key or not self._text.startswith("=", self.place):
            self.place = start
            return None
        self.place += 1
        self._blanks()
        value = self._value().strip(_SPACE)
        self._rest_of_line()
        return normal_name(key), value

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
        self.place += 1
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
            self.place += 1
            found.append(letter)

    def _rest_of_line(self) -> None:
        """Nothing but blanks and a remark, the end of the line, and lines that are empty."""
        if not self._empty_line():
            raise _Wrong("something stands behind the value, or the line does not end")
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
