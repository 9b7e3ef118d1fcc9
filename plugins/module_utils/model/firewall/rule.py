# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One rule of Proxmox VE's firewall: its line in a file, what it means, and why upstream would skip it.

A line is ``[|]IN|OUT|FORWARD ACTION|MACRO(ACTION) [-i IFACE] [-source ...] ... [# comment]`` or ``GROUP name``; the
``|`` says that it is off.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Optional, cast

from ..node.host import IPNetwork

Direction = Literal["in", "out", "forward", "group"]
ACTIONS = ("ACCEPT", "DROP", "REJECT")
#: Option of the line → field; in the order in which upstream writes them.
_OPTIONS = {
    "i": "iface",
    "source": "source",
    "dest": "dest",
    "p": "proto",
    "dport": "dport",
    "sport": "sport",
    "icmp-type": "icmp_type",
    "log": "log",
}
_LINE = re.compile(r"(?P<off>\|)?\s*(?P<direction>IN|OUT|FORWARD|GROUP)\s+(?P<rest>.*)", re.IGNORECASE)
_MACRO = re.compile(r"(?P<macro>[A-Za-z][\w-]*)\((?P<action>[A-Z]+)\)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]+")
_PORT = re.compile(r"[a-z][a-z0-9-]*|\d+(:\d+)?", re.IGNORECASE)
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "ipv6-icmp": "icmpv6"}
_LAST_PORT = 65535


@dataclass(frozen=True)
class Rule:
    """``action``: of a group the name of the group. ``comment``: None where nothing is declared about it."""

    direction: Direction
    action: str
    macro: str = ""
    enable: bool = True
    iface: str = ""
    source: str = ""
    dest: str = ""
    proto: str = ""
    dport: str = ""
    sport: str = ""
    icmp_type: str = ""
    log: str = ""
    comment: Optional[str] = None

    @property
    def meaning(self) -> tuple[object, ...]:
        """Equal for rules that do the same; what they are commented with does nothing."""
        return (
            *(self.direction, self.action.lower() if self.direction == "group" else self.action, self.macro.lower()),
            *(self.enable, self.iface, addresses(self.source), addresses(self.dest), protocol(self.proto)),
            *(ports(self.dport), ports(self.sport), self.icmp_type.lower()),
            "" if self.log == "nolog" else self.log,
        )

    def same(self, other: Rule) -> bool:
        """Nothing is to be changed for the other one to be as this one is declared."""
        return self.meaning == other.meaning and self.comment in (None, other.comment or "")

    @property
    def line(self) -> str:
        """As upstream writes it."""
        what = f"{self.macro}({self.action})" if self.macro else self.action
        words = [f"{'' if self.enable else '|'}{self.direction.upper()}", what]
        for option, name in _OPTIONS.items():
            if getattr(self, name):
                words += [f"-{option}", getattr(self, name)]
        return " ".join(words) + (f" # {self.comment}" if self.comment else "")

    def __str__(self) -> str:
        return self.line.partition(" # ")[0]


def parse_rule(line: str) -> Optional[Rule]:
    """None for what is no rule; upstream skips such a line."""
    text, dummy, comment = line.partition("#")
    found = _LINE.fullmatch(text.strip())
    if found is None:
        return None
    action, *words = found["rest"].split() or [""]
    direction = cast(Direction, found["direction"].lower())
    macro = _MACRO.fullmatch(action)
    verdict = macro["action"] if macro else action
    if not (_NAME.fullmatch(verdict) if direction == "group" else verdict in ACTIONS):
        return None
    names, values = words[::2], words[1::2]
    fields = [_OPTIONS.get(name[1:]) if name.startswith("-") else None for name in names]
    if len(names) != len(values) or None in fields or len(set(fields)) < len(fields):
        return None
    given = {str(field): value for field, value in zip(fields, values)}
    return Rule(direction, verdict, macro["macro"] if macro else "", not found["off"], comment=comment.strip(), **given)


def addresses(spec: str) -> frozenset[str]:
    """The parts of a source or destination, in one spelling."""
    return frozenset(_element(part) for part in spec.split(",") if part)


def _element(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:  # an alias, a set, a range
        return text.lower().replace("dc/", "")
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def protocol(text: str) -> str:
    return _PROTOCOLS.get(text.lower(), text.lower())


def ports(spec: str) -> frozenset[str]:
    """``22:22`` is 22."""
    found = (part.lower().partition(":") for part in spec.split(",") if part)
    return frozenset(first if first == last or not last else f"{first}:{last}" for first, dummy, last in found)


def port_ranges(spec: str) -> Optional[tuple[tuple[int, int], ...]]:
    """First and last of each; None where a name of a service stands among them."""
    parts = [part.partition(":") for part in ports(spec)]
    if not all(first.isdecimal() for first, dummy, last in parts):
        return None
    return tuple(sorted((int(first), int(last or first)) for first, dummy, last in parts))


def faults(rule: Rule) -> Iterator[str]:
    """Why upstream, or the kernel after it, would take no notice of the rule, whatever the API answers."""
    for name in ("source", "dest"):
        yield from _address_faults(name, getattr(rule, name))
    for name in ("dport", "sport"):
        yield from _port_faults(name, getattr(rule, name))
    if rule.macro and (rule.proto or rule.dport or rule.sport):
        yield f"the macro {rule.macro} says protocol and ports itself"
    elif (rule.dport or rule.sport) and protocol(rule.proto) not in ("tcp", "udp", "sctp", "udplite", "dccp"):
        yield "ports need a protocol that has some, such as tcp"
    if rule.icmp_type and protocol(rule.proto) not in ("icmp", "icmpv6"):
        yield "an icmp_type needs the protocol icmp or icmpv6"
    versions = {one.version for name in ("source", "dest") for one in _networks(getattr(rule, name))}
    if len(versions) > 1:
        yield "source and dest are of different families"


def ranges(rule: Rule) -> list[str]:
    """Upstream takes them. Which ways they open or shut is not worked out here, so none is declared."""
    parts = [part for spec in (rule.source, rule.dest) for part in spec.split(",") if is_range(part)]
    return [f"{part} is a range; write networks, or put them into a set" for part in parts]


def is_range(part: str) -> bool:
    return "-" in part and (part[0].isdigit() or ":" in part)


def _address_faults(name: str, spec: str) -> Iterator[str]:
    for part in spec.split(",") if spec else ():
        if not part:
            yield f"{name} {spec!r} has an empty part"
        elif (part[0].isdigit() or ":" in part) and not is_range(part):
            yield from _network_faults(name, part)


def _network_faults(name: str, part: str) -> Iterator[str]:
    try:
        ipaddress.ip_network(part, strict=True)
    except ValueError:
        try:
            network = ipaddress.ip_network(part, strict=False)
        except ValueError:
            yield f"{name}: {part} is no address"
        else:
            yield f"{name}: {part} is an address with the length of its network, which is {network}"


def _port_faults(name: str, spec: str) -> Iterator[str]:
    for part in spec.split(",") if spec else ():
        numbers = [int(one) for one in part.split(":") if one.isdecimal()]
        if "-" in part and part.replace("-", "").isdecimal():
            yield f"{name}: {part} is written {part.replace('-', ':')}"
        elif not _PORT.fullmatch(part) or any(one > _LAST_PORT for one in numbers) or numbers != sorted(numbers):
            yield f"{name}: {part!r} is no port"


def _networks(spec: str) -> Iterator[IPNetwork]:
    for part in spec.split(","):
        try:
            yield ipaddress.ip_network(part, strict=False)
        except ValueError:
            continue
