"""firewall_guard: what nobody confirms over a new connection is taken back, also without quorum."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import (
    firewall_guard,
    own_connection,
    tcp_reach,
)

pytestmark = pytest.mark.slow
#: A unit is active when a file says so; what was asked is written down.
SYSTEMCTL = """#!/bin/sh
echo "$*" >> "$ROOM/log"
case "$1" in
start) [ -e "$ROOM/broken" ] || touch "$ROOM/active-$2" ;;
stop) rm -f "$ROOM/active-$2" ;;
is-active) [ -e "$ROOM/active-$3" ] ;;
esac
"""
TIMER, SERVICE = "baremetal-virt-firewall.timer", "pve-firewall.service"


class Machine:
    def __init__(self, room: Path) -> None:
        self.room, self.folder, self.units = room, room / "kept" / "firewall", room / "units"
        self.cluster, self.host = room / "pve" / "cluster.fw", room / "pve" / "nodes" / "host.fw"
        for path in (room / "bin", self.host.parent):
            path.mkdir(parents=True)
        command = room / "bin" / "systemctl"
        command.write_text(SYSTEMCTL)
        command.chmod(0o755)
        self.cluster.write_text("old\n")
        (room / f"active-{SERVICE}").touch()

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": f"{self.room / 'bin'}:{os.environ['PATH']}", "ROOM": str(self.room)}

    def guard(self, mode: str, mine: bool = True) -> subprocess.CompletedProcess[str]:
        files = [
            {"path": str(self.host), "text": "new host\n", "mine": True},
            {"path": str(self.cluster), "text": "new\n", "mine": mine},
        ]
        return subprocess.run(
            [sys.executable, "-I", firewall_guard.__file__, mode, str(self.folder), str(self.units)],
            env=self.environment,
            input=json.dumps({"files": files, "services": [SERVICE], "seconds": 90}),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def confirm(self, monkeypatch: pytest.MonkeyPatch, age: float) -> int:
        """As if sshd had accepted the connection so many seconds ago."""
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(firewall_guard, "connected_since", lambda: firewall_guard.now() - age)
        return firewall_guard.main("confirm", str(self.folder), str(self.units))

    def active(self, unit: str) -> bool:
        return (self.room / f"active-{unit}").exists()

    @property
    def left(self) -> list[str]:
        units = [str(path) for path in self.units.rglob("*") if not path.is_dir()] if self.units.exists() else []
        return [*units, *map(str, self.folder.rglob("*"))]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_change_is_confirmed_over_a_new_connection_and_nothing_is_left(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.guard("arm").returncode == 0 and machine.active(TIMER) and machine.cluster.read_text() == "old\n"
    assert (machine.units / "timers.target.wants" / TIMER).is_symlink()
    assert "OnActiveSec=90" in (machine.units / TIMER).read_text()
    assert machine.guard("write").returncode == 0 and machine.cluster.read_text() == "new\n"
    assert machine.guard("confirm").returncode == 1  # this process is nobody's connection
    assert machine.confirm(monkeypatch, age=60) == 1
    assert machine.confirm(monkeypatch, age=0) == 0
    assert machine.left == [] and not machine.active(TIMER) and machine.host.read_text() == "new host\n"


def test_without_a_confirmation_the_old_files_come_back(machine: Machine) -> None:
    machine.guard("arm")
    machine.guard("write")
    assert machine.guard("undo").returncode == 0
    assert machine.cluster.read_text() == "old\n" and not machine.host.exists() and machine.left == []
    assert machine.guard("undo").returncode == 0 and machine.guard("confirm").returncode == 1


def test_a_node_that_wrote_nothing_takes_back_what_another_one_wrote(machine: Machine) -> None:
    machine.guard("arm", mine=False)
    machine.guard("write", mine=False)
    assert machine.cluster.read_text() == "old\n"
    machine.cluster.write_text("new\n")
    machine.guard("undo")
    assert machine.cluster.read_text() == "old\n"


def test_what_another_node_has_taken_back_is_not_confirmed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.guard("arm")
    machine.guard("write")
    machine.cluster.write_text("old\n")
    assert machine.confirm(monkeypatch, age=0) == 1


def test_nothing_is_written_without_a_timer_or_over_what_somebody_has_changed(machine: Machine) -> None:
    assert machine.guard("write").returncode == 1
    (machine.room / "broken").touch()
    assert machine.guard("arm").returncode == 1 and machine.left == []
    (machine.room / "broken").unlink()
    machine.guard("arm")
    machine.cluster.write_text("of somebody else\n")
    done = machine.guard("write")
    assert done.returncode == 1 and "Somebody has changed" in done.stderr
    machine.guard("undo")
    assert machine.cluster.read_text() == "of somebody else\n"


def test_without_quorum_the_firewall_is_stopped_until_the_files_are_back(machine: Machine) -> None:
    machine.guard("arm")
    machine.guard("write")
    record = json.loads((machine.folder / "record.json").read_text())
    blocked = machine.room / "file"
    blocked.touch()
    record["files"] = [{"path": f"{blocked}/cluster.fw", "text": None, "old": "old\n", "mine": True}]
    (machine.folder / "record.json").write_text(json.dumps(record))
    assert machine.guard("undo").returncode == 1 and not machine.active(SERVICE)
    assert machine.guard("undo").returncode == 1
    blocked.unlink()
    assert machine.guard("undo").returncode == 0 and machine.active(SERVICE)
    assert (blocked / "cluster.fw").read_text() == "old\n" and machine.left == []


def test_files_that_nobody_serves_are_not_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a boot, when the timer ends before pmxcfs is there."""
    machine.guard("arm")
    machine.guard("write")
    monkeypatch.setattr(firewall_guard, "PMXCFS", str(machine.room / "pve"))
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    pve, away = machine.room / "pve", machine.room / "away"
    pve.rename(away)
    pve.mkdir()
    assert machine.confirm(monkeypatch, age=0) == 1
    assert firewall_guard.main("undo", str(machine.folder), str(machine.units)) == 1
    assert firewall_guard.main("write", str(machine.folder), str(machine.units)) == 1
    assert list(pve.iterdir()) == [] and machine.left and not machine.active(SERVICE)
    pve.rmdir()
    away.rename(pve)
    (pve / "local").touch()
    assert firewall_guard.main("undo", str(machine.folder), str(machine.units)) == 0
    assert machine.cluster.read_text() == "old\n" and machine.left == [] and machine.active(SERVICE)


def test_an_earlier_change_is_taken_back_before_another_one_begins(machine: Machine) -> None:
    machine.guard("arm")
    machine.guard("write")
    machine.guard("arm")
    assert machine.cluster.read_text() == "old\n"
    record: dict[str, Any] = json.loads((machine.folder / "record.json").read_text())
    assert record["state"] == "armed" and record["files"][1]["old"] == "old\n"


def test_the_connection_is_told_though_sudo_takes_it_out_of_the_environment() -> None:
    inner = f"env -i {sys.executable} -I {own_connection.__file__}; true"
    said = ["env", "-i", "SSH_CONNECTION=10.0.0.1 2 10.0.0.3 22", "sh", "-c", inner]
    done = subprocess.run(said, capture_output=True, text=True, check=True)
    assert done.stdout == "10.0.0.1 2 10.0.0.3 22\n"


def test_nobody_listens_on_port_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert tcp_reach.main("2", "127.0.0.1", "1") == 0
    assert capsys.readouterr().out == "[false]"
