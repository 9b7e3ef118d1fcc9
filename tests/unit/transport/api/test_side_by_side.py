"""Chains of steps go side by side; so many share a thing at a time; after a failure none is begun any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Step
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.side_by_side import AT_ONCE, SideBySide


def step(name: str, chain: str = "", *shares: tuple[str, int]) -> Step:
    return Step(name, Call("POST", f"/{name}"), name, "guest", chain=chain, shares=shares)


class Work:
    """Notes what is begun and ended; ``meet``: so many steps have to be under way before one of them ends."""

    def __init__(self, meet: int = 1, failing: tuple[str, ...] = ()) -> None:
        self.told: list[str] = []
        self.now = self.most = 0
        self._failing = failing
        self._guard = threading.Lock()
        self._meeting = threading.Barrier(meet, timeout=5) if meet > 1 else None

    def __call__(self, step: Step) -> bool:
        with self._guard:
            self.told.append(f"+{step.id}")
            self.now += 1
            self.most = max(self.most, self.now)
        if self._meeting is not None:
            self._meeting.wait()
        time.sleep(0.01)
        with self._guard:
            self.now -= 1
            self.told.append(f"-{step.id}")
        if step.id in self._failing:
            raise StepFailed(f"{step.why} failed.", id=step.id)
        return True


def order(watch: Callable[[int, Step], None] = lambda done, step: None) -> SideBySide:
    return SideBySide(watch)


def test_each_chain_keeps_its_order_and_chains_do_not_wait_for_each_other() -> None:
    work = Work(meet=2)
    assert order()([step("a1", "a"), step("a2", "a"), step("b1", "b"), step("b2", "b")], work) is None
    assert work.most == 2
    for chain in "ab":
        assert [one for one in work.told if chain in one] == [f"+{chain}1", f"-{chain}1", f"+{chain}2", f"-{chain}2"]


def test_a_step_without_a_chain_waits_for_all_and_all_wait_for_it() -> None:
    work = Work()
    order()([step("a", "a"), step("b", "b"), step("alone"), step("c", "c")], work)
    alone = work.told.index("+alone")
    assert set(work.told[:alone]) == {"+a", "-a", "+b", "-b"}
    assert work.told[alone:] == ["+alone", "-alone", "+c", "-c"]


@pytest.mark.parametrize("limit", [1, 2])
def test_what_is_shared_is_had_by_so_many_at_a_time(limit: int) -> None:
    work = Work()
    order()([step(f"s{number}", str(number), ("storage", limit), ("source", 5)) for number in range(6)], work)
    assert work.most == limit


def test_no_more_than_some_at_all() -> None:
    work = Work()
    order()([step(f"s{number}", str(number)) for number in range(3 * AT_ONCE)], work)
    assert 1 < work.most <= AT_ONCE


def test_after_a_failure_none_is_begun_and_what_runs_is_waited_for() -> None:
    work = Work(meet=2, failing=("a1", "b1"))
    steps = [step("a1", "a"), step("a2", "a"), step("b1", "b"), step("b2", "b"), step("alone")]
    with pytest.raises(StepFailed) as failure:
        order()(steps, work)
    assert failure.value.message == "a1 failed. b1 failed."
    assert sorted(work.told) == ["+a1", "+b1", "-a1", "-b1"]


def test_it_is_told_how_many_are_done() -> None:
    told: list[int] = []
    order(lambda done, step: told.append(done))([step("a", "a"), step("b", "b"), step("alone")], Work())
    assert told == [1, 2, 3]
