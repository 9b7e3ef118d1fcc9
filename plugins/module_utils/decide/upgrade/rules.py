# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the rules of the HA manager can be kept without a node. A rule that cannot makes maintenance never end.

The manager notes ``maintenance`` at once, for the node and its LRM, and leaves a service there that fits nowhere else.
So what is counted is services, and not what the manager calls the node.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ...engine.plan import Refusal
from ...model.guest.ha import HighAvailability
from ...model.guest.overview import ResourceAffinity

#: States of a service in which nothing of it runs, or of which the manager does nothing any more.
AT_REST = ("stopped", "error", "ignored")


def active_on(ha: HighAvailability, node: str) -> list[str]:
    """The services that keep the node's LRM at work: while there is one, it ends neither for apt nor for a boot."""
    return sorted(sid for sid, (where, state) in ha.services.items() if where == node and state not in AT_REST)


@dataclass(frozen=True)
class Broken:
    """A rule that cannot be kept without the node, and the services of the node that it then leaves nowhere to go."""

    rule: str
    services: tuple[str, ...]
    why: str


def broken_rules(
    ha: HighAvailability,
    rules: Collection[ResourceAffinity],
    node: str,
    left: Collection[str],
    stopped: Collection[str] = (),
) -> Iterator[Broken]:
    """``left``: nodes that can take services once this one is kept free. stopped: services that will not run then."""
    alive = {sid for name in (node, *left) for sid in active_on(ha, name)} - set(stopped)
    leaving = set(active_on(ha, node)) & alive
    for one in ha.affinities:
        here = tuple(sorted(leaving & one.resources))
        if here and one.strict and not one.disabled and not set(one.nodes) & set(left):
            yield Broken(one.name, here, "names no other node that is there")
    for rule in rules:
        here = tuple(sorted(leaving & rule.resources))
        why = "" if rule.disabled or not here else _why(ha, rule, rule.resources & alive, left)
        if why:
            yield Broken(rule.name, here, why)


def _why(ha: HighAvailability, rule: ResourceAffinity, together: Collection[str], left: Collection[str]) -> str:
    if not rule.together:
        apart = len(together) > len(left)
        return f"keeps {len(together)} services apart, and {len(left)} nodes are left" if apart else ""
    places = set(left).intersection(*(_allowed(ha, sid, left) for sid in together))
    return "" if places else "keeps them together, and no node may have them all"


def _allowed(ha: HighAvailability, sid: str, left: Collection[str]) -> set[str]:
    strict = [set(one.nodes) for one in ha.affinities if one.strict and not one.disabled and sid in one.resources]
    return set(left).intersection(*strict)


def refuse_rules(broken: Iterable[Broken]) -> Iterator[Refusal]:
    for one in broken:
        yield Refusal(
            f"The HA rule {one.rule} leaves no node for {', '.join(one.services)}: it {one.why}. Maintenance would"
            " never end.",
            "Disable the rule for that time, or let one of its guests be stopped (upgrade_guests: {VMID: stop}).",
        )
