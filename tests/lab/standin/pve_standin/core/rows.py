"""Rows of an answer, with what is told beside the data."""

from __future__ import annotations

from typing import Any


class Rows(list[Any]):
    """A list like any other; what is empty is not told beside it."""

    def __init__(self, rows: list[Any], **beside: Any) -> None:
        super().__init__(rows)
        self.beside = {key: value for key, value in beside.items() if value}
