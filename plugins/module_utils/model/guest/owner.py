# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom machines are for, and how he is called as a user, in the names of his machines and as a pool."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..access import names
from .owner_table import LOGIN, Row, Table

#: What can be said of an owner. ``id``: how he is called here, where his login cannot be a name.
COLUMNS = (LOGIN, "id", "name", "email", "expires")
QUOTES = "write it in quotes: YAML has made something else of what stands there, such as 0123, 1e3, no or 12:30"
#: Part of a DNS name; the pool of an owner, too, begins with a letter.
_LABEL = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
_JOINED = str.maketrans("_.", "--")


@dataclass(frozen=True)
class Owner:
    """``user``: his id in Proxmox VE. ``label``: in the names of his machines and his pool.

    ``expires``: the day after which his machines end, or nothing where it is that of the fleet.
    """

    user: str
    label: str
    name: str = ""
    email: str = ""
    expires: str = ""


@dataclass(frozen=True)
class Owners:
    """``problems``: why the list is not to be used. ``unused``: columns that say nothing here."""

    owners: tuple[Owner, ...] = ()
    problems: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def owners_from_table(table: Table, realm: str, prefix: str) -> Owners:
    unused = tuple(name for name in table.columns if name not in COLUMNS)
    rows = [row for row in table.rows if row.values[LOGIN]]
    found = _owners(rows, realm, prefix)
    return Owners(found.owners, (*table.problems, *found.problems), unused)


def owners_from_list(given: Sequence[Any], realm: str, prefix: str) -> Owners:
    """Logins, or what is said of each."""
    rows, problems = [], []
    unused: set[str] = set()
    for number, one in enumerate(given, 1):
        where = f"owner {number}"
        values = one if isinstance(one, Mapping) else {LOGIN: one}
        wrong = [f"{where}: {key} is {value!r}, and no text; {QUOTES}" for key, value in _changed(values)]
        problems += wrong
        unused.update(key for key in values if key not in COLUMNS)
        if wrong:
            continue
        told = {key: _written(value) for key, value in values.items()}
        if not told.get(LOGIN):
            problems.append(f"{where}: {LOGIN} is empty")
        else:
            rows.append(Row(where, told))
    found = _owners(rows, realm, prefix)
    wrong = [f"{name} is nothing that is said of an owner; choose among {', '.join(COLUMNS)}" for name in unused]
    return Owners(found.owners, (*problems, *sorted(wrong), *found.problems))


def _changed(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is no text any more. A date means the same, and is one where a day is asked for."""
    for key, value in values.items():
        if not isinstance(value, str) and not (key == "expires" and hasattr(value, "isoformat")):
            yield key, value


def _written(value: Any) -> str:
    return value.strip() if isinstance(value, str) else str(value.isoformat())


def _owners(rows: Iterable[Row], realm: str, prefix: str) -> Owners:
    found: dict[str, tuple[str, Owner]] = {}
    problems = []
    for row in rows:
        owner = _owner(row.values, realm, prefix)
        wrong = list(_wrong(row, owner))
        known = found.get(owner.label)
        if known is not None and not wrong:
            places = f"{known[0]} and {row.where}".replace(" and line ", " and ").replace("line ", "lines ")
            wrong.append(f"{places}: {known[1].user} and {owner.user} are the same owner, {owner.label}")
        problems += wrong
        if not wrong:
            found[owner.label] = (row.where, owner)
    return Owners(tuple(sorted((owner for dummy, owner in found.values()), key=lambda one: one.label)), tuple(problems))


def _owner(values: Mapping[str, str], realm: str, prefix: str) -> Owner:
    called = values.get("id") or values[LOGIN]
    user = called if "@" in called else f"{called}@{realm}"
    label = prefix + user.rpartition("@")[0].lower().translate(_JOINED)
    return Owner(user, label, *(values.get(key, "") for key in ("name", "email", "expires")))


def _wrong(row: Row, owner: Owner) -> Iterator[str]:
    if not names.USER.fullmatch(owner.user) or not 3 <= len(owner.user) <= names.LONGEST_USER:
        yield f"{row.where}: no user can be called {owner.user!r}; say in the column id how he is called here"
    elif not _LABEL.fullmatch(owner.label):
        hint = "say in the column id how he is called here, or give the fleet a prefix"
        yield (
            f"{row.where}: no machine and no pool can be called {owner.label!r}: small letters of English, digits and "
            f"hyphens, beginning with a letter, at most 40; {hint}"
        )
    for key, value in row.values.items():
        if any(ord(letter) < 32 or letter == "\x7f" for letter in value):
            yield f"{row.where}: {key} contains a control character"
