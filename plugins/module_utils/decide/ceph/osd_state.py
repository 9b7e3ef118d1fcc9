# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how OSDs are taken in or out, and how they are marked for maintenance."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Optional

from ...engine.plan import Plan, Refusal, Run, Step
from ...model.ceph.conditions import CEPH
from ...model.ceph.osd_state import IN, OUT, DesiredOsdState, ObservedOsdState
from ...model.ceph.state import ObservedCeph, Osd
from .drain import refuse_drain
from .osd_steps import mark_in, mark_out
from .pool_refusals import refuse_silence


def desired_from(params: Mapping[str, Any]) -> DesiredOsdState:
    """Module parameters → desired state."""
    osds, tolerated = tuple(sorted(set(params["osds"]))), frozenset(params["tolerated_health"])
    return DesiredOsdState(osds, params["membership"], params["noout"], tolerated)


def decide(desired: DesiredOsdState, observed: ObservedOsdState) -> Plan:
    refusals = refuse_unknown(desired.osds, observed.ceph)
    cluster = observed.ceph.cluster
    if cluster is None or refusals:
        return Plan(refusals=tuple(refusals))
    osds = [osd for osd in cluster.osds if osd.id in desired.osds]
    if observed.safety is not None and desired.membership == OUT:
        refusals += refuse_drain(observed.safety, desired.tolerated)
    return Plan(
        steps=tuple(step for osd in osds for step in _steps(desired, osd)),
        refusals=tuple(refusals),
        before={f"osd.{osd.id}": _state(osd) for osd in osds},
        after={f"osd.{osd.id}": _state(osd, desired) for osd in osds},
    )


def refuse_unknown(numbers: Collection[int], ceph: ObservedCeph) -> list[Refusal]:
    """Without an answer from the monitors nothing is known."""
    if not numbers:
        return []
    if ceph.cluster is None:
        return [refuse_silence(ceph.silence or "none has been made yet")]
    known = [osd.id for osd in ceph.cluster.osds]
    there = ", ".join(str(number) for number in sorted(known)) or "none"
    missing = [number for number in numbers if number not in known]
    return [Refusal(f"There is no osd.{number}.", f"There are: {there}.") for number in missing]


def _steps(desired: DesiredOsdState, osd: Osd) -> list[Step]:
    steps = []
    if desired.noout and not osd.noout:
        steps.append(_flag(osd, "set", "osd.{} may be down for a while without its data being moved (noout)"))
    if desired.membership == OUT:
        steps += mark_out(osd)
    if desired.membership == IN and not osd.is_in:
        steps.append(mark_in(osd))
    if desired.noout is False and osd.noout:
        steps.append(_flag(osd, "unset", "end the maintenance of osd.{} (noout)"))
    return steps


def _flag(osd: Osd, verb: str, why: str) -> Step:
    argv = (*CEPH, "osd", f"{verb}-group", "noout", f"osd.{osd.id}")
    return Step(why.format(osd.id), Run(argv, timeout=60), f"osd.{verb}-noout:{osd.id}", "data")


def _state(osd: Osd, desired: Optional[DesiredOsdState] = None) -> dict[str, Any]:
    """As it is, or with what is desired put over it."""
    found = {"membership": IN if osd.is_in else OUT, "noout": osd.noout}
    wanted = {} if desired is None else {"membership": desired.membership, "noout": desired.noout}
    return {**found, **{key: value for key, value in wanted.items() if value is not None}}
