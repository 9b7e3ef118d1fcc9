# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What only a look at all nodes can show, as one of them is told before it is changed (see ``site/cluster``).

The lead is the one node that acts for all: it creates the cluster, or is the member through which others join; it
writes what changes of the running cluster, and asks for the certificate of the quorum device. A joiner is a node that
is to become a member.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from .cluster import STANDALONE, AuthorizedKey, Member, State
from .links import Links
from .paths import Paths


@dataclass(frozen=True)
class PlannedNode:
    """A node that belongs, or will belong, to the same cluster, as ``cluster_info`` sees it there.

    ``mtus``: of the links' interfaces, in their order; 0 where there is none.  ``debian``: release, such as 13.
    """

    name: str
    state: State = STANDALONE
    links: Links = Links({})
    mtus: tuple[int, ...] = ()
    debian: str = ""

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> PlannedNode:
        links, mtus = Links.in_order(document.get("links", ())), tuple(document.get("mtus", ()))
        return cls(document["name"], document.get("state", STANDALONE), links, mtus, document.get("debian", ""))

    def document(self) -> dict[str, Any]:
        links, mtus = list(self.links.addresses), list(self.mtus)
        return {"name": self.name, "state": self.state, "links": links, "mtus": mtus, "debian": self.debian}


@dataclass(frozen=True)
class Lead:
    """The member through which a node joins. ``members`` and ``keys`` are None when nobody has asked it.

    ``version``: that of the configuration in which ``members`` were found (each change of the cluster counts it up).
    ``qdevice``: the host of its quorum device, with which it takes in nobody.
    """

    address: str
    version: Optional[int] = None
    members: Optional[tuple[Member, ...]] = None
    keys: Optional[tuple[AuthorizedKey, ...]] = None
    qdevice: Optional[str] = None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Lead:
        members, keys = document.get("nodes"), document.get("authorized_keys")
        return cls(
            address=document["address"],
            version=document.get("version"),
            members=None if members is None else tuple(map(Member.parse, members)),
            keys=None if keys is None else tuple(map(AuthorizedKey.parse, keys)),
            qdevice=document.get("qdevice"),
        )

    def document(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "version": self.version,
            "nodes": None if self.members is None else [one.document() for one in self.members],
            "authorized_keys": None if self.keys is None else [key.document() for key in self.keys],
            "qdevice": self.qdevice,
        }


@dataclass(frozen=True)
class ClusterContext:
    """``lead``: None on the lead itself.  ``nodes``: every node of the cluster to be.

    ``silent``: hosts that may be members of the cluster, and did not say.  ``third_vote``: somebody has decided on a
    quorum device, for it or against it; two nodes are not warned then.  ``odd_device``: how many nodes there will be,
    if that is odd and a quorum device is to be set up for them all the same; told to the lead.  ``paths``: what a
    joiner found when it tried its links.
    """

    lead: Optional[Lead] = None
    nodes: tuple[PlannedNode, ...] = ()
    silent: tuple[str, ...] = ()
    third_vote: bool = False
    odd_device: int = 0
    paths: Optional[Paths] = None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> ClusterContext:
        """From what ``document`` gives; what is left out is empty. Raises KeyError, TypeError and ValueError."""
        strange = sorted(set(document) - {"lead", "nodes", "silent", "third_vote", "odd_device", "paths"})
        if strange:
            raise ValueError(f"{', '.join(strange)} is not part of it")
        lead, paths = document.get("lead"), document.get("paths")
        return cls(
            lead=None if lead is None else Lead.parse(lead),
            nodes=tuple(map(PlannedNode.parse, document.get("nodes", ()))),
            silent=tuple(document.get("silent", ())),
            third_vote=bool(document.get("third_vote", False)),
            odd_device=int(document.get("odd_device", 0)),
            paths=None if paths is None else Paths.parse(paths),
        )

    def document(self) -> dict[str, Any]:
        """In the form of results and of the option ``context``."""
        return {
            "lead": None if self.lead is None else self.lead.document(),
            "nodes": [node.document() for node in self.nodes],
            "silent": list(self.silent),
            "third_vote": self.third_vote,
            "odd_device": self.odd_device,
            "paths": None if self.paths is None else self.paths.document(),
        }

    def others(self, node: str) -> dict[str, Links]:
        """Whom a joiner has to reach: the nodes that were asked, and the members that are online."""
        found = {one.name: one.links for one in self.nodes if one.name != node}
        members = self.lead.members or () if self.lead is not None else ()
        online = {one.name: one.links for one in members if one.online and one.name not in (node, *found)}
        return {**found, **online}
