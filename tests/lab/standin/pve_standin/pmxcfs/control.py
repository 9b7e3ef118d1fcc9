"""The local socket of pmxcfs: published values and the cluster log, one JSON request and answer per line.

Other programs use the functions at the end; the mount itself needs no socket.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import threading
from pathlib import Path
from typing import Any, Callable

from pve_standin.core import paths
from pve_standin.core.errors import ApiError

Request = dict[str, Any]
Responder = Callable[[Request], Any]

VALUE_LIMIT = 128 * 1024


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            # socketserver knows its own class of server only, not that this one has a responder.
            answer = self.server.responder(json.loads(line))  # type: ignore[attr-defined]
            self.wfile.write(json.dumps({"data": answer}).encode() + b"\n")


class ControlServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers requests in threads of the pmxcfs process."""

    daemon_threads = True

    def __init__(self, path: Path, responder: Responder) -> None:
        if path.exists():
            path.unlink()
        self.responder = responder
        super().__init__(str(path), _Handler)
        os.chmod(str(path), 0o660)

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, name="control", daemon=True).start()


def request(content: Request) -> Any:
    """Ask the running pmxcfs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(paths.PMXCFS_SOCKET))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise ApiError(500, f"ipcc_send_rec[1] failed: {reason}", errno=error.errno or 0) from error
        connection.sendall(json.dumps(content).encode() + b"\n")
        with connection.makefile("r", encoding="utf-8") as stream:
            line = stream.readline()
    return json.loads(line)["data"] if line else None


def publish(key: str, value: Any) -> None:
    """Publish a value of this node to all members."""
    text = json.dumps(value)
    if len(text) > VALUE_LIMIT:
        raise ApiError(500, f"status value '{key}' is too large")
    request({"verb": "publish", "key": key, "value": text})


def published(key: str) -> dict[str, Any]:
    """What every member published under a key, by node name."""
    found: dict[str, str] = request({"verb": "published", "key": key}) or {}
    return {node: json.loads(text) for node, text in found.items()}


def cluster_log(message: str, *, user: str = "root@pam", tag: str = "cluster", priority: int = 6) -> None:
    """A line of the log that all members share."""
    entry = {"msg": message, "user": user, "tag": tag, "pri": priority, "pid": os.getpid()}
    request({"verb": "log", "entry": entry})


def log_entries(limit: int | None = None) -> Any:
    return json.loads(request({"verb": "log_entries", "limit": limit or 50}))["data"]
