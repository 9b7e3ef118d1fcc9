# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wanted of the configuration of a running cluster: one document for all of its nodes.

Upstream: corosync.conf(5), corosync-qdevice(8), and "Edit corosync.conf" in pvecm(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Optional

from .links import Links

#: The configuration that is known to work, as long as the one that followed it is not proved on every node.
UNPROVED = "/etc/pve/corosync.conf.unproved"
#: The configuration before the last proved change (upstream's manual suggests the name).
BACKUP = "/etc/pve/corosync.conf.bak"

Phase = Literal["whole", "begin", "finish"]
WHOLE: Phase = "whole"
BEGIN: Phase = "begin"
FINISH: Phase = "finish"

#: The algorithms of a quorum device, as upstream chooses them: for an even and for an odd number of nodes.
FFSPLIT = "ffsplit"
LMS = "lms"


@dataclass(frozen=True)
class DesiredNode:
    """Without links, those it has stay as they are; so do its votes."""

    name: str
    links: Links = Links({})
    votes: Optional[int] = None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> DesiredNode:
        return cls(document["name"], Links.in_order(document["links"]), document["votes"])

    def document(self) -> dict[str, Any]:
        return {"name": self.name, "links": list(self.links.addresses), "votes": self.votes}


@dataclass(frozen=True)
class DesiredQDevice:
    """``host`` None: no quorum device."""

    host: Optional[str] = None
    allow_odd: bool = False


@dataclass(frozen=True)
class ChangeReport:
    """What a node says of a change: nothing, if all is well there."""

    name: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class DesiredClusterConfig:
    """Desired configuration; whatever is None or empty stays as it is.

    phase: BEGIN writes a change and leaves it unproved; FINISH keeps it or takes it back, as the ``reports`` say;
    WHOLE does both on the word of this node alone.
    """

    name: str
    nodes: tuple[DesiredNode, ...] = ()
    priorities: tuple[int, ...] = ()
    token_coefficient: Optional[int] = None
    qdevice: Optional[DesiredQDevice] = None
    phase: Phase = WHOLE
    reports: tuple[ChangeReport, ...] = ()
