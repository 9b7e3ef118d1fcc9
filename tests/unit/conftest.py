"""Every command that the collection decides on or asks, in any unit test, must be one that Proxmox VE knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings
from watch import watched

# A machine that is busy is slow, not wrong.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def commands_are_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Options are put together from tables and from what users wish, so only what comes out can be judged."""
    wrong = watched(monkeypatch)
    yield
    assert not wrong, f"Proxmox VE would not understand this: {sorted(set(wrong))}"
