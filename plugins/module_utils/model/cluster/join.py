# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a member of a cluster says to a node that wants to join through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .cluster import ObservedCluster


@dataclass(frozen=True)
class ObservedAdmission:
    """What matters for letting another node in.

    expected_votes: of corosync; None when it does not say.  host_keys: the public ones of this member.
    """

    cluster: ObservedCluster
    expected_votes: Optional[int] = None
    host_keys: tuple[str, ...] = ()
