"""Between a task and its module: what a dry run leaves behind, and that nothing is changed without a plan."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.baremetal.virt.plugins.action import run_plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Refused, StepFailed
from ansible_collections.baremetal.virt.plugins.plugin_utils import fast_path, run_store

STEP = {"id": "a.b:c", "topic": "file", "why": "do c", "destructive": True, "possible": False}
PLANNED = {"changed": True, "plan": ["do c"], "steps": [STEP], "destructive": ["a.b:c"], "refusals": []}


@pytest.fixture(autouse=True)
def run_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    monkeypatch.setattr(run_plan, "tell", texts.append)
    return texts


class Action(fast_path.SubjectAction):
    """A task of one subject, whose node answers as the test says."""

    subject = SimpleNamespace(name="subject", scope="node")  # type: ignore[assignment]

    def __init__(self, answer: dict[str, Any], check: bool = True) -> None:
        self._task = SimpleNamespace(check_mode=check, delegate_to=None, args={}, _uuid="the task")
        self.answer, self.asked = answer, 0

    def _decided(self, task_vars: Any) -> None:
        return None

    def _ask_node(self, task_vars: Any) -> dict[str, Any]:
        self.asked += 1
        return dict(self.answer)


def variables(host: str = "pve1", **more: bool) -> dict[str, Any]:
    return {"inventory_hostname": host, "ansible_check_mode": False, **more}


def refused(*reasons: str) -> dict[str, Any]:
    return {"failed": True, **Refused("no", refusals=list(reasons), warnings=["look out"]).as_result()}


class Sum(run_plan.ActionModule):
    def __init__(self, **args: str) -> None:
        self._task = SimpleNamespace(args=args)


def summed(**more: Any) -> dict[str, Any]:
    return Sum(site="campus").run(None, {"ansible_play_hosts_all": ["pve1", "pve2"], **more})


def test_the_plan_of_all_hosts_is_shown_at_any_verbosity(shown: list[str]) -> None:
    for host in ("pve1", "pve2"):
        Action(PLANNED).run(None, variables(host, site_planning=True))
    result = summed()
    last = "Plan: 2 steps on 2 nodes (2 destroy data), about 1 second (a guess: nothing like it was measured yet)"
    assert shown[0].splitlines()[-1] == result["msg"] == last
    assert result["planned"] and result["destructive"] == ["a.b:c", "a.b:c"]
    assert [(step["host"], step["subject"], step["id"]) for step in result["steps"]] == [
        ("pve1", "subject", "a.b:c"),
        ("pve2", "subject", "a.b:c"),
    ]


def test_what_is_only_planned_is_no_change_unless_the_user_asked_for_a_dry_run() -> None:
    planning = variables(site_planning=True)
    assert not Action(PLANNED).run(None, planning)["changed"]
    assert Action(PLANNED).run(None, {**planning, "ansible_check_mode": True})["changed"]
    assert Action(PLANNED).run(None, variables())["changed"], "the role alone, in check mode"


def test_all_refusals_of_a_site_come_together(shown: list[str]) -> None:
    first = Action(refused("the clock is wrong")).run(None, variables("pve1", site_planning=True))
    Action(refused("the clock is wrong", "the disk is used")).run(None, variables("pve2", site_planning=True))
    assert not first.get("failed") and first["plan"] == [] and first["refusals"] == ["the clock is wrong"]
    result = summed()
    assert result["failed"] and not run_store.RunStore().checked
    assert result["refusals"] == [
        {"hosts": ["pve1", "pve2"], "text": "the clock is wrong"},
        {"hosts": ["pve2"], "text": "the disk is used"},
    ]
    assert "warning  pve1, pve2: look out" in shown[0] and shown[0].endswith(result["msg"])
    assert result["failure"]["kind"] == "Refused", "so that nobody is told to run the same again"


def test_a_role_alone_ends_with_its_refusal() -> None:
    assert Action(refused("the clock is wrong")).run(None, variables())["failed"]


def test_a_node_that_fails_is_no_refusal() -> None:
    broken = {"failed": True, **StepFailed("ls failed").as_result()}
    assert Action(broken).run(None, variables(site_planning=True))["failed"]


def test_no_skipped_task_leads_past_the_plan() -> None:
    action = Action(PLANNED, check=False)
    result = action.run(None, variables(site_applying=True))
    assert result["failed"] and action.asked == 0 and "--skip-tags" in result["msg"]
    summed()
    assert action.run(None, variables(site_applying=True))["changed"] and action.asked == 1
