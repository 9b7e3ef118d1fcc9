# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a CephFS comes into being: metadata server first, then its two pools, then the file system."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step, Wait
from ...model.ceph import pg
from ...model.ceph.conditions import CEPH, MDS_STANDS_BY, filesystem_is_served
from ...model.ceph.fs import LEAST_PG_NUM, DesiredFilesystem, DesiredFilesystems, metadata_pg_num
from ...model.ceph.state import CephCluster, ObservedCeph
from ...model.cluster.locks import LOCK_BUSY
from .pg_ledger import PgLedger
from .pool_refusals import refuse_silence

_MDS_HINT = "Every CephFS needs a metadata server of its own (ceph_daemon, kind mds), better two."
_FAILED = (r"mon_command failed", r"Could not set:")


def desired_from(params: Mapping[str, Any]) -> DesiredFilesystems:
    """Module parameters → desired state."""
    filesystems = tuple(_filesystem_from(entry) for entry in params["filesystems"])
    names = [filesystem.name for filesystem in filesystems]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Invalid(f"The file system {', '.join(twice)} is listed twice.", "List every file system once.")
    return DesiredFilesystems(filesystems, params["planned_osds"])


def _filesystem_from(entry: Mapping[str, Any]) -> DesiredFilesystem:
    name, mode, share = entry["name"], entry["pg_mode"], entry["share"]
    if not re.fullmatch(r"[^:/\s]+", name):
        raise Invalid(f"{name!r} cannot name a file system.", "Colons, slashes and white space are not allowed.")
    if share is not None and mode == pg.AUTOSCALE:
        raise Invalid(f"File system {name}: share is for the modes calculated and table.")
    if share is not None and not 0 < share <= 1:
        raise Invalid(f"File system {name}: share {share} is not a part of the whole.", "Give a number up to 1.")
    return DesiredFilesystem(name, mode, 1.0 if share is None else share)


def decide(desired: DesiredFilesystems, observed: ObservedCeph) -> Plan:
    if observed.silence is not None and desired.filesystems:
        return Plan(refusals=(refuse_silence(observed.silence),))
    cluster = observed.cluster
    ledger = PgLedger(cluster, desired.planned_osds)
    size = 3 if observed.node.conf is None else observed.node.conf.default_size
    steps: list[Step] = []
    refusals: list[Refusal] = []
    for wanted in desired.filesystems:
        found = None if cluster is None else cluster.filesystem(wanted.name)
        if found is not None:
            steps += [] if found.active else [_wait_for_active(wanted)]
            continue
        pg_num, reason = _pg_num(wanted, ledger, size)
        refusals += [_no_room(wanted, reason)] if pg_num < LEAST_PG_NUM else []
        refusals += _refuse_pools(wanted, cluster)
        steps += _create(wanted, cluster, pg_num, reason)
    before = [] if cluster is None else sorted(found.name for found in cluster.filesystems)
    after = sorted({*before, *(wanted.name for wanted in desired.filesystems)})
    return Plan(tuple(steps), tuple(refusals), before={"filesystems": before}, after={"filesystems": after})


def _pg_num(wanted: DesiredFilesystem, ledger: PgLedger, size: int) -> tuple[int, str]:
    """The data pool's pg_num such that the metadata pool, a quarter as large, still fits beside it."""
    room = ledger.room(None, but=(wanted.data_pool, wanted.metadata_pool))
    choice = pg.choose(wanted.pg_mode, room, size, wanted.share)
    pg_num, reason = choice.pg_num, choice.reason
    while pg_num >= LEAST_PG_NUM and pg_num + metadata_pg_num(pg_num) > room.fits(size):
        pg_num //= 2
        reason = f"{choice.reason}; less, to leave room for the metadata pool"
    if pg_num >= LEAST_PG_NUM:
        ledger.book(wanted.data_pool, pg_num, size, None)
        ledger.book(wanted.metadata_pool, metadata_pg_num(pg_num), size, None)
    return pg_num, reason


def _create(wanted: DesiredFilesystem, cluster: Optional[CephCluster], pg_num: int, reason: str) -> list[Step]:
    standby = cluster is not None and "up:standby" in cluster.mds.values()
    wait = [] if standby else [_wait_for_standby(wanted)]
    pools = [] if cluster is None else [name for name in _pools(wanted) if cluster.pool(name)]
    if not pools:
        argv = ("pveceph", "fs", "create", "--name", wanted.name, "--pg_num", str(pg_num))
        why = f"create CephFS {wanted.name} (data pool pg_num {pg_num}: {reason})"
        action = Run(argv, timeout=300, retry_on=LOCK_BUSY, fail_on=_FAILED)
        create = [Step(why, action, f"fs.create:{wanted.name}", "data")]
    else:
        create = _complete(wanted, pools, pg_num)
    return [*wait, *create, _wait_for_active(wanted)]


def _complete(wanted: DesiredFilesystem, pools: list[str], pg_num: int) -> list[Step]:
    """Finish what an earlier creation began: pveceph refuses when one of the pools exists."""
    numbers = {wanted.data_pool: pg_num, wanted.metadata_pool: metadata_pg_num(pg_num)}
    steps = []
    for name in _pools(wanted):
        if name not in pools:
            options = ("--application", "cephfs", "--pg_autoscale_mode", "on", "--pg_num", str(numbers[name]))
            action = Run(("pveceph", "pool", "create", name, *options), timeout=300, fail_on=_FAILED)
            why = f"create pool {name}: pg_num {numbers[name]}"
            steps.append(Step(why, action, f"pool.create:{name}", "data"))
    action = Run((*CEPH, "fs", "new", wanted.name, wanted.metadata_pool, wanted.data_pool), timeout=120)
    why = f"create CephFS {wanted.name} on the pools that an earlier creation left"
    return [*steps, Step(why, action, f"fs.create:{wanted.name}", "data")]


def _pools(wanted: DesiredFilesystem) -> tuple[str, str]:
    return wanted.data_pool, wanted.metadata_pool


def _wait_for_standby(wanted: DesiredFilesystem) -> Step:
    why = f"wait for a metadata server in standby, for {wanted.name}"
    return Step(why, Wait((MDS_STANDS_BY,)), f"mds.wait-standby:{wanted.name}", "daemon", hint=_MDS_HINT)


def _wait_for_active(wanted: DesiredFilesystem) -> Step:
    why = f"wait until a metadata server serves {wanted.name}"
    wait = Wait((filesystem_is_served(wanted.name),))
    return Step(why, wait, f"fs.wait-served:{wanted.name}", "daemon", hint=_MDS_HINT)


def _refuse_pools(wanted: DesiredFilesystem, cluster: Optional[CephCluster]) -> list[Refusal]:
    if cluster is None:
        return []
    used = {number for found in cluster.filesystems for number in (found.metadata_pool, *found.data_pools)}
    pools = [pool for pool in cluster.pools if pool.name in _pools(wanted)]
    return [
        Refusal(
            f"The pool {pool.name}, which CephFS {wanted.name} needs, exists and belongs to something else.",
            "Choose another name for the file system.",
        )
        for pool in pools
        if pool.id in used or any(application != "cephfs" for application in pool.applications)
    ]


def _no_room(wanted: DesiredFilesystem, reason: str) -> Refusal:
    return Refusal(
        f"CephFS {wanted.name}: no room for its pools, which need at least {LEAST_PG_NUM} placement groups each"
        f" ({reason}).",
        "Add OSDs (for a plan that is made before they exist, say how many in planned_osds), or make fewer pools.",
    )
