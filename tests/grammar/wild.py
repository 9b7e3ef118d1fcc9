"""How the generators draw: what is usual, what is odd but legitimate, what is wrong."""

from __future__ import annotations

from hypothesis import strategies as st

Rows = tuple[list[str], ...]


def some(rows: Rows, wild: int) -> st.SearchStrategy[str]:
    """One of the words of the first rows: of the first one alone for 0, of all three for 2."""
    return st.sampled_from([one for row in rows[: wild + 1] for one in row])
