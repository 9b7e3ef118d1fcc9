# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The text of corosync.conf(5): sections in braces and ``key: value`` lines, read line by line as corosync reads them.

Sections and keys that this collection does not know are kept. Upstream: corosync's exec/coroparse.c (parse_section).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...engine.errors import Unreadable

_NUMBER = re.compile(r"[+-]?[0-9]+")
#: A byte, not a letter: corosync also takes the second half of some letters for a blank.
_BLANK = " \t\xa0"
#: The longest line that fits into corosync's buffer.
_LONGEST = 510
#: Sections of which there may be several. All others with one name are one section to corosync, wherever they stand.
_SEVERAL = frozenset(("node", "interface", "uidgid", "logger_subsys", "logging_daemon", "member"))


@dataclass
class Section:
    """A section while it is read or changed; ``sections`` keeps repeated ones (there are many ``node`` sections)."""

    values: dict[str, str] = field(default_factory=dict)
    sections: list[tuple[str, Section]] = field(default_factory=list)

    def all(self, name: str) -> list[Section]:
        return [section for found, section in self.sections if found == name]

    def first(self, name: str) -> Section:
        return (self.all(name) or [Section()])[0]

    def made(self, name: str) -> Section:
        """The section of this name, made if there is none."""
        if not self.all(name):
            self.sections.append((name, Section()))
        return self.first(name)

    def without(self, name: str) -> list[tuple[str, Section]]:
        return [(found, section) for found, section in self.sections if found != name]

    def number(self, key: str, default: int) -> int:
        """As corosync reads one: decimal, and nothing else in the value."""
        text = self.values.get(key)
        if text is None:
            return default
        if not _NUMBER.fullmatch(text):
            raise Unreadable(f"corosync.conf says {key}: {text}, which is not a number.", "Correct the value.")
        return int(text)


def parse_sections(text: str) -> Section:
    """The file as a tree; repeated sections that are one to corosync are put together."""
    lines = text.encode("utf-8", "surrogateescape").decode("latin-1").split("\n")
    root = _section(enumerate(lines, 1), depth=0)
    return _together(root)


def _section(lines: Iterator[tuple[int, str]], depth: int) -> Section:
    section = Section()
    for number, whole in lines:
        line = (whole[:-1] if whole.endswith("\r") else whole).strip(_BLANK)
        if len(whole) > _LONGEST:
            raise _wrong(number, "the line is too long")
        if not line or line.startswith("#"):
            continue
        if "{" in line:
            section.sections.append((_opened(line, number), _section(lines, depth + 1)))
        elif ":" in line:
            key, value = _setting(line, number)
            section.values[key] = value
        elif line == "}" and depth:
            return section
        else:
            raise _wrong(number, "it is neither a key with a value nor the begin or the end of a section")
    if depth:
        raise _wrong(0, "a closing brace is missing")
    return section


def _opened(line: str, number: int) -> str:
    name, dummy, rest = line.partition("{")
    if not _name(name) or rest.strip(_BLANK):
        raise _wrong(number, "a section begins with its name and an opening brace, and nothing else")
    return _letters(_name(name))


def _setting(line: str, number: int) -> tuple[str, str]:
    key, dummy, value = line.partition(":")
    if not _name(key):
        raise _wrong(number, "the key is missing")
    return _letters(_name(key)), _letters(value.strip(_BLANK))


def _name(text: str) -> str:
    """Without what may stand around it; a name of nothing but colons and braces keeps the first of them."""
    text = text.lstrip(_BLANK)
    return text[:1] + text[1:].rstrip(f"{_BLANK}:{{")


def _letters(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


def _wrong(line: int, why: str) -> Unreadable:
    where = f"line {line}" if line else "the last line"
    return Unreadable(
        f"corosync cannot read its corosync.conf: {where}, {why}.", "Correct it; `corosync -t` says what is wrong."
    )


def _together(section: Section) -> Section:
    """Of sections with one name the first, with what the others add or say differently."""
    whole = Section(dict(section.values))
    for name, found in section.sections:
        one = _together(found)
        known = [] if name in _SEVERAL else whole.all(name)
        if not known:
            whole.sections.append((name, one))
        elif name == "nodelist":
            _add_nodes(known[0], one)
        else:
            known[0].values.update(one.values)
            known[0].sections = _together(Section({}, [*known[0].sections, *one.sections])).sections
    return whole


def _add_nodes(known: Section, more: Section) -> None:
    """corosync counts nodes from the beginning in every nodelist: the first of the second one is the first again."""
    known.values.update(more.values)
    nodes = known.all("node")
    for place, node in enumerate(more.all("node")):
        if place < len(nodes):
            nodes[place].values.update(node.values)
        else:
            known.sections.append(("node", node))
