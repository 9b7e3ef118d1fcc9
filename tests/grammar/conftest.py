"""The sandbox that all grammars share, and what is told at the end: how many files each one compared."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from labtool.release import RELEASES

from .root import ensure
from .sandbox import Sandbox
from .tally import FILES, TALLIES

settings.register_profile(
    "grammar",
    deadline=None,
    max_examples=FILES + FILES // 2,  # some are drawn twice
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("grammar")


@pytest.fixture(scope="session")
def sandbox_root() -> Path:
    return ensure(RELEASES[int(os.environ.get("LAB_RELEASE", "9"))])


@pytest.fixture(scope="session")
def sandbox(sandbox_root: Path) -> Iterator[Sandbox]:
    with Sandbox(sandbox_root) as opened:
        yield opened


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each grammar."""
    for grammar, counts in sorted(TALLIES.items()):
        words = ", ".join(f"{number} {what}" for what, number in sorted(Counter(counts.values()).items()))
        terminalreporter.write_line(f"{grammar}: {len(counts)} files: {words}")
