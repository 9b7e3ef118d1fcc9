"""Which differences are known and why: exceptions.yml.

    not covered:
      - transcripts: [231]
        reason: ...
    differs:
      - transcripts: [148, 151]
        differences: ["stdout - Running command: *"]
        reason: ...

A `*` in a difference stands for anything. With `sometimes: true` it need not show in every run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from recorded import Transcript

FILE = Path(__file__).resolve().parent / "exceptions.yml"


class DeclarationError(Exception):
    """exceptions.yml itself is wrong."""


@dataclass
class Deviation:
    """One entry under `differs`, and what it was good for in this run."""

    transcripts: frozenset[str]
    differences: tuple[str, ...]
    reason: str
    sometimes: bool = False
    used: set[tuple[str, str]] = field(default_factory=set)

    def covers(self, name: str, difference: str) -> bool:
        if name not in self.transcripts:
            return False
        matching = [pattern for pattern in self.differences if _matches(pattern, difference)]
        self.used.update((name, pattern) for pattern in matching)
        return bool(matching)

    def unused(self, played: frozenset[str]) -> list[str]:
        """Transcripts and patterns that are declared to differ, and do not."""
        if self.sometimes or not self.transcripts & played:
            return []
        names, patterns = ({pair[0] for pair in self.used}, {pair[1] for pair in self.used})
        idle = [name for name in sorted(self.transcripts & played) if name not in names]
        return idle + [pattern for pattern in self.differences if pattern not in patterns]


@dataclass(frozen=True)
class Allowed:
    """The content of exceptions.yml."""

    not_covered: dict[str, str]
    exceptions: tuple[Deviation, ...]

    def undeclared(self, name: str, found: Sequence[str]) -> list[str]:
        """Those of the differences that no entry covers; every entry that covers one is marked as used."""
        covered = [[entry.covers(name, line) for entry in self.exceptions] for line in found]
        return [line for line, verdicts in zip(found, covered) if not any(verdicts)]

    def unused(self, played: frozenset[str]) -> list[str]:
        return [f"{idle} ({entry.reason})" for entry in self.exceptions for idle in entry.unused(played)]


def _matches(pattern: str, difference: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), difference, re.DOTALL) is not None


def load(transcripts: dict[str, Transcript], file: Path = FILE) -> Allowed:
    """Read and check the declarations."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    not_covered: dict[str, str] = {}
    for entry in content["not covered"]:
        not_covered.update(dict.fromkeys(_names(entry, transcripts), entry["reason"]))
    exceptions = tuple(
        Deviation(
            frozenset(_names(entry, transcripts)),
            tuple(entry["differences"]),
            entry["reason"],
            entry.get("sometimes", False),
        )
        for entry in content["differs"]
    )
    return Allowed(not_covered, exceptions)


def _names(entry: dict[str, Any], transcripts: dict[str, Transcript]) -> list[str]:
    """Names of transcripts from numbers or names; the number of two transcripts is not enough."""
    names = []
    for given in entry["transcripts"]:
        word = f"{given:03}" if isinstance(given, int) else str(given)
        found = [name for name, item in transcripts.items() if word in (name, item.number)]
        if len(found) != 1:
            raise DeclarationError(f"{FILE.name}: {word} means {len(found)} transcripts")
        names += found
    return names
