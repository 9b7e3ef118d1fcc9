# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Numbers as people read them, with their units."""

from __future__ import annotations

from typing import Optional

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(number: Optional[float]) -> str:
    """As disks are sold: a kB has 1000 bytes.

    >>> size(4000787030016), size(512), size(None)
    ('4.0 TB', '512 B', '')
    """
    if number is None:
        return ""
    power = 0
    while number >= 999.95 and power < len(_UNITS) - 1:
        number /= 1000
        power += 1
    return f"{number:.0f} B" if not power else f"{number:.1f} {_UNITS[power]}"


def part(number: Optional[float]) -> str:
    """
    >>> part(0.3333), part(None)
    ('33 %', '')
    """
    return "" if number is None else f"{number * 100:.0f} %"


def milliseconds(number: Optional[float]) -> str:
    """
    >>> milliseconds(0.312), milliseconds(12.6)
    ('0.31 ms', '12.6 ms')
    """
    if number is None:
        return ""
    return f"{number:.2f} ms" if number < 10 else f"{number:.1f} ms"


def moment(text: str) -> str:
    """A time in UTC for people, and with its offset.

    >>> moment("2026-11-30T03:12:05Z")
    '2026-11-30 03:12 +00:00'
    """
    return f"{text[:10]} {text[11:16]} +00:00"
