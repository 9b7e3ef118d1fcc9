"""begin: the command goes on by itself, and its log tells that it is at work, what it says, and how it ended."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Program, Step
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import begin

WAITS = "import os, sys, time\nprint('begun', flush=True)\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.02)\n"


def start(log: Path, *command: str) -> None:
    perform(Step("begin it", Program("begin", (str(log), *command)), "begin:it", "daemon"), Node(begin))


def ended(log: Path) -> str:
    deadline = time.monotonic() + 10
    while "exit code" not in (text := log.read_text()):
        assert time.monotonic() < deadline, f"not ended after ten seconds: {text}"
        time.sleep(0.02)
    return text


def test_it_goes_on_when_whoever_began_it_has_ended(tmp_path: Path) -> None:
    log, signal = tmp_path / "new" / "it.log", tmp_path / "signal"
    start(log, sys.executable, "-c", WAITS, str(signal))
    first = log.read_text().splitlines()[0]
    assert first.startswith("pid ") and os.path.exists(f"/proc/{first[4:]}")
    signal.touch()
    assert ended(log) == f"{first}\n\nbegun\nexit code 0\n"
    assert log.stat().st_mode & 0o777 == 0o600
    assert log.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("command", "end"),
    [
        ((sys.executable, "-c", "import sys; sys.exit('no room')"), "no room\nexit code 1\n"),
        (("/no/such/program",), "[Errno 2] No such file or directory: '/no/such/program'\nexit code 127\n"),
        ((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), "exit code -9\n"),
    ],
)
def test_how_it_ended(tmp_path: Path, command: tuple[str, ...], end: str) -> None:
    log = tmp_path / "it.log"
    log.write_text("pid 1\nof another time\n" * 9)
    start(log, *command)
    assert ended(log).partition("\n\n")[2] == end


def test_where_no_log_can_be_written_nothing_begins(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StepFailed, match="begin it failed"):
        start(tmp_path / "file" / "it.log", "touch", str(tmp_path / "done"))
    (tmp_path / "it.log").mkdir()
    with pytest.raises(StepFailed, match="begin it failed"):
        start(tmp_path / "it.log", "touch", str(tmp_path / "done"))
    assert not (tmp_path / "done").exists()
