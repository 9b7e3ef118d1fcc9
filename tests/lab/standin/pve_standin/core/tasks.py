"""Workers: a task runs in a process of its own and writes a log; on a command line the log is also shown live.

A failed task does not fail the command that started it (the exit code stays 0): only its error text is printed.
Tools that do look at the result ask `succeeded(upid)`.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Callable, NoReturn

from pve_standin.core import lab_faults, tasklog
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import CommandFailed
from pve_standin.core.upid import Upid, is_upid, parse, process_start

__all__ = ["detach_workers", "fork_worker", "is_upid", "succeeded", "warn"]

Work = Callable[[], None]

_detached = False
_in_worker = False
_results: dict[str, str] = {}
_warnings = 0


def detach_workers() -> None:
    """Called by the API daemons: workers outlive the request and write to their log only."""
    global _detached
    _detached = True


def warn(text: str) -> None:
    """A remark that does not fail the task, but shows in how it ends."""
    global _warnings
    _warnings += 1
    print(f"WARN: {text}", file=sys.stderr, flush=True)


def succeeded(upid: str) -> bool:
    """Did this task, started and awaited by this process, end well?"""
    status = _results.get(upid, "unexpected status")
    return status == "OK" or status.startswith("WARNINGS: ")


def fork_worker(task_type: str, task_id: str, user: str, work: Work) -> str:
    """Start a task; on a command line wait for it, in a daemon return at once. The answer is the UPID."""
    from pve_standin.core.cfs import nodename

    if _in_worker:
        work()  # a task within a task is part of the outer one
        return ""
    sys.stdout.flush()
    sys.stderr.flush()
    status_read, status_write = os.pipe()
    output_read, output_write = os.pipe()
    start = int(time.time())
    child = os.fork()
    if child == 0:
        os.close(status_read)
        os.close(output_read)
        upid = Upid(nodename(), os.getpid(), process_start(os.getpid()), start, task_type, task_id, user)
        _worker(upid, work, status_write, output_write)
    os.close(status_write)
    os.close(output_write)
    return _parent(child, status_read, output_read)


def _parent(child: int, status_read: int, output_read: int) -> str:
    """The worker sends its UPID first and, when somebody waits for it, its final status."""
    with os.fdopen(status_read, "r", encoding="utf-8") as status_stream:
        name = status_stream.readline().strip()
        if not name:
            raise ApiError(500, "unable to start worker")
        if _detached:
            os.close(output_read)
            return name
        _follow(output_read, tasklog.log_path(parse(name)))
        status = status_stream.read() or "unexpected status"
    os.waitpid(child, 0)
    _results[name] = status
    _record_end(parse(name), status)
    if status.startswith("WARNINGS: "):
        print(f"Task finished with {status.rpartition(' ')[2]} warning(s)!", file=sys.stderr, flush=True)
    elif status != "OK":
        print(status, file=sys.stderr, flush=True)
    return name


def _follow(output: int, path: Path) -> None:
    """Copy the worker's output to the log and to our own; the log goes on even when nobody reads us any more."""
    listening = True
    with os.fdopen(output, "rb", buffering=0) as stream, _open_log(path) as log:
        while True:
            data = stream.read(65536)
            if not data:
                return
            log.write(data)
            if listening:
                try:
                    os.write(1, data)
                except OSError:
                    listening = False


def _worker(upid: Upid, work: Work, status_write: int, output_write: int) -> NoReturn:
    """The worker process."""
    global _in_worker
    _in_worker = True
    status = "unexpected status"
    try:
        os.setsid()
        with _open_log(tasklog.log_path(upid)) as log:
            target = log.fileno() if _detached else output_write
            os.dup2(target, 1)
            os.dup2(target, 2)
        if _detached:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            _close_all_but(status_write)
        else:
            os.close(output_write)
        tasklog.started(upid)
        os.write(status_write, f"{upid}\n".encode())
        failing = lab_faults.take(f"task-fails {upid.type}")
        if lab_faults.take(f"task-warns {upid.type}"):
            warn("the lab made this task warn")
        status = _perform(_fail if failing else work)
        sys.stdout.flush()
        sys.stderr.flush()
        if _detached:
            _record_end(upid, status)
        else:
            os.write(status_write, status.encode())
    finally:
        os._exit(0 if status == "OK" or status.startswith("WARNINGS: ") else 1)


def _close_all_but(kept: int) -> None:
    """A daemon's worker must not hold on to the daemon's connections."""
    for name in os.listdir("/proc/self/fd"):
        descriptor = int(name)
        if descriptor > 2 and descriptor != kept:
            with suppress(OSError):  # the listing's own descriptor is closed already
                os.close(descriptor)


def _open_log(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "ab", buffering=0)


def _perform(work: Work) -> str:
    try:
        work()
        return f"WARNINGS: {_warnings}" if _warnings else "OK"
    except ApiError as error:
        return error.text()
    except CommandFailed as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 (the task's boundary: anything unexpected must become its status)
        traceback.print_exc()
        return str(error) or type(error).__name__


def _fail() -> None:
    """What a task does instead of its work when the lab asked for a failure."""
    raise ApiError(500, "the lab made this task fail")


def _record_end(upid: Upid, status: str) -> None:
    with _open_log(tasklog.log_path(upid)) as log:
        line = "TASK OK" if status == "OK" else f"TASK ERROR: {status}"
        if status.startswith("WARNINGS: "):
            line = f"TASK {status}"
        log.write(f"{line}\n".encode())
    tasklog.finished(upid, status.replace("\n", " "))
