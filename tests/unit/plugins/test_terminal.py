"""The callback as people meet it: on a terminal of any size, with a question, with Ctrl-C, in a pipe that closes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import ansible_runner
import pytest

from ...doubles.site_run import SiteRun
from ...doubles.terminal import Terminal

pytestmark = pytest.mark.slow

LONG = """
- name: Apply
  hosts: all
  gather_facts: false
  tasks:
    - name: Work for a while
      ansible.builtin.command: sleep {{ seconds | default(3) }}
"""
PLAY = f"""{LONG}
    - name: Complain
      ansible.builtin.assert:
        that: 1 == 1
        quiet: true
    - name: Work again
      ansible.builtin.command: sleep 1.5
"""
ASKING = """
- name: Apply
  hosts: all
  gather_facts: false
  vars_prompt:
    - name: secret
      prompt: The password
  tasks:
    - name: Work for a while
      ansible.builtin.command: sleep 2
"""


def test_what_is_at_work_is_written_anew_in_one_line(tmp_path: Path) -> None:
    site, terminal = SiteRun(tmp_path, PLAY), Terminal()
    terminal.run(site.command(), site.environment)
    assert terminal.status == 0
    assert "apply  pve1-pve3  Work for a while: 2 seconds" in terminal.raw
    assert not [line for line in terminal.history if "Work for a while: " in line], "it does not stay"
    assert [line.split("  ")[0] for line in terminal.history if "Work" in line] == ["apply", ""]
    assert "?25l" not in terminal.raw, "the cursor is never hidden"


def test_a_small_screen_holds_it(tmp_path: Path) -> None:
    """8 rows and 40 columns, and 16 machines that work at once."""
    site, terminal = SiteRun(tmp_path, LONG, hosts=16), Terminal(rows=8, columns=40)
    terminal.run(site.command("--forks", "16", "-e", "seconds=4"), site.environment)
    assert terminal.status == 0
    assert "Work for a while: " in terminal.raw
    live = [line for line in terminal.raw.replace("\r\n", "\n").split("\r") if "Work for a while: " in line]
    assert [line for line in live if len(line.rpartition("\x1b[K")[2]) >= 40] == []
    assert not [line for line in terminal.history if "Work for a while: " in line]


def test_a_terminal_that_cannot_erase_gets_plain_lines(tmp_path: Path) -> None:
    site, terminal = SiteRun(tmp_path, PLAY), Terminal()
    terminal.run(site.command(), {**site.environment, "TERM": "dumb", "ANSIBLE_NOCOLOR": "1"})
    assert terminal.status == 0 and "\x1b" not in terminal.raw


def test_nothing_is_written_while_a_question_is_on_the_screen(tmp_path: Path) -> None:
    site, terminal = SiteRun(tmp_path, ASKING), Terminal()
    terminal.run(site.command(), site.environment, answers=(("The password", "hidden"),))
    assert terminal.status == 0
    assert terminal.seen[0][-1].startswith("The password")
    assert "hidden" not in terminal.raw


def test_ctrl_c_ends_with_what_was_at_work_and_what_to_do(tmp_path: Path) -> None:
    site, terminal = SiteRun(tmp_path, PLAY), Terminal()
    terminal.run(site.command("-e", "seconds=30"), site.environment, interrupt_at="Work for a while: ")
    assert terminal.status == 99
    cut = [line for line in terminal.history if line.startswith("Cut after ")]
    assert len(cut) == 1 and "apply  pve1-pve3  Work for a while: " in cut[0]
    assert terminal.history[-2:] == [
        "Done before: 0 steps. What was at work may be done in part.",
        "Run the same again: it goes on where this ended.",
    ]


def test_a_pipe_that_closes_does_not_end_the_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    task = f"    - name: Leave a mark\n      ansible.builtin.command: touch {mark}\n"
    site = SiteRun(tmp_path, PLAY + task)
    words = " ".join(site.command("-e", "seconds=0.1"))
    subprocess.run(["bash", "-c", f"{words} | head -1"], env={**os.environ, **site.environment}, capture_output=True)
    assert mark.exists()


def test_under_a_runner_the_run_is_whole(tmp_path: Path) -> None:
    """It subclasses the callback, in a terminal of its own."""
    site = SiteRun(tmp_path, PLAY)
    done = ansible_runner.run(
        private_data_dir=str(tmp_path),
        playbook=str(tmp_path / "play.yml"),
        inventory=str(tmp_path / "hosts"),
        envvars=site.environment,
        quiet=True,
    )
    text = done.stdout.read()
    assert (done.status, done.rc) == ("successful", 0)
    assert "apply         pve1-pve3     Work for a while (" in text
    assert {"playbook_on_stats", "runner_on_ok"} <= {event["event"] for event in done.events}
