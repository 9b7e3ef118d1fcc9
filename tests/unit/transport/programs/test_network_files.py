"""network_files: what is put back is what was there, with owner and mode, whatever the disk has room for."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import (
    network_files,
    network_guard,
    network_kernel,
)

from .guarded_machine import NEW, OLD, Machine

pytestmark = pytest.mark.slow

PROGRAMS = (network_files, network_guard, network_kernel)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_file_is_changed_and_put_back_with_its_mode(machine: Machine) -> None:
    assert machine.files("keep").returncode == 0
    assert machine.files("put").returncode == 0
    assert (machine.file.read_text(), machine.file.stat().st_mode & 0o777) == (NEW, 0o640)
    machine.file.chmod(0o600)
    assert machine.files("back").returncode == 0
    assert (machine.file.read_text(), machine.file.stat().st_mode & 0o777) == (OLD, 0o640)
    assert machine.files("back").returncode == 0, "once more is as good as once"


def test_bytes_that_are_no_text_come_back(machine: Machine) -> None:
    machine.file.write_bytes(b"# \xff\xfe\r\nauto lo\r\n")
    machine.files("keep")
    machine.files("put")
    machine.files("back")
    assert machine.file.read_bytes() == b"# \xff\xfe\r\nauto lo\r\n"


def test_a_file_that_was_not_there_goes_and_one_that_is_taken_away_comes_back(machine: Machine) -> None:
    change: Any = [{"path": str(machine.added), "text": "auto eno9\n"}, {"path": str(machine.file), "text": None}]
    assert machine.files("keep", files=change).returncode == 0
    assert machine.files("put").returncode == 0
    assert machine.added.read_text() == "auto eno9\n" and not machine.file.exists()
    assert machine.files("back").returncode == 0
    assert machine.file.read_text() == OLD and not machine.added.exists()


def test_another_text_is_put_back_where_the_old_one_would_be_read_differently(machine: Machine) -> None:
    machine.files("keep", files=[{"path": str(machine.file), "text": NEW, "back": "# for the new program\n"}])
    assert machine.files("put").returncode == 0
    machine.files("back")
    assert machine.file.read_text() == "# for the new program\n"


def test_a_link_stays_one(machine: Machine) -> None:
    real = machine.room / "etc" / "real"
    machine.file.rename(real)
    machine.file.symlink_to(real)
    machine.files("keep")
    machine.files("put")
    assert machine.file.is_symlink() and real.read_text() == NEW
    machine.files("back")
    assert machine.file.is_symlink() and real.read_text() == OLD


def test_it_sees_whether_somebody_changed_a_file_meanwhile(machine: Machine) -> None:
    machine.files("keep")
    assert machine.files("unchanged").returncode == 0
    machine.file.write_text("# by hand\n")
    done = machine.files("unchanged")
    assert done.returncode == 1 and "Somebody has changed" in done.stderr


def test_of_copies_that_cannot_be_made_nothing_is_left(machine: Machine) -> None:
    machine.disk.parent.rmdir()
    machine.disk.parent.write_text("no folder")
    done = machine.files("keep")
    assert done.returncode == 1 and "nothing was changed" in done.stderr
    assert not machine.run_folder.exists() and machine.file.read_text() == OLD


def test_the_copy_takes_the_place_of_the_file_so_nothing_is_written(machine: Machine) -> None:
    machine.files("keep")
    machine.files("put")
    copy = (machine.disk / "0").stat().st_ino
    machine.files("back")
    assert machine.file.stat().st_ino == copy


def test_a_copy_on_disk_that_is_another_one_is_not_trusted(machine: Machine) -> None:
    machine.files("keep")
    machine.files("put")
    (machine.disk / "0").write_text("# rot\n")
    assert machine.files("back").returncode == 0
    assert machine.file.read_text() == OLD


def test_after_a_boot_the_disk_is_enough(machine: Machine) -> None:
    machine.files("keep", units=[["mask", "systemd-networkd.service"]])
    machine.files("put")
    for path in machine.run_folder.iterdir():
        path.unlink()
    done = machine.run(network_files, "boot", str(machine.disk), str(machine.run_folder))
    assert done.returncode == 0 and machine.file.read_text() == OLD


@pytest.mark.parametrize(
    ("was", "asked"),
    [
        ("enabled", ["unmask", "enable", "start"]),
        ("disabled", ["unmask", "disable", "start"]),
        ("masked", ["mask"]),
        ("static", ["unmask", "start"]),
    ],
)
def test_units_are_again_what_they_were(machine: Machine, was: str, asked: list[str]) -> None:
    (machine.room / "says" / "systemctl is-enabled old.service").write_text(f"{was}\n")
    active = machine.room / "says" / "systemctl is-active old.service"
    active.write_text("active\n")
    machine.files("keep", units=[["disable", "old.service"], ["stop", "old.service"]])
    assert machine.files("put").returncode == 0
    active.write_text("inactive\n")
    before = len(machine.asked)
    machine.files("back")
    verbs = [line.split()[1] for line in machine.asked[before:] if not line.startswith("systemctl is-")]
    assert verbs == asked


def test_a_unit_that_is_not_again_what_it_was_is_told(machine: Machine) -> None:
    """Or the node would have no network after its next boot, and nobody would know."""
    enabled = machine.room / "says" / "systemctl is-enabled old.service"
    enabled.write_text("enabled\n")
    machine.files("keep", units=[["disable", "old.service"]])
    machine.files("put")
    enabled.write_text("disabled\n")
    done = machine.files("back")
    assert done.returncode == 1 and "old.service is disabled and not enabled" in done.stderr
    assert machine.file.read_text() == OLD


def test_a_unit_that_refuses_fails_the_change(machine: Machine) -> None:
    machine.files("keep", units=[["disable", "old.service"]])
    machine.fail("systemctl disable")
    done = machine.files("put")
    assert done.returncode == 1 and "systemctl disable old.service: no systemctl" in done.stderr


def test_while_another_change_is_pending_nothing_is_kept(machine: Machine) -> None:
    machine.files("keep")
    (machine.run_folder / "record.json").write_text('{"state": "pending"}')
    done = machine.files("keep", files=[])
    assert done.returncode == 1 and "is pending on this node" in done.stderr
    assert "# new" in (machine.run_folder / "files.json").read_text()


def test_a_change_that_no_boot_brought_back_is_told(machine: Machine) -> None:
    machine.disk.mkdir()
    (machine.disk / "record.json").write_text('{"state": "prepared"}')
    done = machine.files("keep")
    assert done.returncode == 1 and "neither confirmed nor brought back" in done.stderr


def test_a_draft_is_nobody_elses_from_the_beginning(machine: Machine) -> None:
    draft = machine.room / "draft"
    previous = os.umask(0)
    try:
        os.close(network_files.private(str(draft), os.O_WRONLY | os.O_CREAT))
    finally:
        os.umask(previous)
    assert draft.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["call", "_ended", "read", "own_source", "say", "private", "remove", "sync"])
def test_what_the_three_programs_share_is_the_same(name: str) -> None:
    sources = {inspect.getsource(getattr(one, name)) for one in PROGRAMS if hasattr(one, name)}
    assert len(sources) == 1


def test_the_program_stands_alone(machine: Machine) -> None:
    """What is kept beside the copies is the program itself, also when it came as a word of a command."""
    machine.files("keep")
    source = Path(network_files.__file__).read_bytes()
    assert (machine.disk / "files.py").read_bytes() == (machine.run_folder / "files.py").read_bytes() == source
    assert os.stat(machine.disk).st_mode & 0o777 == 0o700
