# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which pools Ceph shall have, and how each is set up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from . import pg

APPLICATIONS = ("rbd", "cephfs", "rgw")
#: pg mode → pg_autoscale_mode of the pool. ``off`` where we choose: a second adviser would only raise health warnings.
AUTOSCALE_MODES = {pg.AUTOSCALE: "on", pg.CALCULATED: "off", pg.TABLE: "off"}


@dataclass(frozen=True)
class PoolWanted:
    """One replicated pool.

    target_size_ratio, pg_num_min, bulk: hints for the autoscaler. share: part of all data, for the calculated mode.
    crush_rule: None leaves the rule alone (a new pool gets Ceph's default).
    """

    name: str
    size: int = 3
    min_size: int = 2
    application: str = "rbd"
    pg_mode: str = pg.AUTOSCALE
    share: float = 1.0
    target_size_ratio: Optional[float] = None
    pg_num_min: Optional[int] = None
    bulk: Optional[bool] = None
    crush_rule: Optional[str] = None


@dataclass(frozen=True)
class CephPoolWanted:
    """``planned_osd_hosts``, ``planned_osds``: what there will be, for a plan that is made before the OSDs exist."""

    pools: tuple[PoolWanted, ...]
    planned_osd_hosts: int = 0
    planned_osds: int = 0
