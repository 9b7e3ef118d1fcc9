# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A list of owners as it comes out of a spreadsheet: every value is a text, and what is not understood is told.

A table that is not understood is not an empty one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LOGIN = "login"
_SEPARATORS = (";", "\t", ",")
_MARK = "\ufeff"


@dataclass(frozen=True)
class Row:
    """``where``: such as line 3. ``values``: column → what stands there, without blanks around it."""

    where: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """``problems``: what is wrong, each with its line; then the rows are not to be used."""

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    problems: tuple[str, ...] = ()
    separator: str = field(default="")


def read_table(text: str) -> Table:
    """``text``: as read byte for byte, where letters of another encoding are lone surrogates."""
    foreign = next((number for number, line in enumerate(text.split("\n"), 1) if _is_foreign(line)), None)
    if foreign is not None:
        return Table(problems=(f"line {foreign} is not UTF-8; save the table as UTF-8",))
    lines = text[len(_MARK) :] if text.startswith(_MARK) else text
    header = next((line for line in lines.splitlines() if line.strip()), "")
    separator = _separator(header)
    try:
        records = list(_records(lines, separator))
    except csv.Error as error:
        return Table(problems=(f"it is no table of values with a separator: {error}",), separator=separator)
    if not records:
        return Table(problems=(f"it has no header; its first line names the columns, one of them {LOGIN}",))
    columns = tuple(word.strip().lower() for word in records[0][1])
    wrong = list(_wrong_header(columns))
    if wrong:
        return Table(columns, problems=tuple(wrong), separator=separator)
    return _table(columns, records[1:], separator)


def _is_foreign(line: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in line)


def _separator(header: str) -> str:
    """The one that stands in the header most often; of a table with one column, a comma."""
    return max(reversed(_SEPARATORS), key=header.count)


def _records(text: str, separator: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Line on which a record begins → its values. A line without any value is none."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    begins = 1
    for record in reader:
        if any(value.strip() for value in record):
            yield begins, record
        begins = reader.line_num + 1


def _wrong_header(columns: Sequence[str]) -> Iterator[str]:
    if LOGIN not in columns:
        yield f"its header is not understood: it names {', '.join(columns)}, and no column {LOGIN}"
    for name in sorted({name for name in columns if name and columns.count(name) > 1}):
        yield f"its header names the column {name} twice"
    if "" in columns:
        yield "its header has a column without a name"


def _table(columns: tuple[str, ...], records: Sequence[tuple[int, Sequence[str]]], separator: str) -> Table:
    rows, problems = [], []
    for number, record in records:
        where = f"line {number}"
        if len(record) > len(columns):
            problems.append(f"{where} has {len(record)} values, the header {len(columns)}")
            continue
        values = [value.strip() for value in record] + [""] * (len(columns) - len(record))
        rows.append(Row(where, dict(zip(columns, values))))
        if not rows[-1].values[LOGIN]:
            problems.append(f"{where}: {LOGIN} is empty")
    return Table(columns, tuple(rows), tuple(problems), separator)
