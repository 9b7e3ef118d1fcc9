# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What there is, in the form in which it is declared."""

from __future__ import annotations

from typing import Any

from ...engine.errors import Unreadable
from ...model.sdn.options import Meaning, Option
from ...model.sdn.sdn import LISTED, TYPED, DesiredSdn, Key, Kind, ObservedSdn, Thing, Things, Wish, options_of
from .apply import problems
from .change import Change

#: It is there from the beginning.
_BUILT_IN: Key = ("ipam", "pve")


def variables(things: Things) -> dict[str, list[dict[str, Any]]]:
    """Without secrets, and without what is there from the beginning."""
    found: dict[str, list[dict[str, Any]]] = {}
    for (kind, name), thing in sorted(things.items()):
        if (kind, name) != _BUILT_IN:
            found.setdefault(LISTED[kind][0], []).append(_said(kind, name, thing))
    return found


def _said(kind: Kind, name: str, thing: Thing) -> dict[str, Any]:
    ids = LISTED[kind][1]
    named = dict(zip(ids, name.split("/", 1) if len(ids) > 1 else [name]))
    table = options_of(kind, thing.type)
    shown = {
        option.replace("-", "_"): _value(table[option], value)
        for option, value in sorted(thing.options.items())
        if not table[option].secret
    }
    return {**named, **({"type": thing.type} if kind in TYPED else {}), **shown}


def _value(option: Option, value: Meaning) -> Any:
    if option.form == "interfaces" and isinstance(value, tuple):
        return [_interface(one) for one in value]
    return list(value) if isinstance(value, tuple) else value


def _interface(text: str) -> dict[str, Any]:
    pairs = dict(part.partition("=")[::2] for part in text.split(","))
    return {key: int(value) if value.isdigit() else value for key, value in pairs.items()}


def everything(caller: str) -> DesiredSdn:
    """Nothing is asked for; whoever asks has to be allowed to see it all."""
    return DesiredSdn(caller=caller)


def describe(observed: ObservedSdn) -> dict[str, Any]:
    """Every node is held against everything that runs."""
    if observed.lacking:
        raise Unreadable(f"The token lacks {', '.join(observed.lacking)}: it is not shown all there is.")
    running = {key: Wish(thing.type) for key, thing in observed.running.items() if key in observed.staged}
    change = Change(DesiredSdn(running), observed)
    return {
        "release": ".".join(map(str, observed.release)) if observed.release else None,
        **variables(observed.staged),
        "pending": {f"{kind} {name}": state for (kind, name), state in sorted(observed.pending.items())},
        "problems": problems(change),
        "staged_networks": sorted(name for name, node in observed.nodes.items() if node is not None and node.staged),
        "nodes_off": sorted(name for name, node in observed.nodes.items() if node is None),
    }
