"""Starting, finding and ending a lab's package server."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from . import cgroup, process
from .addresses import SERVER
from .namespace import connect
from .refusals import refusal_file
from .repositories import current
from .server import PORT
from .settings import CACHE, Lab
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
    argv += ["--cache", str(CACHE), "--repository", str(current(lab)), "--refused", str(refusal_file(lab))]
    log_path = lab.state / "server.log"
    server = process.start(argv, log_path, group(lab))

    def ready() -> bool:
        process.check(server, log_path)
        return answers(lab)

    wait_until(ready, 15, "the package server")


def stop(lab: Lab) -> None:
    for pid in cgroup.processes(group(lab)):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not cgroup.processes(group(lab)), 10, "the package server to end")
    cgroup.remove(group(lab))
