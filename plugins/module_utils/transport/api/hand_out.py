# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a value goes that the API tells once: into a file for its owner alone, and nowhere else."""

from __future__ import annotations

import os
import tempfile
from typing import Any

KEY = "value"


class NotKept(Exception):
    """A value has not come to where it was to go."""


class HandOut:
    """The file is begun before the value is asked for, so that none is told which cannot be kept."""

    def __init__(self, path: str) -> None:
        self._path = path
        folder = os.path.dirname(path) or "."
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            self._descriptor, self._draft = tempfile.mkstemp(prefix=".new-", dir=folder)
        except OSError as error:
            raise NotKept(f"{path} cannot be written: {error}. Nothing was asked for") from error

    def keep(self, answer: Any) -> None:
        value = answer.get(KEY) if isinstance(answer, dict) else answer
        if not isinstance(value, str):
            raise NotKept(f"the answer holds no value for {self._path}")
        try:
            with os.fdopen(self._descriptor, "w", encoding="ascii") as stream:
                self._descriptor = -1
                stream.write(f"{value}\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(self._draft, self._path)
        except OSError as error:
            raise NotKept(f"{self._path} cannot be written: {error}. The value that was given is lost") from error
        self._draft = ""

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        if self._draft:
            os.unlink(self._draft)


def handed(path: str) -> str:
    """What an earlier one has kept."""
    try:
        with open(path, encoding="ascii") as stream:
            return stream.read().strip()
    except OSError as error:
        raise NotKept(f"{path} cannot be read: {error}. Nothing was asked for") from error


def spend(path: str) -> None:
    """Nobody needs it any more."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotKept(f"{path} cannot be removed: {error}") from error
