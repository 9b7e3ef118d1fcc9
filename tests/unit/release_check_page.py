"""The tables in docs/releases_upgrade.md: what keeps a node from its next release, from the tables of the code."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.checker_rows import ROWS, UNKNOWN, CheckRow
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.release_rows import OWN_ROWS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "releases_upgrade.md"
UPSTREAM, OWN = "upstream's checks", "own checks"


def _stops(row: CheckRow) -> str:
    if row.when == "after":
        return "no: after the upgrade"
    return " or ".join(row.stops) or "no"


def _table(rows: Iterable[CheckRow]) -> str:
    lines = [f"| `{row.id}` | {row.fix} | {_stops(row)} | {row.what} |" for row in rows]
    return "\n".join(("| check | who | in the way at | how |", "|---|---|---|---|", *lines))


def upstream() -> str:
    return _table((*ROWS, UNKNOWN))


def own() -> str:
    return _table(OWN_ROWS)
