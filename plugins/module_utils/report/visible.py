# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text of others, such as names of guests and models of disks, so that it is seen and does nothing."""

from __future__ import annotations

import re
from typing import Any

#: Control characters, the bidirectional controls that turn a name round, and halves of characters.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def visible(value: Any) -> Any:
    r"""The same with ``\x1b`` in place of an escape, in all strings of it, keys included.

    >>> visible("a\u202egpj.exe"), visible(["line one\rall is well"])
    ('a\\u202egpj.exe', ['line one\\rall is well'])
    """
    if isinstance(value, str):
        return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), value)
    if isinstance(value, dict):
        return {visible(key): visible(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [visible(one) for one in value]
    return value
