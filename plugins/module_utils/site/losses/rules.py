# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""On which nodes the HA manager may start a resource: its rules, and nothing else, decide that.

It does not ask whether disks, devices or memory are there. Upstream: ha-manager(1), Manager.pm (select_service_node).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ...model.guest.ha import NodeAffinity
from ...model.guest.overview import ResourceAffinity
from .reading import HaReading

_ONLINE = "online"


@dataclass(frozen=True)
class Choice:
    """``first``: the nodes of which one is taken, unknown which. others: those that it may go to if that fails."""

    first: frozenset[str]
    others: frozenset[str] = frozenset()


def choose(sid: str, nodes: Collection[str], places: dict[str, str], ha: HaReading) -> Choice:
    """``nodes``: those that are left with quorum. places: resource → its node, of those that go on."""
    usable = frozenset(name for name in nodes if ha.manager.nodes.get(name, _ONLINE) == _ONLINE)
    ranked = _ranked(sid, usable, ha)
    for rule in _affinities(sid, ha):
        near = {places[other] for other in rule.resources - {sid} if other in places}
        if rule.together and near:
            ranked = [group & near for group in ranked]
        elif not rule.together:
            ranked = [group - near for group in ranked]
    ranked = [group for group in ranked if group]
    return Choice(ranked[0], frozenset().union(*ranked[1:])) if ranked else Choice(frozenset())


def _ranked(sid: str, usable: frozenset[str], ha: HaReading) -> list[frozenset[str]]:
    """Nodes by priority, the highest first; those outside of a rule that is not strict come last."""
    rules = [rule for rule in ha.manager.affinities if sid in rule.resources and not rule.disabled]
    if len(rules) != 1:
        return [usable]  # rules that contradict each other are dropped, all of them
    rule = rules[0]
    priorities = sorted({_priority(rule, name) for name in rule.nodes}, reverse=True)
    ranked = [frozenset(name for name in rule.nodes if _priority(rule, name) == one) & usable for one in priorities]
    return ranked if rule.strict else [*ranked, usable - frozenset(rule.nodes)]


def _priority(rule: NodeAffinity, node: str) -> int:
    text = rule.nodes[node]
    return int(text) if text.isdecimal() else 0


def _affinities(sid: str, ha: HaReading) -> Iterator[ResourceAffinity]:
    """Without those that contradict: two resources both together and apart, or more kept apart than there are nodes."""
    rules = [rule for rule in ha.affinities if not rule.disabled]
    for rule in rules:
        against = [one for one in rules if one.together != rule.together and len(one.resources & rule.resources) > 1]
        crowded = not rule.together and len(rule.resources) > len(ha.manager.nodes or rule.resources)
        if sid in rule.resources and not against and not crowded:
            yield rule
