# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node gets its monitor, manager and metadata server.

A new one is called after its node; one that is there may have any name. It is there when the cluster counts on it: the
monitor is in the quorum, the manager is active or standby, the metadata server is active or standby.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.condition import Condition
from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step, Topic, Wait
from ...model.ceph.conditions import daemon_is_known, has_failed, mon_votes
from ...model.ceph.daemon import DAEMON_KINDS, MDS, MGR, MON, DesiredDaemons
from ...model.ceph.state import CONF, STATE, CephConf, CephNode, ObservedCeph, unit
from ...model.cluster.locks import LOCK_BUSY

_NAMES = {MON: "monitor", MGR: "manager", MDS: "metadata server"}
#: Seconds. A new monitor first copies the store of another one, which may be gigabytes; a copy that is cut off, by an
#: election for instance, is begun anew only after a minute (`mon_sync_timeout`).
_READY_TIMEOUT = {MON: 600, MGR: 120, MDS: 120}
_RUNNING = "running"


def desired_from(params: Mapping[str, Any]) -> DesiredDaemons:
    """Module parameters → desired state."""
    mons = tuple(params["mons"])
    twice = sorted({name for name in mons if mons.count(name) > 1})
    if twice:
        raise Invalid(f"{', '.join(twice)} is listed twice in mons.", "A node runs one monitor.")
    return DesiredDaemons(tuple(kind for kind in DAEMON_KINDS if kind in params["kinds"]), mons)


def decide(desired: DesiredDaemons, observed: ObservedCeph) -> Plan:
    node = observed.node
    first = _is_first_monitor(desired, node)
    steps = [step for kind in desired.kinds for step in _daemon(kind, observed, first)]
    names = [(kind, name) for kind in desired.kinds for name in _ids(kind, node)]
    return Plan(
        steps=tuple(steps),
        refusals=tuple(_refuse(desired, observed)) if desired.kinds else (),
        warnings=_warn(desired, node),
        before={f"{kind}.{name}": _state(kind, name, observed) for kind, name in names},
        after={f"{kind}.{name}": _RUNNING for kind, name in names},
        possible=_possible(desired, node, first),
    )


def _ids(kind: str, node: CephNode) -> tuple[str, ...]:
    """What the node's daemons of this kind are called, or what a new one will be."""
    return node.ids(kind) or (node.name,)


def _is_first_monitor(desired: DesiredDaemons, node: CephNode) -> bool:
    return not node.expects_monitors and desired.mons[:1] in ((), (node.name,))


def _daemon(kind: str, observed: ObservedCeph, on_first: bool) -> list[Step]:
    """``on_first``: on the node of the first monitor, beside which ``pveceph mon create`` makes a manager."""
    node = observed.node
    if not node.ids(kind):
        if on_first and kind == MGR:
            return [_wait(MGR, node.name, node)]
        return [*_create(kind, node, on_first), _wait(kind, node.name, node)]
    return [step for name in node.ids(kind) for step in _run(kind, name, observed)]


def _run(kind: str, name: str, observed: ObservedCeph) -> list[Step]:
    node, service = observed.node, unit(kind, name)
    if service not in node.running or service not in node.enabled:
        return [_start(kind, name), _wait(kind, name, node)]
    return [] if _counted_on(kind, name, observed) else [_wait(kind, name, node)]


def _start(kind: str, name: str) -> Step:
    action = Run(("systemctl", "enable", "--now", unit(kind, name)))
    return Step(f"start {kind}.{name}, now and at every boot", action, f"{kind}.start:{name}", _topic(kind))


def _possible(desired: DesiredDaemons, node: CephNode, on_first: bool) -> tuple[Step, ...]:
    """The manager that comes with the first monitor runs, but nothing starts it at the next boot."""
    comes_along = on_first and MGR in desired.kinds and not node.ids(MGR)
    return (_start(MGR, node.name),) if comes_along else ()


def _create(kind: str, node: CephNode, on_first: bool) -> list[Step]:
    more = f" (the first monitor; it brings mgr.{node.name})" if on_first and kind == MON else ""
    action = Run(("pveceph", kind, "create"), timeout=300, retry_on=LOCK_BUSY)
    create = Step(f"create {kind}.{node.name}{more}", action, f"{kind}.create:{node.name}", _topic(kind))
    if kind == MDS and node.conf is not None and node.name in node.conf.daemons[MDS]:
        # Left by a creation that did not get further; a metadata server keeps nothing that could be lost.
        forget = Run(("pveceph", MDS, "destroy", node.name), timeout=120, retry_on=LOCK_BUSY)
        why = f"remove what is left of an earlier mds.{node.name} from {CONF}"
        return [Step(why, forget, f"mds.forget:{node.name}", "daemon"), create]
    return [create]


def _topic(kind: str) -> Topic:
    return "monitor" if kind == MON else "daemon"


def _state(kind: str, name: str, observed: ObservedCeph) -> str:
    if not observed.node.has(kind, name):
        return "absent"
    if unit(kind, name) not in observed.node.running:
        return "stopped"
    return _RUNNING if _counted_on(kind, name, observed) else "not counted on by the cluster"


def _counted_on(kind: str, name: str, observed: ObservedCeph) -> bool:
    if observed.cluster is None:
        return False
    known = {MON: observed.cluster.quorum, MGR: observed.cluster.mgrs, MDS: tuple(observed.cluster.mds)}
    return name in known[kind]


def _wait(kind: str, name: str, node: CephNode) -> Step:
    goals = {MON: "is in the quorum", MGR: "is active or standby", MDS: "is active or standby"}
    return Step(
        f"wait until {kind}.{name} {goals[kind]}",
        Wait((_ready(kind, name),), _READY_TIMEOUT[kind], lost=(has_failed(unit(kind, name)),)),
        f"{kind}.wait-ready:{name}",
        _topic(kind),
        hint=f"Look at `journalctl -u {unit(kind, name)}` on {node.name}."
        + (f" `ceph daemon mon.{name} mon_status` there says what it is doing." if kind == MON else ""),
    )


def _ready(kind: str, name: str) -> Condition:
    if kind == MON:
        return mon_votes(name)
    return daemon_is_known("mgr" if kind == MGR else "mds", name)


def _refuse(desired: DesiredDaemons, observed: ObservedCeph) -> list[Refusal]:
    node = observed.node
    if node.conf is None:
        return []
    refusals = []
    if MON in desired.kinds:
        refusals += _refuse_monitor(node, node.conf)
    missing = [kind for kind in desired.kinds if not node.ids(kind)]
    if observed.silence is not None and missing:
        wanted = " and ".join(_NAMES[kind] for kind in missing)
        refusals.append(
            Refusal(
                f"No monitor of the cluster ({', '.join(node.conf.mon_hosts)}) answers: {observed.silence}."
                f" Without a quorum of monitors no {wanted} can be added.",
                "Bring the monitors back first. `systemctl status ceph-mon@NAME` on their nodes shows what they do.",
            )
        )
    return refusals


def _refuse_monitor(node: CephNode, conf: CephConf) -> list[Refusal]:
    """A monitor whose data and whose place in the configuration do not belong together."""
    configured = conf.daemons_on(MON, node.name)
    lost = [name for name in configured if not node.has(MON, name)]
    unknown = [name for name in node.ids(MON) if name not in configured and unit(MON, name) not in node.running]
    refusals = [
        Refusal(
            f"{CONF} names the monitor {name} on {node.name}, but {node.name} has no {STATE}/mon/ceph-{name}. The"
            " data of the monitor is gone.",
            f"Remove the dead monitor on another node with `ceph mon remove {name}` and take its section and"
            f" its address in mon_host out of {CONF}; then run this again.",
        )
        for name in lost
    ]
    return refusals + [
        Refusal(
            f"{STATE}/mon/ceph-{name} exists on {node.name}, but {CONF} names no such monitor. Somebody has"
            " removed that monitor, or its creation was cut off.",
            f"Move {STATE}/mon/ceph-{name} away, then run this again.",
        )
        for name in unknown
    ]


def _warn(desired: DesiredDaemons, node: CephNode) -> tuple[str, ...]:
    count = len(desired.mons)
    if MON in desired.kinds and count and count % 2 == 0 and desired.mons[0] == node.name:
        return (f"{count} monitors tolerate no more failures than {count - 1}: an odd number (3, 5, 7) is better.",)
    return ()
