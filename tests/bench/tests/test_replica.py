"""A replica answers what the lab's node was asked, in whichever way it is asked again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest
import replica
from playbook import ROOT, BenchError

MODULE_UTILS = "ansible_collections.baremetal.virt.plugins.module_utils"
ASK_CEPH = ROOT / "plugins" / "module_utils" / "transport" / "programs" / "ask_ceph.py"
QUESTIONS = import_module(f"{MODULE_UTILS}.transport.programs.ask_ceph").MONITORS
KNOWN = {question: {"told": question} for question in QUESTIONS}
CERTIFICATE = "-----BEGIN PRIVATE KEY-----\nk\n-----BEGIN CERTIFICATE-----\nc\n"
STORAGES = "dir: local\n\tpath /var/lib/vz\n\ncephfs: shared\n\tpath /mnt/pve/shared\n"
FOLDER = {"kind": "directory", "mode": 0o750, "owner": "root", "group": "root", "size": 0, "target": None}
ANSWERS: replica.Answers = {
    ("read", "/etc/hosts"): "10.10.1.13 pve3\n",
    ("read", "/etc/pve/storage.cfg"): STORAGES,
    ("read", "/proc/sys/kernel/hostname"): "pve3\n",
    ("read", "/not/there"): None,
    ("names", "/etc/apt/sources.list.d"): ["proxmox.sources"],
    ("entry", "/srv/share"): FOLDER,
    ("digest", "/usr/share/keyrings/a.gpg"): "0" * 64,
    ("age", "/var/lib/apt/lists"): 3,
    ("certificate", "127.0.0.1:8006"): "the lab's",
    ("run", "systemctl", "is-active", "a b"): [3, "inactive\n", "one word\n"],
    ("run", "getent", "ahosts", "pve3"): [0, "real", ""],
    ("program", "ask_ceph", "cluster"): [0, json.dumps(KNOWN), ""],
}


def planted(folder: Path, answers: replica.Answers = ANSWERS) -> Path:
    replica.plant(folder, answers, lambda path: f"content of {path}".encode(), CERTIFICATE)
    return folder


def ran(layer: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """The layer is not the root here, as it is for a replica."""
    script = (layer / "usr/local/bin" / command[0]).read_text().replace("/var/lib/replica", f"{layer}/var/lib/replica")
    return subprocess.run(["sh", "-c", script, *command], capture_output=True, text=True, check=False)


def test_each_kind_of_question_is_planted_or_never_asked_by_a_run_that_finds_nothing_to_do() -> None:
    kinds = get_args(import_module(f"{MODULE_UTILS}.engine.reader").Kind)
    assert sorted((*replica.PLANTED, *replica.NEVER_ASKED)) == sorted(kinds)


def test_what_was_read_is_there(tmp_path: Path) -> None:
    look = import_module(f"{MODULE_UTILS}.transport.node").Node()
    layer = planted(tmp_path)
    assert look.read(f"{layer}/etc/hosts") == "10.10.1.13 pve3\n"
    assert look.names(f"{layer}/etc/apt/sources.list.d") == ("proxmox.sources",)
    assert look.entry(f"{layer}/srv/share").mode == 0o750
    assert look.read(f"{layer}/usr/share/keyrings/a.gpg") == "content of /usr/share/keyrings/a.gpg"
    assert look.age(f"{layer}/var/lib/apt/lists") == 3
    assert look.read(f"{layer}/var/lib/dpkg/status") == "content of /var/lib/dpkg/status"
    assert not (layer / "not").exists() and not (layer / "proc").exists()
    assert not (layer / "usr/local/bin/getent").exists()


def test_a_command_answers_as_it_did_in_the_lab(tmp_path: Path) -> None:
    done = ran(planted(tmp_path), "systemctl", "is-active", "a b")
    assert (done.returncode, done.stdout, done.stderr) == (3, "inactive\n", "one word\n")


def test_all_storages_are_active(tmp_path: Path) -> None:
    """In the lab mounts tell that; pvesm is asked where there are none."""
    parse = import_module(f"{MODULE_UTILS}.observe.storage.access").parse_status
    assert parse(ran(planted(tmp_path), "pvesm", "status").stdout) == {"local", "shared"}


def test_ceph_answers_what_it_did_in_the_lab(tmp_path: Path) -> None:
    """The collection's own program asks, with a library that is not Ceph's."""
    library = planted(tmp_path) / "usr/lib/python3/dist-packages"
    command = [sys.executable, "-c", ASK_CEPH.read_text(), "cluster"]
    environment = {**os.environ, "PYTHONPATH": str(library)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == KNOWN


def test_what_was_not_recorded_of_ceph_is_not_made_up(tmp_path: Path) -> None:
    """A run that finds nothing to do asks the monitors alone, a report also the manager."""
    library = planted(tmp_path) / "usr/lib/python3/dist-packages"
    command = [sys.executable, "-c", ASK_CEPH.read_text(), "data"]
    environment = {**os.environ, "PYTHONPATH": str(library)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "pg dump" not in done.stdout


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (("clock", "10.10.1.11:8006"), 0.1),
        (("program", "ask_ceph", "data"), [1, "", "no monitor answers"]),
        (("program", "ask_ceph", "cluster"), [1, "", "no monitor answers"]),
    ],
)
def test_what_it_cannot_answer_is_said(tmp_path: Path, question: tuple[str, ...], answer: Any) -> None:
    with pytest.raises(BenchError, match="A replica cannot answer"):
        planted(tmp_path, {question: answer})


def test_more_nodes_than_the_lab_has() -> None:
    members = {f"pve{number}": {"id": number, "online": 1, "ip": f"10.10.1.{10 + number}"} for number in (1, 2, 3)}
    cluster = json.dumps({"cluster": {"nodes": 3}, "nodelist": members})
    daemons = ("names", "/var/lib/ceph/osd")
    recorded: dict[int, replica.Answers] = {
        number: {
            ("read", "/proc/sys/kernel/hostname"): f"pve{number}\n",
            ("read", f"/etc/pve/nodes/pve{number}/pve-ssl.pem"): "c",
            ("read", "/etc/pve/.members"): cluster,
            ("names", "/etc/pve/nodes"): ["pve1", "pve2", "pve3"],
            daemons: ["ceph-0"],
        }
        for number in (1, 2, 3)
    }
    fleet = replica.fleet(recorded, 5)
    fifth = fleet[5]
    assert fifth["read", "/proc/sys/kernel/hostname"] == "pve5\n"
    assert ("read", "/etc/pve/nodes/pve5/pve-ssl.pem") in fifth
    assert (fleet[3][daemons], fifth[daemons]) == (["ceph-0"], [])
    for answers in fleet.values():
        listed = json.loads(answers["read", "/etc/pve/.members"])
        assert listed["cluster"]["nodes"] == len(listed["nodelist"]) == 5
        assert listed["nodelist"]["pve5"] == {"id": 5, "online": 1, "ip": "10.10.1.15"}
        assert answers["names", "/etc/pve/nodes"] == ["pve1", "pve2", "pve3", "pve4", "pve5"]
