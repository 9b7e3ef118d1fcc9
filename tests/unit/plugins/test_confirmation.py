"""The controller confirms over a new connection what the node sees there, or says why not."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Optional

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.baremetal.virt.plugins.action import subject as action_subject
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.target import Target
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.view import Expected, NetworkView
from ansible_collections.baremetal.virt.plugins.plugin_utils import confirmation, fast_path, node_program, unfinished

GATEWAY = Target("10.10.1.1", "the gateway")
EXPECTED = Expected((GATEWAY,), ("10.10.1.11/24",), seconds=2)
SUBJECT: Subject[None, None] = Subject(
    name="network",
    argument_spec={"confirm": {"type": "str", "choices": ["now", "later", "pending"], "default": "now"}},
    desired=lambda params: None,
    observe=lambda reader, desired: None,
    decide=lambda desired, observed: Plan(),
    patience=3600,
    confirms=lambda desired: EXPECTED,
)
WHOLE = NetworkView(("10.10.1.11/24",), {"10.10.1.1": True})
CUT = NetworkView(("10.10.1.11/24",), {"10.10.1.1": False})
CHANGE = {"id": "network.change", "topic": "network", "why": "Change it", "destructive": False, "possible": False}
CONFIRM = {**CHANGE, "id": "network.confirm", "why": "Confirm it", "deadline": 60, "hint": "", "progress": {}}
PENDING = {"changed": True, "plan": ["Change it"], "steps": [CHANGE], "refusals": [], "unfinished": CONFIRM}
DONE: dict[str, Any] = {"changed": False, "plan": [], "steps": [], "refusals": []}


class Action(confirmation.ConfirmingAction):
    """A node that sees in turn what is given (None: does not answer), and the subject's answers, one for each call."""

    subject = SUBJECT

    def __init__(self, views: list[Optional[NetworkView]], calls: list[Any], refuses: str = "") -> None:
        self.views, self.calls, self.refuses = views, calls, refuses
        self.missing: Any = DONE
        self.asked: list[str] = []
        self._connection: Any = SimpleNamespace(reset=lambda: self.asked.append("reset"))
        self._task: Any = SimpleNamespace(args={}, check_mode=False, delegate_to=None)

    def _run_python(self, program: str, task_vars: Any, options: str = "") -> tuple[str, str]:
        if "network_guard" in program.rpartition("sys.meta_path")[2]:
            mode = "confirm" if "'confirm'" in program else "back"
            self.asked.append(mode)
            refused = self.refuses if mode == "confirm" else ""
            return printed({"rc": 1 if refused else 0, "said": refused})
        if "targets = " in program:
            self.asked.append("look")
            view = self.views.pop(0) if len(self.views) > 1 else self.views[0]
            if view is None:
                raise AnsibleConnectionFailure("no route to host")
            return printed(view.document)
        if program == "a dry run":
            self.asked.append("missing")
            return printed(self.missing)
        self.asked.append("call")
        found = self.calls.pop(0)
        if isinstance(found, Exception):
            raise found
        return printed(found)

    def go(self) -> dict[str, Any]:
        return self._ask_node({"inventory_hostname": "pve1"})


def printed(answer: dict[str, Any]) -> tuple[str, str]:
    return f"{node_program._MARK}{json.dumps(answer)}\n", ""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes by looking at it; the subject is no module of its own."""
    monkeypatch.setattr(unfinished, "tell", lambda line: None)
    monkeypatch.setattr(fast_path, "RunStore", lambda: SimpleNamespace(note_asked=lambda: None))
    monkeypatch.setattr(unfinished, "program", lambda name, params, check: "a call")
    dry = SimpleNamespace(program=lambda name, params, check: "a dry run" if check else "a call")
    monkeypatch.setattr(confirmation, "node_work", dry)
    clock = iter(range(10_000))
    passing = SimpleNamespace(monotonic=lambda: float(next(clock)), sleep=lambda seconds: None)
    monkeypatch.setattr(confirmation, "time", passing)


def test_confirmed_over_a_new_connection() -> None:
    action = Action([WHOLE], [PENDING, DONE])
    result = action.go()
    assert action.asked == ["look", "call", "reset", "look", "missing", "confirm", "call"]
    assert (result["changed"], result["plan"], result.get("failed")) == (True, ["Change it"], None)


def test_others_are_asked_between_the_change_and_its_confirmation() -> None:
    action = Action([WHOLE], [PENDING])
    action._task.args = {"confirm": "later"}
    result = action.go()
    assert action.asked == ["look", "call", "reset", "look", "missing"], "and nobody has confirmed it"
    assert (result["changed"], result["plan"], result.get("failed")) == (True, ["Change it"], None)
    assert result["pending"] is True
    then = Action([WHOLE], [DONE])
    then._task.args = {"confirm": "pending"}
    assert then.go()["changed"] is True
    assert then.asked == ["reset", "missing", "confirm", "call"]


@pytest.mark.parametrize(
    ("missing", "refuses"),
    [({**DONE, "plan": ["Change vmbr0"]}, ""), (DONE, "There is nothing to confirm")],
    ids=["it is another change", "it was taken back"],
)
def test_what_is_not_declared_or_no_longer_pending_is_not_confirmed(missing: dict[str, Any], refuses: str) -> None:
    action = Action([WHOLE], [], refuses)
    action._task.args, action.missing = {"confirm": "pending"}, missing
    result = action.go()
    assert result["failed"] and (refuses or "Change vmbr0") in result["msg"] and action.asked[-1] == "back"


def test_nothing_to_change_nothing_to_confirm() -> None:
    action = Action([WHOLE], [DONE])
    assert action.go()["changed"] is False
    assert action.asked == ["look", "call"]


def test_what_needs_a_moment_gets_it() -> None:
    action = Action([WHOLE, None, CUT, WHOLE], [PENDING, DONE])
    EXPECTED_LONGER = Expected(EXPECTED.targets, EXPECTED.addresses, seconds=20)
    action.subject = SUBJECT.__class__(**{**vars(SUBJECT), "confirms": lambda desired: EXPECTED_LONGER})
    assert not action.go().get("failed")
    assert action.asked.count("reset") == 3 and action.asked.count("confirm") == 1


@pytest.mark.parametrize(
    ("views", "refuses", "words"),
    [
        ([WHOLE, CUT], "", "pve1 does not reach the gateway (10.10.1.1)"),
        ([WHOLE, None], "", "pve1 does not answer over a new connection."),
        ([WHOLE], "A change is only confirmed through a connection", "A change is only confirmed through"),
    ],
)
def test_what_is_not_confirmed_is_taken_back_and_not_tried_again(
    views: list[Optional[NetworkView]], refuses: str, words: str
) -> None:
    action = Action(views, [PENDING], refuses)
    result = action.go()
    assert result["failed"] and words in result["msg"] and "takes it back" in result["msg"]
    assert action.asked[-1] == "back" and action.asked.count("call") == 1
    assert result["failure"]["steps"] == [CHANGE]


@pytest.mark.parametrize(
    "missing",
    [
        {"failed": True, "msg": "eno3 is not in vmbr1.", "failure": {"kind": "Refused"}},
        {**DONE, "plan": ["eno3 is not in vmbr1."]},
    ],
)
def test_what_the_node_itself_finds_missing_is_not_confirmed(missing: dict[str, Any]) -> None:
    action = Action([WHOLE], [PENDING])
    action.missing = missing
    result = action.go()
    assert result["failed"] and "takes it back: eno3 is not in vmbr1." in result["msg"]
    assert "confirm" not in action.asked and action.asked[-1] == "back"


def test_all_that_was_found_is_told() -> None:
    """What the node says in the end, when it has taken the change back, does not hide why."""
    action = Action([WHOLE, None, WHOLE], [PENDING], "There is nothing to confirm.")
    told = action.go()["msg"]
    assert "pve1 does not answer over a new connection. There is nothing to confirm." in told


def test_a_change_that_cuts_its_own_connection_is_confirmed_all_the_same() -> None:
    action = Action([WHOLE], [AnsibleConnectionFailure("closed"), DONE])
    result = action.go()
    assert not result.get("failed") and result["changed"], "or what was read of the node before would still count"
    assert action.asked == ["look", "call", "reset", "look", "missing", "confirm", "call"]


def test_a_connection_that_breaks_after_the_confirmation_says_nothing_about_it() -> None:
    action = Action([WHOLE], [PENDING, AnsibleConnectionFailure("closed")])
    with pytest.raises(AnsibleConnectionFailure):
        action.go()
    assert "back" not in action.asked


def test_when_the_answer_to_a_confirmation_is_lost_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    action = Action([WHOLE], [PENDING])
    answered = action._run_python

    def deaf_once(program: str, task_vars: Any, options: str = "") -> tuple[str, str]:
        if "'confirm'" in program and "unheard" not in action.asked:
            action.asked.append("unheard")
            action.refuses = "There is nothing to confirm."
            raise AnsibleConnectionFailure("closed")
        return answered(program, task_vars, options)

    monkeypatch.setattr(action, "_run_python", deaf_once)
    result = action.go()
    assert result["failed"] and result["changed"] and "Nobody knows whether" in result["msg"]
    assert "takes it back" not in result["msg"] and action.asked[-1] == "back"


def test_a_dry_run_looks_nowhere() -> None:
    action = Action([WHOLE], [DONE])
    action._task.check_mode = True
    action.go()
    assert action.asked == ["call"]


def test_subjects_that_confirm_something_are_carried_out_so() -> None:
    assert action_subject._class_for(SUBJECT) is confirmation.ConfirmingAction
