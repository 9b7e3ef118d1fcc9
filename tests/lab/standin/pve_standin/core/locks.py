"""Locks between processes of one node, with PVE's wording when they time out."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pve_standin.core.errors import ApiError


@contextmanager
def file_lock(path: Path, timeout: float = 10) -> Iterator[None]:
    """Hold an exclusive lock on a file."""
    deadline = time.monotonic() + timeout
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="ascii") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise ApiError(500, f"can't lock file '{path}' - got timeout", errno=error.errno or 0) from error
            time.sleep(0.1)
        yield
