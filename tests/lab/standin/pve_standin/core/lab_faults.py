"""Faults the lab asks of the stand-in itself (`lab fault`): a list in a file; each happens once and leaves the list."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from pve_standin.core.locks import file_lock

WANTED = Path("/etc/lab/faults.json")
#: Who stands still: a file named after the process, in memory, as neither outlives the node's power.
HALTED = Path("/run/lab-halted")


def take(fault: str) -> bool:
    """Shall this fault happen now? Whoever is told so has taken it off the list."""
    wanted_file = WANTED
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


def halt_before(step: str) -> None:
    """Stand still here if the lab asked for it, until the lab lets this process go on, or ends it."""
    if not take(f"join-halts {step}"):
        return
    HALTED.mkdir(exist_ok=True)
    note = HALTED / str(os.getpid())
    note.write_text(step, encoding="utf-8")
    os.kill(os.getpid(), signal.SIGSTOP)
    note.unlink()
