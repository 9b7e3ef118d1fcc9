# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How ifupdown reads a file: lines, continued by a backslash at their very end, and words as C knows them.

Upstream: get_line() and read_interfaces_defn() in config.c, 0.8. A comment is recognised where a line begins, so a
backslash at its end continues nothing; but a line that continues another one is part of it even with a # in front.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Optional, Union

from .statements import Class, Lines, Mapping, Option, Problem, Source, Stanza, Statement

#: White space of C.
SPACE = " \t\n\v\f\r"
#: Of a word the program keeps so many characters.
_LONGEST = 79
METHODS = {
    "inet": "loopback static manual dhcp bootp tunnel ppp wvdial ipv4ll".split(),
    "inet6": "auto loopback static manual dhcp tunnel v4tunnel 6to4".split(),
    "can": ["static"],
    "ipx": ["static", "dynamic"],
    "link": ["none"],
    "meta": ["none"],
}
#: How the program calls hooks that have two names.
HOOKS = {"post-up": "up", "pre-down": "down"}


def logical_lines(text: str) -> Iterator[tuple[str, Lines]]:
    """Without comments; empty lines are lines."""
    rows = text.split("\n")
    if rows[-1] == "":
        rows.pop()
    number = 0
    while number < len(rows):
        first, line = number, rows[number].lstrip(SPACE)
        number += 1
        if line.startswith("#"):
            continue
        while line.endswith("\\"):
            line = line[:-1] + (rows[number] if number < len(rows) else "")
            number += 1
        yield line.rstrip(SPACE), Lines(first, min(number, len(rows)))


def next_word(text: str) -> tuple[str, Optional[str]]:
    """The first word and what is behind it; None when there is no word at all."""
    if not text:
        return "", None
    end = next((place for place, character in enumerate(text) if character in SPACE), len(text))
    return text[:end][:_LONGEST], text[end:].lstrip(SPACE)


def words(text: Optional[str]) -> list[str]:
    found = []
    while text:
        word, text = next_word(text)
        found.append(word)
    return found


@dataclass
class _Open:
    """The stanza or mapping to which the lines that follow belong."""

    statement: Union[Stanza, Mapping]
    options: list[Option] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    end: int = 0

    def close(self) -> Iterator[Statement]:
        lines = Lines(self.statement.lines.first, self.end)
        yield replace(self.statement, options=tuple(self.options), lines=lines)
        yield from self.classes


def statements(text: str) -> Iterator[Statement]:
    """To the first problem, behind which the program reads nothing of this file."""
    opened: Optional[_Open] = None
    for line, lines in logical_lines(text):
        word, rest = next_word(line)
        if rest is None:
            continue
        if not _is_keyword(word):
            problem = _add(opened, word, rest, lines)
            if problem is None:
                continue
            yield from opened.close() if opened else ()
            yield problem
            return
        stanza = opened.statement if opened else None
        if opened and isinstance(stanza, Stanza) and not rest and _is_class(word) and word != "rename":
            opened.classes.append(Class(_class_name(word), (stanza.name,), lines))
            opened.end = lines.end
            continue
        yield from opened.close() if opened else ()
        statement = _statement(word, rest, lines)
        opened = _Open(statement, end=lines.end) if isinstance(statement, (Stanza, Mapping)) else None
        if opened is None:
            yield statement
        if isinstance(statement, Problem):
            return
    yield from opened.close() if opened else ()


def _is_class(word: str) -> bool:
    return word in ("auto", "no-auto-down", "no-scripts", "rename") or (word.startswith("allow-") and len(word) > 6)


def _class_name(word: str) -> str:
    return word[6:] if word.startswith("allow-") else word


def _is_keyword(word: str) -> bool:
    return word in ("mapping", "source", "iface") or word.startswith("source-dir") or _is_class(word)


def _statement(word: str, rest: str, lines: Lines) -> Statement:
    if word == "mapping":
        return Mapping(tuple(words(rest)), (), lines)
    if word == "iface":
        return _stanza(rest, lines)
    if word.startswith("source"):
        return Source(rest, word != "source", lines)
    return Class(_class_name(word), tuple(words(rest)), lines)


def _stanza(rest: str, lines: Lines) -> Union[Stanza, Problem]:
    given = words(rest)
    if not given:
        return Problem("too few parameters for iface line", lines)
    name, given = given[0], given[1:]
    family = given.pop(0) if given and given[0] in METHODS else ""
    method = given.pop(0) if family and given and given[0] in METHODS[family] else ""
    if given[:1] == ["inherits"]:
        if len(given) == 1:
            return Problem("'inherits' keyword is missing a parameter", lines)
        return Stanza(name, family, method, lines, inherits=given[1])
    if not family:
        return Problem("unknown or no address type and no inherits keyword specified", lines)
    if not method:
        return Problem("unknown or no method and no inherits keyword specified", lines)
    return Stanza(name, family, method, lines)


def _add(opened: Optional[_Open], name: str, value: str, lines: Lines) -> Optional[Problem]:
    """A line that is no keyword: an option, where there may be one."""
    if opened is None:
        return Problem("misplaced option", lines)
    if isinstance(opened.statement, Mapping):
        if name not in ("script", "map"):
            return Problem("misplaced option", lines)
        if name == "script" and any(option.name == "script" for option in opened.options):
            return Problem("duplicate script in mapping", lines)
    elif not value:
        return Problem("option with empty value", lines)
    opened.options.append(Option(HOOKS.get(name, name), value, lines))
    opened.end = lines.end
    return None
