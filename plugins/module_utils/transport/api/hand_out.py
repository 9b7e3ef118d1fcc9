# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a value goes that the API tells once: into a file for its owner alone, and nowhere else."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from ...engine.errors import StepFailed

KEY = "value"


class HandOut:
    """The file is begun before the value is asked for, so that none is told which cannot be kept."""

    def __init__(self, path: str) -> None:
        self._path = path
        folder = os.path.dirname(path) or "."
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            self._descriptor, self._draft = tempfile.mkstemp(prefix=".new-", dir=folder)
        except OSError as error:
            raise StepFailed(f"{path} cannot be written: {error}. Nothing was asked for.") from error

    def keep(self, answer: Any) -> None:
        if not isinstance(answer, dict) or not isinstance(answer.get(KEY), str):
            raise StepFailed(f"The answer holds no value for {self._path}.")
        with os.fdopen(self._descriptor, "w", encoding="ascii") as stream:
            self._descriptor = -1
            stream.write(f"{answer[KEY]}\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(self._draft, self._path)
        self._draft = ""

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        if self._draft:
            os.unlink(self._draft)
