"""One control group per node: it finds every process of the node, and kills them all at one stroke."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .settings import LabError
from .shell import wait_until

REMOVE_SECONDS = 20


def hierarchy() -> Path:
    """Where the unified hierarchy is mounted on this host."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, mount_point, kind = line.split()[:3]
        if kind == "cgroup2":
            return Path(mount_point)
    raise LabError("no cgroup2 file system is mounted on this host")


def group(*names: str) -> Path:
    return hierarchy().joinpath(*names)


def processes(folder: Path) -> list[int]:
    """Every process in the group and below it; groups come and go while this looks."""
    found: list[int] = []
    for below, _, _ in os.walk(folder):
        with suppress(OSError):
            found += [int(pid) for pid in Path(below, "cgroup.procs").read_text().split()]
    return found


def move(pid: int, folder: Path) -> None:
    """Put a process into the group; its children will be born there. One that has ended needs no group."""
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(ProcessLookupError):
        (folder / "cgroup.procs").write_text(str(pid))


def kill(folder: Path) -> None:
    """SIGKILL to every process in the group, with no chance to fork away."""
    if folder.exists():
        (folder / "cgroup.kill").write_text("1")


def remove(folder: Path) -> None:
    """Remove a group and the groups below it; a killed process still counts until the kernel has let go of it."""
    if not folder.exists():
        return
    wait_until(lambda: not _populated(folder), REMOVE_SECONDS, f"the last process of {folder.name} to go")
    for below, _, _ in os.walk(folder, topdown=False):
        os.rmdir(below)


def _populated(folder: Path) -> bool:
    return "populated 1" in (folder / "cgroup.events").read_text()


def init_of(folder: Path) -> int:
    """The process that is number 1 inside the container, by its number on the host; 0 if none runs."""
    for pid in processes(folder):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue  # it ended meanwhile
        numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
        if len(numbers) > 1 and numbers[-1] == "1":
            return pid
    return 0
