"""The real tools are slow to start: they load their whole API. The stand-in's take as long where the lab asks for it.

Asked for while /etc/lab/real-pace exists. timings.json has seconds, measured on a real cluster of three at a load of 5
to 7: medians of commands and of a login by HTTPS, and what the journal of a join shows of the two services that it
reloads, from "Reloading" to "Reloaded".
"""

from __future__ import annotations

import json
import time
from pathlib import Path

SWITCH = Path("/etc/lab/real-pace")
#: Type of a task -> seconds that it takes longer, while the file is there.
TASKS = Path("/etc/lab/task-seconds.json")
TIMINGS = Path(__file__).with_name("timings.json")
#: `pvecm status` ends by calling this, which is real here, too.
_CALLED = {"pvecm status": "corosync-quorumtool -s"}


def start(tool: str) -> None:
    """Take the time that a real tool does: the least that any measured command of it took."""
    if SWITCH.exists():
        time.sleep(seconds(tool))


def take(what: str) -> None:
    """Take the time of what is measured under this name."""
    if SWITCH.exists():
        time.sleep(_measured()[what])


def work(task: str) -> None:
    """Take the time that the lab wants a task to take."""
    if TASKS.exists():
        time.sleep(json.loads(TASKS.read_text(encoding="utf-8")).get(task, 0))


def seconds(tool: str) -> float:
    measured = _measured()
    own = [
        took - measured.get(_CALLED.get(command, ""), 0.0)
        for command, took in measured.items()
        if command.split()[0] == tool
    ]
    return min(own, default=0.0)


def _measured() -> dict[str, float]:
    found: dict[str, float] = json.loads(TIMINGS.read_text(encoding="utf-8"))
    return found
