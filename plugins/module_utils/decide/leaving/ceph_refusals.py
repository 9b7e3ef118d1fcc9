# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What would go wrong with Ceph without a node, as far as it can be seen before the first step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ...engine.plan import Refusal
from ...model.ceph.state import CONF, CephCluster, Osd
from ...model.leaving.ceph import ObservedCephOfNode
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership, quorum_of
from ..ceph.places import failure_domain, places
from .drained import ceph_parts

#: With one copy, a disk that fails takes its data with it.
_FEWEST_COPIES = 2
#: Flags with which data does not move away from an OSD that is out.
_HOLDING = ("noout", "norebalance", "norecover", "nobackfill", "pause", "noin")
#: What a removal that is under way, or a node that is off, brings by itself.
_OWN_DOING = (
    "MDS_INSUFFICIENT_STANDBY",
    "MON_DOWN",
    "OBJECT_MISPLACED",
    "OSD_DOWN",
    "OSD_HOST_DOWN",
    "PG_DEGRADED",
    "PG_NOT_DEEP_SCRUBBED",
    "PG_NOT_SCRUBBED",
    "RECENT_CRASH",
    "TOO_MANY_PGS",
)
#: Data on its way is no danger, but waited for before more of it is set in motion.
_ON_ITS_WAY = ("OBJECT_MISPLACED", "PG_DEGRADED")
_AT_WORK = {"recovering", "recovery_wait", "backfilling", "backfill_wait"}
#: A placement group that finds its OSDs anew cannot be read meanwhile; one of the others will not be so soon.
SETTLING = ("peering", "activating", "creating")
_LASTING = {"down", "incomplete", "stale"}
#: How many OSDs there are says nothing about the data: whether that has places left is asked of every pool.
_HARMLESS = ("TOO_FEW_OSDS",)
#: With too few copies to go on (``min_size``) data stands still, and whoever waits for it. That its last copies are
#: given other places is what ends that; no more is lacking as long as every placement group has one.
_STANDSTILL = (
    "MDS_CLIENTS_LAGGY",
    "MDS_CLIENT_RECALL",
    "MDS_SLOW_METADATA_IO",
    "MDS_SLOW_REQUEST",
    "PG_AVAILABILITY",
    "SLOW_OPS",
)
_FEW_MONITORS = 3


def refuse(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    ceph = observed.ceph
    if ceph is None or (ceph.cluster is None and ceph.silence is None):
        return []
    if ceph.cluster is None:
        reason = f"No monitor of Ceph answers ({ceph.silence}), so what is on {desired.node} is not known."
        hint = f"Bring the monitors back first, or name them as mon_host in [global] of {CONF} if they run."
        return [Refusal(reason, f"{hint} Nothing can be removed without them.")]
    node, cluster = desired.node, ceph.cluster
    return [
        *(_refuse_health(desired, ceph, cluster) if ceph_parts(node, observed) else ()),
        *_refuse_osds(desired, ceph, cluster),
        *_refuse_monitor(desired, observed, ceph, cluster),
        *_refuse_last(node, cluster),
    ]


def _refuse_osds(desired: DesiredMembership, ceph: ObservedCephOfNode, cluster: CephCluster) -> Iterator[Refusal]:
    node = desired.node
    mine = [osd for osd in cluster.osds if osd.host == node]
    if not mine:
        return
    held = sorted(ceph.map.flags & set(_HOLDING))
    if held:
        reason = f"Ceph has the flag {', '.join(held)} set, with which no data moves away from {node}."
        yield Refusal(reason, f"Unset it: ceph osd unset {held[0]}.")
    others = [osd for osd in cluster.osds if osd.host != node and osd.up and osd.is_in]
    yield from _refuse_pools(cluster, node, others)
    yield from _refuse_full(ceph, cluster, mine, others)


def _refuse_health(desired: DesiredMembership, ceph: ObservedCephOfNode, cluster: CephCluster) -> Iterator[Refusal]:
    """Moving data in a cluster that is not well may be what loses it."""
    begun = desired.mode == DEAD or _begun(desired.node, ceph, cluster)
    fine = {*desired.tolerated, *_HARMLESS, *(_OWN_DOING if begun else ())}
    soon = settles(ceph, desired.mode)
    if desired.mode == DEAD and (soon or all(map(_has_copy, ceph.map.pg_states))):
        fine |= {*_STANDSTILL}
    if data_moves(ceph):
        fine |= {*_ON_ITS_WAY}
    if soon:
        fine |= {"PG_AVAILABILITY"}
    bad = [check for check in cluster.checks if not check.muted and check.code not in fine]
    if bad:
        found = "; ".join(f"{check.code}: {check.message}" for check in bad)
        itself = "Ceph may do so itself, soon after a node went on or off"
        hint = f"Mend it first ({itself}), or name in tolerated_health what may stay."
        yield Refusal(f"Ceph is not healthy: {found}.", hint)


def _begun(node: str, ceph: ObservedCephOfNode, cluster: CephCluster) -> bool:
    """An OSD of it is on its way out, or all have gone and left their host in the CRUSH map."""
    mine = [osd for osd in cluster.osds if osd.host == node]
    return any(not (osd.is_in and osd.up) for osd in mine) or (not mine and node in ceph.map.hosts)


def data_moves(ceph: ObservedCephOfNode) -> bool:
    """All placement groups that are not clean can be read, and are being mended or wait for their turn."""
    states = [set(state.split("+")) for state in ceph.map.pg_states if not state.startswith("active+clean")]
    restless = [words for words in states if not words & {*SETTLING}]
    return bool(restless) and all("active" in words and words & _AT_WORK for words in restless)


def settles(ceph: ObservedCephOfNode, mode: str) -> bool:
    """What cannot be read is a matter of seconds: as data begins to move, or has arrived. For want of a dead node other
    data may stand still beside it, as long as it has a copy."""
    states = [state for state in ceph.map.pg_states if not (mode == DEAD and _has_copy(state))]
    away = [words for words in (set(state.split("+")) for state in states) if "active" not in words]
    return bool(away) and all(words & {*SETTLING} and not words & _LASTING for words in away)


def _has_copy(state: str) -> bool:
    words = set(state.split("+"))
    return bool(words & {"active", "peered"}) and "stale" not in words


def _refuse_pools(cluster: CephCluster, node: str, others: list[Osd]) -> Iterator[Refusal]:
    """Pools that lack the same are named together, by name: the cluster lists them as they were made."""
    short: dict[tuple[int, int, str, str], list[str]] = {}
    for pool in sorted(cluster.pools, key=lambda one: one.name):
        left = places(pool, cluster, others)
        if left is None:
            domain = failure_domain(pool, cluster) or "unknown"
            reason = f"Whether the pool {pool.name} has enough places without {node} cannot be judged ({domain})."
            yield Refusal(reason, "Move its data to a pool whose failure domain is host first.")
        elif left.count < pool.size:
            stops = f" Below {pool.min_size} they stop working." if left.count < pool.min_size else ""
            noun = "hosts with OSDs" if left.domain == "host" else "OSDs"
            short.setdefault((pool.size, left.count, noun, stops), []).append(pool.name)
    for (size, count, noun, stops), names in short.items():
        pools = f"The pool {names[0]} keeps" if len(names) == 1 else f"The pools {', '.join(names)} keep"
        yield Refusal(
            f"{pools} {size} copies on different {noun}, and {count} would be left: such data could never be whole"
            f" again.{stops}",
            _more_places(names, count),
        )


def _more_places(names: list[str], count: int) -> str:
    more = "Add OSDs on another node, in a cluster of three: a fourth node, first."
    if count < _FEWEST_COPIES:
        return f"{more} Or let the copies lie on different OSDs of one host (a CRUSH rule of the failure domain osd)."
    commands = "; ".join(f"ceph osd pool set {name} size {count}" for name in names)
    return (
        f"{more} Or, if {count} copies are enough: {commands}; and the same size in ceph_pools of the inventory."
        f" With {count} copies on {count} places, data stands still while one of these is away."
    )


def _refuse_full(
    ceph: ObservedCephOfNode, cluster: CephCluster, mine: list[Osd], others: list[Osd]
) -> Iterator[Refusal]:
    """All that is stored, on the OSDs that are left; and on each host, where every one has to keep a copy then."""
    use, node, limit = ceph.map.use, mine[0].host, cluster.nearfull
    untold = cluster.untold({number: one.bytes_total for number, one in use.items()})
    if untold or any(osd.id not in use for osd in (*mine, *others)):
        reason = f"How full the OSDs are is not known, so whether the data of {node} fits on the others is not either."
        yield Refusal(reason, "Is a manager running, and for some seconds already? See ceph osd df.")
        return
    held = sum(use[osd.id].bytes_used for osd in (*mine, *others))
    hosts: dict[str, list[Osd]] = {}
    for osd in others:
        hosts.setdefault(str(osd.host), []).append(osd)
    scopes = [("the OSDs", held, others)]
    if max((pool.size for pool in cluster.pools), default=0) >= len(hosts):
        scopes += [(f"those of {host}", held // len(hosts), osds) for host, osds in sorted(hosts.items())]
    for scope, data, osds in scopes:
        room = sum(use[osd.id].bytes_total for osd in osds)
        if data > limit * room:
            yield Refusal(
                f"Without {node} {scope} would be {data * 100 // max(room, 1)} % full; {limit:.0%} is the limit.",
                "Add OSDs or delete data first.",
            )
            return


def _refuse_monitor(
    desired: DesiredMembership, observed: ObservedMembership, ceph: ObservedCephOfNode, cluster: CephCluster
) -> Iterator[Refusal]:
    node = desired.node
    if node not in ceph.map.mons:
        return
    left = [name for name in ceph.map.mons if name != node]
    voting = [name for name in cluster.quorum if name != node]
    if not left:
        yield Refusal(f"mon.{node} is the only monitor; Ceph ends with it.", "Create another monitor first.")
        return
    if len(voting) < quorum_of(len(left)):
        silent = ", ".join(name for name in left if name not in voting)
        reason = f"Without mon.{node} the monitors have no quorum: {silent} does not take part."
        yield Refusal(reason, "Bring it back first.")
    if len(left) == 1 and replacement_monitor(desired, observed) is None and not desired.single_monitor:
        reason = f"Only mon.{left[0]} would be left; when it stops, Ceph stands still."
        yield Refusal(reason, "Create another monitor first, or set single_monitor: true.")


def _refuse_last(node: str, cluster: CephCluster) -> Iterator[Refusal]:
    if set(cluster.mgrs) == {node}:
        yield Refusal(f"mgr.{node} is the only manager.", "Create another one first: pveceph mgr create on its node.")
    if cluster.filesystems and set(cluster.mds) == {node}:
        names = ", ".join(found.name for found in cluster.filesystems)
        reason = f"mds.{node} is the only metadata server, and there is a CephFS ({names})."
        yield Refusal(reason, "Create another one first: pveceph mds create on its node.")


def replacement_monitor(desired: DesiredMembership, observed: ObservedMembership) -> Optional[str]:
    """Where a monitor is made before this node's goes: where OSDs show that Ceph is installed, and none is yet."""
    ceph = observed.ceph
    if ceph is None or ceph.cluster is None or desired.node not in ceph.map.mons:
        return None
    left = [name for name in ceph.map.mons if name != desired.node]
    if len(left) >= _FEW_MONITORS:
        return None
    hosts = {osd.host for osd in ceph.cluster.osds if osd.up}
    online = [one.name for one in observed.cluster.members if one.online and one.name != desired.node]
    return next((name for name in sorted(online) if name in hosts and name not in left), None)


def warn(desired: DesiredMembership, observed: ObservedMembership) -> list[str]:
    ceph = observed.ceph
    if ceph is None or ceph.cluster is None:
        return []
    return [
        *_warn_monitors(desired, observed, ceph),
        *_warn_osds(desired.node, ceph, ceph.cluster),
        *_warn_placement_groups(desired.node, ceph.cluster),
    ]


def _warn_monitors(desired: DesiredMembership, observed: ObservedMembership, ceph: ObservedCephOfNode) -> Iterator[str]:
    if desired.node not in ceph.map.mons:
        return
    left = len(ceph.map.mons) - 1 + (replacement_monitor(desired, observed) is not None)
    if left < _FEW_MONITORS:
        few = "1 monitor will be left; Ceph stands still as soon as it stops."
        many = f"{left} monitors will be left; Ceph stands still as soon as one of two stops."
        yield f"{few if left == 1 else many} Three are better."


def _warn_osds(node: str, ceph: ObservedCephOfNode, cluster: CephCluster) -> Iterator[str]:
    """Ceph compares the number of OSDs with ``osd_pool_default_size``, whatever size the pools have."""
    others = [osd for osd in cluster.osds if osd.host != node]
    size, hosts = ceph.conf.default_size, len({osd.host for osd in others})
    want = f"and a pool gets {size} copies where nobody says how many:"
    if len(others) == len(cluster.osds):
        return
    if len(others) < size:
        yield (
            f"{len(others)} OSDs will be left, {want} Ceph will warn of that (TOO_FEW_OSDS) until there are more."
            " site.yml takes it with ceph_tolerated_health: [TOO_FEW_OSDS]."
        )
    elif hosts < size:
        noun = "1 host" if hosts == 1 else f"{hosts} hosts"
        yield f"{noun} with OSDs will be left, {want} such a pool would never be whole. Give new ones their size."


def _warn_placement_groups(node: str, cluster: CephCluster) -> Iterator[str]:
    """The same copies on fewer OSDs, as Ceph counts them: those that are in, whatever pool may use which."""
    left = [osd for osd in cluster.osds if osd.host != node and osd.is_in]
    if not left or all(osd.host != node for osd in cluster.osds):
        return
    each, limit = sum(pool.pg_num * pool.size for pool in cluster.pools) // len(left), cluster.max_pg_per_osd
    if each > limit:
        yield (
            f"{each} placement groups will be on each OSD, more than mon_max_pg_per_osd ({limit}): Ceph will warn of"
            " that (TOO_MANY_PGS) until there are more OSDs, or pools have a smaller pg_num."
        )
