"""Runs that were asked for, are at work, or have ended."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Refused, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.transport.turns import Turns


@pytest.fixture
def turns(tmp_path: Path) -> Turns:
    return Turns(str(tmp_path / "turns"), patience=0.05, look=0.005)


def ended(turns: Turns) -> bool:
    return asyncio.run(asyncio.wait_for(turns.ended("a"), 5))


def test_a_run_ends_when_it_says_so(turns: Turns) -> None:
    turns.ask("a")
    turns.begin("a", os.getpid())
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(asyncio.wait_for(turns.ended("a"), 0.1))
    turns.end("a")
    assert ended(turns) is True


def test_what_nobody_begins_is_over(turns: Turns) -> None:
    turns.ask("a")
    assert ended(turns) is False


def test_a_playbook_that_was_killed_has_ended_and_not_well(turns: Turns) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        turns.begin("a", process.pid)
        process.kill()
    assert ended(turns) is False


def test_two_are_never_at_work_for_the_same(turns: Turns) -> None:
    assert turns.ask("a")
    turns.begin("a", os.getpid())
    assert not turns.ask("a")
    with pytest.raises(Refused, match="at work already"):
        turns.begin("a", os.getpid())
    turns.begin("b", os.getpid())
    turns.end("a")
    turns.begin("a", os.getpid())


def test_a_file_that_is_no_turn_is_told(turns: Turns, tmp_path: Path) -> None:
    turns.ask("a")
    (found,) = (tmp_path / "turns").glob("*.json")
    found.write_text("{")
    with pytest.raises(Unreadable, match="holds no turn"):
        turns.begin("a", 1)
