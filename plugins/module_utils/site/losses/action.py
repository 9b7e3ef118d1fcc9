# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Something that a person may think of in a bad night, and when it is right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

#: ``right``: nothing is lost by it. ``only if``: right under its condition alone. ``refused``: it does not work now.
#: ``never``: not to be done, whatever else is tried.
Verdict = Literal["right", "only if", "refused", "never"]


@dataclass(frozen=True)
class Action:
    """``what``: for people; commands: exactly as to be typed, on ``on``. condition: when it is right, and what it
    destroys otherwise."""

    what: str
    verdict: Verdict
    condition: str
    commands: tuple[str, ...] = ()
    on: str = ""

    def document(self) -> dict[str, Any]:
        """In the form of report.json."""
        return {**asdict(self), "commands": list(self.commands)}
