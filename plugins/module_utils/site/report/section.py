# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A section of a report: rows, and whether they are all that there is. What was not answered is never left out in
silence: it stands in ``missing``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

#: ``known``: all of it. ``partial``: some did not answer. ``unknown``: nobody did. ``none``: there is no such thing.
State = Literal["known", "partial", "unknown", "none"]


@dataclass(frozen=True)
class Missing:
    """Who was asked and did not answer, and why."""

    who: str
    why: str

    @property
    def document(self) -> dict[str, str]:
        return {"who": self.who, "why": self.why}


def section(rows: Sequence[dict[str, Any]], missing: Sequence[Missing], **more: Any) -> dict[str, Any]:
    state: State = "known" if rows else "none"
    if missing:
        state = "partial" if rows else "unknown"
    return {
        "state": state,
        "missing": [one.document for one in missing],
        "rows": list(rows),
        **more,
    }
