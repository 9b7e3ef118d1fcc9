"""pod_echo: who asks is told whom the other end sees, and whether a packet came whole."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import pod_echo

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def port() -> Iterator[int]:
    found = free_port()
    words = (sys.executable, "-I", str(Path(pod_echo.__file__)), "serve", "20", str(found))
    with subprocess.Popen(words) as process:
        for _attempt in range(100):
            try:
                socket.create_connection(("127.0.0.1", found)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield found
        process.kill()


def trial(kind: str, **keys: Any) -> dict[str, Any]:
    return {"kind": kind, "address": "127.0.0.1", "size": 0, "name": "", "tells": True, **keys}


def asked(capsys: pytest.CaptureFixture[str], *trials: dict[str, Any]) -> list[dict[str, Any]]:
    assert pod_echo.main("ask", "-", json.dumps(trials)) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_who_is_seen_and_how_much(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    seen, whole, large, nobody = asked(
        capsys,
        trial("connect", port=port),
        trial("whole", port=port, size=1450),
        trial("whole", port=port, size=65536 + 29),
        trial("connect", port=free_port()),
    )
    assert seen == {"answered": True, "seen": "127.0.0.1"}
    assert whole == {"answered": True, "bytes": 1450 - 28}
    assert (large["answered"], large["why"]) == (False, "Message too long")
    assert (nobody["answered"], nobody["why"]) == (False, "Connection refused")


def test_a_server_of_names(capsys: pytest.CaptureFixture[str]) -> None:
    asks: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            data, address = server.recvfrom(512)
            asks.append(data)
            server.sendto(data[:2] + struct.pack("!HHHHH", 0x8183, 1, 2, 0, 0), address)

        thread = threading.Thread(target=serve)
        thread.start()
        (found,) = asked(capsys, trial("name", port=server.getsockname()[1], name="pods.example"))
        thread.join()
    assert found == {"answered": True, "code": 3, "records": 2}
    assert asks[0][12:] == b"\x04pods\x07example\x00\x00\x01\x00\x01"
