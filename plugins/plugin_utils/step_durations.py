# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What steps took in earlier runs of this user, so that a plan can say how long it will take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Optional

from ansible.utils.display import Display

from .own_files import cache_folder, write_text

#: Lines that are kept when the file has grown to twice as many.
KEPT = 2000


class StepDurations:
    """A file of lines ``KIND SECONDS`` in this user's cache. It names kinds of steps only: no host, disk or guest.

    Where there is no such file, or it cannot be written, plans go on guessing; that is no reason for a task to fail.
    """

    def __init__(self, path: Optional[Path] = None) -> None:
        self._path = path or cache_folder() / "step-durations"

    def add(self, steps: Iterable[Mapping[str, Any]]) -> None:
        """Steps as results have them; those without a measurement are left out. Hosts in other processes add, too."""
        lines = [f"{step['id'].partition(':')[0]} {step['seconds']}\n" for step in steps if "seconds" in step]
        try:
            self._append("".join(lines))
        except OSError as error:
            Display().vv(f"What steps took is not remembered: {error}")

    def _append(self, text: str) -> None:
        if not text:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path.open("a", encoding="ascii") as stream:
            stream.write(text)  # one write of less than a page: lines of two processes do not mix
        lines = self._lines()
        if len(lines) > 2 * KEPT:
            write_text(self._path, "\n".join(lines[-KEPT:]) + "\n")

    def measured(self) -> list[tuple[str, float]]:
        """(kind, seconds) in the order in which they were measured. What is no such line does not count."""
        pairs = (line.split() for line in self._lines())
        return [(pair[0], float(pair[1])) for pair in pairs if len(pair) == 2 and _is_number(pair[1])]

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            return []


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).isdecimal()
