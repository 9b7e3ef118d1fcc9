"""Starting, finding and ending a lab's package server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from . import cgroup
from .addresses import SERVER
from .namespace import connect
from .repositories import current
from .server import PORT
from .settings import CACHE, LAB_SOURCE, Lab, LabError
from .shell import wait_until


def group(lab: Lab) -> Path:
    return cgroup.group(lab.namespace, "server")


def answers(lab: Lab) -> bool:
    try:
        connect(lab.namespace, SERVER, PORT, timeout=1.0).close()
    except OSError:
        return False
    return True


def start(lab: Lab) -> None:
    if answers(lab):
        return
    stop(lab)
    argv = [sys.executable, "-m", "labtool.server", "--namespace", lab.namespace]
    argv += ["--cache", str(CACHE), "--repository", str(current(lab))]
    log_path = lab.state / "server.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            argv,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(LAB_SOURCE), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    cgroup.move(process.pid, group(lab))

    def ready() -> bool:
        if process.poll() is not None:
            raise LabError(f"the package server did not start: see {log_path}")
        return answers(lab)

    wait_until(ready, 15, "the package server")


def stop(lab: Lab) -> None:
    for pid in cgroup.processes(group(lab)):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not cgroup.processes(group(lab)), 10, "the package server to end")
    cgroup.remove(group(lab))
