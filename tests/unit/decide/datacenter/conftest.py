"""A cluster of three nodes for each test, of the newest release if it does not ask for another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pve_standin.core import release

from ....doubles.backup_api import BackupApi
from ....doubles.backup_api import furnished as furnished_with_backups
from ....doubles.ha_api import HaApi, furnished


@pytest.fixture
def ha_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], HaApi]]:
    yield lambda pve: furnished(tmp_path, monkeypatch, pve)
    release.current.cache_clear()


@pytest.fixture
def ha(ha_on: Callable[[int], HaApi]) -> HaApi:
    return ha_on(9)


@pytest.fixture
def backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BackupApi]:
    yield furnished_with_backups(tmp_path, monkeypatch)
    release.current.cache_clear()
