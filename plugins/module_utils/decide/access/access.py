# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Set against set: from what is to what is declared. What gives comes first, what takes comes last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ...engine.plan import Plan
from ...model.access.access import Access, DesiredAccess, ObservedAccess
from ...model.access.realms import OPTIONS
from .caller import refuse_blind
from .gives import Change, gives
from .goal import goal
from .guard import refuse_lockouts
from .needs import refuse_lacking
from .protected import kept
from .refusals import refuse
from .takes import takes
from .warnings import warnings


def decide(desired: DesiredAccess, observed: ObservedAccess) -> Plan:
    blind = tuple(refuse_blind(desired, observed))
    if blind:
        return Plan(refusals=blind)
    wanted = goal(desired, observed)
    change = Change(desired, observed, wanted)
    steps = (*gives(change), *takes(change))
    return Plan(
        steps=steps,
        refusals=(*refuse_lacking(change), *refuse(change), *refuse_lockouts(change)),
        warnings=tuple(warnings(change)),
        before=_shown(observed.now, wanted),
        after=_shown(wanted, observed.now),
        tells={"kept": [f"{thing}: {reason}" for thing, reason in kept(desired, observed)]},
    )


def _shown(state: Access, other: Access) -> dict[str, Any]:
    """What differs from the other state, without secrets, for people."""
    found: dict[str, Any] = {}
    for field in fields(Access):
        own, others = getattr(state, field.name), getattr(other, field.name)
        differing = {
            str(key): _told(value) for key, value in sorted(own.items()) if _told(value) != _told(others.get(key))
        }
        if differing:
            found[field.name] = differing
    return found


def _told(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {name: "..." if name in OPTIONS and OPTIONS[name].secret else one for name, one in sorted(value.items())}
    if value is None or isinstance(value, (str, int)):
        return value
    return {field.name: _told(getattr(value, field.name)) for field in fields(value)}
