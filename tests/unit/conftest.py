"""What holds in any unit test: Proxmox VE knows every command, and every step of a plan has an id of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from hypothesis import settings
from watch import watched

from ..doubles.examples import examples

# A machine that is busy is slow, not wrong.
settings.register_profile("patient", deadline=None, max_examples=examples(100))
settings.load_profile("patient")

#: What is done to which thing.
_ID = re.compile(r"[a-z][a-z0-9_-]*\.[a-z][a-z-]*(:\S.*)?")


@pytest.fixture(autouse=True)
def commands_are_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Options are put together from tables and from what users wish, so only what comes out can be judged."""
    wrong = watched(monkeypatch)
    yield
    assert not wrong, f"Proxmox VE would not understand this: {sorted(set(wrong))}"


@pytest.fixture(autouse=True)
def steps_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """By their ids progress, resumption and saved plans find them, so each plan that could be carried out is judged."""
    wrong: set[str] = set()
    original = Plan.__init__

    def made(self: Plan, *given: Any, **named: Any) -> None:
        original(self, *given, **named)
        for steps in () if self.refusals else (self.steps, self.possible):
            counts = Counter(step.id for step in steps)
            wrong.update(name for name, times in counts.items() if times > 1 or not _ID.fullmatch(name))

    monkeypatch.setattr(Plan, "__init__", made)
    yield
    assert not wrong, f"ids that several steps of a plan share, or that are not like thing.verb:name: {sorted(wrong)}"
