"""The callback in a real run of ansible-playbook, as a pipe, with a host that fails and one that is rescued."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from ...doubles.site_run import SiteRun

pytestmark = pytest.mark.slow

PLAY = """
- name: Apply
  hosts: all
  gather_facts: false
  tasks:
    - name: Look at it
      ansible.builtin.debug:
        msg: shown
      run_once: true
    - name: Skip it
      ansible.builtin.command: "false"
      when: false
    - name: Change it
      ansible.builtin.set_fact:
        it: "{{ inventory_hostname }}"
      changed_when: inventory_hostname != 'pve2'
    - name: Try it
      block:
        - name: Break it
          ansible.builtin.fail:
            msg: "[/data] of :cd: is broken"
          when: inventory_hostname == 'pve1'
      rescue:
        - name: Mend it
          ansible.builtin.debug:
            msg: mended
    - name: Refuse it
      ansible.builtin.fail:
        msg: "{{ 'a reason that is long ' * 8 }}"
      when: inventory_hostname == 'pve3'
"""


def run(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    site = SiteRun(folder, PLAY)
    environment = {**os.environ, **site.environment, "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(
        site.command(*arguments), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode, done.stdout.splitlines()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[str]]:
    return run(tmp_path_factory.mktemp("plain"))


def test_what_changed_is_one_line_and_what_did_not_is_none(plain: tuple[int, list[str]]) -> None:
    rc, lines = plain
    assert rc == 2
    changed = [line for line in lines if "Change it" in line]
    assert len(changed) == 1 and changed[0].startswith("apply         pve1, pve3    Change it (")
    assert not [line for line in lines if "Skip it" in line or line.startswith(("ok: [pve2]", "skipping:"))]


def test_what_a_task_wants_to_be_seen_is_seen(plain: tuple[int, list[str]]) -> None:
    assert any("shown" in line for line in plain[1])


def test_a_failure_is_told_at_once_and_in_full_at_the_end(plain: tuple[int, list[str]]) -> None:
    lines = plain[1]
    assert "pve3  failed: Refuse it (why is said at the end)" in lines
    end = lines[lines.index("pve3  failed: Refuse it (why is said at the end)") :]
    text = "\n".join(end)
    assert "pve1  rescued, the run went on: Break it" in text
    assert re.search(r"pve3  Refuse it: a reason that is long", text)
    assert end[-1].startswith("Ended with failures after ")


def test_no_line_is_wider_than_a_screen(plain: tuple[int, list[str]]) -> None:
    assert [line for line in plain[1] if len(line) > 120] == []


def test_what_a_dry_run_would_change_is_not_counted_as_changed(tmp_path: Path) -> None:
    lines = run(tmp_path, "--check", "--limit", "pve2")[1]
    assert lines[-1].startswith("Dry run done after ") and lines[-1].endswith("nothing was changed.")
    assert not [line for line in lines if "changed=" in line]


def test_with_v_everything_is_shown(tmp_path: Path) -> None:
    lines = run(tmp_path, "-v")[1]
    assert any(line.startswith("skipping: [pve2]") for line in lines)
    assert any(line.startswith("TASK [Skip it]") for line in lines)
    assert "[/data] of :cd: is broken" in "\n".join(lines)
