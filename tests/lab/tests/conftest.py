"""The stand-in's own tests run on any machine: its release is Proxmox VE 9 unless a test asks for another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pve_standin.core import release


@pytest.fixture
def on_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Call it with a codename: the code under test runs on that Debian from now on."""

    def choose(codename: str) -> None:
        file = tmp_path / "os-release"
        file.write_text(f'ID=debian\nVERSION_CODENAME="{codename}"\n')
        monkeypatch.setattr(release, "OS_RELEASE", file)
        release.current.cache_clear()

    return choose


@pytest.fixture(autouse=True)
def newest_release(on_release: Callable[[str], None]) -> None:
    on_release("trixie")
