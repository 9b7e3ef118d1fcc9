"""pmxcfs: whatever fails, and whoever is killed, somebody serves /etc/pve in the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import pmxcfs

#: Stands for systemctl, pmxcfs, pkill and pgrep: writes down what it was asked, and fails where a file says so.
COMMAND = """#!/bin/sh
echo "$(basename "$0") $*" >> "$LOG"
[ ! -e "$FAILS/$(basename "$0")" ] || { echo "no $(basename "$0")" >&2; exit 1; }
"""


class Machine:
    def __init__(self, folder: Path) -> None:
        self.folder, self.log, self.database, self.copy = (folder / name for name in ("bin", "log", "db", "copy"))
        self.fails = folder / "fails"
        for made in (self.folder, self.fails):
            made.mkdir()
        for name in ("systemctl", "pmxcfs", "pkill", "pgrep"):
            (self.folder / name).write_text(COMMAND)
            (self.folder / name).chmod(0o755)
        self.fail("pgrep")  # nothing is found, as everything ends at once
        self.log.touch()
        self.database.write_text("rows")

    def fail(self, name: str) -> None:
        (self.fails / name).touch()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": f"{self.folder}:{os.environ['PATH']}", "LOG": str(self.log), "FAILS": str(self.fails)}
        command = [sys.executable, "-I", pmxcfs.__file__, *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    def leave(self) -> subprocess.CompletedProcess[str]:
        return self.run("alone", str(self.database), str(self.copy))

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


STOP, START = "systemctl stop pve-cluster.service", "systemctl start pve-cluster.service"


def test_a_copy_is_made_while_nobody_serves(machine: Machine) -> None:
    assert machine.leave().returncode == 0
    assert machine.asked == [STOP, "pmxcfs -l"]
    assert machine.copy.read_text() == "rows" and machine.copy.stat().st_mode & 0o777 == 0o600


def test_without_a_copy(machine: Machine) -> None:
    assert machine.run("alone").returncode == 0
    assert machine.asked == [STOP, "pmxcfs -l"]


def test_the_first_copy_stays(machine: Machine) -> None:
    machine.copy.write_text("rows of the cluster")
    assert machine.leave().returncode == 0
    assert machine.copy.read_text() == "rows of the cluster"


def test_where_it_cannot_serve_alone_the_unit_does(machine: Machine) -> None:
    machine.fail("pmxcfs")
    done = machine.leave()
    assert (done.returncode, done.stderr) == (1, "no pmxcfs\n")
    assert machine.asked == [STOP, "pmxcfs -l", START]


def test_where_no_copy_can_be_made_it_serves_and_says_so(machine: Machine) -> None:
    machine.database.unlink()
    done = machine.leave()
    assert done.returncode == 1 and "No such file" in done.stderr
    assert machine.asked == [STOP, "pmxcfs -l"]
    machine.database.write_text("rows")
    assert machine.run("keep", str(machine.database), str(machine.copy)).returncode == 0
    assert machine.copy.read_text() == "rows"


def test_the_unit_takes_over_when_the_other_one_has_ended(machine: Machine) -> None:
    assert machine.run("unit").returncode == 0
    assert machine.asked == ["pkill --exact pmxcfs", "pgrep --exact pmxcfs", START]


def test_one_that_does_not_end_is_waited_for(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def call(*command: str) -> int:
        calls.append(command[0])
        return 0

    monkeypatch.setattr(pmxcfs, "call", call)
    monkeypatch.setattr(pmxcfs, "DEADLINE", 0.25)
    assert pmxcfs.unit() == 0
    assert calls[0] == "pkill" and calls.count("pgrep") >= 2 and calls[-1] == "systemctl"


def test_nobody_listens_any_more(machine: Machine) -> None:
    """The run was killed: what cannot be told is no reason to leave the node without a server."""
    machine.fail("pmxcfs")
    env = {"PATH": f"{machine.folder}:{os.environ['PATH']}", "LOG": str(machine.log), "FAILS": str(machine.fails)}
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-I", pmxcfs.__file__, "alone"]
    assert subprocess.call(command, env=env, stdout=writing, stderr=writing) == 1
    os.close(writing)
    assert machine.asked[-1] == START
