# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run at a time on a node.

A controller that is killed leaves its module at work on the node. A run that is started in its place must neither work
beside it nor take a half-made state for a finished one: it waits until the other has ended.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Optional

from ..engine.errors import StepFailed

LOCK_FILE = "/run/lock/baremetal-virt.lock"
#: As long as an installation may take.
PATIENCE = 3600.0
_PAUSE = 0.5


@contextmanager
def node_lock(writing: bool, path: str = LOCK_FILE, patience: float = PATIENCE) -> Iterator[None]:
    """Readers share the node, a writer has it alone. A reader makes no lock file: without one nobody is at work."""
    stream = _open(path, writing)
    if stream is None:
        yield
        return
    with stream:
        _wait_for(stream, fcntl.LOCK_EX if writing else fcntl.LOCK_SH, patience)
        yield


def _open(path: str, writing: bool) -> Optional[IO[str]]:
    try:
        return open(path, "a" if writing else "r", encoding="utf-8")
    except FileNotFoundError:
        if writing:
            raise
        return None


def _wait_for(stream: IO[str], kind: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(stream, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise StepFailed(
                    f"Another run of this collection has been at work on this node for {patience:.0f} seconds.",
                    f"See who holds {stream.name} (`fuser {stream.name}`).",
                ) from None
            time.sleep(_PAUSE)
