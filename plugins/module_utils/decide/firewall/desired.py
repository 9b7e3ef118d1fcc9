# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said of the firewall → what is wanted of it. What upstream would take no notice of is refused here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.firewall.files import Alias, Entry, Group, IpSet
from ...model.firewall.firewall import CLUSTER_DEFAULTS, HOST_DEFAULTS, DesiredFirewall, Part
from ...model.firewall.rule import ACTIONS, Rule, faults, ranges
from ...model.firewall.sets import network_of
from ...model.firewall.way import PREFIX, way_from

#: Upstream's longest name of a security group.
_GROUP = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,17}")
_SET = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,63}")
#: What is written on one line would not be read as it was written.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f]|^\s|\s$")
_DECLARED = ("options", "rules", "aliases", "ipsets", "groups", "host_options", "host_rules")
_FIELDS = ("iface", "source", "dest", "proto", "dport", "sport", "icmp_type", "log")


def desired_from(params: Mapping[str, Any]) -> DesiredFirewall:
    for text in _texts([params[name] for name in _DECLARED]):
        if _UNWRITABLE.search(text):
            raise Invalid(f"firewall: {text!r} is not one line without spaces around it.", "Of several lines make one.")
    gone = [
        (kind, one["name"].lower())
        for kind, plural in (("alias", "aliases"), ("ipset", "ipsets"), ("group", "groups"))
        for one in params[plural]
        if one["state"] == "absent"
    ]
    desired = DesiredFirewall(
        cluster=Part(_options(params["options"] or {}, CLUSTER_DEFAULTS), _rules("rules", params["rules"])),
        host=Part(_options(params["host_options"] or {}, HOST_DEFAULTS), _rules("host_rules", params["host_rules"])),
        aliases=tuple(_alias(one) for one in _present(params["aliases"], "alias", _SET)),
        ipsets=tuple(_ipset(one) for one in _present(params["ipsets"], "ipset", _SET)),
        groups=tuple(_group(one) for one in _present(params["groups"], "group", _GROUP)),
        gone=frozenset(gone),
        exclusive=frozenset(params["exclusive"]),
        guests=frozenset(params["guests"]),
        ways=tuple(way_from(one) for one in params["ways"]),
        local_networks=params["local_networks"],
        lead=params["lead"],
        seconds=params["timeout"],
        phase=params["phase"],
    )
    if desired.host.options.get("nftables") == "1":
        raise Invalid(
            "firewall: nftables cannot be switched on: nothing tells which rule set the kernel then has.",
            "Leave it out. The firewall by iptables is upstream's default.",
        )
    return desired


def _texts(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, (list, dict)):
        for one in given.values() if isinstance(given, dict) else given:
            yield from _texts(one)


def _options(given: Mapping[str, Any], defaults: Mapping[str, str]) -> dict[str, str]:
    said = {name: value for name, value in given.items() if value is not None}
    return {
        name: str(int(value)) if isinstance(value, bool) else str(value)
        for name, value in said.items()
        if name in defaults
    }


def _present(given: Sequence[Mapping[str, Any]], what: str, name: re.Pattern[str]) -> Iterable[Mapping[str, Any]]:
    names = [one["name"].lower() for one in given]
    for one in given:
        if names.count(one["name"].lower()) > 1:
            raise Invalid(f"firewall: the {what} {one['name']} is declared twice.")
        if not name.fullmatch(one["name"]):
            most = 18 if what == "group" else 64
            raise Invalid(f"firewall: {what} {one['name']!r}: a name has 2 to {most} letters, digits, - and _.")
        if one["name"].lower().startswith(PREFIX):
            raise Invalid(f"firewall: names that begin with {PREFIX} are for ways in use: {one['name']}.")
    return (one for one in given if one["state"] == "present")


def _alias(one: Mapping[str, Any]) -> Alias:
    network = network_of(one["cidr"] or "", {})
    if network is None:
        raise Invalid(f"firewall: the alias {one['name']} needs a cidr, an address or a network.")
    return Alias(one["name"], one["cidr"], one["comment"])


def _ipset(one: Mapping[str, Any]) -> IpSet:
    """Names as upstream keeps them, in lower case. Whether entries are one network, only the aliases tell."""
    for entry in one["entries"]:
        if "-" in entry["cidr"] and entry["cidr"][0].isdigit():
            raise Invalid(f"firewall: {entry['cidr']} in the set {one['name']} is a range; a set takes networks.")
    entries = tuple(Entry(entry["cidr"], entry["nomatch"], entry["comment"]) for entry in one["entries"])
    return IpSet(one["name"].lower(), entries, one["comment"])


def _group(one: Mapping[str, Any]) -> Group:
    rules = _rules(f"group {one['name']}", one["rules"]) or ()
    inner = [rule for rule in rules if rule.direction == "group"]
    if inner:
        raise Invalid(f"firewall: the group {one['name']} cannot name another group: {inner[0]}.")
    return Group(one["name"].lower(), rules, one["comment"])


def _rules(where: str, given: Optional[Sequence[Mapping[str, Any]]]) -> Optional[tuple[Rule, ...]]:
    return None if given is None else tuple(_rule(where, one) for one in given)


def _rule(where: str, one: Mapping[str, Any]) -> Rule:
    given = {name: str(one[name] or "") for name in _FIELDS}
    rule = Rule(one["type"], one["action"], one["macro"] or "", one["enable"], comment=one["comment"], **given)
    wrong = list(faults(rule))
    if rule.direction == "group" and not _GROUP.fullmatch(rule.action):
        wrong.append(f"{rule.action!r} is no name of a group")
    elif rule.direction != "group" and rule.action not in ACTIONS:
        wrong.append(f"{rule.action!r} is none of {', '.join(ACTIONS)}")
    if ranges(rule):
        raise Invalid(f"firewall: {where}: `{rule}`: {'; '.join(ranges(rule))}.")
    if wrong:
        raise Invalid(
            f"firewall: {where}: upstream would take no notice of `{rule}`: {'; '.join(wrong)}.", "Write it otherwise."
        )
    return rule
