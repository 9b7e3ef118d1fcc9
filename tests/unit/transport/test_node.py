"""Node: how old a file is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node


@pytest.mark.parametrize(("hours", "days"), [(0, 0), (23, 0), (25, 1), (24 * 40 + 1, 40), (-5, 0)])
def test_age_is_told_in_whole_days(tmp_path: Path, hours: int, days: int) -> None:
    written = time.time() - hours * 3600
    os.utime(tmp_path, (written, written))
    assert Node().age(str(tmp_path)) == days


def test_what_is_not_there_has_no_age(tmp_path: Path) -> None:
    assert Node().age(str(tmp_path / "missing")) is None
