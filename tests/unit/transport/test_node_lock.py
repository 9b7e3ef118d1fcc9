"""node_lock: readers share, a writer waits for all and all wait for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node_lock import node_lock


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [(False, False, True), (False, True, False), (True, False, False), (True, True, False)],
)
def test_who_may_be_at_work_together(tmp_path: Path, first: bool, second: bool, together: bool) -> None:
    path = tmp_path / "lock"
    path.touch()
    with node_lock(first, str(path)):
        if together:
            with node_lock(second, str(path), patience=0):
                pass
        else:
            with pytest.raises(StepFailed, match="Another run"), node_lock(second, str(path), patience=0):
                pass
    with node_lock(second, str(path), patience=0):
        pass


def test_a_reader_leaves_no_trace(tmp_path: Path) -> None:
    with node_lock(False, str(tmp_path / "lock")):
        pass
    assert list(tmp_path.iterdir()) == []
