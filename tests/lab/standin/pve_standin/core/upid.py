"""The unique process id that names a task: UPID:node:pid:pstart:starttime:type:id:user:"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pve_standin.core.errors import ApiError

_FORM = re.compile(
    r"UPID:(?P<node>[a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?):(?P<pid>[0-9A-Fa-f]{8}):"
    r"(?P<pstart>[0-9A-Fa-f]{8,9}):(?P<starttime>[0-9A-Fa-f]{8}):(?P<type>[^:\s]+):(?P<id>[^:\s]*):(?P<user>[^:\s]+):"
)


@dataclass(frozen=True)
class Upid:
    """A task's identity, as numbers."""

    node: str
    pid: int
    pstart: int
    starttime: int
    type: str
    id: str
    user: str

    def __str__(self) -> str:
        return (
            f"UPID:{self.node}:{self.pid:08X}:{self.pstart:08X}:{self.starttime:08X}:{self.type}:{self.id}:{self.user}:"
        )


def parse(text: str) -> Upid:
    matched = _FORM.fullmatch(text)
    if not matched:
        raise ApiError(400, f"unable to parse worker upid '{text}'")
    part = matched.groupdict()
    return Upid(
        node=part["node"],
        pid=int(part["pid"], 16),
        pstart=int(part["pstart"], 16),
        starttime=int(part["starttime"], 16),
        type=part["type"],
        id=part["id"],
        user=part["user"],
    )


def is_upid(value: object) -> bool:
    return isinstance(value, str) and bool(_FORM.fullmatch(value))


def process_start(pid: int) -> int:
    """Start time of a process in clock ticks since boot, 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def running(upid: Upid) -> bool:
    """Is the task's process still there (and not another one with the same number)?"""
    return upid.pstart != 0 and process_start(upid.pid) == upid.pstart
