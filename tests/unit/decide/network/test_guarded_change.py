"""The steps of a guarded change: told to the node's programs, and a kill after any of them leaves what was there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.guarded_change import (
    CONFIRM,
    await_guard,
    guarded,
)
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Program, Step, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Reader
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Premise, Subject, converge
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.guarded_change import (
    RECORD,
    ChangedFile,
    GuardedChange,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network import guard

from ....doubles.support import FakeNode

FILE, OLD, NEW = "/etc/network/interfaces", "auto lo\n", "auto lo\n# new\n"
CHANGE = GuardedChange((ChangedFile(FILE, NEW),), seconds=40)


class GuardedNode(FakeNode):
    """A node whose network is changed; time passes only when it is told so."""

    def __init__(self) -> None:
        super().__init__(files={FILE: OLD})
        self.kept: Optional[str] = None
        self.effects[("network_files", "keep")] = lambda node: self.keep()
        self.effects[("network_kernel", "keep")] = lambda node: None
        self.effects[("network_guard", "prepare")] = lambda node: self.note("prepared")
        self.effects[("network_guard", "change")] = lambda node: self.change()

    def _digest(self, argument: tuple[str, ...]) -> Optional[str]:
        text = self.files.get(argument[0])
        return None if text is None else hashlib.sha256(text.encode()).hexdigest()

    def note(self, state: str) -> None:
        self.files[RECORD] = json.dumps({"state": state})

    def keep(self) -> None:
        assert guard.observe(self) in ("none", "prepared")
        self.kept = self.files[FILE]

    def change(self) -> None:
        assert self.kept == self.files[FILE] and guard.observe(self) == "prepared"
        self.files[FILE] = NEW
        self.note("pending")

    def confirm(self) -> None:
        assert guard.observe(self) == "pending"
        del self.files[RECORD]

    def wait(self) -> None:
        """The timer rings."""
        if guard.observe(self) == "pending" and self.kept is not None:
            self.files[FILE] = self.kept
            del self.files[RECORD]


def desired(params: Mapping[str, Any]) -> GuardedChange:
    return CHANGE


def observe(reader: Reader, wanted: GuardedChange) -> Optional[str]:
    return reader.read(FILE)


def decide(wanted: GuardedChange, observed: Optional[str]) -> Plan:
    return Plan(guarded(wanted, "Change it") if observed != NEW else ())


SUBJECT: Subject[GuardedChange, Optional[str]] = Subject(
    name="network",
    argument_spec={},
    desired=desired,
    observe=observe,
    decide=decide,
    patience=3600,
    premise=Premise(guard.observe, await_guard),
)


def act(step: Step, node: Any) -> str:
    node.act(step)
    return ""


def test_the_steps_in_their_order() -> None:
    steps = guarded(CHANGE, "Change it")
    ids = ["network.keep:files", "network.keep:kernel", "network.guard", "network.change", "network.confirm"]
    assert [step.id for step in steps] == ids
    assert "40 seconds" in steps[2].why and FILE in steps[0].why


def test_what_the_programs_are_told() -> None:
    change = replace(CHANGE, units=(("disable", "old.service"),), baseline=True)
    files, dummy, prepare, begin, dummy = guarded(change, "Change it")
    assert isinstance(files.action, Program) and isinstance(prepare.action, Program)
    assert json.loads(files.action.stdin or "") == {
        "files": [{"path": FILE, "text": NEW, "mode": None}],
        "units": [["disable", "old.service"]],
    }
    reload = {"activate": ["ifreload", "-a"], "restore": ["ifreload", "-a"], "folder": "/run/network"}
    assert json.loads(prepare.action.stdin or "") == {**reload, "baseline": True, "seconds": 40, "limit": 30}
    assert NEW not in repr(files), "a hook may hold a secret"
    assert isinstance(begin.action, Program) and begin.action.timeout > 40 + 2 * 30


def test_another_text_to_put_back_is_told() -> None:
    (file,) = json.loads(GuardedChange((ChangedFile(FILE, None, back="# for the new\n"),)).for_files)["files"]
    assert file == {"path": FILE, "text": None, "mode": None, "back": "# for the new\n"}


def test_the_controller_is_asked_when_all_is_done_but_the_confirmation() -> None:
    node = GuardedNode()
    result = converge(SUBJECT, {}, node, False, act)
    assert result["unfinished"]["id"] == CONFIRM
    assert node.files[FILE] == NEW and guard.observe(node) == "pending"
    node.confirm()
    assert converge(SUBJECT, {}, node, False, act)["changed"] is False


@pytest.mark.parametrize("kill_after", range(5))
def test_a_kill_after_every_step_leaves_what_was_there(kill_after: int) -> None:
    node = GuardedNode()
    for step in guarded(CHANGE, "Change it")[:kill_after]:
        node.act(step)
    node.wait()
    assert node.files[FILE] == OLD
    assert converge(SUBJECT, {}, node, False, act)["unfinished"]["id"] == CONFIRM
    node.confirm()
    assert converge(SUBJECT, {}, node, False, act)["changed"] is False


def test_the_wait_tells_what_became_of_it() -> None:
    wait = guarded(CHANGE, "Change it")[-1].action
    assert isinstance(wait, Wait)
    node = GuardedNode()
    for step in guarded(CHANGE, "Change it")[:-1]:
        node.act(step)

    def told() -> tuple[bool, bool]:
        return all(one.holds(node) for one in wait.until), any(one.holds(node) for one in wait.lost)

    assert told() == (False, False)
    node.confirm()
    assert told() == (True, False)
    node.files[FILE] = OLD
    assert told() == (False, True)


def test_what_was_taken_back_fails() -> None:
    node = GuardedNode()

    def change_that_goes_back(step: Step, reader: Any) -> str:
        node.act(step)
        if step.id == "network.change":
            node.wait()
        return ""

    with pytest.raises(StepFailed, match="taken the change back by itself"):
        converge(SUBJECT, {}, node, False, change_that_goes_back)


def test_an_earlier_change_is_waited_for_until_it_is_over() -> None:
    assert await_guard("none") == await_guard("prepared") == ()
    for state in ("pending", "back"):
        (step,) = await_guard(state)
        assert isinstance(step.action, Wait) and not step.action.handed
        node = GuardedNode()
        node.note(state)
        assert not step.action.until[0].holds(node)
        del node.files[RECORD]
        assert step.action.until[0].holds(node)
