"""The lab's own processes on the host: started into a control group, so that they are found and ended by it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import cgroup
from .settings import LAB_SOURCE, LabError


def start(argv: Sequence[str], log_file: Path, group: Path) -> subprocess.Popen[bytes]:
    """Start one of labtool's modules in the background; what it says goes to the log."""
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            list(argv),
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(LAB_SOURCE), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    cgroup.move(process.pid, group)
    return process


def check(process: subprocess.Popen[bytes], log_file: Path) -> None:
    """A process that has ended already did not start: say where it says why."""
    if process.poll() is not None:
        raise LabError(f"{process.args!r} ended at once: see {log_file}")
