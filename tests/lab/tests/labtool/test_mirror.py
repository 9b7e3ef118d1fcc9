"""The caching mirror: what is fetched, what is kept, what happens without a network."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from labtool.mirror import REVALIDATE_SECONDS, Mirror, NotOnMirror, UpstreamUnreachable


class Upstream(ThreadingHTTPServer):
    """Serves what `files` holds and counts the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), UpstreamHandler)
        self.files = {"/dists/InRelease": b"one", "/pool/a.deb": b"package"}
        self.requests: list[str] = []


class UpstreamHandler(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        body = self.server.files.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def mirror(upstream: Upstream, tmp_path: Path) -> Mirror:
    return Mirror(f"http://127.0.0.1:{upstream.server_port}", tmp_path)


def grow_old(mirror: Mirror, path: str) -> None:
    local = mirror.folder / path
    marker = local.with_name(f".{local.name}.checked")
    old = marker.stat().st_mtime - REVALIDATE_SECONDS - 1
    os.utime(marker, (old, old))


def test_a_file_is_fetched_once_however_many_ask(mirror: Mirror, upstream: Upstream) -> None:
    threads = [threading.Thread(target=mirror.fetch, args=("pool/a.deb",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mirror.fetch("pool/a.deb").read_bytes() == b"package"
    assert upstream.requests == ["/pool/a.deb"]


def test_an_old_index_is_asked_for_again_and_a_package_is_not(mirror: Mirror, upstream: Upstream) -> None:
    for path in ("dists/InRelease", "pool/a.deb"):
        mirror.fetch(path)
        grow_old(mirror, path)
    upstream.files["/dists/InRelease"] = b"two"
    assert mirror.fetch("dists/InRelease").read_bytes() == b"two"
    mirror.fetch("pool/a.deb")
    assert upstream.requests == ["/dists/InRelease", "/pool/a.deb", "/dists/InRelease"]


def test_an_unchanged_index_keeps_its_time_stamp(mirror: Mirror) -> None:
    before = mirror.fetch("dists/InRelease").stat().st_mtime_ns
    grow_old(mirror, "dists/InRelease")
    assert mirror.fetch("dists/InRelease").stat().st_mtime_ns == before


def test_what_upstream_lacks_is_reported_as_such(mirror: Mirror) -> None:
    with pytest.raises(NotOnMirror):
        mirror.fetch("pool/absent.deb")


def test_without_a_network_the_old_copy_serves(mirror: Mirror) -> None:
    mirror.fetch("dists/InRelease")
    grow_old(mirror, "dists/InRelease")
    unreachable = Mirror("http://127.0.0.1:1", mirror.folder)
    assert unreachable.fetch("dists/InRelease").read_bytes() == b"one"
    with pytest.raises(UpstreamUnreachable):
        unreachable.fetch("pool/never-fetched.deb")
