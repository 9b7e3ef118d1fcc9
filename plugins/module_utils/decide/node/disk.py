# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide which disk of a node is meant: the one with the given name, or the only empty one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Optional

from ...model.node.disk import Disk, find_disk


def choose(disks: Collection[Disk], name: Optional[str], but: Collection[str]) -> dict[str, Any]:
    """What the module ``node_disk_info`` returns."""
    others = [disk for disk in disks if not any(known in but for known in disk.names)]
    if name:
        disk = find_disk(others, name)
        return _answer(disk, f"there is no disk {name}, only {_list(disks)}")
    empty = [disk for disk in others if disk.free]
    if len(empty) > 1:
        return _answer(None, f"there are several empty disks, so say which one is meant: {_list(empty)}")
    return _answer(empty[0] if empty else None, f"there is no empty disk, only {_list(disks)}")


def _answer(disk: Optional[Disk], problem: str) -> dict[str, Any]:
    return {"device": None, "missing": [problem]} if disk is None else {"device": disk.stable_name, "missing": []}


def _list(disks: Collection[Disk]) -> str:
    return ", ".join(disk.title for disk in disks) or "none"
