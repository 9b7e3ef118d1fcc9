"""How many examples a property draws: every one, or a fifth of them where a person waits (`make test-fast`)."""

from __future__ import annotations

import os

#: Set by `make test-fast`.
FEW = os.environ.get("FEW_EXAMPLES") == "1"


def examples(number: int) -> int:
    """Of ``number`` examples, those to draw in this run: at least five.

    >>> examples(4)
    4
    """
    return min(number, max(5, number // 5)) if FEW else number
