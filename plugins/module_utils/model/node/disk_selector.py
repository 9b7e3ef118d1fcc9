# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Choose disks by what they are: model, size, kind. Size conditions are written as ``>3.5T`` or ``>=1T,<2T``."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import Callable, Optional

from ...engine.byte_size import parse_bytes
from .disk import Disk

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_CONDITION = re.compile(r"\s*(>=|<=|>|<)(.*)")

Bounds = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class DiskSelector:
    """What must all be true of a disk; None is true of any. ``model``: a pattern with * and ?, in any case."""

    model: Optional[str] = None
    size: Bounds = ()
    rotational: Optional[bool] = None

    def matches(self, disk: Disk) -> bool:
        return (
            (self.model is None or _alike(self.model, disk.model or ""))
            and all(_COMPARE[sign](disk.size, bound) for sign, bound in self.size)
            and self.rotational in (None, disk.rotational)
        )

    def __str__(self) -> str:
        words = [f"model {self.model}"] if self.model is not None else []
        words += [f"size {sign} {bound / 10**9:g} GB" for sign, bound in self.size]
        words += [] if self.rotational is None else ["rotational" if self.rotational else "not rotational"]
        return ", ".join(words) or "any disk"


def _alike(pattern: str, text: str) -> bool:
    words = {"*": ".*", "?": "."}
    expression = "".join(words.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, text, re.IGNORECASE) is not None


def parse_size(text: str) -> Bounds:
    """``>3.5T`` → the condition in bytes. Raises ValueError."""
    bounds = []
    for part in text.split(","):
        found = _CONDITION.fullmatch(part)
        if found is None:
            raise ValueError(f"{part.strip()!r} is not a condition such as >3.5T or <=500Gi")
        bounds.append((found[1], parse_bytes(found[2])))
    return tuple(bounds)
