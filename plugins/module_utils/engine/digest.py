# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Equal models have equal digests, wherever and whenever they were made.

A model should hold nothing that changes by itself. Where it must, as with the age of a file, the field says which
variable limits it; only whether the limit is passed counts then.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import ipaddress
import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

_LIMIT = "limited by"
_PLAIN = (str, int, float, type(None))
_WRITTEN = (
    *(ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network, ipaddress.IPv6Network),
    datetime.date,
)


def limited_by(variable: str) -> dict[str, str]:
    """Metadata of a field whose number grows by itself, until it is more than this variable allows (0: any number)."""
    return {_LIMIT: variable}


def digest(value: Any, limits: Mapping[str, float]) -> str:
    """SHA-256 of the canonical form. ``limits``: variable → its value; one that is missing allows any number."""
    return hashlib.sha256(json.dumps(canonical(value, limits)).encode()).hexdigest()


def canonical(value: Any, limits: Mapping[str, float]) -> Any:
    """The same JSON for equal values: no order where there is none. TypeError for what has no such form."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _of_field(value, field, limits) for field in dataclasses.fields(value)}
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, _WRITTEN):
        return str(value)
    if isinstance(value, Mapping):
        return sorted(json.dumps([canonical(part, limits) for part in item]) for item in value.items())
    if isinstance(value, AbstractSet):
        return sorted(json.dumps(canonical(item, limits)) for item in value)
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [canonical(item, limits) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _of_field(value: Any, field: dataclasses.Field[Any], limits: Mapping[str, float]) -> Any:
    found = getattr(value, field.name)
    if _LIMIT in field.metadata:
        return found is not None and 0 < limits.get(field.metadata[_LIMIT], 0) < found
    return canonical(found, limits)
