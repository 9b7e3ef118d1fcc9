"""BIRD's socket, asked without its client."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import bird_socket

ANSWERS = {
    "show status": ["1000-BIRD 1.6.8", "1011-Router ID is 172.20.0.11", " Wait timer is 215/240", "0024 Waiting"],
    "show route": ["1007-10.233.65.0/26     via 172.20.0.12 on eth0 [a 1:2] * (100/0) [i]", " \tvia more", "0000 "],
    "show protocols all": ["8003 no such thing"],
}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A socket that answers as BIRD does, one connection long."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "bird.ctl"))
    listening.listen()

    def serve() -> None:
        connection, dummy = listening.accept()
        with connection, listening, connection.makefile("rw") as stream:
            stream.write("0001 BIRD 1.6.8 ready.\n")
            stream.flush()
            for line in iter(stream.readline, ""):
                stream.write("".join(f"{one}\n" for one in ANSWERS[line.strip()]))
                stream.flush()

    threading.Thread(target=serve, daemon=True).start()
    return str(tmp_path / "bird.ctl")


def test_each_command_is_answered_as_the_client_prints_it(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bird_socket.main(path, *ANSWERS) == 0
    told = json.loads(capsys.readouterr().out)
    status = told["show status"].splitlines()
    assert status == ["BIRD 1.6.8", "Router ID is 172.20.0.11", "Wait timer is 215/240", "Waiting"]
    assert told["show route"].splitlines()[1] == "\tvia more"
    assert told["show protocols all"] == "no such thing"


def test_half_an_answer_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """BIRD ends while it tells its routes: that those not told are not there is nothing that anybody knows."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "bird.ctl"))
        listening.listen()

        def serve() -> None:
            connection, dummy = listening.accept()
            with connection:
                connection.sendall(b"0001 BIRD 1.6.8 ready.\n")
                connection.recv(100)
                connection.sendall(f"{ANSWERS['show route'][0]}\n".encode())

        threading.Thread(target=serve, daemon=True).start()
        assert bird_socket.main(str(tmp_path / "bird.ctl"), "show route") == 1
    told = capsys.readouterr()
    assert not told.out and "ended before it had answered" in told.err


def test_nothing_but_what_is_shown_is_asked(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bird_socket.main(path, "disable all") == 2
    assert not capsys.readouterr().out


def test_where_nobody_listens_that_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bird_socket.main(str(tmp_path / "none"), "show status") == 1
    assert "none" in capsys.readouterr().err
