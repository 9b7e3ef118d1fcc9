# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A task is what Proxmox VE makes of a request that takes long. Its end decides, not that it was begun."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ...engine.reader import NODE, Reader
from .failure import LOCKED

_UPID = re.compile(r"UPID:(?P<node>[^:]+):[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:[0-9A-Fa-f]{8}:[^:\s]+:[^:\s]*:[^:\s]+:")
_WARNED = re.compile(r"WARNINGS: \d+")
_WARNING = "WARN: "
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0
#: More lines than any log has; without a number only the first fifty are given.
_ALL_LINES = 100000


class TaskFailed(Exception):
    """A task has not done what it was begun for.

    ``locked``: somebody else had a lock that it needs. What it had begun to make, Proxmox VE has removed again.
    """

    def __init__(self, text: str, *, locked: bool = False) -> None:
        super().__init__(text)
        self.locked = locked


@dataclass(frozen=True)
class Ended:
    """A task that has done its work. ``warnings``: what its log warns of."""

    log: tuple[str, ...]
    warnings: tuple[str, ...]


def is_task(answer: Any) -> bool:
    return isinstance(answer, str) and _UPID.fullmatch(answer) is not None


def follow(api: Reader, upid: str, timeout: float) -> Ended:
    """Wait for the end of a task; raises TaskFailed with the end of its log when it was not a good one.

    Only the node that the task runs on knows it; any other passes the question on.
    """
    node = upid.split(":")[1]
    task = f"/nodes/{node}/tasks/{quote(upid, safe='')}"
    state = _wait(api, f"{task}/status", timeout)
    if state["status"] != "stopped":
        raise TaskFailed(f"its task {upid} has not ended after {timeout:.0f} seconds; it goes on on {node}")
    verdict = state.get("exitstatus", "no verdict")
    log = tuple(line["t"] for line in api.get(f"{task}/log?limit={_ALL_LINES}", NODE))
    if verdict != "OK" and not _WARNED.fullmatch(verdict):
        told = f"its task {upid} ended with: {verdict}. The end of its log: {' / '.join(log[-8:])}"
        raise TaskFailed(told, locked=LOCKED.search(verdict) is not None)
    warnings = tuple(line[len(_WARNING) :] for line in log if line.startswith(_WARNING))
    return Ended(log, () if verdict == "OK" else tuple(f"{one} (log of {upid})" for one in warnings or [verdict]))


def _wait(api: Reader, path: str, timeout: float) -> dict[str, Any]:
    """The last known state; still running when the time is over."""
    deadline, pause = time.monotonic() + timeout, _SHORTEST_PAUSE
    while True:
        state: dict[str, Any] = api.get(path, NODE)
        if state["status"] == "stopped" or time.monotonic() >= deadline:
            return state
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
