# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Proxmox VE cluster is, and what a node knows of it: name, nodes, votes, addresses on every link.

Upstream: corosync.conf(5), votequorum(5), pvecm(1) and pmxcfs(8).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from ..node.host import Host
from .authority import ObservedAuthority
from .links import Links
from .trust import ObservedTrust

#: totem.cluster_name as pvecm takes it: a node name of at most 15 characters, which can never be changed.
MAX_NAME = 15
NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?")

CONFIG = "/etc/pve/corosync.conf"
#: A link that is there while /etc/pve is mounted.
LOCAL = "/etc/pve/local"
LOCAL_CONFIG = "/etc/corosync/corosync.conf"
AUTHKEY = "/etc/corosync/authkey"
MEMBERS = "/etc/pve/.members"
DATABASE = "/var/lib/pve-cluster/config.db"
PVECM_LOCK = "/var/lock/pvecm.lock"

#: Where a node is on its way into a cluster.
State = Literal["standalone", "creating", "joining", "member"]
STANDALONE: State = "standalone"
CREATING: State = "creating"
JOINING: State = "joining"
MEMBER: State = "member"


@dataclass(frozen=True)
class Member:
    """A node in corosync's nodelist.

    left: the guests of a node that is not online and had arrived once, for the cluster holds its certificate.
    """

    name: str
    nodeid: int
    votes: int
    links: Links
    online: Optional[bool] = None
    left: Optional[tuple[str, ...]] = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses in the order of the links; "" for a link that others have and this node does not."""
        return self.links.addresses

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Member:
        """From what ``document`` gives. Raises KeyError and ValueError."""
        left = document.get("left")
        return cls(
            document["name"],
            int(document["nodeid"]),
            int(document["votes"]),
            Links.parse(document["links"]),
            document.get("online"),
            None if left is None else tuple(left),
        )

    def document(self) -> dict[str, Any]:
        """In the form of results."""
        return {
            "name": self.name,
            "nodeid": self.nodeid,
            "votes": self.votes,
            "online": self.online,
            "links": self.links.document(),
            "left": None if self.left is None else list(self.left),
        }


@dataclass(frozen=True)
class QDevice:
    """A vote from outside of the cluster, of corosync-qnetd on ``host``; see corosync-qdevice(8)."""

    host: str
    algorithm: str
    votes: int


@dataclass(frozen=True)
class CorosyncConfig:
    """What a corosync.conf says, as far as this collection looks at it.

    ``priorities`` is link number → knet_link_priority, 0 where none is written.
    ``quorum``: of the keys of ``quorum`` those that decide whether a quorum device can be added, or what votes count.
    ``names``: host name that stands as the address of a link → the address that it leads to.
    """

    name: str
    version: int
    members: tuple[Member, ...]
    qdevice: Optional[QDevice] = None
    priorities: Mapping[int, int] = field(default_factory=dict)
    token_coefficient: Optional[int] = None
    quorum: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def links(self) -> tuple[int, ...]:
        """The numbers of the links that any node has."""
        return tuple(sorted({number for member in self.members for number in member.links}))

    @property
    def expected_votes(self) -> int:
        """Of the nodes, as corosync counts them when it starts."""
        return self.quorum.get("expected_votes") or sum(member.votes for member in self.members)

    def others(self, name: str) -> tuple[str, ...]:
        """The members besides this one."""
        return tuple(member.name for member in self.members if member.name != name)

    def member(self, name: str) -> Optional[Member]:
        return next((member for member in self.members if member.name == name), None)


@dataclass(frozen=True)
class Membership:
    """/etc/pve/.members of a clustered node. Without quorum only ``quorate`` can be believed, not ``online``.

    ``addresses``: those that the nodes' names stand for, as far as the nodes have told them.
    """

    name: str
    quorate: bool
    online: Mapping[str, bool]
    addresses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AuthorizedKey:
    """A line of authorized_keys: the key without its options, and the comment that says whose it is."""

    key: str
    comment: str = ""

    def __str__(self) -> str:
        return self.comment or f"{self.key.split()[0]} ...{self.key[-12:]}"

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> AuthorizedKey:
        return cls(document["key"], document.get("comment") or "")

    def document(self) -> dict[str, str]:
        return {"key": self.key, "comment": self.comment}


@dataclass(frozen=True)
class ObservedCluster:
    """What a node knows of its cluster.

    installed: Proxmox VE's cluster tools are there.  mounted: pmxcfs serves /etc/pve.
    config: the cluster's own file in pmxcfs.  local_config: the copy corosync starts from.
    database: pmxcfs has one.  database_clustered: whether a stopped pmxcfs has a corosync.conf in it.
    busy: another pvecm command is running on this node; looked for unless the node has arrived in its cluster.
    left: by name of a member that is not online and had arrived once, its guests.
    maintenance: the HA manager keeps this node free of guests.
    writable: /etc/pve takes changes.  trust: what is there of a join over SSH.
    certificate, served_certificate: fingerprints of what pveproxy should serve and of what it serves.
    authority: of the cluster's certificates.  neighbours: /etc/pve holds the directory of another member; looked for
    while this node has no certificate.
    unproved: the configuration before the present one, while the present one still has to be proved (CONFIG alone
    until then). Only then these are asked for: running_version, which corosync has loaded, and connections, by node
    number and link number whether the other side answers.
    expected_votes: by corosync; asked for where a join is to be proved, and None where corosync does not say.
    """

    host: Host
    installed: bool = False
    mounted: bool = False
    config: Optional[CorosyncConfig] = None
    local_config: Optional[CorosyncConfig] = None
    same_config: bool = True
    authkey: bool = False
    membership: Optional[Membership] = None
    database: bool = False
    database_clustered: bool = False
    guests: tuple[str, ...] = ()
    inactive: frozenset[str] = frozenset()
    busy: bool = False
    certificate: Optional[str] = None
    served_certificate: Optional[str] = None
    authority: ObservedAuthority = ObservedAuthority()
    neighbours: bool = False
    keys: tuple[AuthorizedKey, ...] = ()
    trust: Optional[ObservedTrust] = None
    writable: bool = False
    maintenance: bool = False
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    config_text: Optional[str] = field(default=None, repr=False)
    unproved: Optional[str] = field(default=None, repr=False)
    running_version: Optional[int] = None
    connections: Optional[Mapping[int, Mapping[int, bool]]] = None
    expected_votes: Optional[int] = None

    @property
    def state(self) -> State:
        """Where this node is on its way into a cluster; a killed command leaves it creating or joining."""
        if self.config is not None:
            if self.membership is None:
                return CREATING
            return JOINING if self.busy and not self.membership.quorate else MEMBER
        if self.busy:
            return JOINING
        if self.local_config is None or not self.authkey:
            return STANDALONE
        return MEMBER if self.database_clustered else JOINING

    @property
    def others(self) -> tuple[str, ...]:
        """The further nodes that its cluster lists."""
        config = self.config or self.local_config
        return () if config is None else config.others(self.host.name)

    @property
    def has_others(self) -> bool:
        return self.config is not None and bool(self.others)

    @property
    def synchronised(self) -> bool:
        """Whether /etc/pve holds the cluster's data. With quorum alone it may be empty, and take changes all the same:
        pmxcfs of a node that joins starts with nothing, and goes by corosync's quorum, not by the other members'."""
        return not self.has_others or self.certificate is not None or (self.authority.whole and self.neighbours)

    @property
    def members(self) -> tuple[Member, ...]:
        """The nodelist, with what pmxcfs knows of who is online."""
        if self.config is None:
            return ()
        online = self.membership.online if self.membership is not None else {}
        return tuple(
            Member(one.name, one.nodeid, one.votes, one.links, online.get(one.name), self.left.get(one.name))
            for one in self.config.members
        )


def fingerprint(certificate: str) -> str:
    """SHA-256 of the first certificate in a PEM text, as Proxmox VE writes it (``AB:CD:...``)."""
    body = certificate.partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END CERTIFICATE-----")[0]
    digest = hashlib.sha256(base64.b64decode("".join(body.split()))).hexdigest().upper()
    return ":".join(digest[index : index + 2] for index in range(0, len(digest), 2))
