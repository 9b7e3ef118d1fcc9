# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The datacenter as it is, in the form in which it is declared."""

from __future__ import annotations

from typing import Any

from ...model.datacenter.datacenter import LISTED, DesiredDatacenter, ObservedDatacenter, Thing, Value
from ...model.datacenter.options import DEFAULTS, Meaning
from .recipients import recipients, warn_of_notices

_NUMBERS = frozenset("port mtu timeout max-body-size".split())
_FLAGS = frozenset("disable invert-match verify-certificate".split())


def everything() -> DesiredDatacenter:
    """Nothing is asked for."""
    return DesiredDatacenter()


def variables(observed: ObservedDatacenter) -> dict[str, Any]:
    """Without secrets, which the API does not tell, and without what has its default."""
    options = {
        name.replace("-", "_"): _option(value)
        for name, value in sorted(observed.options.items())
        if value and value != DEFAULTS.get(name)
    }
    found: dict[str, Any] = {"options": options} if options else {}
    for (kind, name), thing in sorted(observed.things.items()):
        found.setdefault(LISTED[kind], []).append(_thing(name, thing))
    return found


def _option(value: Meaning) -> Any:
    if isinstance(value, str):
        return value
    return sorted(value) if isinstance(value, frozenset) else {k.replace("-", "_"): v for k, v in sorted(value.items())}


def _thing(name: str, thing: Thing) -> dict[str, Any]:
    typed = {"type": thing.type} if thing.type else {}
    said = {key.replace("-", "_"): _said(key, value) for key, value in sorted(thing.options.items()) if value}
    return {"name": name, **typed, **said}


def _said(name: str, value: Value) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return int(value) if name in _NUMBERS else value in ("1", "true") if name in _FLAGS else value


def describe(observed: ObservedDatacenter) -> dict[str, Any]:
    return {
        "answered": True,
        **variables(observed),
        "recipients": recipients(observed.things, observed.mail, observed.foreign),
        "problems": list(warn_of_notices(observed.things, observed.mail, observed.foreign)) if observed.release else [],
    }
