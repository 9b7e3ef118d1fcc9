# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node that was drained, or that has joined again, takes guests again."""

from __future__ import annotations

from ...engine.plan import Plan, Refusal, Run, Step, Wait
from ...model.cluster.locks import LOCK_BUSY
from ...model.guest.ha import HA_DEADLINE, freed_of_request, online_for_ha
from ...model.leaving.membership import DesiredMembership, ObservedMembership


def end_maintenance(node: str, why: str) -> Step:
    tell = Run(("ha-manager", "crm-command", "node-maintenance", "disable", node), timeout=60, retry_on=LOCK_BUSY)
    return Step(why, tell, f"maintenance.disable:{node}", "guest")


def resume(desired: DesiredMembership, observed: ObservedMembership) -> Plan:
    member = observed.member(desired.node)
    if member is None or not member.online or not observed.quorate:
        reason = f"{desired.node} is not an online member of a cluster with quorum."
        return Plan(refusals=(Refusal(reason, "Let it join first; run this on another member."),))
    ha = observed.references.ha
    if not ha.in_maintenance(desired.node) and desired.node not in ha.asked_free:
        return Plan()
    steps = (
        end_maintenance(desired.node, f"end the maintenance mode of {desired.node}: the HA manager uses it again"),
        Step(
            f"wait until the HA manager uses {desired.node} again",
            Wait((freed_of_request(desired.node), online_for_ha(desired.node)), HA_DEADLINE),
            f"maintenance.end:{desired.node}",
            "guest",
            hint="Does the CRM work? See ha-manager status.",
        ),
    )
    return Plan(steps, before={"maintenance": True}, after={"maintenance": False})
