# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rule set that is to be: what is, with what is declared, and with what opens ways that nobody else opens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Optional, TypeVar

from ...model.firewall.files import Alias, Entry, Group, IpSet, RuleSet
from ...model.firewall.firewall import CLUSTER_DEFAULTS, HOST_DEFAULTS, DesiredFirewall, Part
from ...model.firewall.rule import Rule
from ...model.firewall.sets import network_of
from ...model.firewall.way import CONTROLLER, PREFIX, Way, is_own, is_own_set
from .passage import Direction, Packets, shut

_Thing = TypeVar("_Thing", Alias, IpSet, Group)


@dataclass(frozen=True)
class Target:
    """Of the cluster's file and of the node's own."""

    cluster: RuleSet
    host: RuleSet


def target(desired: DesiredFirewall, cluster: RuleSet, host: RuleSet, concerned: Iterable[str]) -> Target:
    """``concerned``: all nodes of the cluster. As long as one of them was not asked, nobody knows all ways, and those
    that are open stay so."""
    known = not unasked(desired, concerned)
    own = _with_part(host, desired.host, HOST_DEFAULTS, exclusive="rules" in desired.exclusive)
    wanted = _with_part(_with_things(desired, cluster), desired.cluster, CLUSTER_DEFAULTS, "rules" in desired.exclusive)
    return Target(_with_ways(desired, wanted, cluster) if wanted.enabled and known else wanted, own)


def unasked(desired: DesiredFirewall, concerned: Iterable[str]) -> list[str]:
    """The nodes of which no connection is known over which they were asked."""
    asked = {node for way in desired.ways if way.name == CONTROLLER for node in way.at}
    return [node for node in concerned if node not in asked]


def _with_part(seen: RuleSet, part: Part, defaults: Mapping[str, str], exclusive: bool) -> RuleSet:
    said = {name: value for name, value in part.options.items() if seen.options.get(name, defaults[name]) != value}
    rules = seen.rules if part.rules is None else tuple(_rules(seen.rules, part.rules, exclusive))
    return replace(seen, options={**seen.options, **said}, rules=rules)


def _rules(seen: Sequence[Rule], wanted: Sequence[Rule], exclusive: bool) -> Iterator[Rule]:
    """Those of the collection first, then the declared ones in their order; behind them what nobody declares."""
    left = list(seen)
    yield from (rule for rule in seen if is_own(rule))
    for rule in wanted:
        known = next((one for one in left if rule.same(one) and not is_own(one)), None)
        alike = known or next((one for one in left if rule.meaning == one.meaning and not is_own(one)), None)
        if alike is not None:
            left.remove(alike)
        yield known or replace(rule, comment=rule.comment or "")
    if not exclusive:
        yield from (rule for rule in left if not is_own(rule))


def _with_things(desired: DesiredFirewall, seen: RuleSet) -> RuleSet:
    groups = [replace(one, rules=_group_rules(one, seen.groups.get(one.name))) for one in desired.groups]
    return replace(
        seen,
        aliases=_things(desired, "aliases", "alias", seen.aliases, {one.name.lower(): one for one in desired.aliases}),
        ipsets=_things(
            desired, "ipsets", "ipset", seen.ipsets, {one.name: one for one in desired.ipsets}, seen.aliases
        ),
        groups=_things(desired, "groups", "group", seen.groups, {one.name: one for one in groups}),
    )


def _group_rules(wanted: Group, seen: Optional[Group]) -> tuple[Rule, ...]:
    """A declared group is as it is declared, and nothing else."""
    return tuple(_rules(seen.rules if seen else (), wanted.rules, exclusive=True))


def _things(
    desired: DesiredFirewall,
    plural: str,
    kind: str,
    seen: Mapping[str, _Thing],
    wanted: Mapping[str, _Thing],
    aliases: Optional[Mapping[str, Alias]] = None,
) -> dict[str, _Thing]:
    """What means the same stays as it is written."""
    kept = {
        name: one
        for name, one in seen.items()
        if (kind, name) not in desired.gone and (plural not in desired.exclusive or name in wanted or is_own_set(name))
    }
    changed = {
        name: one for name, one in wanted.items() if name not in kept or not _same(one, kept[name], aliases or {})
    }
    return {**kept, **changed}


def _same(wanted: _Thing, seen: _Thing, aliases: Mapping[str, Alias]) -> bool:
    if wanted.comment and wanted.comment != seen.comment:
        return False
    if isinstance(wanted, Alias) and isinstance(seen, Alias):
        return network_of(wanted.cidr, {}) == network_of(seen.cidr, {})
    if isinstance(wanted, IpSet) and isinstance(seen, IpSet):
        return _content(wanted, aliases) == _content(seen, aliases)
    return wanted == replace(seen, comment=wanted.comment)


def _content(ipset: IpSet, aliases: Mapping[str, Alias]) -> frozenset[tuple[object, bool]]:
    """An alias is another thing than the network that it means today."""
    return frozenset(
        (
            entry.cidr.lower()
            if entry.cidr.lower().replace("dc/", "") in aliases
            else network_of(entry.cidr, {}) or entry.cidr.lower(),
            entry.nomatch,
        )
        for entry in ipset.entries
    )


def _with_ways(desired: DesiredFirewall, wanted: RuleSet, seen: RuleSet) -> RuleSet:
    """Ways that are open without rules of the collection get none."""
    bare = replace(
        wanted,
        rules=tuple(rule for rule in wanted.rules if not is_own(rule)),
        ipsets={name: one for name, one in wanted.ipsets.items() if not is_own_set(name)},
    )
    closed = [way for way in desired.ways if next(shut_ways(desired, bare, (), [way]), None) is not None]
    opening = tuple(rule for way in closed for rule in way.opened if rule.direction == "in" or _filters_out(bare))
    sets = {way.set_name: way.ipset(_kept(desired, way, seen)) for way in closed if way.sources}
    return replace(bare, rules=(*opening, *bare.rules), ipsets={**bare.ipsets, **sets})


def _kept(desired: DesiredFirewall, way: Way, seen: RuleSet) -> tuple[Entry, ...]:
    known = seen.ipsets.get(f"{PREFIX}{way.name}")
    return known.entries if known and way.name == CONTROLLER and "ipsets" not in desired.exclusive else ()


def _filters_out(rules: RuleSet) -> bool:
    every = (*rules.rules, *(rule for group in rules.groups.values() for rule in group.rules))
    dropped = any(rule.direction == "out" and rule.action != "ACCEPT" and rule.enable for rule in every)
    return dropped or rules.options.get("policy_out", "ACCEPT") != "ACCEPT"


def shut_ways(
    desired: DesiredFirewall, rules: RuleSet, host: Sequence[Rule], ways: Iterable[Way], node: str = ""
) -> Iterator[tuple[Way, str]]:
    """Each way that something shuts, and what does so; at one node, or at any of those that upstream treats alike."""
    directions: tuple[Direction, ...] = ("in", "out")
    for way in ways:
        for direction in directions if way.mutual else directions[:1]:
            for local, own in _places(desired, way, node):
                for packets in Packets.of(way, direction, own):
                    reason = shut(packets, rules, host, local)
                    if reason:
                        yield way, reason


def _places(desired: DesiredFirewall, way: Way, node: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """At one node: its network and addresses. Else every network once, with the addresses of all nodes in it."""
    if node:
        if node in way.at:
            yield desired.local_networks.get(node, ""), way.at[node]
        return
    found: dict[str, dict[str, None]] = {}
    for name, own in way.at.items():
        found.setdefault(desired.local_networks.get(name, ""), {}).update(dict.fromkeys(own))
    yield from ((local, tuple(own)) for local, own in found.items())
