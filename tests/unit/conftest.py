"""Every command that the collection decides on or asks, in any unit test, must be one that Proxmox VE knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.plan import Run, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.observe.reader import Question
from schemas import wrong_with_command


@pytest.fixture(autouse=True)
def commands_are_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Options are put together from tables and from what users wish, so only what comes out can be judged."""
    wrong: list[str] = []

    def watch(kind: type, words: str) -> None:
        original = kind.__init__  # type: ignore[misc]

        def made(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            wrong.extend(wrong_with_command(getattr(self, words)))

        monkeypatch.setattr(kind, "__init__", made)

    watch(Run, "argv")
    watch(Wait, "argv")
    watch(Question, "argument")
    yield
    assert not wrong, f"Proxmox VE would not understand this: {sorted(set(wrong))}"
