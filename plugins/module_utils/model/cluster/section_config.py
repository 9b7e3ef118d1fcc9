# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of sections below /etc/pve, taken apart as upstream's PVE::SectionConfig does it.

A section has a header, ``type: name`` (the mere name in files whose sections are all of one type), and indented lines,
a property each. An empty line ends it, and nothing else does: a line of blanks is none, nor is a second header. Lines
that are neither are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

#: Perl's classes of bytes: what is not ASCII is no white space.
_COMMENT = re.compile(r"\s*#", re.ASCII)
_HEADER = re.compile(r"(\S+):\s*(\S+)\s*", re.ASCII)
#: The header of a file whose sections are all of one type.
NAME_ALONE = re.compile(r"()(\S+)\s*", re.ASCII)
_PROPERTY = re.compile(r"\s+(\S+)(?:\s+(.*\S))?\s*", re.ASCII)
#: What ends a section: what Perl takes for false.
_ENDS = ("", "0")


@dataclass(frozen=True)
class Section:
    """``properties`` in their order, also those that stand there twice; the value is None where there is none."""

    type: str
    name: str
    properties: tuple[tuple[str, Optional[str]], ...] = ()


def read_sections(text: str, header: re.Pattern[str] = _HEADER) -> Iterator[Section]:
    """All sections in their order; two of them may have one name. ``header``: type and name; what is none, is no
    section."""
    lines = (line for line in text.split("\n") if not _COMMENT.match(line))
    for line in lines:
        found = header.fullmatch(line)
        if found:
            yield Section(found.group(1), found.group(2), tuple(_properties(lines)))


def _properties(lines: Iterator[str]) -> Iterator[tuple[str, Optional[str]]]:
    for line in lines:
        if line in _ENDS:
            return
        found = _PROPERTY.fullmatch(line)
        if found:
            yield found.group(1), found.group(2)


def parse_sections(text: str) -> dict[str, dict[str, str]]:
    """Name → properties, with the section's type as ``type``; a property without a value is "".

    Of two sections of one name the last counts, of two lines of one property the first.
    """
    found = {}
    for section in read_sections(text):
        found[section.name] = {**first_values(section), "type": section.type}
    return found


def first_values(section: Section, is_right: Callable[[str, str], bool] = lambda key, value: True) -> dict[str, str]:
    """Of a property that stands there twice the first value counts that is none that upstream finds wrong."""
    properties: dict[str, str] = {}
    for key, value in section.properties:
        if is_right(key, value or ""):
            properties.setdefault(key, value or "")
    return properties


def split_list(text: str) -> list[str]:
    """The words of a list; commas, semicolons and white space are alike between them."""
    return [word for word in re.split(r"[,;\s]+", text, flags=re.ASCII) if word]


def is_set(properties: Mapping[str, str], flag: str) -> bool:
    """A flag is set by 1 and by its mere name; upstream takes no other word for it."""
    return properties.get(flag) in ("", "1")
