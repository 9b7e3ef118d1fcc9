# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be shown: files are read byte for byte, also those that are no UTF-8, but a result has to be text."""

from __future__ import annotations

from typing import Any


def printable(value: Any) -> Any:
    """The same with a question mark for each byte that is no part of a letter, in all strings of it, keys included."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {printable(key): printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(item) for item in value]
    return value
