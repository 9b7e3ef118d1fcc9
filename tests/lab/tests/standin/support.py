"""Recorded samples of the real tools, as the tests of the stand-in use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def text(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


def loaded(name: str) -> Any:
    return json.loads(text(name))


def unordered(value: str) -> str:
    """Text in which every comma separated list is sorted: the real tools write some lists in random order."""
    return "\n".join(_sorted_lists(line) for line in value.splitlines())


def _sorted_lists(line: str) -> str:
    head, blank, last = line.rpartition(" ")
    return head + blank + ",".join(sorted(last.split(",")))
