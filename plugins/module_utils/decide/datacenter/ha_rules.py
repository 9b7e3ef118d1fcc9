# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules that Proxmox VE refuses together, though each alone is right. Upstream: PVE/HA/Rules.pm and Rules/*.pm."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.datacenter.ha import ObservedHa, Rule, Things


def refuse_rules(observed: ObservedHa, wanted: Things) -> Iterator[Refusal]:
    rules = {name: one for (_kind, name), one in sorted(wanted.items()) if isinstance(one, Rule) and not one.disable}
    ties = {name: one for name, one in rules.items() if one.type == "node-affinity"}
    new = {name for name, one in rules.items() if observed.things.get(("rule", name)) != one}
    for name, rule in rules.items():
        for other, tie in ties.items():
            common = ", ".join(sorted(rule.resources & tie.resources))
            if not common or not {name, other} & new:
                continue
            if rule.type == "node-affinity" and name < other:
                yield Refusal(f"The HA rules {name} and {other} both tie {common} to nodes.", "One of them is enough.")
            elif rule.type != "node-affinity" and len(set(tie.nodes.values())) > 1:
                yield Refusal(
                    f"{common} is in the HA rule {name}, and {other} ties it to nodes of several priorities: Proxmox VE"
                    " takes no such two rules.",
                    f"Give the nodes of {other} one priority.",
                )
    yield from _refuse_affinities(observed, rules, new)


def _refuse_affinities(observed: ObservedHa, rules: dict[str, Rule], new: set[str]) -> Iterator[Refusal]:
    for name in sorted(new):
        rule, nodes = rules[name], len(observed.votes)
        if rule.type == "node-affinity":
            continue
        if not rule.affinity:
            yield Refusal(f"The HA rule {name} says neither positive nor negative.", "Declare its affinity.")
        if rule.affinity == "negative" and len(rule.resources) > nodes:
            reason = f"The HA rule {name} keeps {len(rule.resources)} resources apart, and there are {nodes} nodes."
            yield Refusal(reason, "Take some out, or make several rules.")
