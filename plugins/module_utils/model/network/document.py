# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Texts of files, changed line by line: what nobody changes stays as it is, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Callable

from .reading import Files, Reading
from .statements import Class, Lines, Option, Stanza

INDENT = "\t"


@dataclass
class Edit:
    """Changes of files that are made all at once, as each of them is told in lines of the files as they were."""

    files: Files
    _patches: dict[str, list[tuple[Lines, tuple[str, ...]]]] = field(default_factory=dict)
    _appended: dict[str, list[str]] = field(default_factory=dict)

    def rows(self, path: str, lines: Lines) -> list[str]:
        return self.files[path].split("\n")[lines.first : lines.end]

    def put(self, path: str, lines: Lines, rows: Iterable[str] = ()) -> None:
        """These rows in place of the lines; without rows the lines go."""
        self._patches.setdefault(path, []).append((lines, tuple(rows)))

    def append(self, path: str, rows: Sequence[str]) -> None:
        """A paragraph at the end of the file."""
        self._appended.setdefault(path, []).extend(["", *rows])

    def done(self) -> dict[str, str]:
        """All files, also those that nobody has changed."""
        result = dict(self.files)
        for path, patches in self._patches.items():
            rows = result[path].split("\n")
            for lines, new in sorted(patches, key=lambda patch: (patch[0].first, patch[0].end), reverse=True):
                rows[lines.first : lines.end] = new
            result[path] = "\n".join(rows)
        for path, paragraph in self._appended.items():
            text = result.get(path, "")
            result[path] = text.rstrip("\n") + ("\n" if text.strip() else "") + "\n".join(paragraph) + "\n"
            result[path] = result[path].lstrip("\n") if not text.strip() else result[path]
        return result


def body(edit: Edit, path: str, stanza: Stanza, goes: Callable[[Option], bool] = lambda option: False) -> list[str]:
    """The lines of a stanza below its first one: options, comments, empty lines. goes: which options are to go."""
    gone = {line for option in stanza.options if goes(option) for line in range(option.lines.first, option.lines.end)}
    first, end = stanza.lines.first + 1, stanza.lines.end
    rows = edit.rows(path, Lines(first, end))
    return [row for number, row in enumerate(rows, first) if number not in gone]


def written(options: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{INDENT}{name} {value}" for name, value in options]


def without_names(edit: Edit, reading: Reading, names: frozenset[str], classes: Iterable[str]) -> None:
    """Takes interfaces out of the lines of these classes; a line that names nobody any more goes."""
    for placed in reading.placed:
        statement = placed.statement
        if isinstance(statement, Class) and statement.name in classes and names & set(statement.interfaces):
            left = [name for name in statement.interfaces if name not in names]
            word = edit.rows(placed.path, statement.lines)[0].split()[0]
            edit.put(placed.path, statement.lines, [f"{word} {' '.join(left)}"] if left else [])


def own_options(stanza: Stanza) -> tuple[Option, ...]:
    """Without those that it has from another stanza."""
    return tuple(option for option in stanza.options if option.lines.first >= stanza.lines.first)


def comments_of(files: Files, reading: Reading, name: str) -> tuple[str, ...]:
    """Of an interface: in the lines of its stanzas, or right below them, where Proxmox VE puts them."""
    found: list[str] = []
    for placed in reading.placed:
        stanza = placed.statement
        if isinstance(stanza, Stanza) and stanza.name == name:
            rows, end = files[placed.path].split("\n"), stanza.lines.end
            while end < len(rows) and rows[end].lstrip().startswith("#"):
                end += 1
            remarks = (row.strip() for row in rows[stanza.lines.first : end])
            found += [remark[1:].strip() for remark in remarks if remark.startswith("#")]
    return tuple(found)
