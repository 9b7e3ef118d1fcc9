# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text as programs in C read it: less of it is white space or the end of a line than for Python.

``split`` and ``splitlines`` also know the white space of Unicode and the line ends of other systems, which a C program
reads as any other letter.
"""

from __future__ import annotations

import re

#: isspace() of the C locale.
SPACE = " \t\n\v\f\r"
_SPACES = re.compile(f"[{SPACE}]+")


def lines(text: str) -> list[str]:
    """The lines with their ends: a line ends with a line feed, and with nothing else."""
    found = [f"{line}\n" for line in text.split("\n")]
    found[-1] = found[-1][:-1]
    return found if found[-1] else found[:-1]


def words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _SPACES.split(text) if word)
