"""Made-up files are written into an empty directory."""

from __future__ import annotations

from pathlib import Path

import made_up
import pytest


@pytest.fixture
def breaches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> made_up.Breaches:
    monkeypatch.chdir(tmp_path)
    return made_up.breaches_of
