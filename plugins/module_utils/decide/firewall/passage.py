# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether packets of a way come through a rule set: the order of upstream's chains, and its own openings.

Whether a rule matches may be uncertain, as with an interface. An uncertain ACCEPT opens nothing, and an uncertain DROP
shuts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, Optional

from ...model.firewall.files import RuleSet
from ...model.firewall.rule import Rule, port_ranges, protocol
from ...model.firewall.sets import LOCAL, MANAGEMENT, Networks, network_of, networks_of
from ...model.firewall.way import COROSYNC, COROSYNC_OPEN, Way
from ...model.node.host import IPNetwork

Direction = Literal["in", "out"]
Ports = tuple[int, int]
#: What upstream opens for the management set, and from a node to its own network.
_MANAGEMENT: tuple[Ports, ...] = ((22, 22), (3128, 3128), (5900, 5999), (8006, 8006), (60000, 60050))
_POLICIES: Mapping[Direction, str] = {"in": "DROP", "out": "ACCEPT"}
#: Macros that open ways in use; of others nobody knows here what they match.
_MACROS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ceph": (("tcp", "3300"), ("tcp", "6789"), ("tcp", "6800:7300")),
    "http": (("tcp", "80"),),
    "https": (("tcp", "443"),),
    "ping": (("icmp", ""),),
    "ssh": (("tcp", "22"),),
    "web": (("tcp", "80"), ("tcp", "443")),
}


class Match(IntEnum):
    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True)
class Packets:
    """Of one way and one range of its ports. No networks: from or to anywhere."""

    direction: Direction
    proto: str
    ports: Ports
    sources: Networks
    dests: Networks
    way: str

    @classmethod
    def of(cls, way: Way, direction: Direction, own: Sequence[str]) -> Iterator[Packets]:
        """``own``: the addresses of the node at which they are looked at."""
        others, here = _networks(way.sources), _networks(own)
        sources, dests = (others, here) if direction == "in" else (here, others)
        for ports in port_ranges(way.ports) or ():
            yield cls(direction, way.proto, ports, sources, dests, way.name)


def shut(packets: Packets, rules: RuleSet, host: Sequence[Rule], local: str) -> Optional[str]:
    """What shuts them; None where they come through. ``host``: the rules of the node itself, which come first."""
    for rule in _unfolded((*host, *rules.rules), rules):
        found = _matches(rule, packets, rules) if rule.direction == packets.direction else Match.NO
        if found is Match.YES and rule.action == "ACCEPT":
            return None
        if found is not Match.NO and rule.action != "ACCEPT":
            return f"the rule {rule}"
    if _built_in(packets, rules, local):
        return None
    policy = rules.options.get(f"policy_{packets.direction}", _POLICIES[packets.direction])
    return None if policy == "ACCEPT" else f"the policy_{packets.direction} {policy}"


def _unfolded(found: Sequence[Rule], rules: RuleSet) -> Iterator[Rule]:
    """With the rules of the groups where they are named."""
    for rule in found:
        if not rule.enable:
            continue
        group = rules.groups.get(rule.action.lower()) if rule.direction == "group" else None
        if rule.direction != "group":
            yield rule
        elif group is not None:
            yield from (one for one in group.rules if one.enable)


def _built_in(packets: Packets, rules: RuleSet, local: str) -> bool:
    if packets.way.startswith(COROSYNC):
        return _within(packets.ports, (COROSYNC_OPEN,))
    if packets.proto != "tcp" or not _within(packets.ports, _MANAGEMENT):
        return False
    own = network_of(LOCAL, rules.aliases) or (ipaddress.ip_network(local) if local else None)
    known: Networks = (own,) if own is not None else ()
    if packets.direction == "out":
        return _covers(known, packets.dests) is Match.YES
    listed = networks_of(rules.ipsets[MANAGEMENT], rules.aliases) if MANAGEMENT in rules.ipsets else ()
    return _covers((*known, *(listed or ())), packets.sources) is Match.YES


def _within(ports: Ports, ranges: Sequence[Ports]) -> bool:
    return any(first <= ports[0] and ports[1] <= last for first, last in ranges)


def _matches(rule: Rule, packets: Packets, rules: RuleSet) -> Match:
    uncertain = Match.MAYBE if rule.iface or rule.sport else Match.YES
    return min(
        uncertain,
        _matches_ports(rule, packets),
        _matches_addresses(rule.source, packets.sources, rules),
        _matches_addresses(rule.dest, packets.dests, rules),
    )


def _matches_ports(rule: Rule, packets: Packets) -> Match:
    said = _MACROS.get(rule.macro.lower()) if rule.macro else ((protocol(rule.proto), rule.dport),)
    if said is None:
        return Match.MAYBE
    return max(_matches_port(proto, spec, packets) for proto, spec in said)


def _matches_port(proto: str, spec: str, packets: Packets) -> Match:
    if proto not in ("", packets.proto):
        return Match.NO
    ranges = port_ranges(spec)
    if not spec:
        return Match.YES
    if ranges is None:
        return Match.MAYBE
    first, last = packets.ports
    touched = any(begin <= last and first <= end for begin, end in ranges)
    return Match.YES if _within(packets.ports, ranges) else Match.MAYBE if touched else Match.NO


def _matches_addresses(spec: str, networks: Networks, rules: RuleSet) -> Match:
    if not spec:
        return Match.YES
    found = [_resolved(part, rules) for part in spec.split(",")]
    known = tuple(network for one in found if one is not None for network in one)
    certain = _covers(known, networks)
    if any(one is None for one in found) or any(_excepts(part, rules) for part in spec.split(",")):
        return Match.MAYBE
    return certain


def _resolved(part: str, rules: RuleSet) -> Optional[Networks]:
    """None for what nobody knows here: a set or an alias that there is not, a range."""
    if part.startswith("+"):
        ipset = rules.ipsets.get(part[1:].lower().replace("dc/", ""))
        return networks_of(ipset, rules.aliases) if ipset is not None else None
    network = network_of(part, rules.aliases)
    return (network,) if network is not None else None


def _excepts(part: str, rules: RuleSet) -> bool:
    ipset = rules.ipsets.get(part[1:].lower().replace("dc/", "")) if part.startswith("+") else None
    return ipset is not None and any(entry.nomatch for entry in ipset.entries)


def _covers(known: Networks, wanted: Networks) -> Match:
    """Nothing wanted is everything."""
    if not wanted:
        return Match.YES if any(one.prefixlen == 0 for one in known) else Match.MAYBE if known else Match.NO
    listed = frozenset(known)
    if all(one in listed or any(_is_within(one, other) for other in known) for one in wanted):
        return Match.YES
    return Match.MAYBE if any(_overlap(one, other) for one in wanted for other in known) else Match.NO


def _is_within(part: IPNetwork, whole: IPNetwork) -> bool:
    return part.version == whole.version and part.prefixlen >= whole.prefixlen and part.network_address in whole


def _overlap(one: IPNetwork, other: IPNetwork) -> bool:
    return _is_within(one, other) or _is_within(other, one)


def _networks(texts: Sequence[str]) -> Networks:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
