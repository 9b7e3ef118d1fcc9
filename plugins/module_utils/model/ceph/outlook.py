# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What decides, beside the placement groups, how Ceph takes a loss: delays, limits, and who may take whose place.

Upstream: Ceph documentation, "Configuring Monitor/OSD Interaction", "MDS States", "Stretch Clusters".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class MonitorSettings:
    """The monitors' options about OSDs that fall silent; the values are Ceph's defaults. Times are in seconds."""

    min_down_reporters: int = 2
    reporter_subtree_level: str = "host"
    report_timeout: int = 900
    heartbeat_grace: int = 20
    min_up_ratio: float = 0.3
    down_out_interval: int = 600
    down_out_subtree_limit: str = "rack"
    min_in_ratio: float = 0.75


@dataclass(frozen=True)
class MdsDaemon:
    """A metadata server. ``filesystem`` and ``rank``: those it serves or follows; None for one that is free."""

    name: str
    state: str
    filesystem: Optional[str] = None
    rank: Optional[int] = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class MdsRanks:
    """The ranks of one file system that have to be held; ``damaged`` ones are given to nobody."""

    filesystem: str
    ranks: tuple[int, ...]
    damaged: tuple[int, ...] = ()
    pools: tuple[int, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """Stretch mode: every group needs members in so many buckets of this type.

    locations: monitor → its bucket. degraded: Ceph has already given a site up, and asks for one bucket alone.
    """

    bucket_type: str
    buckets: int
    locations: Mapping[str, str] = field(default_factory=dict)
    tiebreaker: str = ""
    degraded: bool = False


@dataclass(frozen=True)
class Outlook:
    """``node_flags``, ``class_flags``: flags of CRUSH buckets and of device classes.

    down_since: OSD that is down → when it was called so, as the monitors write it. down_for: for how many seconds it is
    down, which follows from that for whoever knows what time it is. full: the part beyond which an OSD stops its pools.
    balancer: whether it is on, and moves groups when it finds the OSDs uneven; None when nobody says.
    """

    settings: MonitorSettings = MonitorSettings()
    mds: tuple[MdsDaemon, ...] = ()
    filesystems: tuple[MdsRanks, ...] = ()
    node_flags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    class_flags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    down_since: Mapping[int, str] = field(default_factory=dict)
    down_for: Mapping[int, float] = field(default_factory=dict)
    full: float = 0.95
    balancer: Optional[bool] = None
    stretch: Optional[Stretch] = None
