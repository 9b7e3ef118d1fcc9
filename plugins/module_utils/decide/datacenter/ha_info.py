# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What HA is in charge of, in the form in which it is declared."""

from __future__ import annotations

from typing import Any

from ...engine.errors import Unreadable
from ...model.datacenter.ha import DesiredHa, Group, Kind, ObservedHa, Resource, Rule
from .ha_refusals import warnings

_LISTS: tuple[tuple[Kind, str, str], ...] = (
    ("resource", "resources", "sid"),
    ("group", "groups", "group"),
    ("rule", "rules", "rule"),
)


def everything(caller: str) -> DesiredHa:
    """Nothing is asked for; whoever asks has to be allowed to see it all."""
    return DesiredHa(caller=caller)


def variables(observed: ObservedHa) -> dict[str, Any]:
    """Without defaults, and without the states, which change when somebody starts or stops a guest."""
    found: dict[str, Any] = {}
    for kind, plural, word in _LISTS:
        rows = [{word: name, **_said(one)} for (of, name), one in sorted(observed.things.items()) if of == kind]
        if rows:
            found[plural] = rows
    return {**found, **({"shutdown_policy": observed.policy} if observed.policy else {})}


def _said(thing: object) -> dict[str, Any]:
    if isinstance(thing, Resource):
        plain: Any = Resource(state=thing.state)
    elif isinstance(thing, Group):
        plain = Group()
    else:
        plain = Rule("node-affinity")
    words = {word: value for word, value in vars(thing).items() if value != getattr(plain, word) or word == "type"}
    return {word: _plain(value) for word, value in words.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return dict(sorted(value.items())) if isinstance(value, dict) else value


def describe(observed: ObservedHa) -> dict[str, Any]:
    if observed.lacking:
        raise Unreadable(f"The token lacks {', '.join(observed.lacking)}: it is not shown all there is.")
    queued = [f"{sid} is queued: no node has taken it in charge." for sid, state in _queued(observed)]
    disarmed = [f"HA is {observed.armed}: it restarts nothing."] if observed.armed.startswith("disarm") else []
    return {
        "release": "" if observed.release is None else str(observed.release),
        "armed": observed.armed,
        "services": dict(sorted(observed.services.items())),
        "problems": [*disarmed, *queued, *warnings(observed, observed.things)],
        **variables(observed),
    }


def _queued(observed: ObservedHa) -> list[tuple[str, str]]:
    return [(sid, state) for sid, state in sorted(observed.services.items()) if state == "queued"]
