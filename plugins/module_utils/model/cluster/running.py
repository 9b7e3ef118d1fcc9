# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cluster as corosync runs it on one node, which may differ from what its file says. Upstream: votequorum(5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .quorum import QuorumStatus
from .running_links import RunningLink


@dataclass(frozen=True)
class RunningCluster:
    """``quorum`` is None while corosync does not run."""

    quorum: Optional[QuorumStatus] = None
    links: tuple[RunningLink, ...] = ()
