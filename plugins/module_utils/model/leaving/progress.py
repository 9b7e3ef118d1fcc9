# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is looked at while something long is waited for: only what that step is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .ceph import ObservedCephOfNode


@dataclass(frozen=True)
class ObservedProgress:
    """``guests``: how many are still on the node. ``said``: the last words of the migration that is waited for."""

    guests: Optional[int] = None
    said: Optional[str] = None
    ceph: Optional[ObservedCephOfNode] = None
