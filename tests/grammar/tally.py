"""What has been compared, file by file."""

from __future__ import annotations

import os
from collections import defaultdict

#: How many different files each grammar is tried with, at least.
FILES = int(os.environ.get("GRAMMAR_FILES", "2000"))
#: Grammar → file → what both made of it.
TALLIES: dict[str, dict[str, str]] = defaultdict(dict)


def agreed(grammar: str, text: str, verdict: str) -> None:
    TALLIES[grammar][text] = verdict


def enough(grammar: str) -> None:
    """A generator that draws the same again and again would prove nothing."""
    found = len(TALLIES[grammar])
    assert found >= FILES, f"only {found} different files of {grammar} were compared"
