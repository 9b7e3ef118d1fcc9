# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which version every daemon of Ceph runs, which one its node has installed, and what else an upgrade looks at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from ..ceph.safety import CephData
from ..ceph.state import CephNode
from .ceph_release import CephVersion, parse_version

Kind = Literal["mon", "mgr", "osd", "mds"]
#: In the order in which they become new, whatever is new already.
KINDS: tuple[Kind, ...] = ("mon", "mgr", "osd", "mds")
KIND_NAMES: Mapping[Kind, str] = {"mon": "monitor", "mgr": "manager", "osd": "OSD", "mds": "metadata server"}
#: What the collection keeps in Ceph's own store of keys and values, while an upgrade is on its way.
REMEMBERED = "baremetal.virt/upgrade"


@dataclass(frozen=True)
class CephDaemon:
    """A daemon that the cluster counts on. ``version`` is None while it has not told one. active: it is no standby.

    up: it is in the quorum, or known to be there.
    """

    kind: Kind
    id: str
    host: str
    version: Optional[CephVersion]
    up: bool = True
    active: bool = True
    store: Optional[str] = None

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.id}"


@dataclass(frozen=True)
class CephFilesystem:
    """A CephFS. ``ranks``: those that are served now. replays: whether standbys follow an active server's journal."""

    name: str
    max_mds: int
    replays: bool
    ranks: tuple[int, ...] = ()
    replaying: int = 0

    @property
    def is_alone(self) -> bool:
        """One active server, nobody who follows it: then servers of two versions never work side by side."""
        return self.max_mds == 1 and not self.replays and self.ranks in ((), (0,)) and not self.replaying


@dataclass(frozen=True)
class CephRun:
    """What the cluster tells. ``required``: the oldest release of OSDs that it lets in. modules: of the manager.

    crashes: ids of those that nobody has archived; None when no manager tells. remembered: CephFS → its settings before
    this upgrade touched them.
    """

    data: CephData
    daemons: tuple[CephDaemon, ...]
    required: str
    modules: frozenset[str] = frozenset()
    crashes: Optional[frozenset[str]] = frozenset()
    filesystems: tuple[CephFilesystem, ...] = ()
    remembered: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def of(self, *kinds: Kind) -> tuple[CephDaemon, ...]:
        return tuple(one for one in self.daemons if one.kind in kinds)

    def behind(self, version: CephVersion, kinds: Collection[Kind] = KINDS) -> tuple[CephDaemon, ...]:
        """Daemons that do not run this very build, or do not tell: of those that are down nobody knows it."""
        return tuple(one for one in self.of(*kinds) if one.version != version or not one.up)

    @property
    def oldest(self) -> Optional[CephVersion]:
        known = [one.version for one in self.daemons if one.version is not None]
        return min(known, key=lambda version: version.number, default=None)


@dataclass(frozen=True)
class ObservedCephUpgrade:
    """``installed``: what the programs of this node print as their version. mon_stores: id → what kv_backend says, ""
    where there is no such file. ``run`` is None where nobody answers; then ``silence`` says how."""

    node: CephNode
    codename: str
    installed: frozenset[str] = frozenset()
    mon_stores: Mapping[str, str] = field(default_factory=dict)
    run: Optional[CephRun] = None
    silence: str = ""

    @property
    def version(self) -> Optional[CephVersion]:
        """The one version of all programs; None while there are several, or none that is understood."""
        return parse_version(min(self.installed)) if len(self.installed) == 1 else None
