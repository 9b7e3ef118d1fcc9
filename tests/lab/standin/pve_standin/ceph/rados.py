"""Commands to Ceph's monitors and manager over one librados connection (python3-rados), without starting a program.

A connection belongs to the process that opened it: a worker forked from a process that already has one opens its own.
It is opened anew when ceph.conf has changed.
"""

from __future__ import annotations

import atexit
import errno
import importlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from pve_standin.core import paths
from pve_standin.core.errors import ApiError

CONF = paths.PVE / "ceph.conf"
CONNECT_TIMEOUT = 10
COMMAND_TIMEOUT = 60

_lock = threading.Lock()
_connections: dict[tuple[int, int], Any] = {}


class CephError(ApiError):
    """A command that the monitors or the manager refused."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(500, f"mon_command failed - {reason.strip()}", errno=code)
        self.reason = reason.strip()


@dataclass(frozen=True)
class Answer:
    """What came back: 0 or an errno, the output, and a remark about it."""

    code: int
    output: bytes
    remark: str

    @property
    def json(self) -> Any:
        return json.loads(self.output) if self.output.strip() else None


def _library() -> Any:
    try:
        return importlib.import_module("rados")
    except ImportError as error:
        raise ApiError(500, f"binary not installed: {error}", errno=errno.ENOENT) from error


def _failure(what: str, error: Exception) -> ApiError:
    code = abs(getattr(error, "errno", 0) or errno.EIO)
    return ApiError(500, f"{what} failed - {os.strerror(code)}", errno=code)


def connect(settings: Optional[Mapping[str, str]] = None, user: str = "admin", timeout: int = CONNECT_TIMEOUT) -> Any:
    """A new connection; `settings` replace those of ceph.conf, for a cluster other than ours."""
    library = _library()
    conffile = str(CONF) if CONF.exists() else None
    bounds = {"client_mount_timeout": str(timeout), "rados_mon_op_timeout": str(COMMAND_TIMEOUT)}
    try:
        cluster = library.Rados(rados_id=user, conffile=conffile, conf={**bounds, **(settings or {})})
        cluster.connect(timeout=timeout)
    except library.Error as error:
        raise _failure("rados_connect", error) from error
    return cluster


def _own_connection() -> Any:
    key = (os.getpid(), CONF.stat().st_mtime_ns)
    with _lock:
        if key not in _connections:
            # an older connection of this process is left to its end; one of the parent process must not be touched
            _connections.clear()
            _connections[key] = connect()
        return _connections[key]


@atexit.register
def _close() -> None:
    """librados' threads must not outlive OpenSSL, whose end at the end of the process would make them abort it."""
    for (pid, _), cluster in _connections.items():
        if pid == os.getpid():
            cluster.shutdown()


def command(cluster: Any, prefix: str, *, form: str, manager: bool, arguments: Mapping[str, Any]) -> Answer:
    """Send a command over a connection and return the answer, whatever it is."""
    send = cluster.mgr_command if manager else cluster.mon_command
    request = json.dumps({"prefix": prefix, "format": form, **arguments})
    try:
        code, output, remark = send(request, b"", timeout=COMMAND_TIMEOUT)
    except _library().Error as error:
        raise _failure("mon_command", error) from error
    return Answer(abs(code), bytes(output), remark)


def ask(prefix: str, *, form: str = "json", manager: bool = False, **arguments: Any) -> Answer:
    """A command over this process's connection."""
    return command(_own_connection(), prefix, form=form, manager=manager, arguments=arguments)


def ask_once(settings: Mapping[str, str], user: str, prefix: str) -> Any:
    """The JSON answer of a monitor command over a connection made for it: for a cluster that may be another one."""
    cluster = connect(settings, user)
    try:
        return _checked(command(cluster, prefix, form="json", manager=False, arguments={})).json
    finally:
        cluster.shutdown()


def mon(prefix: str, **arguments: Any) -> Any:
    """A monitor command; its JSON answer, None when it has none."""
    return _checked(ask(prefix, **arguments)).json


def mgr(prefix: str, **arguments: Any) -> Any:
    """The same for the commands that the manager answers."""
    return _checked(ask(prefix, manager=True, **arguments)).json


def mon_bytes(prefix: str, **arguments: Any) -> bytes:
    """A monitor command whose answer is no JSON: a keyring, a map."""
    return _checked(ask(prefix, form="plain", **arguments)).output


def mon_text(prefix: str, **arguments: Any) -> str:
    return mon_bytes(prefix, **arguments).decode()


def _checked(answer: Answer) -> Answer:
    if answer.code != 0:
        raise CephError(answer.remark or os.strerror(answer.code), answer.code)
    return answer
