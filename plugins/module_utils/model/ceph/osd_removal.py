# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which OSDs shall be gone, for good or until another disk takes their place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from .osd import ObservedOsds
from .safety import ObservedSafety


@dataclass(frozen=True)
class DesiredOsdRemoval:
    """keep_ids: their numbers and places stay, for another disk. give_up: redundancy may be lost for these.

    wipe: what is left on their disks, if these can still be reached. tolerated: health codes that may stay.
    """

    osds: tuple[int, ...]
    keep_ids: bool = False
    give_up: frozenset[int] = frozenset()
    wipe: bool = True
    tolerated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ObservedOsdRemoval:
    """``safety`` of those wanted OSDs that are not destroyed yet, if any. mounted: OSDs with a mounted directory."""

    node: ObservedOsds
    safety: Optional[ObservedSafety]
    mounted: frozenset[int] = field(default_factory=frozenset)
