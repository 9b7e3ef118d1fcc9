"""A container runtime is asked over the socket of its CRI: HTTP/2 and protobuf, as far as two questions need them."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import cri_ask


def field(number: int, value: bytes) -> bytes:
    size, head = len(value), b""
    while size >= 0x80:
        head, size = head + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([number << 3 | 2]) + head + bytes([size]) + value


def pair(key: str, value: object) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return field(2, field(1, key.encode()) + field(2, text.encode()))


LISTS = {"Networks": [{"Config": {"Name": "cni-loopback"}}, {"Config": {"Name": "dbnet"}}]}
CONDITION = field(1, b"NetworkReady") + b"\x10\x00" + field(3, b"NetworkPluginNotReady") + field(4, b"no config")
STATUS = field(1, field(1, field(1, b"RuntimeReady") + b"\x10\x01") + field(1, CONDITION))
ANSWERS = {
    "Version": field(1, b"0.1.0") + field(2, b"containerd") + field(3, b"1.6.20"),
    "Status": STATUS + pair("golang", "go1.19") + pair("lastCNILoadStatus", "OK") + pair("cniconfig", LISTS),
    "ListPodSandbox": field(1, field(1, b"abc") + b"\x20\x01" + b"\x29" + bytes(8) + b"\x35" + bytes(4))
    + field(1, field(1, b"def")),
}


class Runtime(threading.Thread):
    """Answers one question of each connection, in frames that cut messages anywhere."""

    def __init__(self, path: Path, service: str, answers: dict[str, bytes], cut: str = "") -> None:
        """``cut``: a question in whose answer it gives up."""
        super().__init__(daemon=True)
        self.service, self.answers, self.cut = service, answers, cut
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()

    def run(self) -> None:
        while True:
            try:
                stream = self.listener.accept()[0]
            except OSError:
                return
            with stream:
                got = b""
                while b"application/grpc" not in got or b"\x00\x01\x00\x00\x00\x01" not in got:
                    part = stream.recv(65536)
                    if not part:
                        break
                    got += part
                method = next((name for name in self.answers if f"/{self.service}/{name}".encode() in got), "")
                stream.sendall(cri_ask.frame(cri_ask.SETTINGS, 0, 0, b"") + cri_ask.frame(cri_ask.PING, 0, 0, bytes(8)))
                if method:
                    message = self.answers[method]
                    body = b"\x00" + struct.pack("!I", len(message)) + message
                    stream.sendall(cri_ask.frame(cri_ask.HEADERS, cri_ask.END_HEADERS, 1, b"\x88"))
                    for part in (body[:3], body[3:25], body[25:])[: 2 if method == self.cut else 3]:
                        stream.sendall(cri_ask.frame(cri_ask.DATA, 0, 1, part))
                given_up = method == self.cut != ""
                kind, flags, last = (cri_ask.RESET, 0, bytes(4)) if given_up else (cri_ask.HEADERS, 5, b"\x88")
                stream.sendall(cri_ask.frame(kind, flags, 1, last))
                while stream.recv(65536):
                    pass


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "c.sock"


def asked(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert cri_ask.main(str(path)) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("service", cri_ask.SERVICES)
def test_what_is_loaded_and_what_runs(path: Path, capsys: pytest.CaptureFixture[str], service: str) -> None:
    runtime = Runtime(path, service, ANSWERS)
    runtime.start()
    assert asked(path, capsys) == {
        "answered": True,
        "name": "containerd",
        "load": "OK",
        "networks": ["dbnet"],
        "sandboxes": ["abc", "def"],
    }
    runtime.listener.close()


def test_a_runtime_that_does_not_tell_its_networks(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runtime = Runtime(path, cri_ask.SERVICES[0], {**ANSWERS, "Status": STATUS})
    runtime.start()
    told = asked(path, capsys)
    assert (told["networks"], told["load"]) == (None, "NetworkPluginNotReady no config")
    runtime.listener.close()


def test_who_does_not_answer_has_told_nothing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(path, capsys)["answered"] is False
    runtime = Runtime(path, "another.Service", ANSWERS)
    runtime.start()
    assert asked(path, capsys)["answered"] is False
    runtime.listener.close()


def test_half_a_list_of_sandboxes_is_no_answer(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runtime = Runtime(path, cri_ask.SERVICES[0], ANSWERS, cut="ListPodSandbox")
    runtime.start()
    told = asked(path, capsys)
    assert told["answered"] is False
    assert "sandboxes" not in told
    runtime.listener.close()
