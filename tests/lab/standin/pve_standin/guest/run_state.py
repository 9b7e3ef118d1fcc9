"""Which virtual machines count as running on this node.

Stand-in: a running machine is a file /run/qemu-server/<vmid>.running. Like a process it is gone after a reboot or a
power cut. Of a machine that really runs (hypervisor.py) it holds the number of the process.
"""

from __future__ import annotations

import time
from pathlib import Path

FOLDER = Path("/run/qemu-server")


def _marker(vmid: int) -> Path:
    return FOLDER / f"{vmid}.running"


def process(vmid: int) -> int:
    """That of a machine that really runs; 0 where it is only said to run."""
    text = _marker(vmid).read_text(encoding="ascii") if _marker(vmid).exists() else ""
    return int(text) if text and Path(f"/proc/{text}").exists() else 0


def really_running() -> list[int]:
    return [int(one.stem) for one in sorted(FOLDER.glob("*.running")) if process(int(one.stem))]


def is_running(vmid: int) -> bool:
    """A machine may also have ended by itself."""
    marker = _marker(vmid)
    return marker.exists() and (marker.stat().st_size == 0 or process(vmid) > 0)


def start(vmid: int, pid: int = 0) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    _marker(vmid).write_text(str(pid or ""), encoding="ascii")


def stop(vmid: int) -> None:
    _marker(vmid).unlink(missing_ok=True)


def uptime(vmid: int) -> int:
    return int(time.time() - _marker(vmid).stat().st_mtime) if is_running(vmid) else 0
