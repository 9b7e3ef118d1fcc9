"""Which virtual machines count as running on this node.

Stand-in: the lab has no hypervisor, so a running machine is a file /run/qemu-server/<vmid>.running. Like a process it
is gone after a reboot or a power cut.
"""

from __future__ import annotations

import time
from pathlib import Path

FOLDER = Path("/run/qemu-server")


def _marker(vmid: int) -> Path:
    return FOLDER / f"{vmid}.running"


def is_running(vmid: int) -> bool:
    return _marker(vmid).exists()


def start(vmid: int) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    _marker(vmid).touch()


def stop(vmid: int) -> None:
    if is_running(vmid):
        _marker(vmid).unlink()


def uptime(vmid: int) -> int:
    return int(time.time() - _marker(vmid).stat().st_mtime) if is_running(vmid) else 0
