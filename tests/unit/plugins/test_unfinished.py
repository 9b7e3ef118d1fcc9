"""A subject that ends unfinished is asked again, with what it has done, until it is done, fails, or is too late."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.modules import node_membership, node_separation
from ansible_collections.baremetal.virt.plugins.plugin_utils import fast_path, node_program, unfinished

OUT, DATA, STOP = "mark osd.2 out", "wait until all data of osd.2 is on other OSDs", "stop osd.2"
STEPS = {
    OUT: {"id": "osd.out:2", "topic": "data", "why": OUT, "destructive": False, "possible": False},
    DATA: {"id": "osd.drain:2", "topic": "data", "why": DATA, "destructive": False, "possible": False},
    STOP: {"id": "osd.stop:2", "topic": "daemon", "why": STOP, "destructive": True, "possible": False},
}


class Action(unfinished.UnfinishedAction):
    """The node's answers, one for each call."""

    subject = node_membership.SUBJECT

    def __init__(self, *answers: dict[str, Any], check: bool = False) -> None:
        self.answers = list(answers)
        self._task: Any = SimpleNamespace(args={"node": "pve3", "mode": "retire"}, check_mode=check)

    def _run_python(self, *given: Any) -> tuple[str, str]:
        return printed(self.answers.pop(0))

    def go(self) -> dict[str, Any]:
        return self._ask_node({})


def answer(*done: str, left: Optional[str] = None, deadline: float = 60, **more: Any) -> dict[str, Any]:
    steps = [STEPS[why] for why in done]
    result = {"changed": bool(steps), "plan": list(done), "steps": steps, "refusals": [], **more}
    if left:
        figures = {"moving": {"objects": 3, "objects_per_second": 0, "bytes_per_second": 0}, "placement_groups": 7}
        waits = {"deadline": deadline, "hint": "See ceph -s.", "progress": figures}
        result["unfinished"] = {**STEPS[left], **waits}
    return result


def printed(result: dict[str, Any]) -> tuple[str, str]:
    return f"Welcome!\n{node_program._MARK}{json.dumps(result)}\n", ""


def failed(*done: str, kind: str = "StepFailed") -> dict[str, Any]:
    return {"failed": True, "msg": "no", "failure": {"kind": kind, "steps": [STEPS[why] for why in done]}}


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(unfinished, "tell", lines.append)
    monkeypatch.setattr(fast_path, "RunStore", SimpleStore)
    return lines


class SimpleStore:
    def note_asked(self) -> None:
        """Nothing to remember here."""


def test_the_steps_of_all_calls_are_told_and_returned(told: list[str]) -> None:
    diff = {"before": {"osds": 1}, "after": {"osds": 0}, "prepared": "* the whole plan\n"}
    later = {**diff, "before": {"osds": "half of it"}}
    action = Action(answer(OUT, left=DATA, diff=diff), answer(left=DATA, diff=later), answer(DATA, STOP, diff=later))
    result = action.go()
    assert result["plan"] == [OUT, DATA, STOP]
    assert (result["destructive"], result["changed"]) == (["osd.stop:2"], True)
    assert "unfinished" not in result
    assert result["diff"] == {**diff, "prepared": f"* {OUT}\n* {DATA}\n! {STOP}\n"}
    assert told[0] == f"done: {OUT}" and told[1].startswith(f"{DATA}: 7 placement groups on it, 3 objects left")
    assert told[-2:] == [f"done: {DATA}", f"done: {STOP}"]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any], bool]]:
    """Name, parameters and whether it is a dry run, of every program that was sent to the node."""
    calls: list[tuple[str, dict[str, Any], bool]] = []

    def noted(name: str, params: dict[str, Any], check: bool) -> str:
        calls.append((name, params, check))
        return "a program"

    monkeypatch.setattr(unfinished, "program", noted)
    return calls


def test_every_call_is_told_what_those_before_have_done(sent: list[tuple[str, dict[str, Any], bool]]) -> None:
    action = Action(answer(OUT, left=DATA), answer(left=DATA), answer(DATA))
    action.go()
    assert [params["done"] for _name, params, _check in sent] == [[], ["osd.out:2"], ["osd.out:2"]]
    assert sent[0][0] == "node_membership" and sent[0][1]["data_deadline"] == 86400, "with all defaults"
    assert action._task.args == {"node": "pve3", "mode": "retire"}, "the task's own arguments stay as they were"


def test_a_subject_that_does_not_ask_for_it_is_not_told(sent: list[tuple[str, dict[str, Any], bool]]) -> None:
    action = Action(answer())
    action.subject = node_separation.SUBJECT  # type: ignore[assignment]
    action._task.args = {"node": "pve3", "cluster": "lab", "authority": "AB"}
    action.go()
    assert "done" not in sent[0][1]


def test_what_the_node_does_not_say_is_a_failure() -> None:
    class Silent(Action):
        def _run_python(self, *given: Any) -> tuple[str, str]:
            return "", "Killed"

    result = Silent().go()
    assert result["failed"] and result["msg"] == "The node did not answer: Killed"


def test_what_is_done_in_one_call_needs_no_words(told: list[str]) -> None:
    assert Action(answer(OUT, STOP)).go()["plan"] == [OUT, STOP]
    assert told == []


def test_at_its_deadline_a_wait_is_a_failure_that_says_what_was_done() -> None:
    result = Action(answer(OUT, left=DATA, deadline=0), answer(left=DATA, deadline=0)).go()
    assert result["failed"] and result["msg"] == f"{DATA} failed: not so after 0 seconds. See ceph -s."
    assert (result["failure"]["done"], result["failure"]["id"]) == ([OUT], "osd.drain:2")
    assert result["changed"]


def test_each_wait_has_a_deadline_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 40))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    assert Action(answer(left=DATA), answer(DATA, left=STOP), answer(left=STOP), answer(STOP)).go()["changed"]


def test_a_wait_over_several_calls_took_as_long_as_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 40))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    steps = Action(answer(OUT, left=DATA), answer(left=DATA), answer(DATA, STOP)).go()["steps"]
    assert [step.get("seconds") for step in steps] == [None, 120, None], "of other steps, what the node measured"


def test_another_failure_ends_it_at_once(told: list[str]) -> None:
    result = Action(answer(OUT, left=DATA), failed(DATA)).go()
    assert result["failure"]["kind"] == "StepFailed"
    assert result["failure"]["done"] == [OUT, DATA]
    assert told[-1] == f"done: {DATA}"


def test_so_does_a_refusal_of_what_has_changed_meanwhile() -> None:
    refused = {
        "failed": True,
        "msg": "It is on again.",
        "failure": {"kind": "Refused", "refusals": ["It is on again."]},
    }
    result = Action(answer(OUT, left=DATA), refused).go()
    assert result["failure"]["refusals"] == ["It is on again."] and result["failure"]["done"] == [OUT]


def test_a_dry_run_is_asked_once_and_tells_of_nothing_as_done(told: list[str]) -> None:
    plan = answer(OUT, DATA, STOP)
    assert Action(plan, check=True).go() == plan
    assert told == []
