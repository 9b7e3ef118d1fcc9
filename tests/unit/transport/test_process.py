"""A command at its deadline: everything it started ends with it."""

from __future__ import annotations

import os
import time

from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node

#: As pvecm does: a worker in a session of its own, whose end the command waits for.
WORKER = "setsid sleep 60 & echo $!; wait"


def test_a_worker_in_its_own_session_ends_at_the_deadline() -> None:
    done = Node().execute(("sh", "-c", WORKER), timeout=0.5)
    assert done.rc == 124
    worker = int(done.stdout)
    deadline = time.monotonic() + 5
    while _runs(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    """A killed process whose parent has gone stays as a zombie where PID 1 collects none."""
    if not os.path.exists(f"/proc/{pid}/stat"):
        return False
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"
