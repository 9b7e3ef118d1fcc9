"""What the user sees while Ceph moves data away from a node."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.action import node_membership
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import NotYet
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT
from ansible_collections.baremetal.virt.plugins.plugin_utils.progress import Progress, duration

from ..doubles.leaving_node import Leaving, params

DATA = "wait until all data of osd.2 is elsewhere"


def report(objects: int, rate: int = 0, speed: int = 0, groups: int = 7) -> dict[str, Any]:
    return {
        "moving": {"objects": objects, "objects_per_second": rate, "bytes_per_second": speed, "seconds": None},
        "placement_groups": {"osd.2": groups, "osd.12": 99},
        "monitors": {"all": ["pve1", "pve2", "pve4"], "quorum": ["pve1", "pve2"]},
    }


def test_how_much_is_left_how_fast_it_goes_and_how_long_that_takes() -> None:
    line = Progress(DATA, 86400, 0).line(report(1200, 34, 130 << 20), 600)
    assert line == (
        f"{DATA}: 7 placement groups on it, 1200 objects left, 34 per second (130 MiB/s), about 35 seconds;"
        " 23 h 50 min until the deadline"
    )


def test_where_ceph_does_not_say_how_fast_it_goes_it_is_measured() -> None:
    wait = Progress(DATA, 600, 0)
    assert "1000 objects left, none has moved yet; 10 minutes until" in wait.line(report(1000), 0)
    assert "900 objects left, 5.0 per second, about 3 minutes; 10 minutes until" in wait.line(report(900), 20)
    assert "7 placement groups on it, 0 objects left; 60 seconds until" in wait.line(report(0), 540)


def test_data_that_moves_for_another_reason() -> None:
    step = "wait until the data that moves already is where it belongs"
    line = Progress(step, 600, 0).line(report(1200, 34), 60)
    assert line == f"{step}: 1200 objects left, 34 per second, about 35 seconds; 9 minutes until the deadline"


def test_monitors() -> None:
    wait = Progress("wait until mon.pve4 is in the quorum", 300, 0)
    assert wait.line(report(5), 10).endswith("in the quorum: 2 of 3 monitors in quorum; 5 minutes until the deadline")


def test_guests() -> None:
    wait = Progress("wait until the HA manager has moved VM 101 (db)", 21600, 0)
    line = wait.line({"guests": [{"vmid": 101}, {"vmid": 102}]}, 600)
    assert line.endswith("VM 101 (db): 2 guests still on the node; 5 h 50 min until the deadline")


def test_guests_that_are_migrated_one_by_one() -> None:
    line = Progress("migrate VM 101 (db) to pve2 live", 21600, 0).line({"guests": [{"vmid": 101}]}, 0)
    assert line == "migrate VM 101 (db) to pve2 live: 1 guest still on the node; 6 h 00 min until the deadline"


def test_what_cannot_be_told_is_no_reason_to_stop() -> None:
    assert "how far it has come is not known just now" in Progress(DATA, 300, 0).line({}, 10)


def test_it_is_told_often_at_first_and_seldom_later() -> None:
    wait = Progress(DATA, 86400, 0)
    told = [now for now in range(0, 4 * 3600, 20) if wait.due(now)]
    assert told[:4] == [0, 20, 40, 60] and len([now for now in told if now > 3 * 3600]) == 6


def test_durations() -> None:
    told = ["1 second", "40 seconds", "12 minutes", "5 h 20 min"]
    assert [duration(seconds) for seconds in (1.2, 40, 720, 19200)] == told


class Membership(node_membership.ActionModule):
    """The module's answers, one for each call."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def _report(self, task_vars: Any) -> dict[str, Any]:
        return report(3)


def not_yet(*done: str, step: str = DATA, deadline: float = 60) -> dict[str, Any]:
    return {"failed": True, "failure": {"kind": "NotYet", "step": step, "done": list(done), "deadline": deadline}}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(node_membership._DISPLAY, "display", lines.append)
    asked = node_membership.SubjectAction
    monkeypatch.setattr(asked, "_ask_node", lambda self, task_vars: self.answers.pop(0))
    return lines


def test_the_steps_of_all_calls_are_told_and_returned(told: list[str]) -> None:
    end = {"changed": True, "plan": [DATA, "stop osd.2"]}
    result = Membership(not_yet("mark osd.2 out"), not_yet(), end)._ask_node({})
    assert result["plan"] == ["mark osd.2 out", DATA, "stop osd.2"]
    assert told[0] == "done: mark osd.2 out" and told[1].startswith(f"{DATA}: 7 placement groups")


def test_at_its_deadline_a_wait_is_a_failure_that_says_what_was_done(told: list[str]) -> None:
    result = Membership(not_yet("mark osd.2 out", deadline=0), not_yet(deadline=0))._ask_node({})
    assert result["failed"] and result["failure"]["done"] == ["mark osd.2 out"]


def test_another_failure_ends_it_at_once(told: list[str]) -> None:
    result = Membership(not_yet("a"), {"failed": True, "failure": {"kind": "Refused"}})._ask_node({})
    assert result["failure"] == {"kind": "Refused", "done": ["a"]}


def drained(node: Leaving) -> dict[str, Any]:
    return converge(SUBJECT, params("drain"), node, check=False, act=lambda step, at: at.act(step) or "")


@pytest.mark.parametrize(("seconds", "calls"), [(1, 1), (30, 3)])
def test_before_the_next_guest_moves_the_user_hears_which_ones_have(
    seconds: int, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless that took no time worth a word. ``seconds``: by every look at the clock."""
    clock = iter(range(0, 10_000, seconds))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    node, done = Leaving().guest(100).guest(101).guest(102), 0
    for number in range(100, 100 + calls - 1):
        with pytest.raises(NotYet, match=rf"next: migrate VM {number + 1}") as told:
            drained(node)
        failure = told.value.details
        assert failure["done"][0].startswith(f"migrate VM {number} ") and len(failure["done"]) == 2
        assert failure["step"].startswith(f"migrate VM {number + 1} ") and failure["deadline"] == 6 * 3600
        done += 2
    assert len(drained(node)["plan"]) == 6 - done
    assert not [path for path in node.files if "/pve3/qemu-server/" in path]
