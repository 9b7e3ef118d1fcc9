"""Files made of typed sections (storage.cfg and its kin).

    dir: local
        path /var/lib/vz
        content iso,vztmpl

Writing normalises as PVE does: comment and disable first, the rest by name; comments of the file are not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Section:
    """One section; a key without a value (`disable`) has the value '1'."""

    type: str
    id: str
    options: dict[str, str] = field(default_factory=dict)


Sections = dict[str, Section]

_FIRST = ("comment", "disable")


def parse(text: str) -> Sections:
    """Sections by id, in file order. Lines that belong to no section are ignored, as upstream only warns."""
    sections: Sections = {}
    current = None
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            current = None if not line.strip() else current
            continue
        if not line[0].isspace():
            kind, colon, name = line.partition(":")
            current = Section(kind.strip(), name.strip()) if colon else None
            if current is not None:
                sections[current.id] = current
        elif current is not None:
            key, _, value = line.strip().partition(" ")
            current.options[key] = value.strip() or "1"
    return sections


def dump(sections: Sections, required: Sequence[str] = ()) -> str:
    """The file's text; `required` keys of the type come before the optional ones."""
    return "\n".join(_dump_section(section, required) for section in sections.values())


def _dump_section(section: Section, required: Sequence[str]) -> str:
    head = [key for key in _FIRST if key in section.options]
    needed = sorted(key for key in section.options if key in required and key not in head)
    rest = sorted(key for key in section.options if key not in head and key not in needed)
    lines: list[str] = [f"{section.type}: {section.id}"]
    for key in head + needed + rest:
        value = section.options[key]
        lines.append("\tdisable" if key == "disable" else f"\t{key} {value}")
    return "\n".join(lines) + "\n"
