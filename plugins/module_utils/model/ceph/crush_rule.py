# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which CRUSH rules there shall be: where the replicas of a pool's data are placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class DesiredCrushRule:
    """Replicas below the bucket ``root``, on different units of the type ``failure_domain``, on OSDs of one class."""

    name: str
    root: str = "default"
    failure_domain: str = "host"
    device_class: Optional[str] = None


@dataclass(frozen=True)
class DesiredCrushRules:
    rules: tuple[DesiredCrushRule, ...]
