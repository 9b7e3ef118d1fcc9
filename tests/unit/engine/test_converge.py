"""How the steps of a plan are carried out, told, left unfinished and proved; with a subject of the tests' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any, Callable, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.condition import Condition
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import NotProved, StepFailed, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run, Step, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question, Reader
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Premise, Subject, converge

from ...doubles.support import FakeNode

WANTED = ("a", "b")
READY = Condition(Question("read", ("/ready",)), (), "is", True)


def touch(name: str, destructive: bool = False) -> Step:
    return Step(f"make {name}", Run(("touch", name)), f"file.make:{name}", "file", destructive=destructive)


def observe(reader: Reader, desired: Optional[tuple[str, ...]] = None) -> frozenset[str]:
    return frozenset(name for name in ("a", "b", "late") if reader.read(f"/{name}") is not None)


def decide(desired: tuple[str, ...], observed: frozenset[str]) -> Plan:
    """``late`` is made by hand once; that it is missing shows only when the others are there."""
    steps = [touch(name, destructive=name == "b") for name in desired if name not in observed]
    late = (touch("late"),)
    if not steps and "late" not in observed:
        return Plan(steps=late, possible=late)
    return Plan(steps=tuple(steps), possible=late)


def wanted(params: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(params["names"])


SUBJECT = Subject("files", {}, wanted, observe, decide)


def node() -> FakeNode:
    return FakeNode(effects={("touch", name): making(name) for name in (*WANTED, "late")})


def making(name: str) -> Callable[[FakeNode], None]:
    return lambda at: at.files.update({f"/{name}": ""})


def run(subject: Subject[Any, Any], at: FakeNode, check: bool = False) -> dict[str, Any]:
    return converge(subject, {"names": WANTED}, at, check, lambda step, node: node.act(step) or "")


def test_a_dry_run_names_what_is_destroyed_and_what_is_only_possible() -> None:
    result = run(SUBJECT, node(), check=True)
    assert result["plan"] == ["make a", "make b", "make late (only if needed)"]
    assert result["destructive"] == ["file.make:b"]
    assert [(step["id"], step["possible"]) for step in result["steps"]] == [
        ("file.make:a", False),
        ("file.make:b", False),
        ("file.make:late", True),
    ]
    assert result["diff"]["prepared"] == "* make a\n! make b\n* make late (only if needed)\n"


def until_ready(at: FakeNode) -> tuple[Step, ...]:
    return (Step("wait until it is ready", Wait((READY,), timeout=5), "ready.wait", "file", hint="Look there."),)


GUARDED = replace(SUBJECT, premise=Premise(lambda reader: reader, until_ready))


def test_nothing_is_looked_at_for_a_change_before_the_premise_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes with it may be what was wanted."""
    at = node()
    monkeypatch.setattr("time.sleep", lambda seconds: at.files.update({"/ready": "true", "/a": "", "/late": ""}))
    assert [step["id"] for step in run(GUARDED, at)["steps"]] == ["file.make:b"]


def test_without_the_premise_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count()
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    at = node()
    with pytest.raises(StepFailed, match="wait until it is ready failed: waited 5 seconds for"):
        run(GUARDED, at)
    assert not at.files and not at.performed


def test_a_dry_run_waits_for_no_premise() -> None:
    assert run(GUARDED, node(), check=True)["changed"]


def test_a_possible_step_that_was_needed_is_in_the_result() -> None:
    result = run(SUBJECT, node())
    assert result["plan"] == ["make a", "make b", "make late"]
    assert result["changed"] and not [step for step in result["steps"] if step["possible"]]


def test_a_step_that_was_carried_out_tells_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count(step=7)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    assert [step["seconds"] for step in run(SUBJECT, node())["steps"]] == [7, 7, 7]
    assert not any("seconds" in step for step in run(SUBJECT, node(), check=True)["steps"])


def test_what_the_plan_did_not_announce_is_no_mending() -> None:
    def silent(desired: tuple[str, ...], observed: frozenset[str]) -> Plan:
        return replace(decide(desired, observed), possible=())

    at = node()
    with pytest.raises(NotProved, match="Still to do: make late") as failure:
        run(replace(SUBJECT, decide=silent), at)
    assert "/late" not in at.files and failure.value.details["done"] == ["make a", "make b"]


@pytest.mark.parametrize(("comes", "restarts"), [(3.0, False), (40.0, True)])
def test_what_may_get_done_by_itself_is_given_the_time(
    comes: float, restarts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock(monkeypatch)
    at = node()

    def patient(desired: tuple[str, ...], observed: frozenset[str]) -> Plan:
        if now[0] >= comes:
            at.files["/late"] = ""
        found = decide(desired, observed)
        return replace(found, steps=tuple(replace(step, grace=15) for step in found.steps))

    result = run(replace(SUBJECT, decide=patient, settle=60), at)
    assert [step["id"] for step in result["steps"]][2:] == ["file.make:late"] * restarts
    ends = 15 if restarts else comes
    assert ends <= now[0] <= ends + 1


def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time passes only while something sleeps."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def waiting(timeout: float = 60, patience: float = 0) -> Subject[Any, Any]:
    ready = Step("wait until it is ready", Wait((READY,), timeout), "file.ready:a", "file", hint="Look at it.")

    def with_wait(desired: tuple[str, ...], observed: frozenset[str]) -> Plan:
        plan = decide(desired, observed)
        made = [step for step in plan.steps if step.id != "file.make:late"]
        at_hand = [made[0], ready, *made[1:]] if len(made) == len(WANTED) else [ready, *made]
        return replace(plan, steps=tuple(at_hand)) if made else plan

    return replace(SUBJECT, decide=with_wait, patience=patience)


def test_a_wait_that_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now, at = clock(monkeypatch), node()
    monkeypatch.setattr("time.sleep", lambda seconds: (now.__setitem__(0, 59.0), at.files.update({"/ready": "true"})))
    assert run(waiting(), at)["plan"] == ["make a", "wait until it is ready", "make b", "make late"]


def test_a_wait_whose_time_is_over_says_what_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch)
    with pytest.raises(StepFailed, match="waited 60 seconds for the answer is True in /ready") as failure:
        run(waiting(), node())
    assert failure.value.hint == "Look at it." and failure.value.details["done"] == ["make a"]


def test_without_patience_for_it_the_result_is_unfinished_and_goes_on_later(monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch)
    at, subject = node(), waiting(timeout=3600, patience=10)
    result = run(subject, at)
    assert result["plan"] == ["make a"] and result["changed"]
    assert result["unfinished"]["id"] == "file.ready:a" and result["unfinished"]["deadline"] == 3600
    at.files["/ready"] = "true"
    assert run(subject, at)["plan"] == ["wait until it is ready", "make b", "make late"]


def test_a_wait_begins_when_somebody_tells_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    now, at = clock(monkeypatch), node()
    more = Condition(Question("read", ("/n",)), (), "passes since", lambda first: lambda found: [""] * (found <= first))
    step = Step("wait until there are more", Wait((more,), 60), "file.ready:a", "file")
    told = {1.0: "", 2.0: "3", 3.0: "3", 4.0: "4"}

    def sleep(seconds: float) -> None:
        now[0] += seconds
        at.files["/n"] = told[now[0]]

    monkeypatch.setattr("time.sleep", sleep)
    subject = replace(SUBJECT, decide=lambda *given: Plan() if at.files.get("/n") == "4" else Plan(steps=(step,)))
    run(subject, at)
    assert now[0] == 4.0


def failing(reader: Reader, desired: tuple[str, ...], step: Step) -> dict[str, Any]:
    if reader.read("/hung") is not None:
        raise Unreadable("It did not answer in time.")
    return {"left": len(desired), "at": step.id}


@pytest.mark.parametrize(("files", "told"), [({}, {"left": 2, "at": "file.ready:a"}), ({"/hung": ""}, {})])
def test_an_unfinished_result_tells_how_far_it_is(
    files: dict[str, str], told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch)
    at = node()
    at.files.update(files)
    result = run(replace(waiting(timeout=3600, patience=10), progress=failing), at)
    assert (result["unfinished"]["progress"], result["unfinished"]["hint"]) == (told, "Look at it.")


def test_what_will_never_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now, at = clock(monkeypatch), node()
    lost = Condition(Question("read", ("/log",)), (), "matches", "^aborted.*")
    step = Step("wait until it is ready", Wait((READY,), 3600, lost=(lost,)), "file.ready:a", "file")
    subject = replace(SUBJECT, decide=lambda desired, observed: Plan(steps=(step,)), patience=10)
    at.files["/log"] = "begun\naborted: no room.\n"
    with pytest.raises(StepFailed, match="wait until it is ready failed: aborted: no room[.]$"):
        run(subject, at)
    assert now[0] == 0


def test_a_step_begins_only_while_there_is_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    now, at = clock(monkeypatch), node()

    def slow(step: Step, node: FakeNode) -> str:
        now[0] += 30
        node.act(step)
        return ""

    result = converge(replace(SUBJECT, patience=20), {"names": WANTED}, at, False, slow)
    assert result["unfinished"]["why"] == "make b" and result["plan"] == ["make a"]
