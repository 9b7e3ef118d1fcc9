# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ways that have to stay open, and the sets and rules by which the collection opens those that nobody else opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .files import Entry, IpSet
from .rule import Rule

#: Of sets that are the collection's own; what names one of them is its own as well.
PREFIX = "baremetal-"
#: The way of whoever runs Ansible. Others may do so from elsewhere, so what is in its set stays.
CONTROLLER = "controller"
#: Upstream opens these itself, between the nodes' links.
COROSYNC, COROSYNC_FIRST, COROSYNC_OPEN = "corosync", 5405, (5404, 5405)
_COMMENT = "baremetal.virt: a way in use"


@dataclass(frozen=True)
class Way:
    """``sources``: addresses and networks; none: anybody. ``at``: node → its own addresses to which it leads.

    ``mutual``: between nodes, so that whoever is led to is a source, too. ``ports``: as in a rule.
    """

    name: str
    what: str
    proto: str
    ports: str
    sources: tuple[str, ...] = ()
    at: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mutual: bool = False

    @property
    def set_name(self) -> str:
        return f"{PREFIX}{self.name}"

    @property
    def document(self) -> dict[str, Any]:
        lists = {"sources": list(self.sources), "at": {node: list(own) for node, own in self.at.items()}}
        return {**vars(self), **lists}

    @property
    def opened(self) -> tuple[Rule, ...]:
        """The rules that open it: one for packets that come in, and between nodes one for those that go out."""
        there = f"+{self.set_name}" if self.sources else ""
        inward = Rule(
            "in",
            "ACCEPT",
            source=there,
            dest=there if self.mutual else "",
            proto=self.proto,
            dport=self.ports,
            comment=_COMMENT,
        )
        outward = Rule("out", "ACCEPT", source=there, dest=there, proto=self.proto, dport=self.ports, comment=_COMMENT)
        return (inward, outward) if self.mutual else (inward,)

    def ipset(self, kept: Sequence[Entry] = ()) -> IpSet:
        known = {entry.cidr for entry in kept}
        new = tuple(Entry(source) for source in sorted(set(self.sources) - known))
        return IpSet(self.set_name, (*kept, *new), _COMMENT)


def way_from(document: Mapping[str, Any]) -> Way:
    at = {node: tuple(own) for node, own in document["at"].items()}
    return Way(**{**document, "sources": tuple(document["sources"]), "at": at})


def is_own(rule: Rule) -> bool:
    return rule.comment == _COMMENT


def is_own_set(name: str) -> bool:
    return name.startswith(PREFIX)
