"""Download: a file is written only if its content is the one asked for, by way of the proxy that is named."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Download, Step
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform

KEY = b"a keyring"
SUM = sha256(KEY).hexdigest()


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """As a mirror asked for a path, and as a proxy asked for a whole URL."""
        known = self.path in ("/key.gpg", "http://mirror.invalid/key.gpg")
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(KEY if known else b"no such file")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing of it belongs into the output of a test."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


def fetch(url: str, path: Path, checksum: str = SUM, proxy: str = "") -> str:
    download = Download(url, str(path), checksum, mode=0o640, proxy=proxy)
    return perform(Step("fetch the key", download, "key.fetch", "file"), Node())


def test_a_file_is_fetched(server: str, tmp_path: Path) -> None:
    path = tmp_path / "keyrings" / "key.gpg"
    fetch(f"{server}/key.gpg", path)
    assert path.read_bytes() == KEY
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in path.parent.iterdir()] == ["key.gpg"]


@pytest.mark.parametrize("from_environment", [False, True])
def test_a_proxy_is_asked(server: str, tmp_path: Path, from_environment: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if from_environment:
        monkeypatch.setenv("http_proxy", server)
    fetch("http://mirror.invalid/key.gpg", tmp_path / "key.gpg", proxy="" if from_environment else server)
    assert (tmp_path / "key.gpg").read_bytes() == KEY


def test_another_content_is_not_written(server: str, tmp_path: Path) -> None:
    (tmp_path / "key.gpg").write_text("what was there")
    with pytest.raises(StepFailed, match=f"has SHA-256 {SUM}, but 0000 was asked for"):
        fetch(f"{server}/key.gpg", tmp_path / "key.gpg", checksum="0000")
    assert (tmp_path / "key.gpg").read_text() == "what was there"


def test_a_server_that_does_not_have_it_fails_the_step(server: str, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="fetch the key failed: HTTP Error 404"):
        fetch(f"{server}/other.gpg", tmp_path / "key.gpg")


def test_so_does_one_that_does_not_answer(server: str, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="fetch the key failed: .*refused"):
        fetch("http://127.0.0.1:1/key.gpg", tmp_path / "key.gpg")
