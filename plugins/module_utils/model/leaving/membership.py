# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node that is to leave its cluster: what lives on it, what refers to it, and what the one who decides has allowed.

Upstream: pvecm(1) "Remove a Cluster Node" and "Separate a Node Without Reinstalling", pveceph(1), pvesr(1),
ha-manager(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from ..cluster.cluster import Member, ObservedCluster
from ..guest.guest import Guest
from ..guest.ha import HighAvailability
from ..guest.mapping import ResourceMapping
from ..guest.replication import ReplicationJob
from ..node.host import IPAddress
from ..node.state import STATE
from ..storage.entry import StorageEntry
from .ceph import ObservedCephOfNode

#: drain: nothing lives on the node any more, it stays a member. retire: then it is powered off and deleted.
#: separate: it is deleted and goes on alone. dead: it is powered off already and cannot be asked for anything.
#: resume: a drained node takes guests again.
Mode = Literal["drain", "retire", "separate", "dead", "resume"]
DRAIN: Mode = "drain"
RETIRE: Mode = "retire"
SEPARATE: Mode = "separate"
DEAD: Mode = "dead"
RESUME: Mode = "resume"
MODES: tuple[Mode, ...] = (DRAIN, RETIRE, SEPARATE, DEAD, RESUME)

#: Asks whether a machine answers; part of openssh-client.
KEYSCAN = "/usr/bin/ssh-keyscan"
#: Where copies of what is removed are kept, readable by root only.
KEPT = f"{STATE}/removed"
#: What ``discard`` may name, each followed by a slash and the thing's name.
DISCARDABLE = ("replication", "storage", "guest")


@dataclass(frozen=True)
class DesiredMembership:
    """What is wanted of ``node``.

    addresses: all addresses of the machine that Ansible reaches under this name; None when it was not asked.
    standalone: that machine was seen outside of any cluster.
    powered_off: nodes of which somebody who has looked says that they have no power.
    expected_votes: the number that corosync may be told to expect, where the rest has no quorum otherwise.
    qdevice: address of the quorum device that the caller adds again at the end.
    discard: things that may be given up, such as ``replication/100-0``.
    done: ids of steps that this run has done already.
    """

    node: str
    mode: Mode
    addresses: Optional[frozenset[str]] = None
    standalone: bool = False
    powered_off: frozenset[str] = frozenset()
    expected_votes: Optional[int] = None
    qdevice: Optional[str] = None
    discard: frozenset[str] = frozenset()
    local_disks: bool = False
    single_monitor: bool = False
    tolerated: frozenset[str] = frozenset()
    data_deadline: int = 0
    done: frozenset[str] = frozenset()


@dataclass(frozen=True)
class References:
    """What the cluster's files say of the node outside of its own directory. ``sdn``: paths of files that name it.

    ``unreadable``: section of storage.cfg → why Proxmox VE takes it for no storage. ``hosts``: the name of the node and
    of each server of a storage → the addresses that it resolves to.
    """

    replication: tuple[ReplicationJob, ...] = ()
    storages: Mapping[str, StorageEntry] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    hosts: Mapping[str, frozenset[IPAddress]] = field(default_factory=dict)
    backup_jobs: tuple[str, ...] = ()
    mappings: tuple[ResourceMapping, ...] = ()
    sdn: tuple[str, ...] = ()
    ha: HighAvailability = HighAvailability()


@dataclass(frozen=True)
class Leftovers:
    """directory: the node has one in /etc/pve/nodes. keys, hosts: the text of the two files as they are.

    host_keys: the node's own, by which its lines in known_hosts are found, whatever name or address they carry.
    """

    directory: bool = False
    keys: str = ""
    hosts: str = ""
    host_keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Silence:
    """Whether a machine answers. ``asked``: the addresses. ``heard``: what answered. ``able``: asking was possible."""

    asked: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    able: bool = True


@dataclass(frozen=True)
class ObservedMembership:
    """What a member that stays sees of the cluster and of the node that is to leave it.

    tasks: what runs on that node now. migrating: its guests that this collection migrates now.
    free_memory: node → bytes, of the other members that are online, if there are guests to be moved; 0 of one that
    did not say.
    silence: node → whether it answers, for the nodes that are offline.
    expected: votes that corosync expects; None when it does not say, or when a quorum device has some of them.
    ceph: None when the cluster has none. authority: fingerprint of the cluster's certificate authority.
    """

    cluster: ObservedCluster
    authority: str = ""
    guests: tuple[Guest, ...] = ()
    tasks: tuple[str, ...] = ()
    migrating: frozenset[int] = frozenset()
    free_memory: Mapping[str, int] = field(default_factory=dict)
    references: References = References()
    leftovers: Leftovers = Leftovers()
    silence: Mapping[str, Silence] = field(default_factory=dict)
    ceph: Optional[ObservedCephOfNode] = None
    expected: Optional[int] = None

    def member(self, name: str) -> Optional[Member]:
        return next((one for one in self.cluster.members if one.name == name), None)

    @property
    def quorate(self) -> bool:
        return self.cluster.membership is not None and self.cluster.membership.quorate

    @property
    def votes(self) -> int:
        return sum(one.votes for one in self.cluster.members)

    def present_without(self, node: str) -> int:
        """The votes that are there when this node is not."""
        return sum(one.votes for one in self.cluster.members if one.online and one.name != node)


def quorum_of(votes: int) -> int:
    """votequorum(5): more than half."""
    return votes // 2 + 1
