# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A corosync.conf as it is written: in upstream's own layout, as every `pvecm` that changes the file writes it.

Sections and keys stand in alphabetical order, and there are no comments.
"""

from __future__ import annotations

import re

from .corosync_text import Section

_NUMBER = re.compile(r"[+-]?[0-9]+")


def format_sections(root: Section) -> str:
    """The text of a whole file."""
    lines: list[str] = [_line(key, value) for key, value in sorted(root.values.items())]
    for name, section in _sorted(root):
        lines += [*_format(name, section, ""), ""]
    return "\n".join(lines) + "\n"


def _format(name: str, section: Section, indent: str) -> list[str]:
    inner = indent + "  "
    parts = [(key, [f"{inner}{_line(key, value)}"]) for key, value in section.values.items()]
    parts += [(found, _format(found, one, inner)) for found, one in _sorted(section)]
    ordered = sorted(parts, key=lambda part: part[0])  # stable: repeated sections stay in their own order
    return [f"{indent}{name} {{", *(line for dummy, lines in ordered for line in lines), f"{indent}}}"]


def _line(key: str, value: str) -> str:
    """A carriage return at the very end of a line would be read as a part of that end."""
    return f"{key}: {value} " if value.endswith("\r") else f"{key}: {value}"


def _sorted(section: Section) -> list[tuple[str, Section]]:
    return sorted(section.sections, key=lambda item: (item[0], *_rank(item[1])))


def _rank(section: Section) -> tuple[int, str]:
    number = section.values.get("linknumber", "0")
    return int(number) if _NUMBER.fullmatch(number) else 0, section.values.get("name", "")
