"""Whatever the sentences of a plan say, the same is done, told by the same rules, gone on with, and returned."""

from __future__ import annotations

import itertools
import json
from types import SimpleNamespace
from typing import Any, Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Program, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT
from ansible_collections.baremetal.virt.plugins.plugin_utils import fast_path, node_program, unfinished

from ...doubles.leaving_ceph import LeavingCeph
from ...doubles.leaving_node import Leaving, params

HA = "/etc/pve/ha/resources.cfg"


class Slow(LeavingCeph):
    """A migration takes many looks; until then it is at work (as process 7) and says how far it is."""

    def __init__(self) -> None:
        super().__init__()
        self.moving: list[tuple[int, Callable[[], None]]] = []
        self.guest(100, running=True).guest(101).guest(102, running=True)
        self.write(HA, "vm: 102\n").write("/etc/pve/replication.cfg", "local: 101-0\n\ttarget pve3\n")

    def act(self, step: Step) -> None:
        if not isinstance(step.action, Program):
            return super().act(step)
        log = step.action.arguments[0]
        self.files.update({log: "pid 7\ntransferred 1 of 4 GiB\n", "/proc/7": ""})
        self.moving.append((60, lambda: self.arrive(step)))
        return None

    def arrive(self, step: Step) -> None:
        del self.files["/proc/7"]
        super().act(step)

    def look(self, question: Question) -> Any:
        self.moving = [(left - 1, arrive) for left, arrive in self.moving]
        for left, arrive in self.moving:
            if left == 0:
                arrive()
        self.moving = [(left, arrive) for left, arrive in self.moving if left > 0]
        return super().look(question)


class Action(unfinished.UnfinishedAction):
    """The whole way from the task to the node, without a connection between them."""

    subject = SUBJECT

    def __init__(self, node: Leaving) -> None:
        self.node, self.calls = node, 0
        self._task: Any = SimpleNamespace(args=params(discard=["replication/101-0"]), check_mode=False)

    def _run_python(self, program: str, *given: Any) -> tuple[str, str]:
        self.calls += 1
        wishes = json.loads(program)
        result = converge(SUBJECT, wishes, self.node, False, lambda step, at: at.act(step) or "")
        return f"{node_program._MARK}{json.dumps(result)}", ""


def removal(monkeypatch: pytest.MonkeyPatch) -> tuple[Leaving, dict[str, Any], list[str], int]:
    """The node after it, the result, what the user saw, and how often the module was called."""
    lines: list[str] = []
    clock = itertools.count()
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr(unfinished, "tell", lines.append)
    monkeypatch.setattr(fast_path, "RunStore", lambda: SimpleNamespace(note_asked=lambda: None))
    monkeypatch.setattr(unfinished, "program", lambda name, wishes, check: json.dumps(wishes))
    node = Slow()
    action = Action(node)
    return node, action._ask_node({}), lines, action.calls


def without_sentences(result: dict[str, Any]) -> dict[str, Any]:
    steps = [{**step, "why": ""} for step in result["steps"]]
    marks = [line[:2] for line in result["diff"]["prepared"].splitlines()]
    return {**result, "plan": len(result["plan"]), "steps": steps, "diff": {**result["diff"], "prepared": marks}}


def test_nothing_but_the_sentences_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    made, sentences = Step.__init__, set()

    def noted(self: Step, why: str, *given: Any, **more: Any) -> None:
        sentences.add(why)
        made(self, why, *given, **more)

    def reworded(self: Step, why: str, *given: Any, **more: Any) -> None:
        made(self, "SENTENCE", *given, **more)

    monkeypatch.setattr(Step, "__init__", noted)
    node, result, lines, calls = removal(monkeypatch)
    assert calls > 3 and any("transferred 1 of 4 GiB" in line for line in lines), "it did not take long enough"
    assert {"guest.moved:100", "osd.out:2", "mon.create:pve4"} <= {step["id"] for step in result["steps"]}
    monkeypatch.setattr(Step, "__init__", reworded)
    again, other, told, asked = removal(monkeypatch)
    assert asked == calls
    assert set(other["plan"]) == {"SENTENCE"}
    assert without_sentences(other) == without_sentences(result)
    assert [(step.id, step.action) for step in again.performed] == [(step.id, step.action) for step in node.performed]
    assert again.files == node.files
    for sentence in sorted(sentences, key=len, reverse=True):
        lines = [line.replace(sentence, "SENTENCE") for line in lines]
    assert told == lines
