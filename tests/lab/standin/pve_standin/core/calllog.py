"""A record of what is asked of the stand-in, for those who compare it with Proxmox VE's schema.

Written only while /etc/lab/record-calls exists: one JSON document per line, ["command", WORD...] or
["call", VERB, PATH, PARAMETER...]. Of API parameters only the names are kept, for values may be secrets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

SWITCH = Path("/etc/lab/record-calls")
LOG = Path("/var/log/pve-standin-calls.log")


def command(tool: str, words: Sequence[str]) -> None:
    _note(["command", tool, *words])


def call(verb: str, path: str, parameters: Iterable[str]) -> None:
    _note(["call", verb, path, *sorted(parameters)])


def _note(entry: list[str]) -> None:
    """A line is short enough to be appended at once, whoever else is writing."""
    if SWITCH.exists():
        with LOG.open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")
