"""The lab's package server at 10.10.1.1: Debian's mirror passed through, and the lab's own repositories.

/debian, /debian-security   cached copies of the host's own mirror, Debian's signatures untouched
/proxmox/...                what download.proxmox.com has: the stand-ins' repositories and the key,
                            or the real thing when LAB_PROXMOX_MIRROR names it
/lab/...                    what only a lab has
/guest/...                  images for guests that really run (guest_image.py)
/enterprise/...             401, as without a subscription; also https://enterprise.proxmox.com/...

What `lab fault apt-401` names is answered with 401 too.
"""

from __future__ import annotations

import argparse
import os
import posixpath
import shutil
import ssl
import threading
from email.utils import formatdate, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Optional
from urllib.parse import unquote, urlsplit

from . import certificate
from .addresses import ENTERPRISE, SERVER
from .mirror import Mirror, NotOnMirror, UpstreamUnreachable, debian_upstreams
from .namespace import inside
from .refusals import is_refused
from .settings import PROXMOX_MIRROR

PORT = 80
TLS_PORT = 443


class PackageServer(ThreadingHTTPServer):
    """Listens inside a lab's namespace and fetches from the host's."""

    daemon_threads = True

    def __init__(
        self, namespace: str, port: int, mirrors: dict[str, Mirror], roots: dict[str, Path], refused: Path
    ) -> None:
        self.mirrors = mirrors
        self.roots = roots
        self.refused = refused
        with inside(namespace):
            super().__init__((SERVER, port), Handler)

    def speak_tls(self, certificate: Path, key: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # the handshake happens in the connection's own thread, at its first read
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def locate(self, url_path: str) -> Path:
        """The local file of a URL path; the exceptions say why there is none."""
        name, _, rest = url_path.lstrip("/").partition("/")
        if name in self.mirrors:
            return self.mirrors[name].fetch(rest)
        if name in self.roots:
            return self.roots[name] / rest
        raise NotOnMirror(url_path)


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD of files, with If-Modified-Since; keeps connections open, as apt pipelines its requests."""

    protocol_version = "HTTP/1.1"
    server: PackageServer

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, with_body: bool) -> None:
        path = posixpath.normpath(unquote(urlsplit(self.path).path))
        if self.headers.get("Host", "").split(":")[0] == ENTERPRISE:
            path = f"/enterprise{path}"
        if path.startswith("/enterprise/"):
            if not path.endswith(".gpg"):
                self._say(401, "a subscription is needed")
                return
            path = path.replace("/enterprise/", "/proxmox/", 1)
        if is_refused(self.server.refused, path):
            self._say(401, "refused by `lab fault apt-401`")
            return
        try:
            local = self.server.locate(path)
        except NotOnMirror:
            self._say(404, "not found")
            return
        except UpstreamUnreachable as error:
            self._say(504, str(error))
            return
        if not local.is_file():
            self._say(404, "not found")
            return
        self._send_file(local, with_body)

    def _say(self, code: int, text: str) -> None:
        body = f"{text}\n".encode()
        self.send_response(code)
        if code == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="Proxmox Enterprise Repository"')
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _send_file(self, local: Path, with_body: bool) -> None:
        with local.open("rb") as source:
            status = os.fstat(source.fileno())
            if self._client_has(status.st_mtime):
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(status.st_size))
            self.send_header("Last-Modified", formatdate(status.st_mtime, usegmt=True))
            self.end_headers()
            if with_body:
                shutil.copyfileobj(source, self.wfile)

    def _client_has(self, modified: float) -> bool:
        since: Optional[str] = self.headers.get("If-Modified-Since")
        if not since:
            return False
        try:
            return int(modified) <= parsedate_to_datetime(since).timestamp()
        except ValueError:
            return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--repository", type=Path, required=True, help="folder with proxmox/ and lab/")
    parser.add_argument("--refused", type=Path, required=True, help="file that names what is answered with 401")
    options = parser.parse_args()
    mirrors = {name: Mirror(base, options.cache / "mirror" / name) for name, base in debian_upstreams().items()}
    roots = {"lab": options.repository / "lab", "guest": options.cache / "guest"}
    proxmox = os.environ.get(PROXMOX_MIRROR)
    if proxmox:
        mirrors["proxmox"] = Mirror(proxmox.rstrip("/"), options.cache / "mirror" / "proxmox")
    else:
        roots["proxmox"] = options.repository / "proxmox"
    enterprise = PackageServer(options.namespace, TLS_PORT, mirrors, roots, options.refused)
    enterprise.speak_tls(*certificate.ensure(options.cache))
    threading.Thread(target=enterprise.serve_forever, daemon=True).start()
    PackageServer(options.namespace, PORT, mirrors, roots, options.refused).serve_forever()


if __name__ == "__main__":
    main()
