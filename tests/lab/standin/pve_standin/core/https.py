"""A small HTTPS client for PVE's API that trusts a certificate by its fingerprint.

As Proxmox VE's own client, it sends head and body of a request together, and opens a new connection when the last one
has been idle for some seconds or was closed by the server.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import quote, urlencode

from pve_standin.core.errors import ApiError
from pve_standin.core.rows import Rows

if TYPE_CHECKING:
    import http.client

PORT = 8006
BASE = "/api2/json"
IDLE_SECONDS = 4

# decides about a certificate's fingerprint; raises to refuse
TrustCheck = Callable[[str], None]


def refuse(seen: str) -> None:
    """The default trust: none."""
    raise ApiError(596, f"fingerprint '{seen}' not verified, abort!")


class ConnectionFailed(Exception):
    """The peer could not be reached; the message is the system's reason."""


def fingerprint(der: bytes) -> str:
    digest = hashlib.sha256(der).hexdigest().upper()
    return ":".join(digest[start : start + 2] for start in range(0, len(digest), 2))


def encode(params: Mapping[str, Any]) -> str:
    """Form encoding: lists become repeated keys."""
    pairs: list[tuple[str, str]] = []
    for key, value in params.items():
        for item in value if isinstance(value, list) else [value]:
            pairs.append((key, str(item)))
    return urlencode(pairs)


@dataclass
class PlainClient:
    """One connection to an API daemon without TLS (pvedaemon on the same host)."""

    host: str
    port: int
    headers: dict[str, str] = field(default_factory=dict)
    timeout: float = 120
    _connection: http.client.HTTPConnection | None = None
    _used: float = 0

    def request(self, verb: str, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The `data` of the answer; an HTTP error becomes an ApiError with the same code and text."""
        encoded = encode(params or {})
        target = quote(BASE + path)
        headers = dict(self.headers)
        body = None
        if verb in ("POST", "PUT"):
            body = encoded
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif encoded:
            target += f"?{encoded}"
        status, reason, text = self._exchange(verb, target, body, headers)
        return _unpack(status, reason, text)

    def _exchange(self, verb: str, target: str, body: str | None, headers: dict[str, str]) -> tuple[int, str, str]:
        import http.client
        import socket

        try:
            connection = self._connected()
            connection.putrequest(verb, target)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body.encode())))
            _send_together(connection, (body or "").encode())
            response = connection.getresponse()
            self._used = time.monotonic()
            return response.status, response.reason, response.read().decode("utf-8")
        except socket.timeout as error:
            raise ConnectionFailed("Connection timed out") from error
        except http.client.HTTPException as error:
            raise ConnectionFailed(f"invalid answer: {error}") from error
        except OSError as error:
            raise ConnectionFailed(error.strerror or str(error)) from error

    def _connected(self) -> http.client.HTTPConnection:
        """The connection in use, if the server still has it, or else a new one."""
        old = self._connection
        if old is None or old.sock is None or time.monotonic() - self._used > IDLE_SECONDS:
            if old is not None:
                old.close()
            self._connection = self._connect()
        assert self._connection is not None
        return self._connection

    def _connect(self) -> http.client.HTTPConnection:
        import http.client

        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        connection.connect()
        return connection


@dataclass
class Client(PlainClient):
    """One HTTPS connection to a host's API; `trust` sees the certificate's fingerprint before anything is sent."""

    port: int = PORT
    trust: TrustCheck = refuse
    _trusted: str = ""

    def login(self, username: str, password: str) -> None:
        """Get a ticket; later requests carry it."""
        data = self.request("POST", "/access/ticket", {"username": username, "password": password})
        self.use_ticket(str(data["ticket"]), str(data["CSRFPreventionToken"]))

    def use_ticket(self, ticket: str, csrf: str) -> None:
        self.headers.update(ticket_headers(ticket, csrf))

    def _connect(self) -> http.client.HTTPConnection:
        import http.client
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the fingerprint decides, below
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout, context=context)
        connection.connect()
        shown = fingerprint(connection.sock.getpeercert(binary_form=True) or b"")
        if shown != self._trusted:
            self.trust(shown)
        self._trusted = shown
        return connection


def _send_together(connection: http.client.HTTPConnection, body: bytes) -> None:
    """End the head of a request and send it with its body in one write."""
    written: list[bytes] = []
    send = connection.send
    connection.send = written.append  # type: ignore[method-assign,assignment]
    connection.endheaders(body)
    connection.send = send  # type: ignore[method-assign]
    send(b"".join(written))


def ticket_headers(ticket: str, csrf: str) -> dict[str, str]:
    return {"Cookie": f"PVEAuthCookie={quote(ticket, safe='')}", "CSRFPreventionToken": csrf}


def _unpack(status: int, reason: str, text: str) -> Any:
    try:
        content = json.loads(text) if text else {}
    except ValueError:
        content = {}
    if status == 200:
        data = content.pop("data", None)
        return Rows(data, **content) if content else data
    errors = content.get("errors") or {}
    raise ApiError(status, str(content.get("message") or reason).rstrip("\n"), dict(errors))
