# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sizes of disks as they stand in a guest's configuration. Upstream: PVE::JSONSchema, parse_size and format_size."""

from __future__ import annotations

import re
from typing import Optional

_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)")
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def parse_size(text: str) -> Optional[int]:
    """Bytes; None where it is no size."""
    found = _SIZE.fullmatch(text.strip())
    return int(float(found[1]) * (1 << _UNITS[found[2]])) if found else None


def format_size(size: int) -> str:
    """In the largest unit in which it is a whole number."""
    for unit in "TGMK":
        if size and size % (1 << _UNITS[unit]) == 0:
            return f"{size >> _UNITS[unit]}{unit}"
    return str(size)


def in_gib(size: int) -> str:
    """As a new volume is asked for: ``32`` or ``0.5``."""
    return f"{size / (1 << 30):.10f}".rstrip("0").rstrip(".")
