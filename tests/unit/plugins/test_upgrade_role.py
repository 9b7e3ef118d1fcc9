"""The role upgrade in Ansible itself, with modules that only note how they are called: order, delegation, failures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
MODULES = (
    *("upgrade_info", "upgrade_hold", "upgrade_packages", "upgrade_return_info"),
    *("repositories", "release_check_info"),
)
STAND_IN = """#!/usr/bin/python
import json
from ansible.module_utils.basic import AnsibleModule

REPORT = {"node": "", "current": False, "updates": [], "reboot": [], "marked": False, "kernel": {"next": "a"}}
ANSWERS = {
    "upgrade_info": {"report": REPORT},
    "upgrade_hold": {"reboot": BOOTS, "held": ["maintenance mode", "noout on osd.1"]},
    "upgrade_packages": {},
    "upgrade_return_info": {"pending": [], "progress": ""},
    "repositories": {},
    "release_check_info": {"upgraded": True, "in_the_way": LEFT},
}
options = "removals state node reboot guests local_disks tolerated_health by since timeout settled".split()
options += "subscription ceph_release ceph_repository proxmox_url ceph_url enterprise_url debian_url".split()
options += "debian_security_url proxy keyring_url keyring_sha256 lists_max_age upgrade_to to".split()
module = AnsibleModule({name: {"type": "raw"} for name in options}, supports_check_mode=True)
shown = ("node", "state", "upgrade_to", "to")
called = ":".join(["NAME", *(str(module.params[key]) for key in shown if module.params[key])])
with open("FOLDER/log", "a") as log:
    log.write(called + "\\n")
with open("FOLDER/fails") as fails:
    if called in fails.read().split():
        module.fail_json(msg=called + " broke.")
module.exit_json(**ANSWERS["NAME"])
"""
PLAY = """
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - ansible.builtin.set_fact:
        upgrade_wave:
          order: [{host: host1, node: pve1}, {host: host2, node: pve2}]
          actors: {host1: host2, host2: host1}
          boots: {host1: true, host2: true}
      run_once: true
    - ansible.builtin.include_role: {name: baremetal.virt.upgrade, tasks_from: wave.yml}
"""

pytestmark = pytest.mark.slow


def play(folder: Path, fails: str = "", left: str = "", boots: bool = True, **variables: Any) -> tuple[list[str], str]:
    """What was called, in its order, and what the user sees."""
    collection = folder / "ansible_collections/baremetal/virt"
    for part in ("module_utils", "plugin_utils", "filter"):
        shutil.copytree(ROOT / "plugins" / part, collection / "plugins" / part)
    for part in ("roles/upgrade", "roles/repositories"):
        shutil.copytree(ROOT / part, collection / part)
    (collection / "meta").mkdir()
    (collection / "meta/runtime.yml").write_text("requires_ansible: '>=2.19.0'\n")
    (collection / "plugins/modules").mkdir()
    for name in MODULES:
        text = STAND_IN.replace("NAME", name).replace("FOLDER", str(folder)).replace("LEFT", str(left.split()))
        text = text.replace("BOOTS", str(boots))
        (collection / f"plugins/modules/{name}.py").write_text(text)
    (folder / "fails").write_text(fails)
    (folder / "log").write_text("")
    (folder / "play.yml").write_text(PLAY)
    (folder / "ansible.cfg").write_text("")
    local = f"ansible_connection=local ansible_python_interpreter={sys.executable}"
    (folder / "hosts").write_text(f"host1 {local}\nhost2 {local}\n")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(folder / "hosts")]
    given = json.dumps({"upgrade_reboot": "never", **variables})  # a boot would be one of this machine
    done = subprocess.run(
        [*command, str(folder / "play.yml"), "-e", given],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_CONFIG": str(folder / "ansible.cfg")},
        capture_output=True,
        text=True,
        check=False,
    )
    return (folder / "log").read_text().split(), " ".join((done.stdout + done.stderr).split())


def whole(node: str) -> list[str]:
    back = [f"upgrade_return_info:{node}"] * 2
    held, released = f"upgrade_hold:{node}:held", f"upgrade_hold:{node}:released"
    return ["upgrade_info", held, "upgrade_packages", "upgrade_info", *back, released]


def test_one_after_the_other(tmp_path: Path) -> None:
    called, dummy = play(tmp_path)
    assert called == [*whole("pve1"), *whole("pve2")]


def test_the_first_that_fails_ends_the_run_and_says_what_is_set(tmp_path: Path) -> None:
    called, said = play(tmp_path, fails="upgrade_packages")
    assert called == whole("pve1")[:3]
    assert "Still set for it: maintenance mode, noout on osd.1." in said
    assert "run upgrade.yml -e node=pve1 -e release=true." in said


def test_one_that_does_not_come_back(tmp_path: Path) -> None:
    called, said = play(tmp_path, fails="upgrade_return_info:pve1")
    assert "upgrade_hold:pve1:released" not in called
    assert "Still set for it" in said


def test_one_that_cannot_be_kept_free_is_given_back(tmp_path: Path) -> None:
    called, said = play(tmp_path, fails="upgrade_hold:pve1:held")
    assert called == ["upgrade_info", "upgrade_hold:pve1:held", "upgrade_hold:pve1:released"]
    assert "pve1 was not kept free. upgrade_hold:pve1:held broke." in said


def test_to_the_next_release_the_sources_are_switched_before_the_packages_and_once_more(tmp_path: Path) -> None:
    called, dummy = play(tmp_path, upgrade_to=9)
    release = [
        "repositories:9",
        "upgrade_packages:fetched",
        "upgrade_packages",
        "repositories:9",
        "release_check_info:9",
    ]
    ways = [[*whole(node)[:2], *release, *whole(node)[3:]] for node in ("pve1", "pve2")]
    assert called == [*ways[0], *ways[1]]


def test_a_node_whose_new_sshd_would_not_start_is_not_booted(tmp_path: Path) -> None:
    called, said = play(tmp_path, left="sshd-tried", upgrade_to=9)
    assert called[-1] == "release_check_info:9" and "sshd-tried" in said
    assert "run upgrade_release.yml again." in said


def test_a_node_that_may_not_be_booted_does_not_get_the_next_release(tmp_path: Path) -> None:
    called, said = play(tmp_path, boots=False, upgrade_to=9)
    assert called == ["upgrade_info", "upgrade_hold:pve1:held"]
    assert "upgrade_guests" in said and "Still set for it" in said


def test_what_is_only_taken_back(tmp_path: Path) -> None:
    called, dummy = play(tmp_path, upgrade_release=True)
    assert called == ["upgrade_hold:pve1:released", "upgrade_hold:pve2:released"]


def test_outside_of_the_window_nobody_is_begun(tmp_path: Path) -> None:
    now = subprocess.run(["date", "+%H"], capture_output=True, text=True, check=True).stdout
    later = {"from": f"{(int(now) + 2) % 24:02}:00", "until": f"{(int(now) + 4) % 24:02}:00"}
    called, said = play(tmp_path, upgrade_window=later)
    assert called == ["upgrade_info", "upgrade_info"]
    assert "It is left for the next run." in said
