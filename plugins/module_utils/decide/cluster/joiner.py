# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide about a node that has tried its links, if it is to join or to create the cluster."""

from __future__ import annotations

from dataclasses import replace

from ...engine.plan import Plan
from ...model.cluster.desired import DesiredCluster
from ...model.cluster.join import ObservedJoiner
from .cluster import decide


def decide_joiner(desired: DesiredCluster, observed: ObservedJoiner) -> Plan:
    """What was found on the links is told, so that nobody tries them again when the plan is carried out."""
    if observed.paths is None:
        return decide(desired, observed.cluster)
    context = replace(desired.context, paths=observed.paths)
    plan = decide(replace(desired, context=context), observed.cluster)
    return replace(plan, tells={**plan.tells, "context": context.document()})
