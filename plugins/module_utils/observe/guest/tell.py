# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several questions to the API, of which some may stay without an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Union

from ...engine.errors import Unreadable
from ...engine.reader import NODE, Reader


def tell(reader: Reader, paths: Sequence[str]) -> list[Union[Any, Unreadable]]:
    """The answers side by side; where one is not told, each for itself, with why it is not."""
    try:
        return reader.get_many(paths, NODE) if paths else []
    except Unreadable:
        return [_told(reader, path) for path in paths]


def _told(reader: Reader, path: str) -> Union[Any, Unreadable]:
    try:
        return reader.get(path, NODE)
    except Unreadable as failure:
        return failure
