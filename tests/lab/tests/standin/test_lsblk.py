"""lsblk of the lab: the node's disks are disks, and nothing else changes."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

lsblk: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "standin/lsblk.py"))


def test_only_the_devices_of_the_inventory_are_disks() -> None:
    of_the_host = {"name": "loop5", "type": "loop", "size": 2}
    listed = {"blockdevices": [{"name": "loop0", "type": "loop", "size": 1}, of_the_host]}
    found = json.loads(lsblk["renamed"](json.dumps(listed), '[{"dev": "/dev/loop0"}]'))
    assert found["blockdevices"] == [{"name": "loop0", "type": "disk", "size": 1}, of_the_host]


def test_columns_that_were_not_asked_for_stay_away() -> None:
    listed = {"blockdevices": [{"name": "loop0"}]}
    assert json.loads(lsblk["renamed"](json.dumps(listed), '[{"dev": "/dev/loop0"}]')) == listed
