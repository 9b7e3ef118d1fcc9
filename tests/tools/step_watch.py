"""Runs inside a node of the lab: notes every step that a module carries out there, and stands still after one of them.

A file in Python's own list of start-up files (`*.pth`) imports this into the programs that Ansible sends; Python then
tells it when `perform` returns (`sys.monitoring`). So the product knows nothing of it, and what is cut short is exactly
what the plan names as a step.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from types import CodeType
from typing import Any

#: One line for each step done. In memory like the others: none outlives the node's power.
DONE = Path("/run/lab-steps")
#: After which step to stand still: `1 power off pve3`, the first time that is done. Whoever does takes it away.
ORDER = Path("/run/lab-halt-after")
#: Who stands still: a file named after the process, with the step's sentence.
HALTED = Path("/run/lab-halted")


def like(sentence: str) -> str:
    """Where a guest goes follows the free memory of the moment, and a latency is measured."""
    return re.sub(r" \(latency [^)]*\)", "", re.sub(r"(VM|container) (.*) to \w+", r"\1 \2", sentence))


def step_done(code: CodeType, offset: int, value: object) -> Any:
    if code.co_name != "perform" or not code.co_filename.endswith("/transport/perform.py"):
        return vars(sys)["monitoring"].DISABLE
    sentence = sys._getframe(1).f_locals["step"].why
    with DONE.open("a", encoding="utf-8") as stream:
        stream.write(f"{sentence}\n")
    alike = [like(done) for done in DONE.read_text(encoding="utf-8").splitlines()].count(like(sentence))
    if ORDER.exists() and ORDER.read_text(encoding="utf-8").strip() == f"{alike} {like(sentence)}":
        ORDER.unlink()
        HALTED.mkdir(exist_ok=True)
        note = HALTED / str(os.getpid())
        note.write_text(sentence, encoding="utf-8")
        os.kill(os.getpid(), signal.SIGSTOP)
        note.unlink()
    return None


def watch() -> None:
    monitoring = vars(sys)["monitoring"]
    monitoring.use_tool_id(monitoring.DEBUGGER_ID, "lab")
    monitoring.register_callback(monitoring.DEBUGGER_ID, monitoring.events.PY_RETURN, step_done)
    monitoring.set_events(monitoring.DEBUGGER_ID, monitoring.events.PY_RETURN)


if len(sys.orig_argv) == 1:  # a program that comes over the connection; all others have a name
    watch()
