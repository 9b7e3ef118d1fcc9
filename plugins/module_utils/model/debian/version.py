# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The order of versions, as dpkg has it. Upstream: deb-version(7)."""

from __future__ import annotations

import functools
import re

_PART = re.compile(r"([^0-9]*)([0-9]*)")


def compare(one: str, other: str) -> int:
    """Negative, zero, positive: one is older, means the same, is newer.

    >>> compare("6.8.12-43-pve", "6.8.12-9-pve") > 0, compare("1.0~rc1", "1.0") < 0, compare("1:1", "2") > 0
    (True, True, True)
    """
    for left, right in zip(_parts(one), _parts(other)):
        found = _compare_text(left, right)
        if found:
            return found
    return 0


#: For ``sorted`` and ``max``.
version_key = functools.cmp_to_key(compare)


def _parts(version: str) -> tuple[str, str, str]:
    """Epoch, upstream's version, Debian's revision."""
    epoch, colon, rest = version.partition(":")
    epoch, rest = (epoch, rest) if colon and epoch.isdecimal() else ("0", version)
    upstream, hyphen, revision = rest.rpartition("-")
    return epoch, upstream if hyphen else rest, revision if hyphen else "0"


def _compare_text(one: str, other: str) -> int:
    """In turns what is no number, letter by letter, and what is one."""
    left, right = _PART.findall(one), _PART.findall(other)
    for index in range(max(len(left), len(right))):
        words, number = left[index] if index < len(left) else ("", "")
        others, second = right[index] if index < len(right) else ("", "")
        first = [*map(_rank, words), 0]
        if first != [*map(_rank, others), 0]:
            return -1 if first < [*map(_rank, others), 0] else 1
        difference = int(number or 0) - int(second or 0)
        if difference:
            return difference
    return 0


def _rank(letter: str) -> int:
    """A tilde comes before the end, letters before everything else."""
    return -1 if letter == "~" else ord(letter) + (0 if letter.isalpha() else 256)
