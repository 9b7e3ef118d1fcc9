"""pvestatd: every ten seconds activates this node's storages and tells the other nodes what it has.

Published: the node's figures and its recent tasks, the state of its storages, its running guests, its Ceph daemons and
the version of its Ceph.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType
from typing import Any, Callable

from pve_standin.ceph import local
from pve_standin.core import nodestats, tasklog
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import CommandFailed
from pve_standin.guest import resources
from pve_standin.pmxcfs import control
from pve_standin.storage import status

INTERVAL = 10

PUBLISHED: dict[str, Callable[[], Any]] = {
    nodestats.PUBLISHED_KEY: nodestats.summary,
    tasklog.PUBLISHED_KEY: tasklog.recent,
    status.PUBLISHED_KEY: status.measure,
    local.SERVICES_KEY: local.services,
    local.VERSION_KEY: local.version,
    resources.PUBLISHED_KEY: resources.measure,
}


def main() -> None:
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    while not stop.is_set():
        started = time.monotonic()
        for key, measure in PUBLISHED.items():
            _publish(key, measure)
        stop.wait(max(1.0, INTERVAL - (time.monotonic() - started)))


def _publish(key: str, measure: Callable[[], Any]) -> None:
    """One value; a failure costs this round of this value only and is named in the journal."""
    try:
        control.publish(key, measure())
    except (ApiError, CommandFailed, OSError, ValueError) as error:
        print(f"{key}: {error}", file=sys.stderr, flush=True)
