"""Loop devices are the whole machine's: what one lab gives back for a moment, no other lab may find."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from labtool import disks, settings
from labtool.settings import Lab, LabError


class Machine:
    """Stands in for losetup, with the kernel's rule: the first free device is found."""

    def __init__(self) -> None:
        self.loops: dict[str, str] = {}
        self.beside: list[threading.Thread] = []

    def run(self, argv: list[object]) -> str:
        words = [str(word) for word in argv]
        if words[0] == "cp":
            return ""
        if "--list" in words:
            return json.dumps({"loopdevices": [{"name": a, "back-file": b} for a, b in self.loops.items()]})
        if "--detach" in words:
            del self.loops[words[-1]]
            for other in self.beside:
                other.start()
            self.beside = []
            time.sleep(0.05)  # the others get their chance
            return ""
        free = (name for name in (f"/dev/loop{number}" for number in range(99)) if name not in self.loops)
        device = next(free) if "--find" in words else words[-2]
        if device in self.loops:
            raise LabError(f"{device} is busy")
        self.loops[device] = words[-1]
        return ""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(settings, "STATE_ROOT", tmp_path)
    monkeypatch.setattr(disks, "run", made.run)
    monkeypatch.setattr(disks, "LOCK", tmp_path / "lock")
    return made


def test_disks_are_swapped_while_another_lab_begins(machine: Machine) -> None:
    lab, other = Lab("some", nodes=1, disks=2), Lab("other", nodes=1, disks=2)
    disks.up(lab)
    before = disks.attached(lab, 1)
    machine.beside = [threading.Thread(target=disks.up, args=(other,))]
    (beside,) = machine.beside
    disks.swap(lab, 1)
    beside.join()
    assert [disk.dev for disk in disks.attached(lab, 1)] == [disk.dev for disk in reversed(before)]
    assert [disk.dev for disk in disks.attached(other, 1)] == ["/dev/loop2", "/dev/loop3"]


def test_disks_are_put_back_while_another_lab_begins(machine: Machine, tmp_path: Path) -> None:
    lab, other = Lab("some", nodes=1, disks=1), Lab("other", nodes=1, disks=1)
    disks.up(lab)
    (lab.state / "disks" / "pve1-0.img").write_bytes(b"written")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "pve1-0.img").touch()
    machine.beside = [threading.Thread(target=disks.up, args=(other,))]
    (beside,) = machine.beside
    disks.put_back(lab, tmp_path / "kept")
    beside.join()
    assert [disk.dev for disk in disks.attached(lab, 1)] == ["/dev/loop0"]
    assert [disk.dev for disk in disks.attached(other, 1)] == ["/dev/loop1"]
