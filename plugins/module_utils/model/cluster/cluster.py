# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Proxmox VE cluster is: its name, its nodes, their votes and their addresses on every link.

Upstream: corosync.conf(5), votequorum(5), pvecm(1) and pmxcfs(8).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional, Union

from ..node.host import Host, IPAddress, IPNetwork
from .paths import LATENCY_LIMIT, Paths
from .trust import ObservedTrust

#: corosync has links 0 to 7 (MAX_LINK_INDEX of pve-cluster).
MAX_LINKS = 8
#: totem.cluster_name as pvecm takes it: a node name of at most 15 characters, which can never be changed.
MAX_NAME = 15
NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?")

CONFIG = "/etc/pve/corosync.conf"
LOCAL_CONFIG = "/etc/corosync/corosync.conf"
AUTHKEY = "/etc/corosync/authkey"
MEMBERS = "/etc/pve/.members"
DATABASE = "/var/lib/pve-cluster/config.db"
PVECM_LOCK = "/var/lock/pvecm.lock"

STANDALONE = "standalone"
CREATING = "creating"
JOINING = "joining"
MEMBER = "member"

_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)
#: What a link is asked for by: a network, an address, or the name of an interface.
LinkRequest = Union[IPAddress, IPNetwork, str]


@dataclass(frozen=True)
class Member:
    """A node in corosync's nodelist; ``links`` is link number → address.

    left: the guests of a node that is not online and had arrived once, for the cluster holds its certificate.
    """

    name: str
    nodeid: int
    votes: int
    links: Mapping[int, str]
    online: Optional[bool] = None
    left: Optional[tuple[str, ...]] = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses in the order of the links; "" for a link that others have and this node does not."""
        return tuple(self.links.get(number, "") for number in range(max(self.links, default=-1) + 1))


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
    """

    name: str
    version: int
    members: tuple[Member, ...]
    qdevice: Optional[QDevice] = None
    priorities: Mapping[int, int] = field(default_factory=dict)
    token_coefficient: Optional[int] = None

    @property
    def links(self) -> tuple[int, ...]:
        """The numbers of the links that any node has."""
        return tuple(sorted({number for member in self.members for number in member.links}))

    def member(self, name: str) -> Optional[Member]:
        return next((member for member in self.members if member.name == name), None)


@dataclass(frozen=True)
class Membership:
    """/etc/pve/.members of a clustered node. Without quorum only ``quorate`` can be believed, not ``online``."""

    name: str
    quorate: bool
    online: Mapping[str, bool]


@dataclass(frozen=True)
class AuthorizedKey:
    """A line of authorized_keys: the key without its options, and the comment that says whose it is."""

    key: str
    comment: str = ""

    def __str__(self) -> str:
        return self.comment or f"{self.key.split()[0]} ...{self.key[-12:]}"


@dataclass(frozen=True)
class PlannedNode:
    """A node that belongs, or will belong, to the same cluster, as ``cluster_info`` sees it there.

    ``mtus``: of the links' interfaces, in their order; 0 where there is none.  ``debian``: release, such as 13.
    """

    name: str
    state: str = STANDALONE
    links: tuple[str, ...] = ()
    mtus: tuple[int, ...] = ()
    debian: str = ""


@dataclass(frozen=True)
class Peer:
    """A member through which a node joins. ``members`` and ``keys`` are None when nobody has asked the peer.

    ``version``: that of the configuration in which ``members`` were found (each change of the cluster counts it up).
    ``qdevice``: the host of its quorum device, with which it takes in nobody.
    """

    address: str
    version: Optional[int] = None
    members: Optional[tuple[Member, ...]] = None
    keys: Optional[tuple[str, ...]] = None
    qdevice: Optional[str] = None


@dataclass(frozen=True)
class DesiredCluster:
    """Desired state of one node in its cluster; without ``peer`` the node creates the cluster.

    ``secret``: what pvecm reads in place of root's password of the peer: that password, or a ticket.
    ``over_ssh``: pvecm logs in to the peer by SSH instead of using its API.
    ``nodes``: every node of the cluster to be, for what only a look at all of them can show.
    ``paths``: what a node that is to join found when it tried its links to these.
    ``reconfigured``: links and votes of a node that is a member are somebody else's to change.
    ``third_vote``: somebody has decided on a quorum device, for it or against it; two nodes are not warned then.
    ``silent``: hosts that may be members of the cluster, and did not say.
    """

    name: str
    links: tuple[LinkRequest, ...] = ()
    priorities: tuple[int, ...] = ()
    nodeid: Optional[int] = None
    votes: Optional[int] = None
    peer: Optional[Peer] = None
    fingerprint: Optional[str] = None
    secret: Optional[str] = field(default=None, repr=False)
    over_ssh: bool = False
    nodes: tuple[PlannedNode, ...] = ()
    paths: Optional[Paths] = None
    latency_limit: float = LATENCY_LIMIT
    allow_public_networks: bool = False
    join_drops_keys: bool = False
    reconfigured: bool = False
    silent: tuple[str, ...] = ()
    third_vote: bool = False


@dataclass(frozen=True)
class ObservedCluster:
    """What a node knows of its cluster.

    installed: Proxmox VE's cluster tools are there.  mounted: pmxcfs serves /etc/pve.
    config: the cluster's own file in pmxcfs.  local_config: the copy corosync starts from.
    database: pmxcfs has one.  database_clustered: whether a stopped pmxcfs has a corosync.conf in it.
    busy: another pvecm command is running on this node; looked for unless the node has arrived in its cluster.
    left: by name of a member that is not online and had arrived once, its guests.
    writable: /etc/pve takes changes.  trust: what is there of a join over SSH.
    certificate, served_certificate: fingerprints of what pveproxy should serve and of what it serves.
    unproved: the configuration before the present one, while the present one still has to be proved (CONFIG alone
    until then). Only then these are asked for: running_version, which corosync has loaded, and connections, by node
    number and link number whether the other side answers.
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
    keys: tuple[AuthorizedKey, ...] = ()
    trust: Optional[ObservedTrust] = None
    writable: bool = False
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    config_text: Optional[str] = field(default=None, repr=False)
    unproved: Optional[str] = field(default=None, repr=False)
    running_version: Optional[int] = None
    connections: Optional[Mapping[int, Mapping[int, bool]]] = None

    @property
    def state(self) -> str:
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
    def members(self) -> tuple[Member, ...]:
        """The nodelist, with what pmxcfs knows of who is online."""
        if self.config is None:
            return ()
        online = self.membership.online if self.membership is not None else {}
        return tuple(
            Member(one.name, one.nodeid, one.votes, one.links, online.get(one.name), self.left.get(one.name))
            for one in self.config.members
        )


def expected_votes(quorumtool: str) -> Optional[int]:
    """What ``corosync-quorumtool -s`` says that corosync expects; None when it says nothing of the kind."""
    found = re.search(r"^Expected votes: +(\d+)", quorumtool, re.MULTILINE)
    return int(found.group(1)) if found else None


def is_public(network: LinkRequest) -> bool:
    """Whether these addresses belong to somebody on the Internet (neither RFC 1918 nor RFC 4193)."""
    found = ipaddress.ip_network(network)
    # mypy does not see that equal versions mean equal classes.
    return not any(found.version == one.version and found.subnet_of(one) for one in _PRIVATE)  # type: ignore[arg-type]


def link_name(number: int) -> str:
    return f"link{number}"


def links_document(links: Mapping[int, str]) -> dict[str, str]:
    """Links in the form of results and diffs: link0 → address."""
    return {link_name(number): address for number, address in sorted(links.items())}


def fingerprint(certificate: str) -> str:
    """SHA-256 of the first certificate in a PEM text, as Proxmox VE writes it (``AB:CD:...``)."""
    body = certificate.partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END CERTIFICATE-----")[0]
    digest = hashlib.sha256(base64.b64decode("".join(body.split()))).hexdigest().upper()
    return ":".join(digest[index : index + 2] for index in range(0, len(digest), 2))
