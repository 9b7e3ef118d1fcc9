"""A node with guests for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pve_standin.core import release

from ....doubles.guest_api import GuestApi, furnished


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GuestApi]:
    yield furnished(tmp_path, monkeypatch)
    release.current.cache_clear()
