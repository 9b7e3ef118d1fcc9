"""What molecule.sh does to the labs around the scenarios: labs and molecule are doubles that write down their calls."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "molecule.sh"
DOUBLES = {
    "tests/lab/lab": 'echo "lab $* $LAB_NAME" >> calls',
    "bin/molecule": 'echo "molecule $*" >> calls',
    # check.py NAME -- COMMAND..., or the contract's look at the calls
    "bin/python": '[ "$3" != -- ] || exec "${@:4}"',
}
SCENARIOS = {"default": "", "node_removal": "", "other": "    LAB_NAME: ${LAB_NAME:-molecule}own\n"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in DOUBLES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)
    for scenario, own in SCENARIOS.items():
        folder = tmp_path / "molecule" / scenario
        folder.mkdir(parents=True)
        (folder / "molecule.yml").write_text(f"ansible:\n  env:\n{own}")
    shutil.copy(SCRIPT, tmp_path / "molecule.sh")
    return tmp_path


def _run(project: Path, *scenarios: str, **variables: str) -> tuple[int, str, list[str]]:
    path = f"{project / 'bin'}:{os.environ['PATH']}"
    env = {"PATH": path, "LAB_NAME": "mine", "LAB_STATE": str(project / "state"), **variables}
    done = subprocess.run(
        ["bash", "molecule.sh", *scenarios], cwd=project, env=env, capture_output=True, text=True, check=False
    )
    calls = project / "calls"
    return done.returncode, done.stderr, calls.read_text().splitlines() if calls.exists() else []


def test_labs_are_removed_before_and_after(project: Path) -> None:
    """Before, as a run that was killed with its machine removed nothing: its nodes would be taken for fresh ones."""
    code, _, calls = _run(project)
    labs = ["lab down mine", "lab down mineown"]
    tests = [call for call in calls if call.startswith("molecule test")]
    assert code == 0
    assert calls[:2] == labs and calls[-2:] == labs
    assert [call.split()[-1] for call in tests if "never" in call] == ["default", "node_removal"]
    assert [call.split()[-1] for call in tests if "always" in call] == ["other"]


def test_a_kept_lab_is_neither_removed_before_nor_after(project: Path) -> None:
    code, _, calls = _run(project, "other", KEEP_LAB="1")
    assert code == 0
    assert calls == ["molecule reset --scenario-name other", "molecule test --destroy never --scenario-name other"]


def test_a_second_run_on_the_same_labs_is_refused_before_it_takes_them_away(project: Path) -> None:
    (project / "state").mkdir()
    with (project / "state" / "mine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, told, calls = _run(project)
    assert code == 1 and calls == []
    assert "Another run has the labs named mine" in told and "LAB_NAME" in told
    assert _run(project)[0] == 0
