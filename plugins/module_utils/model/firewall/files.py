# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of Proxmox VE's firewall: options, aliases, sets of addresses, rules and security groups.

Upstream writes them whole, in this order, and so does the collection: what is put into force is one text, and not a
series of calls with a half-finished firewall after each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from .rule import Rule, parse_rule

CLUSTER_FILE = "/etc/pve/firewall/cluster.fw"
#: File of a guest: NUMBER.fw.
FOLDER = "/etc/pve/firewall"
_SECTION = re.compile(r"\[(?P<kind>options|aliases|rules|ipset|group)(?:\s+(?P<name>[^\s\]]+))?\]", re.IGNORECASE)
_ALIAS = re.compile(r"(?P<name>[A-Za-z][\w-]+)\s+(?P<cidr>\S+)")
_ENTRY = re.compile(r"(?P<nomatch>!?)\s*(?P<cidr>\S+)")
_OPTION = re.compile(r"(?P<name>[a-z_]+):\s*(?P<value>\S.*?)")


_Thing = TypeVar("_Thing")


def host_file(node: str) -> str:
    return f"/etc/pve/nodes/{node}/host.fw"


@dataclass(frozen=True)
class Alias:
    name: str
    cidr: str
    comment: str = ""


@dataclass(frozen=True)
class Entry:
    """``cidr``: an address, a network, or the name of an alias. ``nomatch``: an exception."""

    cidr: str
    nomatch: bool = False
    comment: str = ""


@dataclass(frozen=True)
class IpSet:
    name: str
    entries: tuple[Entry, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class Group:
    name: str
    rules: tuple[Rule, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class RuleSet:
    """One file. Names of aliases, sets and groups are lower case, as upstream compares them.

    ``strange``: lines that are nothing known; upstream skips them, so nobody knows what was meant.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    ipsets: Mapping[str, IpSet] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    groups: Mapping[str, Group] = field(default_factory=dict)
    strange: tuple[str, ...] = ()

    @property
    def enabled(self) -> bool:
        """A number above 1 is a moment, from which it is on for a minute and no longer."""
        return self.options.get("enable") == "1"

    @property
    def text(self) -> str:
        """Empty where there is nothing to say; then upstream has no file."""
        parts = [
            _section("OPTIONS", "", [f"{name}: {value}" for name, value in sorted(self.options.items())]),
            _section("ALIASES", "", [_told(f"{one.name} {one.cidr}", one.comment) for one in _sorted(self.aliases)]),
            *(
                _section(f"IPSET {one.name}", one.comment, map(_entry, one.entries), True)
                for one in _sorted(self.ipsets)
            ),
            _section("RULES", "", [rule.line for rule in self.rules]),
            *(
                _section(f"group {one.name}", one.comment, [rule.line for rule in one.rules], True)
                for one in _sorted(self.groups)
            ),
        ]
        return "\n".join(part for part in parts if part)


def _sorted(things: Mapping[str, _Thing]) -> Iterator[_Thing]:
    return (things[name] for name in sorted(things))


def _told(text: str, comment: str) -> str:
    return f"{text} # {comment}" if comment else text


def _entry(entry: Entry) -> str:
    return _told(f"{'!' if entry.nomatch else ''}{entry.cidr}", entry.comment)


def _section(head: str, comment: str, lines: Iterable[str], always: bool = False) -> str:
    body = "".join(f"{line}\n" for line in lines)
    return f"{_told(f'[{head}]', comment)}\n\n{body}" if body or always else ""


def parse(text: str) -> RuleSet:
    """What upstream reads; a line that it would skip is among the strange ones."""
    reading = _Reading()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#") and not reading.take(line.strip()):
            reading.strange.append(f"line {number}: {line.strip()}")
    return reading.whole


class _Reading:
    def __init__(self) -> None:
        self.kind, self.name = "", ""
        self.options: dict[str, str] = {}
        self.aliases: dict[str, Alias] = {}
        self.comments: dict[tuple[str, str], str] = {}
        self.entries: dict[str, list[Entry]] = {}
        self.rules: dict[str, list[Rule]] = {"": []}
        self.strange: list[str] = []

    def take(self, line: str) -> bool:
        text, dummy, comment = (part.strip() for part in line.partition("#"))
        if head := _SECTION.fullmatch(text):
            return self._begin(head["kind"].lower(), (head["name"] or "").lower(), comment)
        if text.startswith("["):
            return self._begin("", "", "")
        taking = {"options": self._option, "aliases": self._alias, "ipset": self._of_set}
        if self.kind in taking:
            return taking[self.kind](text, comment)
        rule = parse_rule(line) if self.kind in ("rules", "group") else None
        if rule is not None:
            self.rules[self.name].append(rule)
        return rule is not None

    def _begin(self, kind: str, name: str, comment: str) -> bool:
        if not kind or bool(name) != (kind in ("ipset", "group")):
            self.kind = ""  # what follows belongs nowhere
            return False
        self.kind, self.name = kind, name
        if name:
            self.comments[kind, name] = comment
            (self.entries if kind == "ipset" else self.rules).setdefault(name, [])
        return True

    def _option(self, text: str, comment: str) -> bool:
        found = _OPTION.fullmatch(text)
        if found:
            self.options[found["name"]] = found["value"]
        return found is not None

    def _alias(self, text: str, comment: str) -> bool:
        found = _ALIAS.fullmatch(text)
        if found:
            self.aliases[found["name"].lower()] = Alias(found["name"], found["cidr"], comment)
        return found is not None

    def _of_set(self, text: str, comment: str) -> bool:
        found = _ENTRY.fullmatch(text)
        if found:
            self.entries[self.name].append(Entry(found["cidr"], bool(found["nomatch"]), comment))
        return found is not None

    @property
    def whole(self) -> RuleSet:
        sets = {name: IpSet(name, tuple(found), self.comments["ipset", name]) for name, found in self.entries.items()}
        groups = {
            name: Group(name, tuple(rules), self.comments["group", name]) for name, rules in self.rules.items() if name
        }
        return RuleSet(self.options, self.aliases, sets, tuple(self.rules[""]), groups, tuple(self.strange))
