# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the networks that are staged and run to those that are declared: staged one by one, then applied once."""

from __future__ import annotations

from typing import Any

from ...engine.plan import Plan, Refusal, Step
from ...model.sdn.sdn import DesiredSdn, Kind, ObservedSdn, Thing, Things, options_of
from .apply import apply, foreign, needs_apply, refuse_apply
from .change import Change
from .lock import released, taken
from .refusals import refuse
from .steps import makes, removes
from .warnings import warnings


def decide(desired: DesiredSdn, observed: ObservedSdn) -> Plan:
    blind = tuple(_refuse_blind(desired, observed))
    if blind:
        return Plan(refusals=blind)
    change = Change(desired, observed)
    writes = (*removes(change, early=True), *makes(change), *removes(change, early=False))
    applies = needs_apply(change)
    steps, possible = _in_order(change, writes, (apply(change),) if applies else ())
    return Plan(
        steps=steps,
        possible=possible,
        refusals=(*refuse(change), *(refuse_apply(change) if writes or applies else ())),
        warnings=tuple(warnings(change)),
        before=_shown(observed.staged, change.goal),
        after=_shown(change.goal, observed.staged),
        tells={"foreign": foreign(change)},
    )


def _refuse_blind(desired: DesiredSdn, observed: ObservedSdn) -> list[Refusal]:
    if observed.release is not None and observed.release < (8, 0):
        return [Refusal("These networks need Proxmox VE 8 or 9.", "Upgrade the nodes first.")]
    if observed.lacking:
        hint = "Give it these, propagating, or let the run speak as root@pam (without api.token_id)."
        told = ", ".join(observed.lacking)
        return [Refusal(f"{desired.caller} lacks {told}: it would not see, or not change, what is declared.", hint)]
    return []


def _in_order(
    change: Change, writes: tuple[Step, ...], applied: tuple[Step, ...]
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """What was not taken under a lock, with nothing staged, is looked at once more before it is applied."""
    observed = change.observed
    if not writes and not applied:
        return (), ()
    before = (*taken(change), *writes) if change.locks else writes
    if not applied:
        return (*before, *((released(change.desired),) if change.locks else ())), ()
    sure = change.locks and not observed.pending and not observed.locked
    return ((*before, *applied), ()) if sure or not before else (before, applied)


def _shown(things: Things, others: Things) -> dict[str, Any]:
    """What differs from the other state, without secrets, for people."""
    return {
        f"{kind} {name}": _told(kind, thing)
        for (kind, name), thing in sorted(things.items())
        if others.get((kind, name)) != thing
    }


def _told(kind: Kind, thing: Thing) -> dict[str, Any]:
    table = options_of(kind, thing.type)
    hidden = {name for name, option in table.items() if option.secret}
    shown = {name: "..." if name in hidden else value for name, value in sorted(thing.options.items())}
    return {"type": thing.type, **{name: list(one) if isinstance(one, tuple) else one for name, one in shown.items()}}
