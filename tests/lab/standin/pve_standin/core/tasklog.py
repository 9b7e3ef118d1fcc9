"""Where tasks are recorded: one log file each, plus the index of finished ones and the list of active ones."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pve_standin.core import paths
from pve_standin.core.upid import Upid, is_upid, parse, running

INDEX_LIMIT = 1000
PUBLISHED_KEY = "tasklist"


@dataclass(frozen=True)
class Record:
    """One task as the lists show it; an unfinished one has no end time."""

    upid: Upid
    endtime: int = 0
    status: str = ""

    def as_dict(self) -> dict[str, str | int]:
        entry: dict[str, str | int] = {
            "id": self.upid.id,
            "node": self.upid.node,
            "pid": self.upid.pid,
            "pstart": self.upid.pstart,
            "starttime": self.upid.starttime,
            "type": self.upid.type,
            "upid": str(self.upid),
            "user": self.upid.user,
        }
        if self.endtime:
            entry.update(endtime=self.endtime, status=self.status)
        return entry


def log_path(upid: Upid) -> Path:
    """Logs are spread over sixteen folders by the last digit of the start time."""
    return paths.TASK_DIR / f"{upid.starttime:08X}"[-1] / str(upid)


@contextmanager
def _locked() -> Iterator[None]:
    paths.TASK_DIR.mkdir(parents=True, exist_ok=True)
    with open(paths.TASK_DIR / ".lock", "w", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def started(upid: Upid) -> None:
    """Note a new task as active."""
    with _locked():
        active = [entry for entry in _read_active() if running(entry)]
        _write_active(active + [upid])


def finished(upid: Upid, status: str) -> None:
    """Move a task from the active list to the index."""
    with _locked():
        _write_active([entry for entry in _read_active() if entry != upid])
        index = paths.TASK_DIR / "index"
        lines = index.read_text(encoding="utf-8").splitlines() if index.exists() else []
        lines.append(f"{upid} {int(time.time()):08X} {status}")
        _replace(index, lines[-INDEX_LIMIT:])


def active() -> list[Record]:
    return [Record(upid) for upid in reversed(_read_active()) if running(upid)]


def archive() -> list[Record]:
    """Finished tasks, newest first."""
    index = paths.TASK_DIR / "index"
    if not index.exists():
        return []
    records = [_parse_index(line) for line in index.read_text(encoding="utf-8").splitlines()]
    return [record for record in reversed(records) if record is not None]


def recent(limit: int = 25) -> list[dict[str, str | int]]:
    """What a node publishes about its tasks, for /cluster/tasks."""
    rows = []
    for record in [*active(), *archive()][:limit]:
        row = record.as_dict()
        del row["pid"], row["pstart"]
        if record.endtime:
            row["saved"] = "1"
        rows.append(row)
    return rows


def status_of(upid: Upid) -> str:
    """Last word on a finished task, read from its log as upstream does; 'unexpected status' when it has none."""
    lines = read_log(upid)
    last = lines[-1] if lines else ""
    if last.startswith("TASK ERROR: "):
        return last[len("TASK ERROR: ") :]
    return last[len("TASK ") :] if last.startswith("TASK ") else "unexpected status"


def read_log(upid: Upid) -> list[str]:
    path = log_path(upid)
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


def _parse_index(line: str) -> Record | None:
    upid, _, rest = line.partition(" ")
    endtime, _, status = rest.partition(" ")
    return Record(parse(upid), int(endtime, 16), status) if is_upid(upid) else None


def _read_active() -> list[Upid]:
    path = paths.TASK_DIR / "active"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [parse(line) for line in lines if is_upid(line)]


def _write_active(upids: list[Upid]) -> None:
    _replace(paths.TASK_DIR / "active", [str(upid) for upid in upids])


def _replace(path: Path, lines: list[str]) -> None:
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    os.replace(str(temporary), str(path))
