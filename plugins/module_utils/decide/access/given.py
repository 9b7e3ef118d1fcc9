# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values as users give them: texts that are still what was written, ids that Proxmox VE takes, days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...engine.day import end_of_day
from ...engine.errors import Invalid

_QUOTES = "Write it in quotes: YAML has made something else of what stands there, such as 0123, no or 12:30."
_LATEST = 1 << 53


def text(what: str, value: Any) -> str:
    """A text, and nothing that YAML has made a number, a truth value or a date of."""
    if not isinstance(value, str):
        raise Invalid(f"{what}: {value!r} is not a text.", _QUOTES)
    if not value or re.search(r"[\x00-\x1f\x7f]", value):
        raise Invalid(f"{what}: {value!r} is empty or contains a control character.")
    return value


def named(what: str, value: Any, form: re.Pattern[str], hint: str, longest: int = 0) -> str:
    name = text(what, value)
    if not form.fullmatch(name) or (longest and len(name) > longest):
        raise Invalid(f"{what}: {name!r} is not what Proxmox VE takes.", hint)
    return name


def names(what: str, values: Iterable[Any], form: re.Pattern[str], hint: str) -> frozenset[str]:
    return frozenset(named(what, value, form, hint) for value in values)


def expiry(what: str, value: Any) -> int:
    """``never``, a day that still counts, or seconds since 1970. 0 would be never, so that is to be written."""
    if value == "never":
        return 0
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and 1 < value < _LATEST:
        return value
    try:
        return end_of_day(value)
    except (TypeError, ValueError):
        hint = "Write never, a day such as 2027-02-28, through which it is valid (UTC), or seconds since 1970."
        raise Invalid(f"{what}: expire cannot be {value!r}.", hint) from None


def fields(what: str, definition: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Those that are said."""
    found = {key: definition[key] for key in keys if definition.get(key) is not None}
    for key, value in found.items():
        if isinstance(value, str) and re.search(r"[\x00-\x1f\x7f]", value):
            raise Invalid(f"{what}: {key} contains a control character.")
    if definition.get("expire") is not None:
        found["expire"] = expiry(what, definition["expire"])
    return found


def once(what: str, ids: Iterable[str]) -> None:
    known = list(ids)
    for name in known:
        if known.count(name) > 1:
            raise Invalid(f"The {what} {name} is listed twice.", "Two spellings of one thing are one thing.")
