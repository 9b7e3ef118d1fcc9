# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What keeps Ceph from another release: all of it, before the first package.

After the packages even a reboot, or a crash, starts a daemon of the new release; what that cannot open is lost then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Optional

from ...engine.plan import Refusal
from ...model.ceph.health_codes import Situation
from ...model.ceph.safety import CephData
from ...model.debian.release import release_of
from ...model.upgrade.ceph_release import CEPH_RELEASES, FILESTORE, MAX_STEP, CephRelease, ceph_release
from ...model.upgrade.ceph_state import KINDS, CephDaemon, CephRun, ObservedCephUpgrade
from ..ceph.health import is_moving, is_settling, refuse_health, refuse_mutes
from ..ceph.safety import refuse_silent_manager

#: With fewer monitors none may stop without all of them being without a majority.
_ENOUGH_MONITORS = 3
_NEVER = frozenset(("pause", "pauserd", "pausewr", "noup", "nodown", "nobackfill", "norecover", "norebalance", "noin"))


def refuse_release(target: CephRelease, observed: ObservedCephUpgrade) -> Iterator[Refusal]:
    """What this node, and the cluster as it tells of it, have against a release that is not installed yet."""
    yield from _refuse_offer(target, observed)
    yield from _refuse_mon_stores(target, observed)
    if observed.run is not None:
        yield from _refuse_jump(target, observed.run)
        yield from _refuse_osd_stores(target, observed.run)
        yield from _refuse_modules(target, observed.run)


def refuse_state(
    run: CephRun, interruption: bool, tolerated: Collection[str], crashes: Collection[str], coming: bool = False
) -> list[Refusal]:
    """What the cluster has against any restart now. ``crashes``: those that were there before. coming: the only daemons
    that are missing are on their way up."""
    data = run.data
    situations: set[Situation] = {"release", "begun"} if coming else {"release"}
    if is_moving(data):
        situations.add("moving")
    if is_settling(data):
        situations.add("settling")
    return [
        *refuse_silent_manager(data),
        *refuse_health(data, situations, tolerated),
        *refuse_mutes(data.cluster),
        *refuse_flags(data),
        *_refuse_pools(data),
        *_refuse_crashes(run, crashes),
        *([] if interruption else _refuse_alone(run)),
    ]


def _refuse_offer(target: CephRelease, observed: ObservedCephUpgrade) -> Iterator[Refusal]:
    release = release_of(observed.codename)
    if release is None or target.name not in release.ceph:
        offered = " and ".join(release.ceph) if release else "none"
        yield Refusal(
            f"{observed.node.name} runs Debian {observed.codename}, and Proxmox VE there has no Ceph {target.name}.",
            f"There is {offered}. Proxmox VE and Ceph are never upgraded in one step.",
        )


def _refuse_mon_stores(target: CephRelease, observed: ObservedCephUpgrade) -> Iterator[Refusal]:
    """The store is told by a file only; ``mon metadata`` does not know it."""
    for name, store in sorted(observed.mon_stores.items()):
        if store not in target.mon_stores:
            text = f"is kept in {store}" if store else "does not tell what it is kept in (kv_backend)"
            yield Refusal(
                f"The store of mon.{name} on {observed.node.name} {text}, and Ceph {target.name} opens"
                f" {' and '.join(target.mon_stores)} only.",
                "Remove this monitor and create it anew (ceph_daemon) while the others have a majority.",
            )


def _refuse_jump(target: CephRelease, run: CephRun) -> Iterator[Refusal]:
    """``require_osd_release`` counts, too: OSDs refuse to start in a cluster that is further behind."""
    names = {one.version.release if one.version else "" for one in run.daemons} | {run.required}
    for name in sorted(names):
        found = ceph_release(name)
        if found is None:
            yield Refusal(
                f"A part of Ceph runs {name or 'a version that it does not tell'}, from which no way to"
                f" {target.name} is known.",
                f"Known are {', '.join(row.name for row in CEPH_RELEASES)}.",
            )
        elif found.major > target.major:
            yield Refusal(f"Ceph runs {name} already, and no release goes back to {target.name}.")
        elif found.major < target.major - MAX_STEP or found.major < _major(target.since):
            yield Refusal(
                f"From {name} there is no way to {target.name} in one step.",
                f"Upgrade to {target.since} first, all of it.",
            )


def _major(name: str) -> int:
    found = ceph_release(name)
    return 0 if found is None else found.major


def _refuse_osd_stores(target: CephRelease, run: CephRun) -> Iterator[Refusal]:
    osds = run.of("osd")
    gone = [one for one in osds if one.store is not None and one.store not in target.osd_stores]
    for one in gone:
        yield Refusal(
            f"{one.name} on {one.host} is kept in {one.store}, which Ceph {target.name} does not open.",
            f"Make it anew: replace_osd.yml -e osd={one.id}.",
        )
    unknown = [one.name for one in osds if one.store is None]
    if unknown and FILESTORE not in target.osd_stores:
        yield Refusal(
            f"Nobody knows what {', '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} kept in: it has not told of"
            " itself.",
            "Start it, or remove it (remove_osd.yml).",
        )


def _refuse_modules(target: CephRelease, run: CephRun) -> Iterator[Refusal]:
    gone = sorted(run.modules & set(target.modules_gone))
    if gone:
        yield Refusal(
            f"The manager's modules {' and '.join(gone)} are switched on, and Ceph {target.name} has them no more.",
            f"See who uses them, then `ceph mgr module disable {gone[0]}`.",
        )


def refuse_flags(data: CephData) -> Iterator[Refusal]:
    found = sorted(data.flags & _NEVER)
    if found:
        yield Refusal(
            f"Somebody has set {', '.join(found)} for all OSDs: a restarted one would not get its data up to date.",
            f"Ask who did, then `ceph osd unset {'pause' if found[0].startswith('pause') else found[0]}`.",
        )


def _refuse_pools(data: CephData) -> Iterator[Refusal]:
    """However whole they are, parts of them stop as soon as one OSD does."""
    for pool in data.cluster.pools:
        if pool.size - 1 < pool.min_size:
            yield Refusal(
                f"Pool {pool.name} needs {pool.min_size} of its {pool.size} copies (min_size): no OSD may stop.",
                f"Give it one more copy: `ceph osd pool set {pool.name} size {pool.min_size + 1}`.",
            )


def _refuse_crashes(run: CephRun, known: Collection[str]) -> Iterator[Refusal]:
    new = sorted((run.crashes or frozenset()) - set(known))
    if new:
        yield Refusal(
            f"A daemon has crashed since the upgrade began: {', '.join(new)}.",
            f"`ceph crash info {new[0]}` says which and where. Go on only when you know why; `ceph crash archive-all`.",
        )


def _refuse_alone(run: CephRun) -> Iterator[Refusal]:
    """Daemons whose restart interrupts what only they do."""
    monitors, managers = run.of("mon"), run.of("mgr")
    if len(monitors) < _ENOUGH_MONITORS:
        yield Refusal(
            f"There are {len(monitors)} monitors: while one restarts, all of Ceph stands still.",
            "Add monitors until there are three, or allow it with interruption.",
        )
    if len(managers) < 2:
        yield Refusal("No second manager stands by.", "Add one (ceph_daemon), or allow it with interruption.")


def refuse_behind(behind: Collection[CephDaemon], before: str) -> Optional[Refusal]:
    """Daemons that have to be new before the next kind is."""
    if not behind:
        return None
    told = ", ".join(f"{one.name} on {one.host or 'an unknown node'} ({_runs(one)})" for one in _sorted(behind))
    return Refusal(f"{told} {'has' if len(behind) == 1 else 'have'} to run the new version before {before}.")


def _runs(one: CephDaemon) -> str:
    version = "its version is not known" if one.version is None else str(one.version)
    return version if one.up else f"{version}, down"


def _sorted(daemons: Collection[CephDaemon]) -> list[CephDaemon]:
    return sorted(daemons, key=lambda one: (KINDS.index(one.kind), one.id))
