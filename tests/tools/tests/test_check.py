"""The summary of all checks: counts, and why a check failed."""

from __future__ import annotations

import sys
from pathlib import Path

import check
import pytest

MOLECULE = """\
  \x1b[2m│\x1b[0m TASK [Ask Ceph how it is]
  \x1b[2m\x1b[31m│\x1b[0m \x1b[0;31mfatal: [pve1]: FAILED! => \x1b[0m
  \x1b[2m\x1b[31m│\x1b[0m \x1b[0;31m    msg: no\x1b[0m
"""


@pytest.fixture(autouse=True)
def _own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "RECORDS", tmp_path)


def test_the_excerpt_shows_the_failed_task_without_molecules_frame() -> None:
    after = [f"    line: {number}\n" for number in range(100)]
    shown = check.excerpt([*MOLECULE.splitlines(keepends=True), *after])
    assert "TASK [Ask Ceph how it is]\nfatal: [pve1]: FAILED! => \n    msg: no\n" in shown
    assert "line: 99" not in shown


def test_the_excerpt_begins_with_what_the_failed_task_says() -> None:
    result = """\
fatal: [pve1]: FAILED! =>
    changed: true
    cmd:
    - pvecm
    msg: non-zero return code
    stderr: |-
        unable to acquire pmxcfs lock
    stderr_lines: <omitted>

TASK [The next one]
    msg: of no interest
"""
    shown = check.excerpt(["before\n", *result.splitlines(keepends=True)])
    assert shown.startswith(
        "    msg: non-zero return code\n    stderr: |-\n        unable to acquire pmxcfs lock\nbefore\n"
    )


def test_the_excerpt_of_other_checks_is_their_end() -> None:
    assert check.excerpt([f"line {number}\n" for number in range(100)]).startswith("line 75\n")


def test_an_error_that_a_later_program_talks_over_is_shown() -> None:
    error = "test_kube.py:206: error: Module has no attribute\n"
    assert check.excerpt([error, *["Success: no issues found\n"] * 30]) == error


def test_the_summary_tells_why_a_check_failed_and_counts_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert check.run("good", [sys.executable, "-c", "print('7 passed')"]) == 0
    assert check.run("bad", [sys.executable, "-c", "print('it was the cable'); raise SystemExit(3)"]) == 3
    capfd.readouterr()
    assert check.summary() == 1
    told = capfd.readouterr().out
    assert "why bad failed\nit was the cable" in told and "why good" not in told
    assert "\nbad: it was the cable\n" in told, "also after the table, where an end that is cut off still shows it"
    assert told.endswith("7 passed, 1 failed\n")


def test_a_check_that_was_cut_short_has_failed(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FileNotFoundError):
        check.run("cut", ["/does/not/exist"])
    assert check.summary() == 1
    assert "why cut failed\nIt was cut short." in capfd.readouterr().out
