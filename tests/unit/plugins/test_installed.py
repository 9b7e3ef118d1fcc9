"""The collection as its users have it: built, installed into an empty folder, and run from a folder of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = Path(sys.executable).parent
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
#: What runs on this machine as a node would; nothing is changed in check mode.
HOSTS = f"""
proxmox:
  hosts:
    pve1: {{ ansible_connection: local, ansible_python_interpreter: {sys.executable} }}
  vars:
    repositories_subscription: no-subscription
    cluster_name: own
"""


#: A run that has begun, and asks no node.
ENDS_EARLY = ("-e", "only_plan=none")
SHOWN = re.compile(r"(?s)```ini\n(.*?)```")


class Folder:
    """A folder of the user's own, with an inventory and the collections he has installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "hosts.yml").write_text(HOSTS)

    def run(self, program: str, *words: str, collections: str = "collections") -> tuple[int, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
        environment = {
            **kept,
            **({"ANSIBLE_COLLECTIONS_PATH": collections} if collections else {}),
            "HOME": str(self.folder / "home"),
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        }
        done = subprocess.run(
            [str(PROGRAMS / program), *words], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    def plan(self, playbook: str, collections: str = "collections") -> dict[str, Any]:
        """What it would do, and what it belongs to; some refusal may end the run, as this machine is no server."""
        said = self.run(
            "ansible-playbook",
            "-i",
            "hosts.yml",
            playbook,
            "--check",
            "-e",
            "plan_to=plan.json",
            collections=collections,
        )
        plan: dict[str, Any] = json.loads((self.folder / "plan.json").read_text())
        assert plan["state"] in ("steps", "refused"), said
        del plan["binding"]["made"]
        return plan


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    found = Folder(tmp_path_factory.mktemp("user"))
    (found.folder / "home").mkdir()
    built = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "tools" / "archive.py"), str(found.folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    rc, said = found.run("ansible-galaxy", "collection", "install", "--offline", built, "-p", "collections")
    assert rc == 0, said
    return found


def test_every_playbook_has_a_name_and_finds_its_files(user: Folder) -> None:
    names = [f"baremetal.virt.{name}" for name in PLAYBOOKS]
    rc, said = user.run("ansible-playbook", "-i", "hosts.yml", "--list-tasks", "-e", "node=pve1", *names)
    assert rc == 0, said
    installed = user.folder / "collections/ansible_collections/baremetal/virt/playbooks"
    assert [line for line in said.splitlines() if line.startswith("playbook: ")] == [
        f"playbook: {installed / name}.yml" for name in PLAYBOOKS
    ]


def test_the_plan_is_that_of_the_repository(user: Folder) -> None:
    assert user.plan("baremetal.virt.site") == user.plan(
        str(ROOT / "playbooks" / "site.yml"), str(ROOT / ".ansible" / "collections")
    )


def test_files_are_written_where_the_user_is(user: Folder) -> None:
    rc, said = user.run(
        "ansible-playbook", "-i", "hosts.yml", "baremetal.virt.export_inventory", "-e", "export_to=own.yml"
    )
    assert rc == 0, said
    assert "pve1" in (user.folder / "own.yml").read_text()
    report = ["baremetal.virt.report", "-e", "report_to=night.html", "-e", "report_drift=false"]
    rc, said = user.run("ansible-playbook", "-i", "hosts.yml", *report)
    assert rc == 0, said
    assert json.loads((user.folder / "night.json").read_text())["kind"] == "report"
    assert (user.folder / "night.html").exists()


def test_the_ansible_cfg_of_the_readme_is_all_that_a_folder_needs(user: Folder) -> None:
    (shown,) = SHOWN.findall((ROOT / "README.md").read_text())
    (user.folder / "ansible.cfg").write_text(shown)
    rc, said = user.run("ansible-playbook", "-i", "hosts.yml", "baremetal.virt.site", *ENDS_EARLY, collections="")
    (user.folder / "ansible.cfg").unlink()
    assert rc == 2
    assert "The plan none cannot be read" in said
    assert said.rstrip().splitlines()[-1].startswith("Ended with failures after "), "the callback is in use"


def test_both_readmes_show_the_same_settings() -> None:
    english, chinese = ((ROOT / name).read_text() for name in ("README.md", "README.zh.md"))
    bare = [re.sub(r"(?m)^#.*\n", "", SHOWN.findall(text)[0]) for text in (english, chinese)]
    assert bare[0] == bare[1]


def test_a_playbook_of_another_copy_is_refused(user: Folder) -> None:
    rc, said = user.run("ansible-playbook", "-i", "hosts.yml", str(ROOT / "playbooks" / "site.yml"), "--check")
    assert rc != 0
    assert f"site.yml belongs to {ROOT}, but Ansible finds the modules of " in " ".join(said.split())


def test_a_second_copy_in_the_path_is_told_of(user: Folder) -> None:
    path = f"collections:{ROOT / '.ansible' / 'collections'}"
    said = user.run("ansible-playbook", "-i", "hosts.yml", "baremetal.virt.site", *ENDS_EARLY, collections=path)[1]
    words = " ".join(said.split())
    assert f"baremetal.virt lies in {ROOT}/.ansible/collections/ansible_collections/baremetal/virt as well." in words
    assert f"in {user.folder}/collections/ansible_collections/baremetal/virt runs." in words
