"""The program that asks the monitors leaves no thread of librados behind, however it ends.

Otherwise OpenSSL ends before the threads do, and the process aborts with "EVP_DecryptInit_ex failed" now and then.
"""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.state import ASK_MONITORS, QUESTIONS


def library(events: list[str], broken: bool = False, code: int = 0) -> ModuleType:
    """A double of python3-rados that notes what is done with it."""
    module: Any = ModuleType("rados")

    class Error(Exception):
        pass

    class Rados:
        def __init__(self, **options: Any) -> None:
            events.append("made")

        def connect(self) -> None:
            if broken:
                raise Error("timed out")

        def mon_command(self, request: str, data: bytes) -> tuple[int, bytes, str]:
            events.append(json.loads(request)["prefix"])
            return code, b"{}", "refused"

        def shutdown(self) -> None:
            events.append("shut down")

    module.Error, module.Rados = Error, Rados
    return module


def run(monkeypatch: pytest.MonkeyPatch, **kind: Any) -> list[str]:
    events: list[str] = []
    monkeypatch.setitem(sys.modules, "rados", library(events, **kind))
    try:
        exec(ASK_MONITORS[-1], {})
    except SystemExit as end:
        events.append(f"exit: {end}")
    return events


def test_all_questions_over_one_connection(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch) == ["made", *QUESTIONS, "shut down"]
    assert set(json.loads(capsys.readouterr().out)) == set(QUESTIONS)


def test_no_monitor_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, broken=True) == ["made", "shut down", "exit: timed out"]


def test_a_question_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, code=-22) == ["made", QUESTIONS[0], "shut down", "exit: status: refused (-22)"]
