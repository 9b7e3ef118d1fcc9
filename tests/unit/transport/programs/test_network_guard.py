"""network_guard: without a confirmation over a new connection, everything is as before, and nothing is left of it."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import network_guard

from .guarded_machine import NEW, OLD, Machine

pytestmark = pytest.mark.slow


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def state(machine: Machine) -> str:
    return str(json.loads(machine.guard("status").stdout)["state"])


def confirm(machine: Machine, monkeypatch: pytest.MonkeyPatch, age: float = 0) -> int:
    """As if sshd had accepted the connection so many seconds ago."""
    for name, value in machine.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(network_guard, "connected_since", lambda: network_guard.now() - age)
    return network_guard.main("confirm", *machine.folders)


def forget_memory(machine: Machine) -> None:
    """As a boot does."""
    shutil.rmtree(machine.run_folder)


def test_before_anything_is_changed_the_boot_would_bring_it_back(machine: Machine) -> None:
    machine.prepare()
    assert machine.file.read_text() == OLD
    unit = (machine.units / "baremetal-virt-network-boot.service").read_text()
    assert f"ExecStart=/usr/bin/python3 -I {machine.disk}/guard.py boot {' '.join(machine.folders)}\n" in unit
    assert "Before=network-pre.target networking.service" in unit
    assert (machine.units / "sysinit.target.wants" / "baremetal-virt-network-boot.service").is_symlink()
    assert state(machine) == "prepared"


def test_nobody_else_can_lock_the_way_back_out(machine: Machine) -> None:
    machine.run_folder.parent.chmod(0o755)
    machine.prepare()
    assert machine.run_folder.parent.stat().st_mode & 0o777 == 0o700


def test_without_copies_nothing_is_prepared(machine: Machine) -> None:
    done = machine.guard("prepare")
    assert done.returncode == 1 and "has no files.json and no kernel.json" in done.stderr
    assert machine.left == []


def test_the_timer_runs_before_the_change_begins(machine: Machine) -> None:
    machine.prepare()
    done = machine.guard("change")
    assert done.returncode == 0, done.stderr
    assert machine.file.read_text() == NEW
    begun = [
        line for line in machine.asked if line.startswith("systemd-run") or "is-active" in line or "ifreload" in line
    ]
    kinds = [line.split()[0] + (" timer" if "--on-active 30" in line else "") for line in begun]
    assert kinds == ["ifreload", "systemd-run timer", "systemctl", "systemd-run", "ifreload"]
    assert state(machine) == "pending"


def test_without_its_timer_a_change_is_not_begun(machine: Machine) -> None:
    machine.prepare()
    machine.fail("systemctl is-active")
    done = machine.guard("change")
    assert done.returncode == 1 and "does not run" in done.stderr and "Nothing was changed" in done.stderr
    assert machine.file.read_text() == OLD and machine.left == []


def test_confirmed_it_stays_and_nothing_is_left(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.prepare()
    machine.guard("change")
    assert confirm(machine, monkeypatch) == 0
    assert machine.file.read_text() == NEW and machine.left == []
    assert "systemctl stop baremetal-virt-network.timer" in machine.asked
    assert machine.guard("undo").returncode == 0, "the timer is late"
    assert machine.file.read_text() == NEW


def test_an_old_connection_confirms_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.prepare()
    machine.guard("change")
    assert confirm(machine, monkeypatch, age=60) == 1
    done = machine.guard("confirm")
    assert done.returncode == 1 and "connection to sshd that was made after it" in done.stderr
    assert state(machine) == "pending"


def test_killed_when_the_timer_had_just_been_started(machine: Machine) -> None:
    """Nothing is changed yet: the timer only forgets it, and whoever prepares anew stops the timer."""
    machine.prepare()
    machine.prepare()
    assert machine.asked.count("systemctl stop baremetal-virt-network.timer") == 2
    assert machine.guard("undo").returncode == 0
    assert machine.file.read_text() == OLD and machine.left == []
    assert machine.asked.count("ifreload -a") == 2, "for the two baselines"


def test_what_is_over_cannot_be_confirmed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert confirm(machine, monkeypatch) == 1
    machine.prepare()
    assert confirm(machine, monkeypatch) == 1
    machine.guard("change")
    assert machine.guard("undo").returncode == 0
    assert confirm(machine, monkeypatch) == 1
    assert machine.file.read_text() == OLD


def test_too_late_is_too_late(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.prepare(seconds=0)
    machine.guard("change")
    assert confirm(machine, monkeypatch) == 1


def test_a_confirmation_that_was_cut_short_is_finished_by_whoever_comes(machine: Machine) -> None:
    machine.prepare()
    machine.guard("change")
    (machine.run_folder / "confirmed").touch()
    assert machine.guard("undo").returncode == 0
    assert machine.file.read_text() == NEW and machine.left == []


def test_taken_back_nothing_is_left(machine: Machine) -> None:
    machine.prepare()
    machine.guard("change")
    done = machine.guard("back")
    assert done.returncode == 0, done.stderr
    assert machine.file.read_text() == OLD and machine.left == []
    assert machine.asked.count("ifreload -a") == 3, "before it, for it, and to take it back"
    assert machine.guard("back").returncode == 0
    assert machine.asked.count("ifreload -a") == 3


def test_a_reload_that_ends_worse_than_before_is_taken_back_at_once(machine: Machine) -> None:
    machine.prepare()
    machine.fail("ifreload")
    done = machine.guard("change")
    assert done.returncode == 1 and "no ifreload" in done.stderr and "was taken back" in done.stderr
    assert machine.file.read_text() == OLD and machine.left == []


def test_one_that_always_ended_so_is_not(machine: Machine) -> None:
    machine.fail("ifreload")
    machine.prepare()
    assert machine.guard("change").returncode == 0
    assert machine.file.read_text() == NEW


def test_without_a_baseline_the_exit_code_says_nothing(machine: Machine) -> None:
    machine.prepare(baseline=False)
    assert "ifreload -a" not in machine.asked
    machine.fail("ifreload")
    assert machine.guard("change").returncode == 0


def test_what_somebody_changed_meanwhile_stays(machine: Machine) -> None:
    machine.prepare()
    machine.file.write_text("# by hand\n")
    done = machine.guard("change")
    assert done.returncode == 1 and "Somebody has changed" in done.stderr and "Nothing was changed" in done.stderr
    assert machine.file.read_text() == "# by hand\n" and machine.left == []


def test_a_change_that_fails_half_way_is_taken_back(machine: Machine) -> None:
    machine.keep()
    machine.files("keep", units=[["disable", "old.service"]])
    machine.guard("prepare")
    machine.fail("systemctl disable")
    done = machine.guard("change")
    assert done.returncode == 1 and "systemctl disable old.service" in done.stderr
    assert machine.file.read_text() == OLD and machine.left == []


def test_a_hanging_reload_is_ended_by_the_timer(machine: Machine) -> None:
    machine.prepare(seconds=1, limit=2)
    (machine.room / "reload").write_text(f"grep -q new {machine.file} && sleep 30\n")
    began = time.monotonic()
    done = machine.guard("change")
    assert done.returncode == 1 and "did not end within 1 seconds" in done.stderr
    assert time.monotonic() - began < 10
    assert machine.guard("undo").returncode == 0
    assert machine.file.read_text() == OLD


def test_the_way_back_does_not_hang_either(machine: Machine) -> None:
    machine.prepare(limit=1)
    machine.guard("change")
    (machine.room / "reload").write_text("sleep 30\n")
    began = time.monotonic()
    assert machine.guard("undo").returncode == 0
    assert time.monotonic() - began < 10
    assert machine.file.read_text() == OLD and machine.left == []


def test_a_way_back_that_was_killed_goes_on(machine: Machine) -> None:
    machine.prepare()
    machine.guard("change")
    record = json.loads((machine.run_folder / "record.json").read_text())
    (machine.run_folder / "record.json").write_text(json.dumps({**record, "state": "back"}))
    assert machine.guard("prepare").returncode == 1
    assert machine.guard("undo").returncode == 0
    assert machine.file.read_text() == OLD and machine.left == []


def test_a_file_that_cannot_be_put_back_is_tried_again_and_the_network_is_not(machine: Machine) -> None:
    machine.prepare()
    machine.guard("change")
    kept = machine.file.with_name("kept")
    machine.file.rename(kept)
    machine.file.mkdir()
    (machine.file / "in the way").touch()
    done = machine.guard("undo")
    assert done.returncode == 1 and "is not back" in done.stderr
    (machine.file / "in the way").unlink()
    machine.file.rmdir()
    kept.unlink()
    assert machine.guard("undo").returncode == 0
    assert machine.file.read_text() == OLD and machine.left == []
    assert machine.asked.count("ifreload -a") == 3


@pytest.mark.parametrize("pending", [True, False])
def test_a_boot_brings_the_old_files_back(machine: Machine, pending: bool) -> None:
    machine.prepare()
    if pending:
        machine.guard("change")
    forget_memory(machine)
    done = machine.guard("boot")
    assert done.returncode == 0, done.stderr
    assert machine.file.read_text() == OLD and machine.left == []
    assert machine.guard("boot").returncode == 0


def test_what_was_only_prepared_undoes_nothing_at_a_boot(machine: Machine) -> None:
    """The run was killed; days later somebody changes the file by hand, and the node boots."""
    machine.prepare()
    machine.file.write_text("# by hand\n")
    forget_memory(machine)
    assert machine.guard("boot").returncode == 0
    assert machine.file.read_text() == "# by hand\n" and machine.left == []


def test_a_boot_clears_away_what_the_power_cut_left_of_a_preparation(machine: Machine) -> None:
    machine.prepare()
    unit = (machine.units / "baremetal-virt-network-boot.service").read_text()
    assert f"ConditionPathExists={machine.disk}/guard.py\n" in unit
    forget_memory(machine)
    (machine.disk / "files.json").unlink()
    assert machine.guard("boot").returncode == 0
    assert machine.left == []


def test_the_way_back_needs_no_room_in_memory(machine: Machine) -> None:
    """A folder where the draft of the record would be stands for memory that is full."""
    machine.prepare()
    machine.guard("change")
    (machine.run_folder / "record.json.new").mkdir()
    done = machine.guard("undo")
    assert done.returncode == 0 and "cannot be written" in done.stderr
    assert machine.file.read_text() == OLD and machine.left == []


def test_a_change_that_cannot_be_written_down_is_not_begun(machine: Machine) -> None:
    machine.prepare()
    (machine.disk / "record.json.new").mkdir()
    done = machine.guard("change")
    assert done.returncode == 1 and "Nothing was changed" in done.stderr
    assert machine.file.read_text() == OLD and machine.left == []


def test_a_second_change_is_refused_while_one_is_pending(machine: Machine) -> None:
    machine.prepare()
    machine.guard("change")
    assert machine.files("keep").returncode == 1
    done = machine.guard("prepare")
    assert done.returncode == 1 and "is pending on this node" in done.stderr
    assert state(machine) == "pending"


def test_a_prepared_change_that_nobody_made_is_prepared_anew(machine: Machine) -> None:
    machine.prepare()
    machine.prepare(seconds=40)
    assert machine.guard("change").returncode == 0
    assert machine.guard("change").returncode == 0, "once more waits for the same change"
    assert machine.asked.count("ifreload -a") == 3


def test_the_connection_is_the_one_that_sshd_accepted() -> None:
    """Nobody's, where the tests do not run for sshd; else some time since the boot."""
    since = network_guard.connected_since()
    assert since is None or 0 < since <= network_guard.now()
