"""Run: commands that exit 0 on failure, busy locks, and what is told of a failed step."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.transport import perform as performing
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform


def say(text: str, **options: object) -> Run:
    return Run((sys.executable, "-c", f"print({text!r})"), **options)  # type: ignore[arg-type]


def step(action: Run, hint: str = "") -> Step:
    return Step("join", action, "node.join", "cluster", hint=hint)


def test_words_that_mean_failure_fail_a_command_that_exits_with_0() -> None:
    action = say("401 authentication failure", fail_on=("authentication failure",))
    with pytest.raises(StepFailed, match="join failed with exit code 1: 401 authentication failure.") as caught:
        perform(step(action, "Look at the ticket."), Node())
    assert caught.value.hint.endswith("Look at the ticket.")


def test_the_reason_is_told_when_stderr_says_less() -> None:
    script = "import sys; print('ERROR: aborted: no room'); print('more'); sys.stderr.write('aborted')"
    with pytest.raises(StepFailed, match="exit code 1: aborted / aborted: no room."):
        perform(step(Run((sys.executable, "-c", script), fail_on=("aborted.*",))), Node())


def test_other_words_do_not() -> None:
    assert perform(step(say("done", fail_on=("failure",))), Node()) == "done\n"


def test_a_busy_lock_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performing, "_RETRY_PAUSE", 0.01)
    marker = str(tmp_path / "tried")
    script = f"import os; print('ok' if os.path.exists({marker!r}) else 'busy'); open({marker!r}, 'w').close()"
    action = Run((sys.executable, "-c", script), retry_on=("busy",), timeout=20)
    assert perform(step(action), Node()) == "ok\n"


def test_a_lock_that_stays_busy_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performing, "_RETRY_PAUSE", 0.05)
    action = say("busy: no quorum", retry_on=("busy",), fail_on=("no quorum",), timeout=0.1)
    with pytest.raises(StepFailed, match="busy: no quorum"):
        perform(step(action), Node())


def test_nobody_serves_a_certificate() -> None:
    assert Node().certificate("127.0.0.1:1") is None


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        Node().look(Question("read", (str(tmp_path),)))
