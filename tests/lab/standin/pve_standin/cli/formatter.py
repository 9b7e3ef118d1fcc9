"""Printing API results: JSON, or the tables that PVE draws for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def print_result(data: Any, output_format: str, result_type: str = "", *, border: bool = True) -> None:
    """Print a result as a command line tool does; a method without a result prints nothing."""
    if result_type == "null":
        return
    if output_format == "json":
        print(json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    elif output_format == "json-pretty":
        print(json.dumps(data, sort_keys=True, indent=3, separators=(",", " : "), ensure_ascii=False))
    elif output_format == "yaml":
        print("---\n" + "\n".join(_yaml(data, 0)))
    else:
        _print_text(data, border)


def _print_text(data: Any, border: bool) -> None:
    if isinstance(data, dict):
        print_table([{"key": key, "value": data[key]} for key in sorted(data)], ["key", "value"], border=border)
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        columns = sorted({key for row in data for key in row})
        print_table(data, columns, border=border)
    elif isinstance(data, list):
        for item in data:
            print(_cell(item))
    elif data is not None:
        print(data)


def print_table(rows: Sequence[dict[str, Any]], columns: Sequence[str], *, border: bool = True) -> None:
    """A table with borders; a cell of several lines makes its row as high as needed."""
    cells = [[_cell(row.get(column)).split("\n") for column in columns] for row in rows]
    widths = [
        max([len(column), *(len(line) for row in cells for line in row[index])]) for index, column in enumerate(columns)
    ]
    if not border:
        _print_row([[column] for column in columns], widths, "", " ", "")
        for row in cells:
            _print_row(row, widths, "", " ", "")
        return
    print("┌" + "┬".join("─" * (width + 2) for width in widths) + "┐")
    _print_row([[column] for column in columns], widths, "│ ", " │ ", " │")
    print("╞" + "╪".join("═" * (width + 2) for width in widths) + "╡")
    for index, row in enumerate(cells):
        if index:
            print("├" + "┼".join("─" * (width + 2) for width in widths) + "┤")
        _print_row(row, widths, "│ ", " │ ", " │")
    print("└" + "┴".join("─" * (width + 2) for width in widths) + "┘")


def _print_row(row: Sequence[list[str]], widths: Sequence[int], left: str, middle: str, right: str) -> None:
    for line in range(max(len(cell) for cell in row)):
        parts = [(cell[line] if line < len(cell) else "").ljust(width) for cell, width in zip(row, widths)]
        print(left + middle.join(parts) + right)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def _yaml(data: Any, depth: int) -> list[str]:
    indent = "  " * depth
    if isinstance(data, dict) and data:
        lines: list[str] = []
        for key in sorted(data):
            nested = _yaml(data[key], depth + 1)
            simple = len(nested) == 1 and not isinstance(data[key], (dict, list))
            lines += [f"{indent}{key}: {nested[0].strip()}"] if simple else [f"{indent}{key}:", *nested]
        return lines
    if isinstance(data, list) and data:
        return [f"{indent}- " + "\n".join(_yaml(item, depth + 1)).strip() for item in data]
    return [indent + ("~" if data is None else json.dumps(data, ensure_ascii=False))]
