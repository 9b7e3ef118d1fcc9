# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node that is to join found when it tried its links: every way to every other node, and the lead's API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Optional

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
class Stranger:
    """A machine that has an address of this node, too, in the network of this interface."""

    link: int
    address: str
    interface: str
    hardware: str


@dataclass(frozen=True)
class Paths:
    """``lead``: the address whose API was asked.  ``skew``: how many seconds its clock is ahead of this node's; None
    when it did not answer.  ``unknown``: why nobody could be asked whether there is a stranger."""

    ways: tuple[Path, ...] = ()
    lead: Optional[str] = None
    skew: Optional[float] = None
    strangers: tuple[Stranger, ...] = ()
    unknown: tuple[str, ...] = ()

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Paths:
        return cls(
            tuple(Path(**way) for way in document["ways"]),
            document.get("lead"),
            document.get("skew"),
            tuple(Stranger(**one) for one in document.get("strangers", ())),
            tuple(document.get("unknown", ())),
        )

    def document(self) -> dict[str, Any]:
        return {
            "ways": [asdict(way) for way in self.ways],
            "lead": self.lead,
            "skew": self.skew,
            "strangers": [asdict(one) for one in self.strangers],
            "unknown": list(self.unknown),
        }

    @property
    def latency(self) -> Optional[float]:
        """The worst of all."""
        return max((way.latency for way in self.ways if way.latency is not None), default=None)
