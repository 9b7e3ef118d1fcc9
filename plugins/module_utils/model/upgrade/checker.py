# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What upstream's own checkers print: ``pve8to9`` and ``pve7to8``.

They always exit with 0 and colour what they print, also without a terminal. So what they found is read from their
lines, and that they came to their end from the summary: its numbers have to be those of the lines above it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Optional, cast

Level = Literal["PASS", "INFO", "SKIP", "NOTICE", "WARN", "FAIL"]
#: What has to be looked at, the gravest first.
RAISED: tuple[Level, ...] = ("FAIL", "WARN", "NOTICE")

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"(PASS|INFO|SKIP|NOTICE|WARN|FAIL): ?(.*)")
_HEADING = re.compile(r"= (.+) =")
#: What it says before a question of its own, without a level.
_BEGINS = re.compile(r"(Checking|Analzying|Analyzing) .*\.\.")
_TOTALS = re.compile(r"(TOTAL|PASSED|SKIPPED|WARNINGS|FAILURES):\s*(\d+)")
#: NOTICE and INFO have no number of their own; of these NOTICE is part of TOTAL.
_COUNTED: dict[str, Level] = {"PASSED": "PASS", "SKIPPED": "SKIP", "WARNINGS": "WARN", "FAILURES": "FAIL"}
_OF_TOTAL: tuple[Level, ...] = ("PASS", "SKIP", "NOTICE", "WARN", "FAIL")
_SUMMARY = "SUMMARY"


@dataclass(frozen=True)
class CheckerLine:
    """One result: ``text`` with what belongs to it on the following lines, on one line."""

    level: Level
    text: str


@dataclass(frozen=True)
class CheckerReport:
    """``cut``: why what it printed is not all that it had to say; empty when it is."""

    lines: tuple[CheckerLine, ...]
    cut: str = ""

    def count(self, level: Level) -> int:
        return sum(line.level == level for line in self.lines)


def parse_report(text: str) -> CheckerReport:
    plain = _COLOUR.sub("", text).splitlines()
    lines = tuple(_lines(plain))
    return CheckerReport(lines, _cut(plain, lines))


def _lines(plain: list[str]) -> Iterator[CheckerLine]:
    level: Optional[Level] = None
    words: list[str] = []
    for line in plain:
        found = _LINE.match(line)
        ends = not line.strip() or _HEADING.fullmatch(line) or _BEGINS.match(line)
        if level is not None and (found or (ends and any(words))):
            yield CheckerLine(level, " ".join(" ".join(words).split()))
            level = None
        if found:
            level, words = cast(Level, found[1]), [found[2]]
        elif level is not None and not ends:
            words.append(line)
    if level is not None:
        yield CheckerLine(level, " ".join(" ".join(words).split()))


def _cut(plain: list[str], lines: tuple[CheckerLine, ...]) -> str:
    headings = [found[1] for found in map(_HEADING.fullmatch, plain) if found]
    if headings[-1:] != [_SUMMARY]:
        return f"it ended in {headings[-1]!r}, without a summary" if headings else "it printed no heading"
    totals = {found[1]: int(found[2]) for found in map(_TOTALS.fullmatch, (line.strip() for line in plain)) if found}
    counts = Counter(line.level for line in lines)
    wanted = {word: counts[level] for word, level in _COUNTED.items()}
    wanted["TOTAL"] = sum(counts[level] for level in _OF_TOTAL)
    wrong = [f"{word} {totals.get(word)} where {count} were read" for word, count in wanted.items()]
    wrong = [words for words, key in zip(wrong, wanted) if totals.get(key) != wanted[key]]
    return f"its summary has {' and '.join(wrong)}" if wrong else ""
