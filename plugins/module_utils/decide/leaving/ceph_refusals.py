# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What would go wrong with Ceph without a node, as far as it can be seen before the first step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ...engine.plan import Refusal
from ...model.ceph.health_codes import Situation
from ...model.ceph.safety import CephData
from ...model.ceph.state import CONF
from ...model.leaving.ceph import ObservedCephOfNode
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership, quorum_of
from ..ceph.drain import Short, refuse_flags, refuse_full, refuse_homeless, short_of_places
from ..ceph.health import refuse_health, situations_of

#: With one copy, a disk that fails takes its data with it.
_FEWEST_COPIES = 2
_FEW_MONITORS = 3


def refuse_ceph(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    ceph = observed.ceph
    if ceph is None or (ceph.data is None and ceph.silence is None):
        return []
    if ceph.data is None:
        reason = f"No monitor of Ceph answers ({ceph.silence}), so nobody can tell what is on {desired.node}."
        hint = f"Bring the monitors back first, or name them as mon_host in [global] of {CONF} if they run."
        return [Refusal(reason, f"{hint} Without them nothing of Ceph can be removed.")]
    return [
        *(refuse_health(ceph.data, _situations(desired, ceph, ceph.data), desired.tolerated) if ceph.parts else ()),
        *_refuse_homeless_osds(desired, observed, ceph.data),
        *_refuse_osds(desired, ceph, ceph.data),
        *_refuse_monitor(desired, observed, ceph, ceph.data),
        *refuse_last(ceph, ceph.data),
    ]


def _situations(desired: DesiredMembership, ceph: ObservedCephOfNode, data: CephData) -> set[Situation]:
    """All OSDs of the node may have gone already, and left their host in the CRUSH map."""
    found = situations_of(data, [osd.id for osd in ceph.here], dead=desired.mode == DEAD)
    if not ceph.here and desired.node in data.buckets:
        found.add("begun")
    return found


def _refuse_homeless_osds(
    desired: DesiredMembership, observed: ObservedMembership, data: CephData
) -> Iterator[Refusal]:
    """A bucket that is called like no node says nothing about where its OSDs run, and they may be on this one."""
    members = {one.name for one in observed.cluster.members}
    for osd in data.cluster.osds:
        if not osd.told and not osd.destroyed and osd.host not in members:
            bucket = f"the CRUSH bucket {osd.host}" if osd.host else "no host of the CRUSH map"
            reason = f"Ceph does not say where osd.{osd.id} runs. It stands in {bucket}, and may be on {desired.node}."
            yield Refusal(
                reason,
                f"Start it once, or remove it if it is gone. `ceph osd metadata {osd.id}` shows what Ceph knows of it.",
            )


def _refuse_osds(desired: DesiredMembership, ceph: ObservedCephOfNode, data: CephData) -> Iterator[Refusal]:
    node, leaving = desired.node, ceph.osds.osds
    if not leaving:
        return
    yield from refuse_flags(data, node)
    yield from (Refusal(str(short), _more_places(short)) for short in short_of_places(data, leaving))
    yield from refuse_homeless(data, ceph.osds, node)
    yield from refuse_full(data, ceph.osds, node)


def _more_places(short: Short) -> str:
    more = "Add OSDs on another node, in a cluster of three: a fourth node, first."
    if short.left < _FEWEST_COPIES:
        return f"{more} Or let the copies lie on different OSDs of one host (a CRUSH rule of the failure domain osd)."
    commands = "; ".join(f"ceph osd pool set {name} size {short.left}" for name in short.pools)
    return (
        f"{more} Or, if {short.left} copies are enough: {commands}; and the same size in ceph_pools of the inventory."
        f" With {short.left} copies on {short.left} places, data stands still while one of these is away."
    )


def _refuse_monitor(
    desired: DesiredMembership, observed: ObservedMembership, ceph: ObservedCephOfNode, data: CephData
) -> Iterator[Refusal]:
    """Votes are counted in the map: a monitor that is in it and does not live counts against those that do."""
    mine = ceph.mons
    if not mine:
        return
    names = ", ".join(f"mon.{name}" for name in mine)
    left = [name for name in data.monitors.addresses if name not in mine]
    voting = [name for name in data.monitors.quorum if name not in mine]
    if not left:
        yield Refusal(
            f"{names} is the only monitor. Without it there is no Ceph cluster any more.",
            "Create another monitor first.",
        )
        return
    if len(voting) < quorum_of(len(left)):
        silent = ", ".join(name for name in left if name not in voting)
        reason = f"Without {names} the monitors have no quorum, because {silent} does not take part."
        yield Refusal(reason, "Bring it back first.")
    if len(left) == 1 and replacement_monitor(desired, observed) is None and not desired.single_monitor:
        reason = f"Only mon.{left[0]} would be left. When it stops, Ceph stops."
        yield Refusal(reason, "Create another monitor first, or set single_monitor: true.")


def refuse_last(ceph: ObservedCephOfNode, data: CephData) -> Iterator[Refusal]:
    cluster = data.cluster
    if ceph.mgrs and set(cluster.mgrs) <= set(ceph.mgrs):
        reason = f"mgr.{', mgr.'.join(ceph.mgrs)} is the only manager."
        yield Refusal(reason, "Create another one first: run `pveceph mgr create` on another node.")
    if cluster.filesystems and ceph.mdss and set(cluster.mds) <= set(ceph.mdss):
        names = ", ".join(found.name for found in cluster.filesystems)
        reason = f"mds.{', mds.'.join(ceph.mdss)} is the only metadata server, and there is a CephFS ({names})."
        yield Refusal(reason, "Create another one first: run `pveceph mds create` on another node.")


def replacement_monitor(desired: DesiredMembership, observed: ObservedMembership) -> Optional[str]:
    """Where a monitor is made before this node's goes: where OSDs show that Ceph is installed, and none is yet."""
    ceph = observed.ceph
    if ceph is None or ceph.data is None or not ceph.mons:
        return None
    data = ceph.data
    left = [name for name in data.monitors.addresses if name not in ceph.mons]
    if len(left) >= _FEW_MONITORS:
        return None
    taken = {*left, *data.cluster.daemons.get("mon", {})}
    hosts = {osd.host for osd in data.cluster.osds if osd.up}
    online = [one.name for one in observed.cluster.members if one.online and one.name != desired.node]
    return next((name for name in sorted(online) if name in hosts and name not in taken), None)


def ceph_warnings(desired: DesiredMembership, observed: ObservedMembership) -> list[str]:
    ceph = observed.ceph
    if ceph is None or ceph.data is None:
        return []
    return [
        *_warn_monitors(desired, observed, ceph, ceph.data),
        *_warn_osds(ceph, ceph.data),
        *_warn_placement_groups(ceph, ceph.data),
        *_warn_reporters(desired, ceph, ceph.data),
    ]


def _warn_monitors(
    desired: DesiredMembership, observed: ObservedMembership, ceph: ObservedCephOfNode, data: CephData
) -> Iterator[str]:
    if not ceph.mons:
        return
    left = len(data.monitors.addresses) - len(ceph.mons) + (replacement_monitor(desired, observed) is not None)
    if left < _FEW_MONITORS:
        few = "1 monitor will be left. When it stops, Ceph stops."
        many = f"{left} monitors will be left. When one of them stops, Ceph stops."
        yield f"{few if left == 1 else many} Three are better."


def _warn_osds(ceph: ObservedCephOfNode, data: CephData) -> Iterator[str]:
    """Ceph compares the number of OSDs with ``osd_pool_default_size``, whatever size the pools have."""
    others = [osd for osd in data.cluster.osds if osd not in ceph.here]
    hosts: frozenset[str] = frozenset().union(*(osd.within("host") for osd in others))
    size, want = ceph.conf.default_size, f"and a pool gets {ceph.conf.default_size} copies where nobody says how many:"
    if not ceph.here:
        return
    if len(others) < size:
        yield (
            f"{len(others)} OSDs will be left, {want} Ceph will warn of that (TOO_FEW_OSDS) until there are more."
            " site.yml takes it with ceph_tolerated_health: [TOO_FEW_OSDS]."
        )
    elif len(hosts) < size:
        noun = "1 host" if len(hosts) == 1 else f"{len(hosts)} hosts"
        yield f"{noun} with OSDs will be left, {want} such a pool would never be whole. Give new ones their size."


def _warn_placement_groups(ceph: ObservedCephOfNode, data: CephData) -> Iterator[str]:
    """The same copies on fewer OSDs, as Ceph counts them: those that are in, whatever pool may use which."""
    left = [osd for osd in data.cluster.osds if osd not in ceph.here and osd.is_in]
    if not left or not ceph.here:
        return
    each, limit = sum(pool.pg_num * pool.size for pool in data.cluster.pools) // len(left), data.cluster.max_pg_per_osd
    if each > limit:
        yield (
            f"{each} placement groups will be on each OSD, more than mon_max_pg_per_osd ({limit}): Ceph will warn of"
            " that (TOO_MANY_PGS) until there are more OSDs, or pools have a smaller pg_num."
        )


def _warn_reporters(desired: DesiredMembership, ceph: ObservedCephOfNode, data: CephData) -> Iterator[str]:
    """A dead OSD counts as up until OSDs on two different hosts have said so, or nobody has heard of it for long."""
    up = [osd for osd in ceph.here if osd.up]
    if desired.mode != DEAD or not up:
        return
    hosts: frozenset[str] = frozenset().union(
        *(osd.within("host") for osd in data.cluster.osds if osd.up and osd not in ceph.here)
    )
    if len(hosts) < data.reporters:
        yield (
            f"Ceph still counts OSDs of {desired.node} as up. {data.reporters} hosts have to report that they are down,"
            f" and {len(hosts)} is left to do so. Nobody can use their data until Ceph notices by itself, up to 15"
            " minutes later."
        )
