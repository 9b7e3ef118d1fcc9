"""Tables with titles of their own and numbers to the right, for the lists that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

_SHAPING: Mapping[str, Any] = {"optional": True, "format_option": True}

FORMAT_OPTION: Mapping[str, dict[str, Any]] = {
    "output-format": {"type": "string", "enum": ["text", "json", "json-pretty", "yaml"], **_SHAPING},
    "noborder": {"type": "boolean", **_SHAPING},
    "noheader": {"type": "boolean", **_SHAPING},
    "quiet": {"type": "boolean", **_SHAPING},
    "human-readable": {"type": "boolean", **_SHAPING},
}


@dataclass(frozen=True)
class Column:
    """A column of a table: the key of the row, its title, how a value is written."""

    key: str
    title: str
    show: Callable[[Any], str] = lambda value: "" if value is None else str(value)
    right: bool = False


def table(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> str:
    """A table with borders, a double line below the titles and a line between any two rows."""
    cells = [[column.show(row.get(column.key)) for column in columns] for row in rows]
    widths = [max([len(column.title)] + [len(row[at]) for row in cells]) for at, column in enumerate(columns)]
    bars = ["─" * (width + 2) for width in widths]
    right = [column.right for column in columns]
    lines = [f"┌{'┬'.join(bars)}┐", _line([column.title for column in columns], widths, right)]
    lines.append(f"╞{'╪'.join('═' * (width + 2) for width in widths)}╡")
    for number, row in enumerate(cells):
        if number:
            lines.append(f"├{'┼'.join(bars)}┤")
        lines.append(_line(row, widths, right))
    lines.append(f"└{'┴'.join(bars)}┘")
    return "\n".join(lines)


def _line(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    shown = [f"{text:>{width}}" if flag else f"{text:<{width}}" for text, width, flag in zip(texts, widths, right)]
    return "│ " + " │ ".join(shown) + " │"


def human_bytes(value: Any) -> str:
    if value is None:
        return ""
    number = float(value)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if number < 1024 or unit == "TiB":
            return f"{number:.2f} {unit}"
        number /= 1024
    return ""
