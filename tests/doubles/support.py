"""Test doubles and properties shared by the unit tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, Optional, Union

from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import (
    Call,
    Download,
    EditFile,
    MakeDirectory,
    Program,
    RemoveFile,
    Run,
    Step,
    Wait,
    WriteFile,
)
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed, Question, Reader
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, make_plan

from .equal_models import assert_equal_models_mean_equal_plans

Answer = Union[Completed, Callable[["FakeNode"], Completed]]
TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"


class FakeNode(Reader):
    """A node in memory: a test double. Commands that are not described answer "not found" (127).

    ``effects`` say what a writing command does to the node: argv (or its first words) → function of the node. The
    first word of a program is its name; those of a call of the API are its method and its path. ``api``: path → the
    data that is there.
    """

    def __init__(
        self,
        files: Optional[Mapping[str, str]] = None,
        directories: Optional[Mapping[str, tuple[str, str, int]]] = None,
        commands: Optional[Mapping[tuple[str, ...], Answer]] = None,
        effects: Optional[Mapping[tuple[str, ...], Callable[[FakeNode], None]]] = None,
    ) -> None:
        self.files = dict(files or {})
        self.directories = dict(directories or {})
        self.commands = dict(commands or {})
        self.effects = dict(effects or {})
        self.certificates: dict[str, str] = {}
        self.ages: dict[str, int] = {}
        self.clocks: dict[str, float] = {}
        self.api: dict[str, Any] = {}
        self.performed: list[Step] = []

    def look(self, question: Question) -> Any:
        return getattr(self, f"_{question.kind}")(question.argument)

    def act(self, step: Step) -> None:
        """Carry out a step, as transport.perform would."""
        action = step.action
        if isinstance(action, WriteFile):
            self.files[action.path] = action.content
        elif isinstance(action, EditFile):
            self.files.update({action.path: action.edit(self.files[action.path])} if action.path in self.files else {})
        elif isinstance(action, RemoveFile):
            self.files.pop(action.path, None)
        elif isinstance(action, MakeDirectory):
            self.directories[action.path] = (action.owner, action.group, action.mode)
        elif isinstance(action, Download):
            self.files[action.path] = f"content with sha256 {action.sha256}"
        elif isinstance(action, (Run, Program, Call)):
            self._longest(self.effects, _words(action))(self)
        elif isinstance(action, Wait):
            missing = [str(condition) for condition in action.until if not condition.holds(self)]
            assert not missing, f"{step.why}: this node will never fulfil {missing}"
            lost = [str(condition) for condition in action.lost if condition.holds(self)]
            assert not lost, f"{step.why}: this node shows that it will never come: {lost}"
        else:
            raise AssertionError(f"unknown action {action!r}")
        self.performed.append(step)

    @staticmethod
    def _longest(table: Mapping[tuple[str, ...], Any], argv: tuple[str, ...]) -> Any:
        for length in range(len(argv), 0, -1):
            if argv[:length] in table:
                return table[argv[:length]]
        raise AssertionError(f"no effect described for {argv}")

    def _read(self, argument: tuple[str, ...]) -> Optional[str]:
        return self.files.get(argument[0])

    def _names(self, argument: tuple[str, ...]) -> list[str]:
        prefix = argument[0].rstrip("/") + "/"
        paths = [*self.files, *self.directories]
        return sorted({path[len(prefix) :].split("/")[0] for path in paths if path.startswith(prefix)})

    def _entry(self, argument: tuple[str, ...]) -> Optional[dict[str, Any]]:
        path = argument[0]
        if path in self.directories:
            owner, group, mode = self.directories[path]
            return {"kind": "directory", "owner": owner, "group": group, "mode": mode, "size": 0, "target": None}
        if path in self.files:
            size = len(self.files[path])
            return {"kind": "file", "owner": "root", "group": "root", "mode": 0o644, "size": size, "target": None}
        return None

    def _digest(self, argument: tuple[str, ...]) -> Optional[str]:
        text = self.files.get(argument[0])
        if text is None:
            return None
        return text.rsplit(" ", 1)[1] if text.startswith("content with sha256 ") else f"digest of {text}"

    def _age(self, argument: tuple[str, ...]) -> Optional[int]:
        return self.ages.get(argument[0])

    def _certificate(self, argument: tuple[str, ...]) -> Optional[str]:
        return self.certificates.get(argument[0])

    def _api(self, argument: tuple[str, ...]) -> Any:
        if argument[0] not in self.api:
            raise Unreadable(f"This node does not tell {argument[0]}.")
        return self.api[argument[0]]

    def _clock(self, argument: tuple[str, ...]) -> Optional[float]:
        return self.clocks.get(argument[0])

    def _program(self, argument: tuple[str, ...]) -> list[Any]:
        return self._run(argument)

    def _run(self, argument: tuple[str, ...]) -> list[Any]:
        """``-details`` tells more of the same things; who knows no more tells what is known."""
        plain = tuple(word for word in argument if word != "-details")
        unknown = Completed(127, "", f"{argument[0]}: not found")
        answer = self.commands.get(argument) or self.commands.get(plain, unknown)
        done = answer(self) if callable(answer) else answer
        return [done.rc, done.stdout, done.stderr]


def _words(action: Union[Run, Program, Call]) -> tuple[str, ...]:
    """What ``effects`` know an action by."""
    if isinstance(action, Run):
        return action.argv
    return (action.name, *action.arguments) if isinstance(action, Program) else (action.method, action.path)


def printed(text: str) -> Completed:
    """A command that succeeds and prints this."""
    return Completed(0, text, "")


def transcript(name: str) -> Completed:
    """What a real Proxmox VE node answered; ``name`` is a file in tests/transcripts without its ending."""
    recorded = json.loads((TRANSCRIPTS / f"{name}.json").read_text())
    return Completed(recorded["rc"], recorded["stdout"], recorded["stderr"])


def assert_converges_from_every_kill(subject: Subject, params: Mapping[str, Any], fresh: Callable[[], FakeNode]) -> int:
    """Kill the run after k steps, for every k, and run again: the end is always the wanted state. Returns the k's."""
    total = len(make_plan(subject, params, fresh()).steps)
    for kill_after in range(total + 1):
        node = fresh()
        for step in make_plan(subject, params, node).steps[:kill_after]:
            node.act(step)
        again = make_plan(subject, params, node)
        # Parameters that were read elsewhere before the run, such as a lead's members, are old after its last step.
        refused = again.refusals if kill_after < total else ()
        assert not refused, f"killed after step {kill_after}, the second run refuses: {refused}"
        for step in again.steps:
            node.act(step)
        left = make_plan(subject, params, node)
        assert not left.steps, f"killed after step {kill_after}, still to do after the second run: {left.sentences}"
        if kill_after == total and getattr(subject.observe, "recorded", False):
            assert_equal_models_mean_equal_plans(subject, params, node)
    return total + 1
