"""A cluster of three nodes for each test, of the newest release if it does not ask for another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pve_standin.core import release

from ....doubles.sdn_api import SdnApi, furnished


@pytest.fixture
def on_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], SdnApi]]:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    yield lambda pve: furnished(tmp_path, monkeypatch, pve)
    release.current.cache_clear()


@pytest.fixture
def api(on_release: Callable[[int], SdnApi]) -> SdnApi:
    return on_release(9)
