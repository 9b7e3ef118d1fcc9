# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The firewall of the nodes: what is wanted of it, and what a node shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from ..node.state import STATE
from .files import Alias, Group, IpSet, RuleSet
from .rule import Rule
from .way import Way

#: Where the node keeps what it needs to take a change back; the record is there until that is over.
KEPT = f"{STATE}/firewall"
RECORD = f"{KEPT}/record.json"
UNITS = "/etc/systemd/system"
SERVICES = ("pve-firewall.service", "proxmox-firewall.service")
#: Options → what they mean where they are not there.
CLUSTER_DEFAULTS: Mapping[str, str] = {
    "enable": "0",
    "ebtables": "1",
    "policy_in": "DROP",
    "policy_out": "ACCEPT",
    "policy_forward": "ACCEPT",
    "log_ratelimit": "enable=1,burst=5,rate=1/second",
}
HOST_DEFAULTS: Mapping[str, str] = {
    "enable": "1",
    "ndp": "1",
    "nftables": "0",
    "nosmurfs": "1",
    "tcpflags": "0",
    "log_nf_conntrack": "0",
    "nf_conntrack_allow_invalid": "0",
    "nf_conntrack_helpers": "",
    "nf_conntrack_max": "262144",
    "nf_conntrack_tcp_timeout_established": "432000",
    "nf_conntrack_tcp_timeout_syn_recv": "60",
    "protection_synflood": "0",
    "protection_synflood_burst": "1000",
    "protection_synflood_rate": "200",
    **dict.fromkeys(
        ("log_level_in", "log_level_out", "log_level_forward", "smurf_log_level", "tcp_flags_log_level"), "nolog"
    ),
}
Exclusive = Literal["aliases", "groups", "ipsets", "rules"]
Phase = Literal["plan", "guard", "write", "confirm"]
#: armed: the timer runs, and nothing is changed yet. pending: it runs, and the files are the new ones.
GuardState = Literal["none", "armed", "pending"]


@dataclass(frozen=True)
class Part:
    """What is declared of one file. ``rules``: None where nothing is declared of them."""

    options: Mapping[str, str] = field(default_factory=dict)
    rules: Optional[tuple[Rule, ...]] = None


@dataclass(frozen=True)
class DesiredFirewall:
    """``gone``: ("alias", "ipset" or "group", name) of what is not to be there. ``lead``: writes the cluster's file.

    ``guests``: those whose own firewall may begin to filter. ``local_networks``: of the nodes, by which upstream knows
    their network.
    """

    cluster: Part = Part()
    host: Part = Part()
    aliases: tuple[Alias, ...] = ()
    ipsets: tuple[IpSet, ...] = ()
    groups: tuple[Group, ...] = ()
    gone: frozenset[tuple[str, str]] = frozenset()
    exclusive: frozenset[Exclusive] = frozenset()
    guests: frozenset[int] = frozenset()
    ways: tuple[Way, ...] = ()
    local_networks: Mapping[str, str] = field(default_factory=dict)
    lead: bool = True
    seconds: int = 90
    phase: Phase = "plan"

    @property
    def idle(self) -> bool:
        said = (*self.aliases, *self.ipsets, *self.groups, *self.gone, *self.exclusive)
        parts = (self.cluster, self.host)
        return not said and not any(part.options or part.rules is not None for part in parts)


@dataclass(frozen=True)
class GuestFirewall:
    """A guest whose own firewall is on, and that has a card on which it counts. ``allows``: for people."""

    vmid: int
    passes: bool
    allows: str


@dataclass(frozen=True)
class ObservedFirewall:
    """``guests``: those that would begin to filter; looked at only while the cluster's firewall is off.

    ``loaded``: whether the kernel has the chains of the node; None where that is not asked. ``members``: the nodes of
    the cluster, as corosync.conf names them; none where there is no cluster.
    """

    node: str
    cluster: RuleSet = RuleSet()
    host: RuleSet = RuleSet()
    guard: GuardState = "none"
    guests: tuple[GuestFirewall, ...] = ()
    loaded: Optional[bool] = None
    members: tuple[str, ...] = ()

    @property
    def concerned(self) -> tuple[str, ...]:
        """The nodes for which the file of the cluster holds."""
        return tuple(dict.fromkeys((self.node, *self.members)))


@dataclass(frozen=True)
class SshConnection:
    """Over which the node is asked, as it sees it: through a VPN or a jump host, that is the last one on the way."""

    client: str
    server: str
    port: int


@dataclass(frozen=True)
class NodeWays:
    """What a node tells of the ways to it. ``main``: its address under its own name. ``links``: of the cluster.

    ``addresses``: all with the length of their networks. ``ceph``, ``migration``: networks that the cluster declares.
    ``nfs``: whom it exports to.
    """

    node: str
    main: str = ""
    addresses: tuple[str, ...] = ()
    links: Mapping[int, str] = field(default_factory=dict)
    connection: Optional[SshConnection] = None
    ssh_ports: tuple[int, ...] = (22,)
    ceph: tuple[str, ...] = ()
    migration: str = ""
    nfs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Applied:
    """What the node's kernel has of the firewall, as upstream's own tools compare it with the files.

    ``chains``: chain or set → what would have to be done to it, and its digest; ``exists``: nothing. ``errors``: of the
    service since the change began. ``status``: the words of ``pve-firewall status``.
    """

    status: str
    chains: Mapping[str, tuple[str, str]]
    errors: tuple[str, ...] = ()
