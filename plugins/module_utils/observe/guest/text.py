# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The text of a guest's configuration: qm.conf(5), pct.conf(5)."""

from __future__ import annotations

import re
from urllib.parse import unquote


def parse_guest(text: str) -> dict[str, str]:
    """The guest's present configuration: what comes before the sections of its snapshots."""
    pairs = (line.partition(":") for line in sections(text)[0][1].splitlines() if line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, dummy, value in pairs}


def parse_description(text: str) -> str:
    """What people, and this collection, have written there: lines that are comments, with some signs in hexadecimal."""
    lines = (line[1:] for line in sections(text)[0][1].splitlines() if line.startswith("#"))
    return "\n".join(map(unquote, lines))


def sections(text: str) -> list[tuple[str, str]]:
    """Names, the first being empty, and lines."""
    parts = re.split(r"(?m)^\[([^\]]+)\][ \t]*$", text)
    return list(zip(["", *parts[1::2]], parts[::2]))
