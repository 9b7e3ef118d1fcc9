# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The firewall as it is, in the form in which it is declared, and the ways to a node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ...model.firewall.files import Entry, RuleSet
from ...model.firewall.firewall import CLUSTER_DEFAULTS, HOST_DEFAULTS, NodeWays, ObservedFirewall
from ...model.firewall.rule import Rule
from ...model.firewall.way import is_own, is_own_set

_FLAGS = frozenset(
    "enable ebtables ndp nftables nosmurfs tcpflags log_nf_conntrack nf_conntrack_allow_invalid"
    " protection_synflood".split()
)
_NUMBERS = frozenset(
    "nf_conntrack_max nf_conntrack_tcp_timeout_established nf_conntrack_tcp_timeout_syn_recv"
    " protection_synflood_burst protection_synflood_rate".split()
)


def describe(observed: ObservedFirewall, ways: NodeWays) -> dict[str, Any]:
    return {
        **asdict(ways),
        "links": {str(number): address for number, address in ways.links.items()},
        "enabled": observed.cluster.enabled,
        "loaded": observed.loaded,
        "strange": [*observed.cluster.strange, *observed.host.strange],
        "cluster": cluster_variables(observed.cluster),
        "host": host_variables(observed.host),
    }


def cluster_variables(rules: RuleSet) -> dict[str, Any]:
    """Without what is at its default, and without what the collection adds for ways in use."""
    found: dict[str, Any] = {
        "options": _options(rules.options, CLUSTER_DEFAULTS),
        "aliases": [_said(one.comment, name=one.name, cidr=one.cidr) for one in rules.aliases.values()],
        "ipsets": [
            _said(one.comment, name=name, entries=[_said(entry.comment, **_entry(entry)) for entry in one.entries])
            for name, one in rules.ipsets.items()
            if not is_own_set(name)
        ],
        "groups": [_said(one.comment, name=name, rules=_rules(one.rules)) for name, one in rules.groups.items()],
        "rules": _rules(rules.rules),
    }
    return {name: value for name, value in found.items() if value}


def host_variables(rules: RuleSet) -> dict[str, Any]:
    found = {"host_options": _options(rules.options, HOST_DEFAULTS), "host_rules": _rules(rules.rules)}
    return {name: value for name, value in found.items() if value}


def _entry(entry: Entry) -> dict[str, Any]:
    return {"cidr": entry.cidr, **({"nomatch": True} if entry.nomatch else {})}


def _said(comment: str, **given: Any) -> dict[str, Any]:
    return {**given, **({"comment": comment} if comment else {})}


def _options(options: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, Any]:
    """An ``enable`` that is a moment is over by the time that anybody reads this."""
    said = {name: value for name, value in options.items() if defaults.get(name, value) != value}
    return {
        name: value == "1" if name in _FLAGS else int(value) if name in _NUMBERS else value
        for name, value in sorted(said.items())
    }


def _rules(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    return [_rule(rule) for rule in rules if not is_own(rule)]


def _rule(rule: Rule) -> dict[str, Any]:
    given = {name: value for name, value in vars(rule).items() if value and name not in ("direction", "enable")}
    return {"type": rule.direction, **given, **({} if rule.enable else {"enable": False})}
