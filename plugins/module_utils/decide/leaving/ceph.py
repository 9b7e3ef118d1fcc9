# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how Ceph leaves a node: one OSD after the other, then metadata server, monitor, manager and CRUSH bucket.

What is safe is Ceph's own answer (``safe-to-destroy``, ``ok-to-stop``), asked right before each step; nothing here
replaces it. Dangers that can be seen beforehand are in ``node_ceph_dangers``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...engine.plan import Refusal, Run, Step, TextWait
from ...model.ceph.state import CONF, CephCluster, Osd
from ...model.cluster.locks import LOCK_BUSY
from ...model.leaving.ceph import ObservedCephOfNode
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership
from ..ceph.osd_removal import STILL_UP
from .ceph_conf import without_daemon
from .ceph_refusals import SETTLING, data_moves, refuse, replacement_monitor, settles, warn

_CEPH = ("ceph", "--connect-timeout", "10")
_MINUTES = 300
#: The user hears this often how far it is.
_PATIENCE = 10
#: No state of placement groups but those that begin with active+clean (they may be scrubbed meanwhile).
_ALL_CLEAN = r'\A(?=[\s\S]*"num_pg_by_state")(?![\s\S]*"name":\s*"(?!active\+clean))'
#: No placement group that finds its OSDs.
_SETTLED = rf'\A(?=[\s\S]*"num_pg_by_state")(?![\s\S]*"name":\s*"[^"]*(?:{"|".join(SETTLING)}))'


def ceph_refusals(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    return refuse(desired, observed)


def ceph_warnings(desired: DesiredMembership, observed: ObservedMembership) -> list[str]:
    return warn(desired, observed)


def ceph_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    ceph = observed.ceph
    if ceph is None or ceph.cluster is None:
        return []
    node, dead = desired.node, desired.mode == DEAD
    osds = _osds(ceph.cluster, node)
    steps = list(_wait_for_peering(ceph, osds, desired.mode))
    steps += [] if dead else _wait_for_others(ceph, osds, desired)
    steps += (_dead_osds if dead else _living_osds)(osds, desired)
    steps += _metadata_server(ceph, ceph.cluster, node, dead)
    steps += _monitor(desired, observed, ceph)
    steps += _manager(ceph, ceph.cluster, node, dead)
    if node in ceph.map.hosts:
        why = f"remove the host {node} from the CRUSH map"
        steps.append(Step(why, Run((*_CEPH, "osd", "crush", "remove", node), timeout=_MINUTES)))
    return steps


def _osds(cluster: CephCluster, node: str) -> list[Osd]:
    return sorted((osd for osd in cluster.osds if osd.host == node), key=lambda osd: osd.id)


def _wait_for_peering(ceph: ObservedCephOfNode, osds: list[Osd], mode: str) -> Iterator[Step]:
    if osds and settles(ceph, mode):
        wait = TextWait((*_CEPH, "-f", "json", "pg", "stat"), _SETTLED, timeout=_MINUTES)
        yield Step("wait until all placement groups can be read", wait, hint="What holds them up: ceph health detail.")


def _wait_for_others(ceph: ObservedCephOfNode, osds: list[Osd], desired: DesiredMembership) -> Iterator[Step]:
    """Data that moves for another reason: a disk was replaced, or a run was cut short between two OSDs."""
    if osds and osds[0].is_in and data_moves(ceph):
        wait = _wait(desired, ("pg", "stat"), _ALL_CLEAN)
        yield Step("wait until the data that moves already is where it belongs", wait, hint="What moves: ceph -s.")


def _dead_osds(osds: list[Osd], desired: DesiredMembership) -> Iterator[Step]:
    """All out at once: while one that is down is in, what waits for it keeps Ceph from calling another one safe. One
    that is up again is no reason to wait: somebody has switched the node on, which the next look tells."""
    for osd in osds:
        yield from _out(osd)
    for osd in osds:
        number = str(osd.id)
        yield from _wait_elsewhere(osd, desired)
        words = (*_CEPH, "osd", "purge", number, "--yes-i-really-mean-it")
        purge = Run(words, timeout=_MINUTES, retry_on=STILL_UP, patience=_PATIENCE)
        yield Step(f"remove osd.{number} from the cluster", purge, destructive=True)


def _living_osds(osds: list[Osd], desired: DesiredMembership) -> Iterator[Step]:
    """One after the other: its data moves away while it still serves, and only then is it stopped."""
    for osd in osds:
        yield from _out(osd)
        yield from _wait_elsewhere(osd, desired)
        yield from _destroy(osd, desired.node)


def _out(osd: Osd) -> Iterator[Step]:
    if osd.is_in:
        yield Step(f"mark osd.{osd.id} out: its data moves to the others", _ceph("osd", "out", str(osd.id)))


def _wait_elsewhere(osd: Osd, desired: DesiredMembership) -> Iterator[Step]:
    """Ceph calls an OSD that is out safe as soon as no placement group counts on it. What was written lately is then
    still being copied, perhaps from that very OSD, which has given its place away at once."""
    number = str(osd.id)
    safe = rf'"safe_to_destroy":\s*\[{number}\]'
    hint = f"What holds it up: ceph -s, ceph pg ls-by-osd {number}. `ceph osd in {number}` takes it all back."
    for why, words, until in (
        (f"wait until all data of osd.{number} is elsewhere", ("osd", "safe-to-destroy", number), safe),
        (f"wait until every copy that was on osd.{number} is made again", ("pg", "stat"), _ALL_CLEAN),
    ):
        yield Step(why, _wait(desired, words, until), hint=hint)


def _wait(desired: DesiredMembership, words: tuple[str, ...], until: str) -> TextWait:
    return TextWait((*_CEPH, "-f", "json", *words), until, desired.data_deadline, 2, patience=_PATIENCE)


def _destroy(osd: Osd, node: str) -> Iterator[Step]:
    number = str(osd.id)
    if osd.up:
        yield Step(f"ask Ceph whether osd.{number} may stop", _ask("osd", "ok-to-stop", number))
        stop = Run(("pvesh", "create", f"/nodes/{node}/ceph/stop", "--service", f"osd.{number}"), timeout=_MINUTES)
        yield Step(f"stop osd.{number}", stop)
    down = TextWait((*_CEPH, "-f", "json", "osd", "info", number), r'"up":\s*0\b', timeout=_MINUTES)
    yield Step(f"wait until osd.{number} is down", down)
    destroy = Run(("pvesh", "delete", f"/nodes/{node}/ceph/osd/{number}", "--cleanup", "1"), timeout=_MINUTES)
    yield Step(f"destroy osd.{number} and wipe its disks", destroy, destructive=True)
    gone = rf"\[(?:(?!\b{number}\b)[^\]])*\]"
    yield Step(
        f"wait until osd.{number} is gone", TextWait((*_CEPH, "-f", "json", "osd", "ls"), gone, timeout=_MINUTES)
    )


def _ceph(*words: str) -> Run:
    return Run((*_CEPH, *words), timeout=_MINUTES)


def _ask(*words: str) -> Run:
    """Placement groups that find each other anew or have just been made, and a monitor that has just come, are no
    lasting reason to say no, or not to know (EAGAIN)."""
    return Run((*_CEPH, *words), timeout=_MINUTES, retry_on=(r"EBUSY", r"EAGAIN"))


def _metadata_server(ceph: ObservedCephOfNode, cluster: CephCluster, node: str, dead: bool) -> Iterator[Step]:
    configured = node in ceph.conf.daemons["mds"]
    if not dead and (node in cluster.mds or configured):
        action = Run(("pvesh", "delete", f"/nodes/{node}/ceph/mds/{node}"), timeout=_MINUTES, retry_on=LOCK_BUSY)
        yield Step(f"destroy mds.{node}", action)
        yield _wait_unlisted("mds", node)
    if dead and configured:
        yield _forget_in_conf(ceph, node, "mds")
    if dead or not configured:
        yield from _forget_login(ceph, f"mds.{node}")


def _manager(ceph: ObservedCephOfNode, cluster: CephCluster, node: str, dead: bool) -> Iterator[Step]:
    """One without an account has been destroyed; when monitors were away just then, Ceph still lists it for a while."""
    if node in cluster.mgrs and not dead:
        if f"mgr.{node}" in ceph.map.entities:
            action = Run(("pvesh", "delete", f"/nodes/{node}/ceph/mgr/{node}"), timeout=_MINUTES)
            yield Step(f"destroy mgr.{node}", action)
        yield _wait_unlisted("mgr", node)
    else:
        yield from _forget_login(ceph, f"mgr.{node}")


def _monitor(desired: DesiredMembership, observed: ObservedMembership, ceph: ObservedCephOfNode) -> Iterator[Step]:
    node = desired.node
    if node in ceph.map.mons:
        yield from _replace_monitor(desired, observed)
        if desired.mode == DEAD:
            yield Step(f"remove mon.{node} from the monitors' map", _ceph("mon", "remove", node), destructive=True)
        else:
            yield Step(f"ask Ceph whether mon.{node} may go", _ask("mon", "ok-to-rm", node))
            action = Run(("pvesh", "delete", f"/nodes/{node}/ceph/mon/{node}"), timeout=_MINUTES, retry_on=LOCK_BUSY)
            yield Step(f"destroy mon.{node}", action, destructive=True)
        absent = rf'\A(?=[\s\S]*"mons":)(?![\s\S]*"name":\s*"{re.escape(node)}")'
        wait = TextWait((*_CEPH, "-f", "json", "mon", "dump"), absent, timeout=_MINUTES)
        yield Step(f"wait until the monitors do without mon.{node}", wait)
    if node in ceph.conf.daemons["mon"] and (desired.mode == DEAD or node not in ceph.map.mons):
        yield _forget_in_conf(ceph, node, "mon")


def _replace_monitor(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Step]:
    place = replacement_monitor(desired, observed)
    if place is None:
        return
    action = Run(("pvesh", "create", f"/nodes/{place}/ceph/mon/{place}"), timeout=_MINUTES, retry_on=LOCK_BUSY)
    yield Step(f"create mon.{place}, before mon.{desired.node} goes", action)
    until = rf'"quorum_names":\s*\[[^\]]*"{re.escape(place)}"'
    wait = TextWait((*_CEPH, "-f", "json", "quorum_status"), until, timeout=_MINUTES, patience=_PATIENCE)
    yield Step(f"wait until mon.{place} is in the quorum", wait)


def _wait_unlisted(kind: str, node: str) -> Step:
    absent = rf'\A(?=[\s\S]*[{{\[])(?![\s\S]*"{re.escape(node)}")'
    wait = TextWait((*_CEPH, "-f", "json", "node", "ls", kind), absent, timeout=_MINUTES)
    return Step(f"wait until Ceph does without {kind}.{node}", wait)


def _forget_in_conf(ceph: ObservedCephOfNode, node: str, kind: str) -> Step:
    """The daemon is gone, its section stayed: of a dead node, or of a removal that was cut short."""
    addresses = ceph.map.mon_addresses.get(node, ()) if kind == "mon" else ()
    edit = Run(("sed", "-i", "-E", *without_daemon(ceph.conf_text, kind, node, addresses), CONF), timeout=_MINUTES)
    return Step(f"take {kind}.{node} out of {CONF}", edit)


def _forget_login(ceph: ObservedCephOfNode, entity: str) -> Iterator[Step]:
    if entity in ceph.map.entities:
        yield Step(f"remove the key of {entity} from Ceph", _ceph("auth", "del", entity))
