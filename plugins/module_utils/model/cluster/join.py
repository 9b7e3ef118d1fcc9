# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node that is to join a cluster, and what a member of it says to that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .cluster import ObservedCluster
from .paths import Paths


@dataclass(frozen=True)
class ObservedAdmission:
    """What matters for letting another node in. host_keys: the public ones of this member."""

    cluster: ObservedCluster
    host_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObservedJoiner:
    """paths: what the node found when it tried its links; None where it was not to try any."""

    cluster: ObservedCluster
    paths: Optional[Paths] = None
