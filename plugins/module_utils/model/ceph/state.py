# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Ceph is, as found on a node and as its monitors describe it.

Paths and names are those of Proxmox VE's Ceph (pveceph): one configuration in /etc/pve, daemons named after their node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

CONF = "/etc/pve/ceph.conf"
#: Where Ceph's own programs look; pveceph makes it a link to CONF.
LINK = "/etc/ceph/ceph.conf"
STATE = "/var/lib/ceph"
KINDS = ("mon", "mgr", "mds", "osd")
#: Major version of Ceph's packages → name of the release.
RELEASES = {15: "octopus", 16: "pacific", 17: "quincy", 18: "reef", 19: "squid", 20: "tentacle"}
#: The packages that make a node a server of Ceph; Proxmox VE installs ceph-common on every node, for its storages.
SERVER_PACKAGES = ("ceph-mon", "ceph-mgr", "ceph-osd", "ceph-mds", "ceph-volume")
#: What a node needs to ask the monitors: the library, and the configuration that names them.
CLIENT_PACKAGE = "python3-rados"
#: Default of ``mon_max_pg_per_osd``.
MAX_PG_PER_OSD = 250
#: Default of ``mon_osd_nearfull_ratio``: the monitors warn when an OSD is fuller than this part.
NEARFULL = 0.85
#: Default of ``mon_osd_backfillfull_ratio``: no data is moved to an OSD that is fuller than this part.
BACKFILLFULL = 0.9


@dataclass(frozen=True)
class CephConf:
    """What /etc/pve/ceph.conf says. ``daemons``: kind → ids that have a section of their own.

    ``mon_hosts``: where monitors are, from ``mon_host`` or from the sections of the monitors themselves.
    homes: section → the node that it says the daemon runs on.
    ``default_size``: replicas of a pool that is made without saying how many (the pools of a CephFS).
    """

    fsid: str
    public_network: tuple[str, ...]
    cluster_network: tuple[str, ...]
    mon_hosts: tuple[str, ...]
    daemons: Mapping[str, frozenset[str]]
    homes: Mapping[str, str] = field(default_factory=dict)
    default_size: int = 3

    def daemons_on(self, kind: str, node: str) -> tuple[str, ...]:
        """The daemons that have a section and run on this node, as it says, or else as their name does."""
        return tuple(sorted(one for one in self.daemons[kind] if self.homes.get(f"{kind}.{one}", one) == node))


@dataclass(frozen=True)
class CephNode:
    """Ceph on one node.

    release: of the installed server packages; None when there are none. complete: all of them are installed.
    conf: None until ``pveceph init`` has been run in the cluster. linked: /etc/ceph/ceph.conf leads to it.
    daemons: kind → ids with a directory in /var/lib/ceph. running, enabled: systemd units in that state.
    """

    name: str
    release: Optional[str]
    complete: bool
    conf: Optional[CephConf]
    linked: bool
    daemons: Mapping[str, tuple[str, ...]]
    running: frozenset[str] = frozenset()
    enabled: frozenset[str] = frozenset()

    @property
    def expects_monitors(self) -> bool:
        """Whether there are any, as far as this node can tell: the configuration names them, or a daemon needs them."""
        return self.conf is not None and bool(self.conf.mon_hosts or self.running)

    def has(self, kind: str, daemon: str) -> bool:
        return daemon in self.daemons.get(kind, ())

    def ids(self, kind: str) -> tuple[str, ...]:
        """Its daemons of this kind, whatever they are called."""
        return self.daemons.get(kind, ())


@dataclass(frozen=True)
class Check:
    """One of Ceph's health checks that is not fulfilled, such as OSD_DOWN. ``muted``: by the administrator."""

    code: str
    severity: str
    message: str
    muted: bool = False


@dataclass(frozen=True)
class Osd:
    """One OSD.

    host: the node that it runs on, as its daemon said when it last started (``told``); of one that never did, the
    bucket of the type host that it stands in. places: (type, name) of all buckets above it, such as ("host", "pve1"):
    where CRUSH places data, which may be called anything. destroyed: only its number and place are kept, for the disk
    that replaces it. noout: it may be down without being marked out, as during maintenance. weight: its share of data
    in the CRUSH map, in TiB by custom.
    """

    id: int
    uuid: str
    up: bool
    is_in: bool
    host: Optional[str] = None
    device_class: Optional[str] = None
    places: frozenset[tuple[str, str]] = frozenset()
    destroyed: bool = False
    noout: bool = False
    weight: float = 0.0
    told: bool = True

    @property
    def buckets(self) -> frozenset[str]:
        return frozenset(name for dummy, name in self.places)

    def within(self, domain: str) -> frozenset[str]:
        """The names of the units of this type that it belongs to; in two trees it may stand in two."""
        return frozenset(name for kind, name in (*self.places, ("osd", str(self.id))) if kind == domain)


@dataclass(frozen=True)
class CrushRule:
    """Where a rule places data: below which buckets, on which device class, on different units of which type.

    plain: it does so in one step, so that the units can be counted; others need the map itself.
    """

    id: int
    name: str
    roots: frozenset[str]
    device_class: Optional[str]
    failure_domain: str
    plain: bool = True

    def reaches(self, osd: Osd) -> bool:
        return bool(self.roots & osd.buckets) and self.device_class in (None, osd.device_class)


@dataclass(frozen=True)
class Pool:
    """One pool. ``pg_num`` is the number it is heading for; ``options`` as the monitors keep them.

    profile: of the erasure code. overwrites: whether a part of an object may be rewritten there, as disks need it.
    pieces: copies that suffice to read an object; more than one (k) where it is cut into parts.
    """

    id: int
    name: str
    size: int
    min_size: int
    pg_num: int
    pg_autoscale_mode: str
    crush_rule: int
    applications: tuple[str, ...] = ()
    bulk: bool = False
    erasure_coded: bool = False
    profile: str = ""
    overwrites: bool = False
    quota_bytes: int = 0
    quota_objects: int = 0
    options: Mapping[str, float] = field(default_factory=dict)
    pieces: int = 1


@dataclass(frozen=True)
class Filesystem:
    """One CephFS. ``active``: names of the metadata servers that serve it now."""

    name: str
    metadata_pool: int
    data_pools: tuple[int, ...]
    active: tuple[str, ...] = ()


@dataclass(frozen=True)
class CephCluster:
    """What the monitors say. ``mds``: every metadata server they know and its state (``up:standby``, ...).

    networks: public_network and cluster_network, where they stand in the monitors' own database (``ceph config set``).
    profiles: erasure code profile → its settings. nearfull: the part that an OSD may be full (``set-nearfull-ratio``).
    daemons: kind → node → ids of the daemons that said they run there; an id may be any word.
    mutes: codes of checks that somebody has muted, raised or not.
    """

    fsid: str
    health: str
    checks: tuple[Check, ...]
    quorum: tuple[str, ...]
    mgrs: tuple[str, ...]
    mds: Mapping[str, str]
    osds: tuple[Osd, ...]
    pools: tuple[Pool, ...]
    rules: tuple[CrushRule, ...]
    filesystems: tuple[Filesystem, ...]
    max_pg_per_osd: int = MAX_PG_PER_OSD
    profiles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    nearfull: float = NEARFULL
    networks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    backfillfull: float = BACKFILLFULL
    daemons: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    mutes: tuple[str, ...] = ()

    def daemons_on(self, kind: str, node: str) -> tuple[str, ...]:
        return self.daemons.get(kind, {}).get(node, ())

    def osds_on(self, node: str) -> tuple[Osd, ...]:
        return tuple(sorted((osd for osd in self.osds if osd.host == node), key=lambda osd: osd.id))

    def untold(self, sizes: Mapping[int, int]) -> list[int]:
        """Which OSDs take part and have no size in ``ceph osd df``: a manager that has just started counts them
        as empty, until they have told it, within seconds."""
        return [osd.id for osd in self.osds if osd.up and osd.is_in and sizes.get(osd.id) == 0]

    def pool(self, name: str) -> Optional[Pool]:
        return next((pool for pool in self.pools if pool.name == name), None)

    def filesystem(self, name: str) -> Optional[Filesystem]:
        return next((found for found in self.filesystems if found.name == name), None)

    def rule(self, name: Optional[str]) -> Optional[CrushRule]:
        """The rule of this name; without a name the one that new replicated pools get (the lowest number)."""
        by_number = sorted(self.rules, key=lambda rule: rule.id)
        return next((rule for rule in by_number if name is None or rule.name == name), None)

    def osd(self, number: int) -> Optional[Osd]:
        return next((osd for osd in self.osds if osd.id == number), None)


@dataclass(frozen=True)
class ObservedCeph:
    """``cluster`` is None when no monitor has been made yet, or when none answers: then ``silence`` says how."""

    node: CephNode
    cluster: Optional[CephCluster] = None
    silence: Optional[str] = None


def unit(kind: str, daemon: str) -> str:
    return f"ceph-{kind}@{daemon}.service"
