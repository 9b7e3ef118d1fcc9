"""The stand-in's tools start as slowly as the real ones where the lab asks for it, and at once elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from pve_standin.core import pace


@pytest.mark.parametrize(("tool", "least", "most"), [("pvecm", 1.2, 1.3), ("pvesh", 3.1, 3.2), ("unheard-of", 0, 0)])
def test_the_time_is_that_of_the_quickest_command_that_was_measured(tool: str, least: float, most: float) -> None:
    assert least <= pace.seconds(tool) <= most


@pytest.mark.parametrize("asked", [True, False])
def test_only_where_it_is_asked_for(asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    monkeypatch.setattr(pace, "SWITCH", tmp_path / "real-pace")
    if asked:
        pace.SWITCH.touch()
    pace.start("pvecm")
    assert len(slept) == asked
