"""An inquiry that settles: asked again until nothing is pending, or until its time is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Refused
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Reader
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Inquiry, ask

from ...doubles.support import FakeNode


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    assert isinstance(reader, FakeNode)
    left = (reader.read("/pending") or "").split()
    reader.files["/pending"] = " ".join(left[1:])
    return {"left": left}


SETTLES = Inquiry("pending", {"timeout": {"type": "int"}}, answer, settles="left")


def node() -> FakeNode:
    return FakeNode({"/pending": "a b"})


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time passes only while something sleeps."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


@pytest.mark.parametrize(("timeout", "left", "took"), [(0, ["a", "b"], 0), (0.1, ["b"], 0.2), (9, [], 0.4)])
def test_it_looks_again_until_nothing_is_left_or_time_is_over(
    timeout: float, left: list[str], took: float, clock: list[float]
) -> None:
    assert ask(SETTLES, {"timeout": timeout}, node()) == {"left": left}
    assert clock[0] == took


def test_it_looks_often_at_first_and_each_second_later(clock: list[float]) -> None:
    looks: list[float] = []

    def waits(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
        looks.append(clock[0])
        return {"left": ["a"]}

    ask(replace(SETTLES, answer=waits), {"timeout": 60}, node())
    assert sum(1 for at in looks if at < 1) >= 4, "what comes soon is seen soon"
    assert len(looks) < 80 and looks[-1] - looks[-2] == pytest.approx(1), "and nobody is asked without end"


def test_one_that_insists_refuses_what_is_left() -> None:
    with pytest.raises(Refused, match="a b") as refused:
        ask(replace(SETTLES, insists=True), {"timeout": 0}, node())
    assert refused.value.details["refusals"] == ["a", "b"]
    assert ask(replace(SETTLES, insists=True), {"timeout": 2}, node()) == {"left": []}


def test_any_other_is_asked_once(clock: list[float]) -> None:
    assert ask(replace(SETTLES, settles=""), {}, node()) == {"left": ["a", "b"]}
    assert clock[0] == 0
