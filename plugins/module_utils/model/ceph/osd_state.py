# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether OSDs take part in holding data, and whether they may be down for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .safety import ObservedSafety
from .state import ObservedCeph

IN, OUT = "in", "out"


@dataclass(frozen=True)
class DesiredOsdState:
    """``membership``: in, out, or None for whatever it is. ``noout`` likewise. tolerated: codes of health checks."""

    osds: tuple[int, ...]
    membership: Optional[str] = None
    noout: Optional[bool] = None
    tolerated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ObservedOsdState:
    """``safety`` of those wanted OSDs that exist; None when nothing is to be taken out."""

    ceph: ObservedCeph
    safety: Optional[ObservedSafety] = None
