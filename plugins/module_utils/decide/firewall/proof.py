# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a change of the firewall is in force on a node: by its kernel, and by new connections from it.

That everything can still be reached proves nothing: it can as well where nothing was applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...model.firewall.firewall import Applied

RUNNING = "enabled/running"
#: The chain that every node has whose firewall is on.
_CHAIN = "PVEFW-HOST-IN"
_TOLD = 5


def not_applied(node: str, applied: Applied) -> Iterator[str]:
    """Nothing where the kernel has this very rule set, chain by chain and set by set, each with its digest."""
    if applied.status != RUNNING:
        yield f"pve-firewall on {node} is {applied.status}, not {RUNNING}."
    elif _CHAIN not in applied.chains:
        yield f"The rule set of {node} has no chain {_CHAIN}."
    other = [f"{name} ({todo})" for name, (todo, dummy) in sorted(applied.chains.items()) if todo != "exists"]
    if other:
        more = f" and {len(other) - _TOLD} more" if len(other) > _TOLD else ""
        yield f"The kernel of {node} does not have the rule set of the files yet: {', '.join(other[:_TOLD])}{more}."
    for error in applied.errors:
        yield f"pve-firewall on {node} could not apply it: {error.strip()}."


def lost(node: str, before: Mapping[str, bool], after: Mapping[str, bool], whats: Mapping[str, str]) -> Iterator[str]:
    """What answered before the change and does not now; what did not is not missed."""
    for place, reached in before.items():
        if reached and not after.get(place, False):
            yield f"{node} no longer reaches {whats.get(place, place)} at {place}."


def by_place(targets: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Address and port → what is there, for people."""
    return {f"{one['address']} {one['port']}": str(one["what"]) for one in targets}
