# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node tells of its cluster: the result of ``cluster_info``, and what ``site/cluster`` starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from .cluster import MEMBER, STANDALONE, AuthorizedKey, Member, State
from .config import DesiredNode
from .links import Links


@dataclass(frozen=True)
class NodeInfo:
    """The fields are those of the result, described in the module's documentation.

    ``links``: the running ones of a member, else those that the node would get.
    """

    node: str
    wanted: DesiredNode
    address: Optional[str] = None
    addresses: tuple[str, ...] = ()
    state: State = STANDALONE
    name: Optional[str] = None
    version: Optional[int] = None
    quorate: bool = False
    links: Links = Links({})
    mtus: tuple[int, ...] = ()
    debian: str = ""
    nodeid: Optional[int] = None
    votes: Optional[int] = None
    link_priorities: tuple[int, ...] = ()
    token_coefficient: Optional[int] = None
    qdevice: Optional[str] = None
    nodes: tuple[Member, ...] = ()
    authorized_keys: tuple[AuthorizedKey, ...] = ()

    @property
    def member(self) -> bool:
        return self.state == MEMBER

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> NodeInfo:
        """From what ``document`` gives. Raises KeyError and ValueError."""
        plain = ("node", "address", "state", "name", "version", "quorate", "debian", "nodeid", "votes", "qdevice")
        return cls(
            **{key: document[key] for key in plain},
            wanted=DesiredNode.parse(document["wanted"]),
            addresses=tuple(document["addresses"]),
            links=Links.in_order(document["links"]),
            mtus=tuple(document["mtus"]),
            link_priorities=tuple(document["link_priorities"]),
            token_coefficient=document["token_coefficient"],
            nodes=tuple(map(Member.parse, document["nodes"])),
            authorized_keys=tuple(map(AuthorizedKey.parse, document["authorized_keys"])),
        )

    def document(self) -> dict[str, Any]:
        """In the form of the result."""
        return {
            "node": self.node,
            "address": self.address,
            "addresses": list(self.addresses),
            "state": self.state,
            "member": self.member,
            "name": self.name,
            "version": self.version,
            "quorate": self.quorate,
            "links": list(self.links.addresses),
            "mtus": list(self.mtus),
            "debian": self.debian,
            "wanted": self.wanted.document(),
            "nodeid": self.nodeid,
            "votes": self.votes,
            "link_priorities": list(self.link_priorities),
            "token_coefficient": self.token_coefficient,
            "qdevice": self.qdevice,
            "nodes": [member.document() for member in self.nodes],
            "authorized_keys": [key.document() for key in self.authorized_keys],
        }
