# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how Ceph leaves a node: one OSD after the other, then metadata server, monitor, manager and CRUSH bucket.

What is safe is Ceph's own answer (``safe-to-destroy``, ``ok-to-stop``), asked right before each step; nothing here
replaces it. What can be seen beforehand is refused in ``ceph_refusals``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Action, EditFile, Run, Step, Wait
from ...model.ceph.conditions import CEPH, Kind, daemon_is_gone, mon_is_gone, mon_may_go, mon_votes
from ...model.ceph.safety import CephData
from ...model.ceph.state import CONF, Osd
from ...model.cluster.locks import LOCK_BUSY
from ...model.leaving.ceph import ObservedCephOfNode
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership
from ..ceph import osd_steps
from ..ceph.health import is_moving, is_settling
from .ceph_conf import WithoutDaemon
from .ceph_refusals import replacement_monitor

_MINUTES = 300


def ceph_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    ceph = observed.ceph
    if ceph is None or ceph.data is None:
        return []
    dead = desired.mode == DEAD
    return [
        *_prepare(ceph, ceph.data, desired),
        *(_dead_osds if dead else _living_osds)(ceph.here, desired),
        *_metadata_servers(ceph, ceph.data, dead),
        *_monitors(desired, observed, ceph, ceph.data),
        *_managers(ceph, ceph.data, dead),
        *_bucket(desired.node, ceph.data),
    ]


def _prepare(ceph: ObservedCephOfNode, data: CephData, desired: DesiredMembership) -> Iterator[Step]:
    dead = desired.mode == DEAD
    if is_settling(data, dead):
        yield from osd_steps.settle(ceph.here)
    if not dead and ceph.here and ceph.here[0].is_in and is_moving(data):
        yield osd_steps.wait_for_others(desired.data_deadline)


def _dead_osds(osds: tuple[Osd, ...], desired: DesiredMembership) -> Iterator[Step]:
    """All out at once: while one that is down is in, what waits for it keeps Ceph from calling another one safe."""
    for osd in osds:
        yield from osd_steps.mark_out(osd)
    for osd in osds:
        yield from osd_steps.wait_empty(osd, desired.data_deadline)
        yield osd_steps.wait_down(osd)
        yield osd_steps.purge(osd)


def _living_osds(osds: tuple[Osd, ...], desired: DesiredMembership) -> Iterator[Step]:
    """One after the other: its data moves away while it still serves, and only then is it stopped."""
    for osd in osds:
        yield from osd_steps.mark_out(osd)
        yield from osd_steps.wait_empty(osd, desired.data_deadline)
        if osd.up:
            yield osd_steps.ask_to_stop(osd)
            yield osd_steps.stop_by_api(osd, desired.node)
        yield osd_steps.wait_down(osd)
        yield from osd_steps.destroy_by_api(osd, desired.node)


def _bucket(node: str, data: CephData) -> Iterator[Step]:
    if node in data.buckets:
        why = f"remove the host {node} from the CRUSH map"
        yield Step(why, _ceph("osd", "crush", "remove", node), f"crush.remove:{node}", "data")


def _metadata_servers(ceph: ObservedCephOfNode, data: CephData, dead: bool) -> Iterator[Step]:
    configured = ceph.configured("mds")
    for name in sorted({*ceph.mdss, *configured}) if not dead else ():
        yield from _destroy(ceph.node, "mds", name)
    for name in configured if dead else ():
        yield _forget_in_conf(data, name, "mds")
    for name in sorted({*ceph.mdss, *configured, ceph.node}):
        if dead or (name not in configured and name not in ceph.mdss):
            yield from _forget_login(data, f"mds.{name}")


def _managers(ceph: ObservedCephOfNode, data: CephData, dead: bool) -> Iterator[Step]:
    """One without an account has been destroyed; when monitors were away just then, Ceph still lists it for a while."""
    for name in ceph.mgrs if not dead else ():
        if f"mgr.{name}" in data.entities:
            yield from _destroy(ceph.node, "mgr", name)
        else:
            yield _wait_gone("mgr", name)
    for name in sorted({*ceph.mgrs, ceph.node}):
        if dead or name not in ceph.mgrs:
            yield from _forget_login(data, f"mgr.{name}")


def _monitors(
    desired: DesiredMembership, observed: ObservedMembership, ceph: ObservedCephOfNode, data: CephData
) -> Iterator[Step]:
    dead = desired.mode == DEAD
    place = replacement_monitor(desired, observed)
    if place is not None:
        yield from _create_monitor(place, ceph.mons)
    for name in ceph.mons:
        if dead:
            why = f"remove mon.{name} from the monitors' map"
            remove = _ceph("mon", "remove", name)
            cause = f"{ceph.node} is said to be dead, and it counts for the majority"
            yield Step(why, remove, f"mon.remove:{name}", "monitor", destructive=True, because=cause)
        else:
            yield _wait(
                f"ask Ceph whether mon.{name} may go", Wait((mon_may_go(name),), _MINUTES, 2), f"mon.ask:{name}"
            )
            action = _delete(ceph.node, "mon", name)
            yield Step(f"destroy mon.{name}", action, f"mon.destroy:{name}", "monitor", destructive=True)
        why = f"wait until the monitors do without mon.{name}"
        yield _wait(why, Wait((mon_is_gone(name),), _MINUTES), f"mon.wait-gone:{name}")
    for name in ceph.configured("mon"):
        if dead or name not in ceph.mons:
            yield _forget_in_conf(data, name, "mon")


def _create_monitor(place: str, leaving: tuple[str, ...]) -> Iterator[Step]:
    create = ("pvesh", "create", f"/nodes/{place}/ceph/mon/{place}")
    action = Run(create, timeout=_MINUTES, retry_on=LOCK_BUSY)
    goes = ", ".join(f"mon.{name}" for name in leaving)
    yield Step(f"create mon.{place}, before {goes} goes", action, f"mon.create:{place}", "monitor")
    why = f"wait until mon.{place} is in the quorum"
    yield _wait(why, Wait((mon_votes(place),), _MINUTES), f"mon.wait-quorum:{place}")


def _destroy(node: str, kind: Kind, name: str) -> Iterator[Step]:
    yield Step(f"destroy {kind}.{name}", _delete(node, kind, name), f"{kind}.destroy:{name}", "daemon")
    yield _wait_gone(kind, name)


def _delete(node: str, kind: Kind, name: str) -> Run:
    return Run(("pvesh", "delete", f"/nodes/{node}/ceph/{kind}/{name}"), timeout=_MINUTES, retry_on=LOCK_BUSY)


def _wait_gone(kind: Kind, name: str) -> Step:
    wait = Wait((daemon_is_gone(kind, name),), _MINUTES)
    return Step(f"wait until Ceph does without {kind}.{name}", wait, f"{kind}.wait-gone:{name}", "daemon")


def _wait(why: str, action: Action, name: str) -> Step:
    return Step(why, action, name, "monitor")


def _forget_in_conf(data: CephData, name: str, kind: Kind) -> Step:
    """The daemon is gone, its section stayed: of a dead node, or of a removal that was cut short."""
    addresses = data.monitors.addresses.get(name, ()) if kind == "mon" else ()
    edit = EditFile(CONF, WithoutDaemon(kind, name, addresses))
    return Step(f"take {kind}.{name} out of {CONF}", edit, f"{kind}.forget:{name}", "file")


def _forget_login(data: CephData, entity: str) -> Iterator[Step]:
    if entity in data.entities:
        yield Step(
            f"remove the key of {entity} from Ceph", _ceph("auth", "del", entity), f"auth.delete:{entity}", "daemon"
        )


def _ceph(*words: str) -> Run:
    return Run((*CEPH, *words), timeout=_MINUTES)
