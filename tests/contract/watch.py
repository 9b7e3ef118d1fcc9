"""Judge every command that the collection puts together while a test runs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from schemas import wrong_in_every_release

WATCHED = ((Run, "argv"), (Question, "argument"))
"""Where commands are: what is decided, what is waited for, what is asked."""


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on, what Proxmox VE would not understand appears in this list."""
    wrong: list[str] = []
    for kind, words in WATCHED:
        _watch(monkeypatch, kind, words, wrong)
    return wrong


def _watch(monkeypatch: pytest.MonkeyPatch, kind: type, words: str, wrong: list[str]) -> None:
    original = vars(kind)["__init__"]

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        wrong.extend(wrong_in_every_release(getattr(self, words)))

    monkeypatch.setattr(kind, "__init__", made)
