# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which pools Ceph shall have, and how each is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from . import pg

APPLICATIONS = ("rbd", "cephfs", "rgw")
#: pg mode → pg_autoscale_mode of the pool. ``off`` where we choose: a second adviser would only raise health warnings.
AUTOSCALE_MODES: Mapping[pg.Mode, str] = {pg.AUTOSCALE: "on", pg.CALCULATED: "off", pg.TABLE: "off"}


@dataclass(frozen=True)
class ErasureCode:
    """Every object is cut into k parts, and m more are computed; any k of them suffice to read it."""

    k: int
    m: int
    failure_domain: str = "host"
    device_class: Optional[str] = None

    @property
    def settings(self) -> dict[str, str]:
        """As Ceph names them in a profile."""
        base = {"k": str(self.k), "m": str(self.m), "crush-failure-domain": self.failure_domain}
        return {**base, "crush-device-class": self.device_class} if self.device_class else base


@dataclass(frozen=True)
class DesiredPool:
    """One pool; replicated, unless ``erasure`` says otherwise (then size is k+m).

    quota_bytes, quota_objects: 0 for none, None for whatever there is. target_size_ratio, pg_num_min, bulk: hints for
    the autoscaler. share: part of all data, for the calculated mode. crush_rule: None leaves the rule alone (a new
    pool gets Ceph's default).
    """

    name: str
    size: int = 3
    min_size: int = 2
    application: str = "rbd"
    pg_mode: pg.Mode = pg.AUTOSCALE
    share: float = 1.0
    target_size_ratio: Optional[float] = None
    pg_num_min: Optional[int] = None
    bulk: Optional[bool] = None
    crush_rule: Optional[str] = None
    erasure: Optional[ErasureCode] = None
    quota_bytes: Optional[int] = None
    quota_objects: Optional[int] = None

    @property
    def profile(self) -> str:
        """The name that pveceph gives the profile of such a pool."""
        return f"pve_ec_{self.name}"

    @property
    def overwritten(self) -> bool:
        """Disk images and file systems rewrite parts of objects, which has to be allowed where these are coded."""
        return self.erasure is not None and self.application in ("rbd", "cephfs")


@dataclass(frozen=True)
class DesiredPools:
    """What there will be, for a plan that is made before: hosts that get OSDs, OSDs, names of CRUSH rules."""

    pools: tuple[DesiredPool, ...]
    planned_osd_hosts: frozenset[str] = frozenset()
    planned_osds: int = 0
    planned_crush_rules: tuple[str, ...] = ()
