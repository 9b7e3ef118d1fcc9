"""The API over HTTP: pveproxy (HTTPS on 8006) and pvedaemon (plain, local, as root, for 'protected' methods).

Each connection is served by a forked child, so a handler may fork workers safely. The certificate is loaded when the
daemon starts and on SIGHUP, not before every connection: a daemon that nobody reloads keeps serving the old one.

What a client has to cope with is done as a real node does it, or worse: a connection that is idle for seconds, and one
on which something was refused, is closed; a request to change something whose body comes after its head is dropped when
its caller shows a ticket (a real one drops some of them); who is not let in learns that seconds later.
"""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import socket
import socketserver
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pve_standin.api import dispatch, registry, remote, schema
from pve_standin.api.authentication import Unauthenticated, authenticate, shows_ticket
from pve_standin.core import calllog, cfs, lab_faults, tasks
from pve_standin.core.errors import ApiError
from pve_standin.core.https import ConnectionFailed, PlainClient

logger = logging.getLogger("api")

BASE = "/api2/json"
PROXY_PORT = 8006
DAEMON_ADDRESS = ("127.0.0.1", 85)
KEEPALIVE_SECONDS = 5
PENALTY_SECONDS = 3.0
BODY_LIMIT = 64 * 1024 * 1024
# headers that carry the caller's identity when a request is passed on
IDENTITY_HEADERS = ("Cookie", "CSRFPreventionToken", "Authorization")

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>{node} - Proxmox Virtual Environment (lab stand-in)
</title></head><body><h1>{node}</h1><p>Lab stand-in of Proxmox Virtual Environment: the API is below /api2/json.</p>
</body></html>"""


class Source(io.RawIOBase):
    """What a connection brings, and nothing more while it is held."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.held = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        return None if self.held else self._connection.recv_into(buffer)


class Handler(BaseHTTPRequestHandler):
    """One connection. Errors are answered in PVE's form: reason in the status line and in the body."""

    protocol_version = "HTTP/1.1"
    server_version = "pve-api-daemon/3.0"
    sys_version = ""
    timeout = KEEPALIVE_SECONDS
    is_proxy = True

    def setup(self) -> None:
        super().setup()
        self._source = Source(self.connection)
        self.rfile = self._received = io.BufferedReader(self._source, 65536)

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug("%s %s", self.address_string(), format % args)

    def _serve(self, verb: str) -> None:
        if self.is_proxy and self._is_dropped():
            self.close_connection = True
            return
        body = self._read_body()
        url = urlsplit(self.path)
        if not url.path.startswith(BASE):
            self._answer_page(url.path)
            return
        path = unquote(url.path[len(BASE) :]) or "/"
        if self.is_proxy and lab_faults.take("api-596"):
            self._send(596, "Connection timed out", "text/plain", b"")
            return
        try:
            params = parse_params(url.query, body, self.headers.get("Content-Type", ""))
            calllog.call(verb, path, params)
            found = self._handle(verb, path, params)
            done = {"data": found, **getattr(found, "beside", {})}
            if self.is_proxy and lab_faults.take("api-cut-after"):
                self.close_connection = True
                return
            if self.is_proxy and verb != "GET" and not lab_faults.take("api-change") and lab_faults.take("api-halt"):
                self._hold()
                return
            self._answer(200, "OK", done)
        except Unauthenticated as error:
            time.sleep(PENALTY_SECONDS)
            self._send(error.code, error.message, "text/plain", b"")
        except ApiError as error:
            content: dict[str, Any] = {"data": None, "message": error.message.rstrip("\n") + "\n"}
            if error.errors:
                content["errors"] = error.errors
            self._answer(error.code, error.message, content)
        except Exception as error:  # the request's boundary: a mistake in a handler must not end in silence
            logger.exception("%s %s", verb, path)
            self._answer(500, str(error), {"data": None, "message": f"{error}\n"})

    def _hold(self) -> None:
        """What was asked for is done, and whoever asked hears nothing of it until he has gone."""
        self.connection.settimeout(None)
        while self.connection.recv(1024):
            pass
        self.close_connection = True

    def _is_dropped(self) -> bool:
        """Shall the connection end here, without an answer and with nothing done?"""
        length = int(self.headers.get("Content-Length") or 0)
        apart = length > 0 and shows_ticket(self.headers) and not self._has_arrived(length)
        return apart or lab_faults.take("api-cut-before")

    def _has_arrived(self, length: int) -> bool:
        """Has the body come together with the head?"""
        self._source.held = True
        try:
            return len(self._received.peek(length)) >= length
        finally:
            self._source.held = False

    def _read_body(self) -> str:
        length = min(int(self.headers.get("Content-Length") or 0), BODY_LIMIT)
        return self.rfile.read(length).decode("utf-8") if length else ""

    def _handle(self, verb: str, path: str, params: dict[str, Any]) -> Any:
        try:
            method, variables = registry.find(verb, path)
        except ApiError:
            authenticate(self.headers, verb, {})  # a stranger is not told what there is
            raise
        definition = schema.definition_of(verb, method.path)
        user = authenticate(self.headers, verb, definition)
        dispatch.check_access(definition, user, {**params, **variables})
        node = dispatch.target_node(method, variables)
        if node is not None and self.headers.get(remote.NO_PROXY_HEADER):
            raise ApiError(500, f"proxy loop: this is not node '{node}'")
        if node is None and self.is_proxy and definition.get("protected"):
            return self._pass_to_daemon(verb, path, params)
        return dispatch.dispatch(verb, path, params, user=user)

    def _pass_to_daemon(self, verb: str, path: str, params: dict[str, Any]) -> Any:
        headers = {name: self.headers[name] for name in IDENTITY_HEADERS if name in self.headers}
        client = PlainClient(*DAEMON_ADDRESS, headers)
        try:
            return client.request(verb, path, params)
        except ConnectionFailed as error:
            raise ApiError(595, str(error)) from error

    def _answer(self, code: int, reason: str, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self._send(code, reason, "application/json;charset=UTF-8", body)

    def _answer_page(self, path: str) -> None:
        if path == "/":
            self._send(200, "OK", "text/html;charset=UTF-8", PAGE.format(node=cfs.nodename()).encode())
        else:
            self._send(404, "no such file", "text/plain", b"")

    def _send(self, code: int, reason: str, kind: str, body: bytes) -> None:
        """The status line has the first line of a reason. After a refusal the connection is closed."""
        self.send_response(code, reason.strip().partition("\n")[0] or "error")
        if code >= 400:
            self.send_header("Connection", "close")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=0")
        self.end_headers()
        self.wfile.write(body)


class DaemonHandler(Handler):
    """pvedaemon's side: everything is run here."""

    is_proxy = False


def parse_params(query: str, body: str, content_type: str) -> dict[str, Any]:
    """Parameters of the URL and of the body (form or JSON); a repeated key becomes a list."""
    params: dict[str, Any] = {}
    forms = [query]
    if "json" in content_type:
        content = json.loads(body) if body.strip() else {}
        if not isinstance(content, dict):
            raise ApiError(400, "request body must be an object")
        params.update(content)
    else:
        forms.append(body)
    for form in forms:
        for key, values in parse_qs(form, keep_blank_values=True).items():
            params[key.rstrip("\0")] = values[0] if len(values) == 1 else values
    return params


class Server(socketserver.ForkingMixIn, socketserver.TCPServer):
    """Listens; with a certificate it speaks TLS."""

    allow_reuse_address = True
    request_queue_size = 128
    max_children = 200
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type, certificate: list[Path] | None) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._certificate = certificate
        self._context = self._load()
        self.ending = False
        super().__init__(address, handler)

    def _load(self) -> ssl.SSLContext | None:
        if self._certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self._certificate[0]), str(self._certificate[1]))
        return context

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def reload(self) -> None:
        self._context = self._load()

    def service_actions(self) -> None:
        """Between two connections. An exception out of a signal's handler might be lost in the middle of a fork."""
        super().service_actions()
        if self.ending:
            sys.exit(0)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the child: the TLS handshake happens here so that a slow client blocks nobody else."""
        self.socket.close()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if self._context is not None:
            request.settimeout(KEEPALIVE_SECONDS)
            try:
                request = self._context.wrap_socket(request, server_side=True)
            except (ssl.SSLError, OSError):
                return  # not a TLS client, or one that did not like the certificate
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError, socket.timeout, ssl.SSLError)):
            logger.exception("connection from %s", client_address)


def serve(server: Server) -> None:
    """Run until SIGTERM; SIGHUP loads the certificate again."""
    registry.load_handlers()

    def on_hup(_number: int, _frame: FrameType | None) -> None:
        server.reload()

    def on_term(_number: int, _frame: FrameType | None) -> None:
        server.ending = True

    signal.signal(signal.SIGHUP, on_hup)
    signal.signal(signal.SIGTERM, on_term)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])  # a starter may have kept it until here
    _tell_systemd("READY=1")
    server.serve_forever(poll_interval=0.1)


def _tell_systemd(state: str) -> None:
    """The daemon listens: whoever waits for its start may go on."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)


def main_proxy() -> None:
    """pveproxy."""
    from pve_standin.cluster import certificates

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    tasks.detach_workers()
    certificate = certificates.certificate_path(cfs.nodename())
    key = certificate.with_suffix(".key")
    serve(Server(_listen_address(), Handler, [certificate, key]))


def main_daemon() -> None:
    """pvedaemon."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    tasks.detach_workers()
    serve(Server(DAEMON_ADDRESS, DaemonHandler, None))


def _listen_address() -> tuple[str, int]:
    return ("::", PROXY_PORT) if socket.has_ipv6 and Path("/proc/net/if_inet6").exists() else ("0.0.0.0", PROXY_PORT)
