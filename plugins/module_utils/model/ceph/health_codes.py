# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one table of Ceph's health checks: what each means, and in which situation data may be moved in spite of it.

A check that is not tolerated in any of the situations at hand refuses the move, and so does one that is not in the
table. Whether somebody has muted it does not matter: a muted alarm is not a copy. ``docs/ceph_health.md`` is made from
this table.

Upstream: Ceph documentation, "Health checks". The sentences are our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: What may be the case, also together.
#:
#: always: whatever goes on. begun: an OSD that leaves is out or down already, or its node is off. moving: everything
#: that is not in its place can be read and is on its way. settling: what cannot be read finds its OSDs in seconds.
#: standstill: a dead node keeps data from being used, and every placement group has a copy. marked: an OSD that leaves
#: carries noout. osd: OSDs are replaced or removed, and their node stays. release: daemons are restarted one after the
#: other, in a newer version.
Situation = Literal["always", "begun", "moving", "settling", "standstill", "marked", "osd", "release"]


@dataclass(frozen=True)
class HealthCode:
    """``tolerated``: situation → why. loud: it is about copies, or about who counts them, and no mute hides it.

    lasting: no time ends it; somebody has to do something.
    """

    meaning: str
    tolerated: Mapping[Situation, str]
    loud: bool
    lasting: bool


def _code(
    meaning: str,
    *,
    always: str = "",
    begun: str = "",
    moving: str = "",
    settling: str = "",
    standstill: str = "",
    marked: str = "",
    osd: str = "",
    release: str = "",
    loud: bool = False,
    lasting: bool = False,
) -> HealthCode:
    told: dict[Situation, str] = {
        "always": always,
        "begun": begun,
        "moving": moving,
        "settling": settling,
        "standstill": standstill,
        "marked": marked,
        "osd": osd,
        "release": release,
    }
    return HealthCode(meaning, {situation: why for situation, why in told.items() if why}, loud, lasting)


_NO_COPIES = "Says nothing about copies."
_REASON = "May be why the OSD goes."
_MAJORITY = "A majority of the monitors answers."
_SCRUBBING = "Scrubbing waits while data moves."
_AGE = "No restart makes it worse."
_ON_THE_WAY = "Comes with an upgrade on its way, and goes at its end."
_KEYS = "Comes with the version that has the new keys, until they are rotated."
_WAITS_FOR_THE_DEAD = "It waits for the dead node; that its last copies get other places ends that."

HEALTH_CODES: Mapping[str, HealthCode] = {
    "AUTH_INSECURE_CLIENT_KEY_TYPE": _code("A client has a key of the older kind.", release=_KEYS, lasting=True),
    "AUTH_INSECURE_GLOBAL_ID_RECLAIM": _code(
        "A client uses an outdated way to authenticate. Update that client.", osd=_NO_COPIES, release=_AGE, lasting=True
    ),
    "AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED": _code(
        "Outdated clients are let in. Forbid it when all are up to date.", osd=_NO_COPIES, release=_AGE, lasting=True
    ),
    "AUTH_INSECURE_KEYS_ALLOWED": _code("Keys of the older kind are let in.", release=_KEYS, lasting=True),
    "AUTH_INSECURE_KEYS_CREATABLE": _code("Keys of the older kind may still be made.", release=_KEYS, lasting=True),
    "AUTH_INSECURE_ROTATING_SERVICE_KEY_TYPE": _code(
        "Daemons prove themselves with keys of the older kind.", release=_KEYS, lasting=True
    ),
    "AUTH_INSECURE_SERVICE_KEY_TYPE": _code("A daemon has a key of the older kind.", release=_KEYS, lasting=True),
    "AUTH_INSECURE_SERVICE_TICKETS": _code("Tickets of the older kind are given out.", release=_KEYS, lasting=True),
    "BLUEFS_SPILLOVER": _code(
        "A database no longer fits on its fast disk and uses the slow one. Give it more room.",
        osd=_REASON,
        release=_AGE,
    ),
    "BLUESTORE_DISK_SIZE_MISMATCH": _code(
        "An OSD and its disk disagree about the size. Replace that OSD before it fails.", osd=_REASON, lasting=True
    ),
    "BLUESTORE_SLOW_OP_ALERT": _code("An OSD's disk answers slowly. Check that disk.", osd=_REASON, release=_AGE),
    "CEPHADM_PAUSED": _code(
        "An orchestrator other than Proxmox VE is set up and paused.", osd=_NO_COPIES, lasting=True
    ),
    "DAEMON_OLD_VERSION": _code(
        "Daemons of different versions run. Restart those that were updated.", osd=_NO_COPIES, release=_ON_THE_WAY
    ),
    "DEVICE_HEALTH": _code("A disk is expected to fail soon. Replace it (replace_osd.yml).", osd=_REASON, lasting=True),
    "FS_DEGRADED": _code(
        "A rank of a CephFS has no metadata server that works. Start one more.", osd=_NO_COPIES, release=_ON_THE_WAY
    ),
    "FS_WITH_FAILED_MDS": _code(
        "A rank of a CephFS has failed and nobody takes over. Start a metadata server.", osd=_NO_COPIES
    ),
    "LARGE_OMAP_OBJECTS": _code(
        "Some objects hold very many keys, which slows recovery.", osd=_NO_COPIES, release=_AGE, lasting=True
    ),
    "MDS_ALL_DOWN": _code("A CephFS has no metadata server at all. Start the ceph-mds units.", osd=_NO_COPIES),
    "MDS_CLIENTS_LAGGY": _code(
        "Clients of a CephFS do not answer its metadata server.", standstill=_WAITS_FOR_THE_DEAD, osd=_NO_COPIES
    ),
    "MDS_CLIENT_RECALL": _code(
        "Clients of a CephFS hold more than its metadata server asks them to.",
        standstill=_WAITS_FOR_THE_DEAD,
        osd=_NO_COPIES,
        release=_AGE,
    ),
    "MDS_INSUFFICIENT_STANDBY": _code(
        "No metadata server would take over if the active one failed. Add one.",
        begun="It was this node's.",
        osd=_NO_COPIES,
        release=_ON_THE_WAY,
    ),
    "MDS_SLOW_METADATA_IO": _code(
        "Metadata cannot be written fast enough. Are the metadata pool's placement groups active?",
        standstill=_WAITS_FOR_THE_DEAD,
        osd=_NO_COPIES,
    ),
    "MDS_SLOW_REQUEST": _code(
        "A metadata server answers slowly. Look at its load and its pool's OSDs.",
        standstill=_WAITS_FOR_THE_DEAD,
        osd=_NO_COPIES,
    ),
    "MDS_TRIM": _code("A metadata server's journal grows faster than it is written back.", osd=_NO_COPIES),
    "MDS_UP_LESS_THAN_MAX": _code(
        "Fewer metadata servers are active than the file system asks for.", osd=_NO_COPIES, release=_ON_THE_WAY
    ),
    "MGR_DOWN": _code(
        "No manager is active, so there are no statistics and no autoscaler. Start the ceph-mgr units.", loud=True
    ),
    "MGR_MODULE_DEPENDENCY": _code(
        "A manager module misses something it needs. What that module does is not available.",
        osd=_NO_COPIES,
        release=_AGE,
        lasting=True,
    ),
    "MGR_MODULE_ERROR": _code("A manager module has crashed. Look at the manager's log.", osd=_NO_COPIES),
    "MON_CLOCK_SKEW": _code(
        "The nodes' clocks differ too much for the monitors. Set up time synchronization.", osd=_MAJORITY
    ),
    "MON_DISK_BIG": _code(
        "A monitor's database has grown large, often because the cluster has been unhealthy for long.", osd=_MAJORITY
    ),
    "MON_DISK_CRIT": _code(
        "The disk with a monitor's data is almost full. Make room at once, or the monitor stops.",
        osd=_MAJORITY,
        lasting=True,
    ),
    "MON_DISK_LOW": _code("The disk with a monitor's data has less than 30 % left.", osd=_MAJORITY, lasting=True),
    "MON_DOWN": _code(
        "A monitor is not in the quorum. Look at its ceph-mon unit.",
        begun="It is this node's.",
        osd=_MAJORITY,
        loud=True,
    ),
    "MON_MSGR2_NOT_ENABLED": _code(
        "A monitor cannot be reached by the newer protocol. Run `ceph mon enable-msgr2`.",
        osd=_MAJORITY,
        release=_AGE,
        lasting=True,
    ),
    "OBJECT_MISPLACED": _code(
        "Some data is not where it belongs yet. Passes by itself.",
        begun="Its data is on its way.",
        moving="All of it can be read and is being moved; that is waited for first.",
    ),
    "OBJECT_UNFOUND": _code(
        "Some data is on none of the OSDs that are up. Bring the others up before anything else.", loud=True
    ),
    "OSDMAP_FLAGS": _code(
        "A flag such as noout is set for the whole cluster. Unset it when the maintenance is over.",
        loud=True,
        lasting=True,
    ),
    "OSD_BACKFILLFULL": _code("An OSD is so full that no data is moved to it. Add OSDs.", loud=True),
    "OSD_DOWN": _code(
        "An OSD does not run. Look at its ceph-osd unit and its disk.",
        begun="It was stopped to be removed, or its node is off.",
        loud=True,
    ),
    "OSD_FLAGS": _code(
        "OSDs carry a flag such as noout. Maintenance that was cut off leaves it: repeat it, or unset-group.",
        marked="replace_osd.yml has set it for the OSD that it replaces.",
        loud=True,
        lasting=True,
    ),
    "OSD_FULL": _code("An OSD is full, and writing has stopped. Add OSDs or delete data.", loud=True),
    "OSD_HOST_DOWN": _code(
        "All OSDs of a host are down. Is the host there, and its network?",
        begun="They were stopped to be removed, or their node is off.",
        loud=True,
    ),
    "OSD_NEARFULL": _code(
        "An OSD is more than 85 % full. Add OSDs before it is full.", osd="How full each OSD gets is counted."
    ),
    "OSD_NO_DOWN_OUT_INTERVAL": _code(
        "OSDs that fail are never marked out, so their data is not made again.",
        osd=_NO_COPIES,
        release=_AGE,
        lasting=True,
    ),
    "OSD_ORPHAN": _code(
        "The CRUSH map names an OSD that does not exist. Remove it from there.", osd=_NO_COPIES, lasting=True
    ),
    "OSD_SCRUB_ERRORS": _code(
        "A scrub found replicas that differ. See `ceph health detail` and `ceph pg repair`.", loud=True, lasting=True
    ),
    "OSD_SLOW_PING_TIME_BACK": _code("OSDs reach each other slowly over the cluster network.", osd=_NO_COPIES),
    "OSD_SLOW_PING_TIME_FRONT": _code("OSDs reach each other slowly over the public network.", osd=_NO_COPIES),
    "OSD_TOO_MANY_REPAIRS": _code(
        "An OSD had to repair many reads. Its disk is likely to fail: replace it.", osd=_REASON, lasting=True
    ),
    "OSD_UNREACHABLE": _code(
        "An OSD's address is not in the public network. Compare it with ceph.conf.", osd=_NO_COPIES
    ),
    "OSD_UPGRADE_FINISHED": _code(
        "All OSDs run a newer release than they are asked for. upgrade_ceph.yml ends with that.",
        release=_ON_THE_WAY,
        lasting=True,
    ),
    "PG_AVAILABILITY": _code(
        "Some data cannot be read or written now. Passes while pools are made; else OSDs are missing.",
        settling="Placement groups find their OSDs anew; that is waited for first.",
        standstill=_WAITS_FOR_THE_DEAD,
        loud=True,
    ),
    "PG_BACKFILL_FULL": _code("Data cannot be moved because the OSDs it belongs on are too full.", loud=True),
    "PG_DAMAGED": _code(
        "Replicas of some data differ. Find out with `ceph health detail` before anything else.",
        loud=True,
        lasting=True,
    ),
    "PG_DEGRADED": _code(
        "Some data has fewer replicas than wanted. Passes by itself while all OSDs are up.",
        begun="Copies of what it held are made again.",
        moving="All of it can be read and copies are being made; that is waited for first.",
        loud=True,
    ),
    "PG_NOT_DEEP_SCRUBBED": _code(
        "Some data has not been compared for a long time.", begun=_SCRUBBING, osd=_NO_COPIES, release=_AGE
    ),
    "PG_NOT_SCRUBBED": _code(
        "Some data has not been looked through for a long time.", begun=_SCRUBBING, osd=_NO_COPIES, release=_AGE
    ),
    "PG_RECOVERY_FULL": _code("Lost replicas cannot be made again because the OSDs are too full.", loud=True),
    "POOL_APP_NOT_ENABLED": _code(
        "A pool does not say what it is used for. Give it an application.", osd=_NO_COPIES, release=_AGE, lasting=True
    ),
    "POOL_FULL": _code("A pool has reached its quota.", osd=_NO_COPIES, lasting=True),
    "POOL_NEAR_FULL": _code("A pool has almost reached its quota.", osd=_NO_COPIES, lasting=True),
    "POOL_NO_REDUNDANCY": _code(
        "A pool keeps a single replica: one failed disk loses data.", osd=_NO_COPIES, lasting=True
    ),
    "POOL_PG_NUM_NOT_POWER_OF_TWO": _code(
        "A pool's pg_num is not a power of two, so its data is spread unevenly.", osd=_NO_COPIES, release=_AGE
    ),
    "POOL_TARGET_SIZE_BYTES_OVERCOMMITTED": _code(
        "Pools promise to hold more than there is. Lower their target sizes.",
        osd=_NO_COPIES,
        release=_AGE,
        lasting=True,
    ),
    "POOL_TOO_FEW_PGS": _code("The autoscaler advises more placement groups for a pool.", osd=_NO_COPIES, release=_AGE),
    "POOL_TOO_MANY_PGS": _code(
        "The autoscaler advises fewer placement groups for a pool.", osd=_NO_COPIES, release=_AGE
    ),
    "RECENT_CRASH": _code(
        "A daemon crashed lately. See `ceph crash ls`, then `ceph crash archive-all`.",
        begun="A daemon that loses its power, or its peers, may crash.",
        osd=_NO_COPIES,
        release="Which crashes are new is asked for by their ids.",
        lasting=True,
    ),
    "RECENT_MGR_MODULE_CRASH": _code(
        "A manager module crashed lately. See `ceph crash ls`, then `ceph crash archive-all`.",
        osd=_NO_COPIES,
        release=_AGE,
        lasting=True,
    ),
    "SLOW_OPS": _code(
        "Requests wait long, mostly for a slow disk or network.", standstill=_WAITS_FOR_THE_DEAD, osd=_REASON
    ),
    "TOO_FEW_OSDS": _code(
        "There are fewer OSDs than replicas a pool has by default. Add OSDs.",
        always="Whether the data has places left is asked of every pool.",
        lasting=True,
    ),
    "TOO_FEW_PGS": _code("There are few placement groups for so many OSDs.", osd=_NO_COPIES),
    "TOO_MANY_PGS": _code(
        "There are more placement groups per OSD than the monitors allow.",
        begun="The same placement groups lie on fewer OSDs.",
        osd=_NO_COPIES,
    ),
}
