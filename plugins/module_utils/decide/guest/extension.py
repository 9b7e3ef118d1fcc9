# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A last day is put off: the pool of the owner says to which, and the next run over the fleet follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...engine.day import end_of_day
from ...engine.plan import Plan, Refusal
from ...model.guest.fleet import NEVER, ObservedFleets
from ...model.guest.release import DesiredExtension
from .fleet import blind
from .release_calls import comment_pool
from .release_scope import Case, cases, nothing_of


def decide_extension(desired: DesiredExtension, observed: ObservedFleets) -> Plan:
    unseen = tuple(Refusal(text) for text in blind(desired.scope.fleets, observed))
    if unseen:
        return Plan(refusals=unseen)
    found = list(cases(desired.scope, observed))
    refusals = tuple(refusal for case in found for refusal in _refuse(case, desired.until, observed.clock))
    steps = tuple(
        comment_pool(
            case.pool,
            replace(case.mark, extended=desired.until),
            f"put off the last day of {case.mark.owner} in {case.fleet.id} from {case.ends.day} to {desired.until}",
            observed.release,
        )
        for case in found
        if case.ends.day != desired.until
    )
    told = [_told(case) for case in found]
    return Plan(steps, refusals, tuple(nothing_of(desired.scope, found)), tells={"owners": told})


def _refuse(case: Case, until: str, clock: int) -> Iterator[Refusal]:
    who = f"{case.mark.owner} in {case.fleet.id}"
    if case.mark.released:
        yield Refusal(f"{who} gives his machines back.", "Revoke that first.")
    if case.ends.day == NEVER:
        yield Refusal(f"{who} has no last day.")
    elif until < case.ends.day:
        yield Refusal(f"{until} is before {case.ends.day}, the last day of {who}.", "Declare an earlier one: expires.")
    if end_of_day(until, case.fleet.zone) <= clock:
        yield Refusal(f"{until} is over.", "Say a day to come.")


def _told(case: Case) -> dict[str, Any]:
    return {"fleet": case.fleet.id, "owner": case.mark.owner, "pool": case.pool, "ends": case.ends.day}
