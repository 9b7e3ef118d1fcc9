# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is lost with a disk of a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class DiskLoad:
    """Beside OSDs. groups: volume groups. system: the node itself runs from it.

    mirrored: what is on it has another whole copy on this node; None when that is not known.
    """

    path: str
    mountpoints: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    system: bool = False
    mirrored: Optional[bool] = None
