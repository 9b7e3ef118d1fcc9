"""Faults the lab asks of the stand-in itself (`lab fault`): a list in a file; each happens once and leaves the list."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pve_standin.core.locks import file_lock

WANTED = Path("/etc/lab/faults.json")


def take(fault: str, wanted_file: Path = WANTED) -> bool:
    """Shall this fault happen now? Whoever is told so has taken it off the list."""
    if not wanted_file.exists():
        return False
    with file_lock(wanted_file.with_suffix(".lock")):
        wanted = json.loads(wanted_file.read_text(encoding="utf-8"))
        if fault not in wanted:
            return False
        wanted.remove(fault)
        partial = wanted_file.with_suffix(".rest")
        partial.write_text(json.dumps(wanted), encoding="utf-8")
        os.replace(str(partial), str(wanted_file))
    return True
