# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs that were asked for, are at work, or have ended: files of the controller, one for each key.

A source of events asks, a playbook begins and ends. A playbook that was killed has ended as well, and not well.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from ..engine.errors import Refused, Unreadable

#: Seconds in which a run that was asked for has to begin.
PATIENCE = 900.0
_LOOK = 0.3


class Turns:
    """``folder``: the same for the source and for its playbooks."""

    def __init__(self, folder: str, patience: float = PATIENCE, look: float = _LOOK) -> None:
        self._folder, self._patience, self._look = Path(folder).expanduser(), patience, look
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def ask(self, key: str) -> bool:
        """False while a run for this key is at work already: it may have looked before what is to be followed."""
        with self._alone():
            if self._at_work(self._read(key)):
                return False
            self._write(key, {"state": "asked", "at": time.time()})
            return True

    def begin(self, key: str, pid: int) -> None:
        """``pid``: of who ends with the run. Raises Refused when another run for this key is at work."""
        with self._alone():
            found = self._read(key)
            if self._at_work(found):
                raise Refused(
                    f"A run for {key} is at work already (process {found['pid']}).", "Wait until it has ended."
                )
            self._write(key, {"state": "begun", "at": time.time(), "pid": pid, "started": _started(pid)})

    def end(self, key: str) -> None:
        """Well; what ends otherwise says nothing."""
        with self._alone():
            self._write(key, {"state": "ended", "at": time.time()})

    async def ended(self, key: str) -> bool:
        while True:
            with self._alone():
                outcome = self._outcome(self._read(key))
            if outcome is not None:
                return outcome
            await asyncio.sleep(self._look)

    def _outcome(self, found: Mapping[str, Any]) -> Optional[bool]:
        """None while it goes on."""
        state = found.get("state")
        if state == "ended":
            return True
        if state == "begun":
            return None if self._at_work(found) else False
        return None if state == "asked" and time.time() - found["at"] < self._patience else False

    @staticmethod
    def _at_work(found: Mapping[str, Any]) -> bool:
        return found.get("state") == "begun" and _started(found["pid"]) == found["started"] != ""

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with open(self._folder / "lock", "a", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def _read(self, key: str) -> Mapping[str, Any]:
        try:
            found = json.loads(self._path(key).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise Unreadable(f"{self._path(key)} holds no turn: {error}.", "Remove it.") from error
        return dict(found)

    def _write(self, key: str, turn: Mapping[str, Any]) -> None:
        path = self._path(key)
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps({"key": key, **turn}), encoding="utf-8")
        os.replace(draft, path)


def _started(pid: int) -> str:
    """When a process began, by the kernel's clock; empty if there is none. A number alone may be somebody else's."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
