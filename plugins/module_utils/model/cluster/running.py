# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cluster as corosync runs it on one node, which may differ from what its file says. Upstream: votequorum(5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .quorum import QuorumStatus


@dataclass(frozen=True)
class RunningLink:
    """A link of corosync from this node to another: as ``corosync-cfgtool -n`` shows it, with what knet measures.

    mtu: the largest packet of data that passes. latency: on average, in milliseconds; None where corosync does not say.
    """

    nodeid: int
    number: int
    source: str
    target: str
    connected: bool
    mtu: Optional[int] = None
    latency: Optional[float] = None


@dataclass(frozen=True)
class RunningCluster:
    """``quorum`` is None while corosync does not run."""

    quorum: Optional[QuorumStatus] = None
    links: tuple[RunningLink, ...] = ()
