"""A made-up file, of which the rules are asked: for their tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import house_rules

#: Path and text of a file → what is wrong with it.
Breaches = Callable[[str, str], list[str]]
#: The host of a package registry that this machine is said to use.
HOSTS = frozenset(("registry.example.org",))


def breaches_of(path: str, text: str) -> list[str]:
    """The file is written below the current directory."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return [breach.text for breach in house_rules.breaches_of(file, HOSTS)]
