# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a program reads of /etc/network/interfaces and of all files that it is led to from there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Optional

from . import ifupdown, ifupdown2, proxmox
from .patterns import name_matches
from .statements import MAIN, Class, Problem, Program, Source, Stanza, Statement, Stray

#: path → text, of the main file and of every file in a folder that it leads to.
Files = Mapping[str, str]
_READABLE = re.compile(r"[A-Za-z0-9_-]+")
#: What a shell would make something else of.
_SHELL = re.compile(r"[\s\\$`'\"~(){}|&;<>]")


@dataclass(frozen=True)
class Placed:
    """A statement, and the file it is in."""

    path: str
    statement: Statement


@dataclass(frozen=True)
class Reading:
    """Statements in the order in which the program comes to them. broken: it reads nothing at all of it."""

    program: Program
    placed: tuple[Placed, ...] = ()
    paths: tuple[str, ...] = ()
    broken: bool = False

    @property
    def problems(self) -> tuple[tuple[str, Problem], ...]:
        """Each with the file it is in."""
        return tuple((one.path, one.statement) for one in self.placed if isinstance(one.statement, Problem))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stanza.name for stanza in self._stanzas()))

    def stanzas(self, name: str) -> tuple[Stanza, ...]:
        return tuple(stanza for stanza in self._stanzas() if stanza.name == name)

    def places(self, name: str) -> tuple[str, ...]:
        """The files with stanzas of an interface."""
        found = (one.path for one in self.placed if isinstance(one.statement, Stanza) and one.statement.name == name)
        return tuple(dict.fromkeys(found))

    def is_auto(self, name: str) -> bool:
        """Whether it is brought up at boot. For ifupdown2 it has to be said above a stanza of it."""
        said = False
        for placed in self.placed:
            statement = placed.statement
            if isinstance(statement, Class) and statement.name in self._automatic:
                said = said or bool({name, "all"} & set(statement.interfaces))
                if said and not self.program.startswith("ifupdown2"):
                    return True
            elif isinstance(statement, Stanza) and statement.name == name and said:
                return True
        return False

    @property
    def _automatic(self) -> tuple[str, ...]:
        """allow-hotplug is no boot for ifupdown2, which has nobody who would see the plug."""
        return ("auto", "hotplug") if self.program == "ifupdown" else ("auto",)

    def _stanzas(self) -> Iterator[Stanza]:
        for placed in () if self.broken else self.placed:
            if isinstance(placed.statement, Stanza):
                yield placed.statement


def read(files: Files, program: Program, main: str = MAIN) -> Reading:
    walk = _Walk(files, program, posixpath.dirname(main))
    walk.file(main)
    problems = [one for one in walk.placed if isinstance(one.statement, Problem)]
    broken = walk.ended or (program == "ifupdown" and any(one.path == main for one in problems))
    return Reading(program, tuple(walk.placed), tuple(walk.paths), broken)


def parse(text: str, program: Program) -> Iterator[Statement]:
    if program == "ifupdown":
        return ifupdown.statements(text)
    if program == "pve":
        return proxmox.statements(text)
    return ifupdown2.statements(text, program)


@dataclass
class _Walk:
    files: Files
    program: Program
    folder: str
    placed: list[Placed] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    ended: bool = False
    _around: tuple[str, ...] = ()

    def file(self, path: str) -> None:
        if self.ended or path not in self.files or (self.program == "ifupdown" and path in self.paths):
            return
        self.paths.append(path)
        around, self._around = self._around, (*self._around, path)
        for statement in parse(self.files[path], self.program):
            settled = self._inherited(statement) if isinstance(statement, Stanza) and statement.inherits else statement
            self.placed.append(Placed(path, settled))
            self.ended = self.ended or (isinstance(settled, Problem) and settled.fatal)
            if self.ended or (isinstance(settled, Problem) and self.program == "ifupdown"):
                break
            if isinstance(settled, Source) and self.program != "pve":
                self._source(path, settled)
        self._around = around

    def _source(self, path: str, source: Source) -> None:
        if self.program == "ifupdown" and (not source.pattern or _SHELL.search(source.pattern)):
            self.placed.append(Placed(path, Stray(f"source {source.pattern}", source.lines)))
            return
        folder = posixpath.dirname(path) if self.program == "ifupdown" else self.folder
        for found in sourced(self.files, folder, source, self.program):
            if found in self._around and self.program != "ifupdown":
                self.placed.append(Placed(path, Problem(f"{found} includes itself", source.lines, fatal=True)))
                self.ended = True
            else:
                self.file(found)

    def _inherited(self, stanza: Stanza) -> Statement:
        other = self._known(stanza.inherits, stanza.family)
        if other is None:
            return Problem(f"unknown iface to inherit from: {stanza.inherits}", stanza.lines)
        family, method = stanza.family or other.family, stanza.method or other.method
        return replace(stanza, family=family, method=method, options=(*other.options, *stanza.options))

    def _known(self, name: str, family: str) -> Optional[Stanza]:
        for placed in self.placed:
            found = placed.statement
            if isinstance(found, Stanza) and found.name == name and family in ("", found.family):
                return found
        return None


def sourced(files: Files, folder: str, source: Source, program: Program) -> list[str]:
    """The files that a program finds for a source line. folder: where a pattern begins that begins with no slash.

    For ifupdown that is the folder of the file with this line. For ifupdown2 it is the one in which it was started, so
    nobody knows; here it is that of the main file.
    """
    pattern = posixpath.join(folder, source.pattern)
    if not source.directory:
        return sorted(found for found in files if _matches(found, pattern))
    if program == "ifupdown2-3.0":
        return []
    found = sorted(one for one in files if _matches(posixpath.dirname(one), pattern.rstrip("/")))
    return [one for one in found if program != "ifupdown" or _READABLE.fullmatch(posixpath.basename(one))]


def _matches(path: str, pattern: str) -> bool:
    """As the shell does: no wildcard for a slash, nor for a dot at the beginning of a name."""
    names, parts = path.split("/"), pattern.split("/")
    return len(names) == len(parts) and all(map(name_matches, names, parts))
