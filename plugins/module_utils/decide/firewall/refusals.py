# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nothing is written for: each says what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.firewall.files import CLUSTER_FILE, RuleSet, host_file
from ...model.firewall.firewall import DesiredFirewall, ObservedFirewall
from ...model.firewall.rule import Rule, faults, is_range
from ...model.firewall.sets import LOCAL, network_of, set_faults
from .target import Target, shut_ways, unasked


def refuse(desired: DesiredFirewall, observed: ObservedFirewall, wanted: Target) -> Iterator[Refusal]:
    yield from _refuse_strange(observed)
    yield from _refuse_sets(desired, wanted.cluster)
    yield from _refuse_unknown(wanted)
    if wanted.cluster.enabled:
        yield from _refuse_skipped(wanted)
        yield from _refuse_backend(wanted)
        if not unasked(desired, observed.concerned):
            yield from _refuse_ways(desired, observed, wanted)
        yield from _refuse_guests(desired, observed)


def _refuse_strange(observed: ObservedFirewall) -> Iterator[Refusal]:
    for path, rules in ((CLUSTER_FILE, observed.cluster), (host_file(observed.node), observed.host)):
        if rules.strange:
            lines = "; ".join(rules.strange[:3])
            yield Refusal(
                f"{path} has lines that upstream would skip: {lines}.",
                "Nobody knows whether such a line was to open or to shut something. Mend or remove it there.",
            )


def _refuse_sets(desired: DesiredFirewall, rules: RuleSet) -> Iterator[Refusal]:
    """Of any set: one that the kernel refuses keeps all of the firewall from being applied."""
    for ipset in rules.ipsets.values():
        for fault in set_faults(ipset, rules.aliases, desired.local_networks.values()):
            yield Refusal(str(fault), "The kernel refuses such a set, and then nothing of the firewall is applied.")
        unknown = [entry.cidr for entry in ipset.entries if not _is_known(entry.cidr, rules)]
        if unknown:
            yield Refusal(f"The set {ipset.name} names {', '.join(unknown)}, which is neither address nor alias.")


def _refuse_unknown(wanted: Target) -> Iterator[Refusal]:
    """The API takes them, also away from under a rule."""
    rules = wanted.cluster
    for rule in _every(wanted):
        if rule.direction == "group" and rule.action.lower() not in rules.groups:
            yield Refusal(f"The rule `{rule}` names the group {rule.action}, which there is not.", "Declare it, too.")
        for part in filter(None, ",".join((rule.source, rule.dest)).split(",")):
            if not _is_known(part, rules):
                yield Refusal(f"The rule `{rule}` names {part}, which there is not.", "Declare it, too.")


def _is_known(part: str, rules: RuleSet) -> bool:
    """Upstream itself makes sets of its networks, and the alias of the node's own one."""
    name = part.lower().replace("dc/", "")
    if part.startswith("+"):
        return name[1:] in rules.ipsets or name.startswith("+sdn/")
    return name == LOCAL or network_of(part, rules.aliases) is not None or is_range(part)


def _every(wanted: Target) -> Iterator[Rule]:
    yield from wanted.host.rules
    yield from wanted.cluster.rules
    for group in wanted.cluster.groups.values():
        yield from group.rules


def _refuse_skipped(wanted: Target) -> Iterator[Refusal]:
    for rule in _every(wanted):
        reasons = list(faults(rule)) if rule.enable else []
        if reasons:
            yield Refusal(f"Upstream takes no notice of the rule `{rule}`: {'; '.join(reasons)}.", "Mend or remove it.")


def _refuse_backend(wanted: Target) -> Iterator[Refusal]:
    if wanted.host.options.get("nftables") == "1":
        yield Refusal(
            "This node filters by nftables, and nothing tells which rule set its kernel then has.",
            "Switch nftables off in the options of the node's firewall.",
        )


def _refuse_ways(desired: DesiredFirewall, observed: ObservedFirewall, wanted: Target) -> Iterator[Refusal]:
    """Rules of the node come before those of the cluster, so the collection cannot open what they shut."""
    found: dict[str, str] = {}
    for way, reason in shut_ways(desired, wanted.cluster, wanted.host.rules, desired.ways, observed.node):
        found.setdefault(f"{way.what} ({way.proto} {way.ports})", reason)
    for what, reason in found.items():
        yield Refusal(
            f"A way in use would be shut on {observed.node}: {what}, by {reason}.", "Open it before that rule."
        )


def _refuse_guests(desired: DesiredFirewall, observed: ObservedFirewall) -> Iterator[Refusal]:
    waking = [one for one in observed.guests if not one.passes and one.vmid not in desired.guests]
    if waking and not observed.cluster.enabled:
        told = ", ".join(f"{one.vmid} ({one.allows})" for one in sorted(waking, key=lambda one: one.vmid))
        yield Refusal(
            f"With the cluster's firewall, the own firewall of guests on {observed.node} would wake: {told}.",
            "Declare in guests those that are to filter, and switch the firewall of the others off.",
        )
