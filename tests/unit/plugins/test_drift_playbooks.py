"""Playbooks that say whether there is drift, and those that rulebooks run."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.transport.turns import Turns

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = ROOT / "playbooks"
FOLLOWING = ["drift_propose.yml", "drift_repair.yml", "drift_calico.yml"]


def plays(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((PLAYBOOKS / name).read_text(encoding="utf-8")))


def test_it_plans_what_site_yml_would_do_and_changes_nothing() -> None:
    before, look, after = plays("drift.yml")
    assert look["check_mode"] and look["vars"]["site_planning"]
    assert "shared/site_roles.yml" in [task.get("ansible.builtin.include_tasks") for task in look["tasks"]]
    for play in (before, after):
        modules = {key for task in play["tasks"] for key in task if "." in key}
        assert play["hosts"] == "localhost" and modules <= {"ansible.builtin.copy", "ansible.builtin.fail"}


@pytest.mark.parametrize("name", FOLLOWING)
def test_what_a_rulebook_runs_begins_and_ends_the_run_that_was_asked_for(name: str) -> None:
    first, *dummy, last = plays(name)
    turns = [play["tasks"][0]["baremetal.virt.drift_turn"] for play in (first, last)]
    assert [turn["state"] for turn in turns] == ["begun", "ended"]
    assert {(turn["key"], turn["folder"]) for turn in turns} == {("{{ drift_key }}", "{{ drift_turns }}")}


def test_a_repair_carries_out_the_plan_that_was_judged_and_no_other() -> None:
    names = [play.get("ansible.builtin.import_playbook") for play in plays("drift_repair.yml")]
    assert names == [None, "drift.yml", None, "site.yml", None]
    assert plays("drift_repair.yml")[3]["vars"]["only_plan"] == "{{ drift_to | default('drift.json') }}"


@pytest.mark.parametrize(
    "rulebook", sorted((ROOT / "extensions/eda/rulebooks").glob("*.yml")), ids=lambda path: path.stem
)
def test_rulebooks_run_playbooks_of_ours_and_throttle_nothing(rulebook: Path) -> None:
    (ruleset,) = yaml.safe_load(rulebook.read_text(encoding="utf-8"))
    for rule in ruleset["rules"]:
        assert "throttle" not in rule, "it would lose the last change"
        if "debug" in rule["action"]:
            continue
        run = rule["action"]["run_playbook"]
        assert f"{run['name'].removeprefix('baremetal.virt.')}.yml" in FOLLOWING
        given = run["extra_vars"]
        assert given["drift_key"] == "{{ event.drift.key }}"
        assert "event" not in str([value for name, value in given.items() if name != "drift_key"]), "only the key"


def carried_out(folder: Path, playbook: list[dict[str, Any]], **variables: str) -> subprocess.CompletedProcess[str]:
    path = folder / "playbook.yml"
    path.write_text(yaml.safe_dump(playbook))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", str(path)]
    given = [part for name, value in variables.items() for part in ("-e", f"{name}={value}")]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_STDOUT_CALLBACK": "default"}
    return subprocess.run([*command, *given], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


STEPS = [{"host": "pve1", "topic": "file", "destructive": True, "why": "remove the pool old"}]


@pytest.mark.slow
@pytest.mark.parametrize(("steps", "code"), [(STEPS, 2), ([], 0)])
def test_drift_is_exit_code_2_and_a_number(tmp_path: Path, steps: list[dict[str, Any]], code: int) -> None:
    plan = {"state": "steps" if steps else "nothing", "site": "campus", "steps": steps, "warnings": []}
    (tmp_path / "drift.json").write_text(json.dumps(plan))
    text = tmp_path / "drift.prom"
    told = carried_out(
        tmp_path, plays("drift.yml")[2:], drift_to=str(tmp_path / "drift.json"), drift_textfile=str(text)
    )
    assert told.returncode == code, told.stdout
    assert f'baremetal_drift_destructive_steps{{site="campus"}} {len(steps)}' in text.read_text()
    assert ("campus is not as it is declared: 1 steps" in told.stdout) is bool(steps)


@pytest.mark.slow
def test_nobody_carries_out_by_himself_what_destroys_data(tmp_path: Path) -> None:
    (tmp_path / "drift.json").write_text(json.dumps({"steps": STEPS}))
    told = carried_out(tmp_path, plays("drift_repair.yml")[2:3], drift_to=str(tmp_path / "drift.json"))
    assert told.returncode == 2 and "remove the pool old" in told.stdout


@pytest.mark.slow
@pytest.mark.parametrize("fails", [False, True])
def test_the_end_of_a_playbook_is_seen_whether_it_says_so_or_not(tmp_path: Path, fails: bool) -> None:
    first, *dummy, last = plays("drift_propose.yml")
    between = {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.fail": {}, "when": fails}]}
    turns = Turns(str(tmp_path / "turns"), look=0.01)
    turns.ask("a")
    told = carried_out(tmp_path, [first, between, last], drift_key="a", drift_turns=str(tmp_path / "turns"))
    assert (told.returncode == 0) is not fails, told.stdout
    assert asyncio.run(asyncio.wait_for(turns.ended("a"), 5)) is not fails


def test_an_execution_environment_gets_what_a_controller_needs() -> None:
    """ansible-builder takes files of the collection, by paths from its root."""
    told = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert told == {"python": "requirements.txt", "system": "bindep.txt"}
    assert all((ROOT / name).is_file() for name in told.values())
