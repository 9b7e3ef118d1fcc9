"""The stand-in's HTTPS server: it answers as a real one did (tests/transcripts/api), and is no kinder than that."""

from __future__ import annotations

import json
import select
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[3]
TRANSCRIPTS = TESTS / "transcripts" / "api"
ALIKE = (
    "305-access-no-credentials",
    "306-access-bad-ticket",
    "307-access-no-csrf",
    "308-access-bad-token",
    "309-access-token-malformed",
    "310-access-no-such-path",
    "311-access-method-not-implemented",
    "312-access-unknown-parameter",
    "339ae-access-token-wrong-secret",
    "639ch-dc-task-bad-upid",
    "639ci-dc-task-unknown",
    "639cj-dc-task-unknown-log",
)


class Server:
    """One running server, and requests to it byte by byte."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, str(TESTS / "lab" / "standin" / "loopback.py"), str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.told: dict[str, Any] = json.loads(self.process.stdout.readline())

    def connect(self) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.told["port"]), 30))

    def headers(self, auth: str, verb: str) -> dict[str, str]:
        """Those of the caller that a transcript names."""
        if auth.startswith("API token"):
            shown = auth.split()[-1]
            return {"Authorization": f"PVEAPIToken={shown}" + ("=0-0" if "!" in shown else "")}
        if auth == "none":
            return {}
        csrf = {} if verb == "GET" else {"CSRFPreventionToken": self.told["csrf_token"]}
        return {"Cookie": f"PVEAuthCookie={quote(self.told['ticket'], safe='')}", **csrf}

    def ask(
        self, verb: str, path: str, headers: dict[str, str], params: dict[str, Any], pause: float = -1
    ) -> tuple[int, str, str] | None:
        """Status, reason and body; None when the connection was closed instead. pause: between head and body."""
        body = urlencode(params).encode() if params else b""
        lines = [f"{verb} {path} HTTP/1.1", "Host: here", f"Content-Length: {len(body)}"]
        head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()
        with self.connect() as connection:
            for part in [head + body] if pause < 0 else [head, body]:
                connection.sendall(part)
                time.sleep(max(pause, 0))
            try:
                answer = HTTPResponse(connection, method=verb)
                answer.begin()
            except ConnectionError:
                return None
            return answer.status, answer.reason, answer.read().decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("node"))
    yield running
    running.process.terminate()
    running.process.wait(30)


@pytest.mark.parametrize("name", ALIKE)
def test_it_answers_as_recorded(server: Server, name: str) -> None:
    recorded = json.loads((TRANSCRIPTS / f"{name}.json").read_text(encoding="utf-8"))
    headers = server.headers(recorded["auth"], recorded["method"])
    if name == "306-access-bad-ticket":
        headers = {"Cookie": "PVEAuthCookie=nonsense"}
    if name == "307-access-no-csrf":
        headers = server.headers("ticket", "GET")
    path = recorded["path"].replace("/nodes/pve1/", f"/nodes/{server.told['node']}/")
    found = server.ask(recorded["method"], path, headers, recorded["params"])
    assert found is not None
    status, reason, body = found
    assert (status, reason) == (recorded["status"], recorded["reason"])
    if not recorded["body"]:
        assert body == ""
        return
    wanted = {key: value for key, value in recorded["body"].items() if key != "total"}
    assert {key: _plain(value) for key, value in json.loads(body).items()} == {
        key: _plain(value) for key, value in wanted.items()
    }


def _plain(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_with_a_ticket_the_body_has_to_come_with_the_head(server: Server, pause: float) -> None:
    """As 339ex: closed without an answer, and nothing done; a real node does it by chance, this one always."""
    headers = {**server.headers("ticket", "POST"), "Content-Type": "application/x-www-form-urlencoded"}
    user = {"userid": f"apart{pause}@pve"}
    assert server.ask("POST", "/api2/json/access/users", headers, user, pause) is None
    found = server.ask("GET", "/api2/json/access/users", server.headers("ticket", "GET"), {})
    assert found is not None
    assert user["userid"] not in found[2]
    whole = server.ask("POST", "/api2/json/access/users", headers, user)
    assert whole is not None
    assert whole[0] == 200


def test_an_idle_connection_is_closed_and_so_is_one_on_which_something_was_refused(server: Server) -> None:
    with server.connect() as idle, server.connect() as refused:
        refused.sendall(b"GET /api2/json/version HTTP/1.1\r\nHost: here\r\n\r\n")
        answer = HTTPResponse(refused)
        answer.begin()
        assert (answer.status, answer.getheader("Connection")) == (401, "close")
        started = time.monotonic()
        assert idle.recv(1) == b""
        assert 3 < time.monotonic() - started < 20


def test_one_that_is_ended_as_soon_as_it_listens_leaves_no_process_behind(tmp_path: Path) -> None:
    ended = Server(tmp_path).process
    assert ended.stdout is not None
    ended.terminate()
    ended.wait(30)
    assert select.select([ended.stdout], [], [], 10)[0], "somebody is left who holds this pipe open"
