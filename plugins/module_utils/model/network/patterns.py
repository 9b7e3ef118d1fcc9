# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Patterns of names, as a shell has them."""

from __future__ import annotations

import re


def name_matches(name: str, part: str) -> bool:
    if name.startswith(".") and not part.startswith("."):
        return False
    pieces = re.split(r"(\*|\?|\[[^\]]+\])", part)
    return re.fullmatch("".join(map(_as_expression, pieces)), name) is not None


def _as_expression(piece: str) -> str:
    if piece in ("*", "?"):
        return {"*": ".*", "?": "."}[piece]
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 2:
        negated = piece[1] == "!"
        return f"[{'^' if negated else ''}{re.escape(piece[1 + negated : -1]).replace(re.escape('-'), '-')}]"
    return re.escape(piece)
