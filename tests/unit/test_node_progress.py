"""What the user sees while Ceph moves data away from a node."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.action.node_membership import describe


@pytest.mark.parametrize(
    ("objects", "rate", "seconds", "text"),
    [
        (1200, 34, 35, "1200 objects left, 34 per second (130 MiB/s), about 1 minute"),
        (90000, 20, 4500, "90000 objects left, 20 per second (130 MiB/s), about 75 minutes"),
        (12, 0, None, "12 objects left, none is moving now"),
    ],
)
def test_progress(objects: int, rate: int, seconds: Optional[int], text: str) -> None:
    moving: dict[str, Any] = {"objects": objects, "objects_per_second": rate, "seconds": seconds}
    assert describe({**moving, "bytes_per_second": 130 << 20}) == text
