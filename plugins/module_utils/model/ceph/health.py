# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Ceph's health checks mean to the person who brings a cluster up.

Upstream: Ceph documentation, "Health checks". The sentences are our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

from .state import Check, ObservedCeph

#: Not one of Ceph's codes: there is nobody to ask.
NO_MONITORS = "NO_MONITORS"

MEANINGS = {
    NO_MONITORS: "No monitor answers. Look at the ceph-mon units and at the network between the nodes.",
    "AUTH_INSECURE_GLOBAL_ID_RECLAIM": "A client uses an outdated way to authenticate. Update that client.",
    "AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED": "Outdated clients are let in. Forbid it when all are up to date.",
    "BLUEFS_SPILLOVER": "A database no longer fits on its fast disk and uses the slow one. Give it more room.",
    "BLUESTORE_DISK_SIZE_MISMATCH": "An OSD and its disk disagree about the size. Replace that OSD before it fails.",
    "BLUESTORE_SLOW_OP_ALERT": "An OSD's disk answers slowly. Check that disk.",
    "CEPHADM_PAUSED": "An orchestrator other than Proxmox VE is set up and paused.",
    "DAEMON_OLD_VERSION": "Daemons of different versions run. Restart those that were updated.",
    "DEVICE_HEALTH": "A disk is expected to fail soon. Replace it (replace_osd.yml).",
    "FS_DEGRADED": "A rank of a CephFS has no metadata server that works. Start one more.",
    "FS_WITH_FAILED_MDS": "A rank of a CephFS has failed and nobody takes over. Start a metadata server.",
    "LARGE_OMAP_OBJECTS": "Some objects hold very many keys, which slows recovery.",
    "MDS_ALL_DOWN": "A CephFS has no metadata server at all. Start the ceph-mds units.",
    "MDS_INSUFFICIENT_STANDBY": "No metadata server would take over if the active one failed. Add one.",
    "MDS_SLOW_METADATA_IO": "Metadata cannot be written fast enough. Are the metadata pool's placement groups active?",
    "MDS_SLOW_REQUEST": "A metadata server answers slowly. Look at its load and its pool's OSDs.",
    "MDS_TRIM": "A metadata server's journal grows faster than it is written back.",
    "MDS_UP_LESS_THAN_MAX": "Fewer metadata servers are active than the file system asks for.",
    "MGR_DOWN": "No manager is active, so there are no statistics and no autoscaler. Start the ceph-mgr units.",
    "MGR_MODULE_DEPENDENCY": "A manager module misses something it needs. What that module does is not available.",
    "MGR_MODULE_ERROR": "A manager module has crashed. Look at the manager's log.",
    "MON_CLOCK_SKEW": "The nodes' clocks differ too much for the monitors. Set up time synchronization.",
    "MON_DISK_BIG": "A monitor's database has grown large, often because the cluster has been unhealthy for long.",
    "MON_DISK_CRIT": "The disk with a monitor's data is almost full. Make room at once, or the monitor stops.",
    "MON_DISK_LOW": "The disk with a monitor's data has less than 30 % left.",
    "MON_DOWN": "A monitor is not in the quorum. Look at its ceph-mon unit.",
    "MON_MSGR2_NOT_ENABLED": "A monitor cannot be reached by the newer protocol. Run `ceph mon enable-msgr2`.",
    "OBJECT_MISPLACED": "Some data is not where it belongs yet. Passes by itself.",
    "OBJECT_UNFOUND": "Some data is on none of the OSDs that are up. Bring the others up before anything else.",
    "OSDMAP_FLAGS": "A flag such as noout is set for the whole cluster. Unset it when the maintenance is over.",
    "OSD_BACKFILLFULL": "An OSD is so full that no data is moved to it. Add OSDs.",
    "OSD_DOWN": "An OSD does not run. Look at its ceph-osd unit and its disk.",
    "OSD_FLAGS": "OSDs carry a flag such as noout. Maintenance that was cut off leaves it: repeat it, or unset-group.",
    "OSD_FULL": "An OSD is full, and writing has stopped. Add OSDs or delete data.",
    "OSD_HOST_DOWN": "All OSDs of a host are down. Is the host there, and its network?",
    "OSD_NEARFULL": "An OSD is more than 85 % full. Add OSDs before it is full.",
    "OSD_NO_DOWN_OUT_INTERVAL": "OSDs that fail are never marked out, so their data is not made again.",
    "OSD_ORPHAN": "The CRUSH map names an OSD that does not exist. Remove it from there.",
    "OSD_SCRUB_ERRORS": "A scrub found replicas that differ. See `ceph health detail` and `ceph pg repair`.",
    "OSD_SLOW_PING_TIME_BACK": "OSDs reach each other slowly over the cluster network.",
    "OSD_SLOW_PING_TIME_FRONT": "OSDs reach each other slowly over the public network.",
    "OSD_TOO_MANY_REPAIRS": "An OSD had to repair many reads. Its disk is likely to fail: replace it.",
    "OSD_UNREACHABLE": "An OSD's address is not in the public network. Compare it with ceph.conf.",
    "PG_AVAILABILITY": "Some data cannot be read or written now. Passes while pools are made; else OSDs are missing.",
    "PG_BACKFILL_FULL": "Data cannot be moved because the OSDs it belongs on are too full.",
    "PG_DAMAGED": "Replicas of some data differ. Find out with `ceph health detail` before anything else.",
    "PG_DEGRADED": "Some data has fewer replicas than wanted. Passes by itself while all OSDs are up.",
    "PG_NOT_DEEP_SCRUBBED": "Some data has not been compared for a long time.",
    "PG_NOT_SCRUBBED": "Some data has not been looked through for a long time.",
    "PG_RECOVERY_FULL": "Lost replicas cannot be made again because the OSDs are too full.",
    "POOL_APP_NOT_ENABLED": "A pool does not say what it is used for. Give it an application.",
    "POOL_FULL": "A pool has reached its quota.",
    "POOL_NEAR_FULL": "A pool has almost reached its quota.",
    "POOL_NO_REDUNDANCY": "A pool keeps a single replica: one failed disk loses data.",
    "POOL_PG_NUM_NOT_POWER_OF_TWO": "A pool's pg_num is not a power of two, so its data is spread unevenly.",
    "POOL_TARGET_SIZE_BYTES_OVERCOMMITTED": "Pools promise to hold more than there is. Lower their target sizes.",
    "POOL_TOO_FEW_PGS": "The autoscaler advises more placement groups for a pool.",
    "POOL_TOO_MANY_PGS": "The autoscaler advises fewer placement groups for a pool.",
    "RECENT_CRASH": "A daemon crashed lately. See `ceph crash ls`, then `ceph crash archive-all`.",
    "RECENT_MGR_MODULE_CRASH": "A manager module crashed lately. See `ceph crash ls`, then `ceph crash archive-all`.",
    "SLOW_OPS": "Requests wait long, mostly for a slow disk or network.",
    "TOO_FEW_OSDS": "There are fewer OSDs than replicas a pool has by default. Add OSDs.",
    "TOO_FEW_PGS": "There are few placement groups for so many OSDs.",
    "TOO_MANY_PGS": "There are more placement groups per OSD than the monitors allow.",
}


@dataclass(frozen=True)
class Health:
    """``status`` is Ceph's word for it, None when there is nobody to ask. ``intolerable``: what must not stay."""

    status: Optional[str]
    checks: tuple[Check, ...]
    intolerable: tuple[Check, ...]


def judge(observed: ObservedCeph, tolerated: Iterable[str]) -> Health:
    """Muted checks are tolerated too: the administrator has said so to Ceph."""
    if observed.cluster is None:
        silence = Check(NO_MONITORS, "HEALTH_ERR", observed.silence or "no monitor has been made yet")
        return Health(None, (), (silence,))
    codes = frozenset(tolerated)
    checks = observed.cluster.checks
    return Health(
        status=observed.cluster.health,
        checks=checks,
        intolerable=tuple(check for check in checks if not check.muted and check.code not in codes),
    )


def explain(check: Check) -> str:
    """Code, Ceph's own message, and what it means."""
    meaning = MEANINGS.get(check.code, "See `ceph health detail`.")
    return f"{check.code}: {check.message}. {meaning}"
