"""patient: waiting on the controller, telling what for, and giving up with what is still in the way."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Waiting
from ansible_collections.baremetal.virt.plugins.plugin_utils import patient

THE_DISK = Waiting("the disk", "missing", ("progress", "missing"), "Put it in.")


class Action(patient.PatientAction):
    def __init__(self, answers: list[dict[str, Any]]) -> None:
        self.answers = answers

    def _ask_node(self, task_vars: Any) -> dict[str, Any]:
        return self.answers.pop(0)


def answer(*missing: str, progress: str = "0 %") -> dict[str, Any]:
    return {"missing": list(missing), "progress": progress}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(patient, "tell", lines.append)
    return lines


def wait(*answers: dict[str, Any], timeout: float = 5) -> dict[str, Any]:
    return Action(list(answers[1:]))._wait(THE_DISK, answers[0], {"timeout": timeout, "interval": 0}, {})


def test_what_changes_is_told_once(told: list[str]) -> None:
    result = wait(answer("it"), answer("it"), answer("it", progress="50 %"), answer())
    assert result["missing"] == [] and "failed" not in result
    assert told == ["waiting for the disk: 0 % it", "waiting for the disk: 50 % it"]


def test_when_time_is_up_it_says_what_is_in_the_way(told: list[str]) -> None:
    result = wait(answer("it"), timeout=0)
    assert result["failed"]
    assert result["msg"] == "the disk: not as wanted after 0 seconds. it Put it in."


def test_what_is_in_the_way_again_has_not_settled(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ceph calls all well until its OSDs have reported what they have to move."""
    clock = itertools.count()
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    left = [answer(), answer("it"), *[answer(progress=str(number)) for number in range(9)]]
    result = Action(left)._wait(THE_DISK, answer(), {"timeout": 99, "interval": 0, "settled": 6}, {})
    assert (result["missing"], result["progress"]) == ([], "2"), "six seconds after it was in the way, no sooner"


def test_a_look_that_fails_ends_it(told: list[str]) -> None:
    assert wait(answer("it"), {"failed": True, "msg": "away"})["msg"] == "away"


def test_what_no_waiting_ends_is_not_waited_for(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only as long as it may be an old alarm."""
    clock = itertools.count(step=5)
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    ceph = Waiting("Ceph", "missing", (), "Mend it.", "lasting")
    raised = {"missing": ["PG_DEGRADED", "OSDMAP_FLAGS"], "lasting": ["OSDMAP_FLAGS"]}
    left = [{**raised, "lasting": []}, *[raised] * 99]
    result = Action(left)._wait(ceph, raised, {"timeout": 3000, "interval": 0}, {})
    assert result["failed"] and len(left) > 90
    assert "not as wanted after" in result["msg"] and "3000" not in result["msg"]
    assert result["msg"].endswith("seconds. PG_DEGRADED No waiting ends this: OSDMAP_FLAGS Mend it.")


def test_an_old_alarm_that_goes_is_none(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(step=2)
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    raised = {"missing": ["TOO_FEW_OSDS"], "lasting": ["TOO_FEW_OSDS"]}
    ceph = Waiting("Ceph", "missing", (), "Mend it.", "lasting")
    result = Action([raised, raised, {"missing": [], "lasting": []}])._wait(
        ceph, raised, {"timeout": 300, "interval": 0}, {}
    )
    assert "failed" not in result
