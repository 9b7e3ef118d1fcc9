# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A finding: a name for what is wrong or not known, and the facts of its sentence (``report/words.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union

#: ``wrong``: something does not work. ``unknown``: it could not be asked. ``warning``: it works, and will not for ever.
Level = Literal["wrong", "unknown", "warning"]
LEVELS: tuple[Level, ...] = ("wrong", "unknown", "warning")
Fact = Union[str, int, float]


@dataclass(frozen=True)
class Finding:
    """``about``: what it is about, such as ``pve1`` or ``osd.4``."""

    id: str
    level: Level
    about: str
    facts: Mapping[str, Fact]

    @property
    def document(self) -> dict[str, Any]:
        return {"id": self.id, "level": self.level, "about": self.about, "facts": dict(self.facts)}
