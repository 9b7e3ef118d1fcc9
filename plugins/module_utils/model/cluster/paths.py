# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node that is to join found when it tried its links: every way to every other node, and the peer's API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

#: Corosync's token needs less than this between any two nodes (pvecm(1), "Network Requirements").
LATENCY_LIMIT = 5.0
#: Tickets tolerate 300 seconds; certificates, Ceph and whoever reads logs need clocks that agree.
CLOCK_LIMIT = 5.0


@dataclass(frozen=True)
class Path:
    """A link from this node to another one.

    tried: ping is installed.  reached: the other node answered.  whole: it also answered to a packet of ``mtu`` bytes
    that may not be cut into pieces.  latency: of the answers, on average, in milliseconds.
    """

    node: str
    link: int
    source: str
    address: str
    mtu: int
    tried: bool = True
    reached: bool = True
    whole: bool = True
    latency: Optional[float] = None


@dataclass(frozen=True)
class Paths:
    """``skew``: how many seconds the peer's clock is ahead of this node's; None when its API did not answer."""

    ways: tuple[Path, ...] = ()
    peer: Optional[str] = None
    skew: Optional[float] = None

    @property
    def latency(self) -> Optional[float]:
        """The worst of all."""
        return max((way.latency for way in self.ways if way.latency is not None), default=None)
