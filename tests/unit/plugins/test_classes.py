"""The playbooks of classes, run by Ansible itself against the API of the stand-in, with a token and without a login."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ...doubles.school import School

pytestmark = pytest.mark.slow


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    (tmp_path / "node").mkdir()
    found = School(tmp_path)
    yield found
    found.server.stop()


def changed(done: subprocess.CompletedProcess[str]) -> bool:
    assert done.returncode == 0, done.stdout + done.stderr
    return " changed=0 " not in done.stdout


def test_a_class_is_made_once_given_back_and_had_back(school: School) -> None:
    assert changed(school.play("guests.yml", "-vvv"))
    assert not changed(school.play("guests.yml"))
    folder = school.folder / "handed"
    words = ("-e", "guest_hand_outs_web=https://pve1.example.org", "-e", f"guest_hand_outs_folder={folder}")
    assert changed(school.play("hand_out_guests.yml", *words))
    assert sorted(path.name for path in folder.iterdir())[:2] == ["os.stu01.csv", "os.stu01.html"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))
    users = {row["userid"]: row for row in school.server.api().get("/access/users")}
    assert users["stu01@pve"]["firstname"] == "Müller, A."
    assert changed(school.play("release_guests.yml", "-e", "owner=stu02@pve"))
    assert [path.name.split("-")[2] for path in (school.server.folder / "backups/dump").glob("*.zst")] == ["1201"]
    assert not changed(school.play("release_guests.yml", "-e", "expired=true"))
    assert changed(school.play("release_guests.yml", "-e", "owner=stu02@pve", "-e", "revoke=true"))
    assert changed(school.play("guests.yml")), "it is started again"
    school.table.write_text("login\n", encoding="utf-8")
    refused = school.play("guests.yml")
    assert refused.returncode and "the list of owners is empty" in refused.stdout


def test_a_class_goes_back_to_its_snapshots(school: School) -> None:
    assert changed(school.play("guests.yml"))
    machine = f"/nodes/{school.server.node}/qemu/1201"
    school.server.api().change("PUT", f"{machine}/config", {"memory": "1024", "delete": "name"}, False)
    stranger = school.play("reset_guests.yml", "-e", "fleet=os", "-e", "snapshot=clean")
    assert stranger.returncode and "is none of his" in stranger.stdout
    school.server.api().change("PUT", f"{machine}/config", {"name": "stu02-vm"}, False)
    words = ("reset_guests.yml", "-e", "fleet=os", "-e", "snapshot=clean", "-e", "run=lesson-7")
    asked = school.play(*words, "--check")
    assert "roll VM 1201 stu02-vm back to clean" in asked.stdout and not rolled_back(school)
    done = school.play(*words)
    assert changed(done) and done.stdout.count("state: done") == 2
    assert rolled_back(school) == ["1200", "1201"]
    assert "memory" not in school.server.api().get(f"{machine}/config")
    assert not changed(school.play(*words))
    assert rolled_back(school) == ["1200", "1201"]
    assert not changed(school.play("guests.yml"))


def test_what_became_of_each_is_told_also_when_one_stays_locked(school: School) -> None:
    assert changed(school.play("guests.yml"))
    config = next(school.server.folder.glob("etc/pve/nodes/*/qemu-server/1200.conf"))

    def lock() -> None:
        """As Proxmox VE leaves a machine whose disks could not go back."""
        while not rolled_back(school):
            time.sleep(0.05)
        config.write_text("lock: rollback\n" + config.read_text(encoding="utf-8"), encoding="utf-8")

    school.server.order("task-fails qmrollback")
    with ThreadPoolExecutor() as pool:
        locked = pool.submit(lock)
        done = school.play("reset_guests.yml", "-e", "fleet=os", "-e", "snapshot=clean", "-e", "run=lesson-7")
        locked.result()
    assert done.returncode and "VM 1200 stu01-vm is locked (rollback)" in done.stdout
    assert done.stdout.count("state: due") == done.stdout.count("state: done") == 1, done.stdout
    assert "the same command with -e run=lesson-7 tries those again" in done.stdout


def rolled_back(school: School) -> list[str]:
    rows = school.server.api().get(f"/nodes/{school.server.node}/tasks?typefilter=qmrollback")
    return sorted(row["id"] for row in rows)


def test_one_is_made_anew(school: School) -> None:
    assert changed(school.play("guests.yml"))
    machine = f"/nodes/{school.server.node}/qemu/1201"
    school.server.api().change("PUT", f"{machine}/config", {"scsi1": "vms:1"}, False)
    words = ("reset_guests.yml", "-e", "owner=stu02@pve", "-e", "anew=true", "-e", "run=exam")
    asked = school.play(*words, "--check")
    lost = "destroy VM 1201 stu02-vm, to be made anew: what is on it is lost (scsi0, scsi1, snapshot clean)"
    assert lost in " ".join(asked.stdout.split())
    assert "scsi1" in school.server.api().get(f"{machine}/config")
    done = school.play(*words)
    assert changed(done) and "state: done" in done.stdout, done.stdout
    made = school.server.api().get(f"{machine}/config")
    assert "scsi1" not in made and made["description"].rstrip().endswith("reset=@exam")
    assert school.server.api().get(f"{machine}/status/current")["status"] == "running"
    assert [path.name for path in school.server.folder.glob("vms/images/1201/*")] == ["vm-1201-disk-0.raw"]
    assert not changed(school.play(*words)) and not changed(school.play("guests.yml"))
