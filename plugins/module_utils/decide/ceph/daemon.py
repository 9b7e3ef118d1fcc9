# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node gets its monitor, manager and metadata server.

Each is called after its node. A daemon is there when the cluster counts on it: the monitor is in the quorum, the
manager is active or standby, the metadata server is active or standby.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step, TextWait
from ...model.ceph.daemon import DAEMON_KINDS, MDS, MGR, MON, DesiredDaemons
from ...model.ceph.state import CONF, STATE, CephConf, CephNode, ObservedCeph, unit
from ...model.cluster.locks import LOCK_BUSY

_NAMES = {MON: "monitor", MGR: "manager", MDS: "metadata server"}
_ASK = ("ceph", "--connect-timeout", "10", "-f", "json")
_READY_TIMEOUT = 120
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
    return Plan(
        steps=tuple(steps),
        refusals=tuple(_refuse(desired, observed)) if desired.kinds else (),
        warnings=_warn(desired, node),
        before={f"{kind}.{node.name}": _state(kind, observed) for kind in desired.kinds},
        after={f"{kind}.{node.name}": _RUNNING for kind in desired.kinds},
    )


def _is_first_monitor(desired: DesiredDaemons, node: CephNode) -> bool:
    return not node.expects_monitors and desired.mons[:1] in ((), (node.name,))


def _daemon(kind: str, observed: ObservedCeph, on_first: bool) -> list[Step]:
    """``on_first``: on the node of the first monitor, beside which ``pveceph mon create`` makes a manager."""
    node = observed.node
    if not node.has(kind, node.name):
        if on_first and kind == MGR:
            return [_wait(MGR, node)]
        return [*_create(kind, node, on_first), _wait(kind, node)]
    service = unit(kind, node.name)
    if service not in node.running or service not in node.enabled:
        why = f"start {kind}.{node.name}, now and at every boot"
        return [Step(why, Run(("systemctl", "enable", "--now", service))), _wait(kind, node)]
    return [] if _counted_on(kind, observed) else [_wait(kind, node)]


def _create(kind: str, node: CephNode, on_first: bool) -> list[Step]:
    more = f" (the first monitor; it brings mgr.{node.name})" if on_first and kind == MON else ""
    action = Run(("pveceph", kind, "create"), timeout=300, retry_on=LOCK_BUSY)
    create = Step(f"create {kind}.{node.name}{more}", action)
    if kind == MDS and node.conf is not None and node.name in node.conf.daemons[MDS]:
        # Left by a creation that did not get further; a metadata server keeps nothing that could be lost.
        forget = Run(("pveceph", MDS, "destroy", node.name), timeout=120, retry_on=LOCK_BUSY)
        return [Step(f"remove what is left of an earlier mds.{node.name} from {CONF}", forget), create]
    return [create]


def _state(kind: str, observed: ObservedCeph) -> str:
    if not observed.node.has(kind, observed.node.name):
        return "absent"
    if unit(kind, observed.node.name) not in observed.node.running:
        return "stopped"
    return _RUNNING if _counted_on(kind, observed) else "not counted on by the cluster"


def _counted_on(kind: str, observed: ObservedCeph) -> bool:
    if observed.cluster is None:
        return False
    known = {MON: observed.cluster.quorum, MGR: observed.cluster.mgrs, MDS: tuple(observed.cluster.mds)}
    return observed.node.name in known[kind]


def _wait(kind: str, node: CephNode) -> Step:
    name = re.escape(node.name)
    readers = {
        MON: (("quorum_status",), rf'"quorum_names":\s*\[[^\]]*"{name}"'),
        MGR: (("node", "ls", "mgr"), rf'[\[,]\s*"{name}"\s*[\],]'),
        MDS: (("node", "ls", "mds"), rf'[\[,]\s*"{name}"\s*[\],]'),
    }
    words, until = readers[kind]
    goals = {MON: "is in the quorum", MGR: "is active or standby", MDS: "is active or standby"}
    return Step(
        f"wait until {kind}.{node.name} {goals[kind]}",
        TextWait((*_ASK, *words), until, timeout=_READY_TIMEOUT),
        hint=f"Look at `journalctl -u {unit(kind, node.name)}` on {node.name}.",
    )


def _refuse(desired: DesiredDaemons, observed: ObservedCeph) -> list[Refusal]:
    node = observed.node
    if node.conf is None:
        return []
    refusals = []
    if MON in desired.kinds:
        refusals += _refuse_monitor(node, node.conf)
    here = [kind for kind in desired.kinds if not node.has(kind, node.name)]
    if observed.silence is not None and here:
        wanted = " and ".join(_NAMES[kind] for kind in here)
        refusals.append(
            Refusal(
                f"No monitor of the cluster ({', '.join(node.conf.mon_hosts)}) answers: {observed.silence}."
                f" Without a quorum of monitors no {wanted} can be added.",
                "Bring the monitors back first (`systemctl status ceph-mon@NAME` on their nodes).",
            )
        )
    return refusals


def _refuse_monitor(node: CephNode, conf: CephConf) -> list[Refusal]:
    """A monitor whose data and whose place in the configuration do not belong together."""
    directory = f"{STATE}/mon/ceph-{node.name}"
    configured = node.name in conf.daemons[MON]
    if configured and not node.has(MON, node.name):
        return [
            Refusal(
                f"{CONF} names a monitor {node.name}, but {node.name} has no {directory}: its data is gone.",
                f"Remove the dead monitor on another node with `ceph mon remove {node.name}` and take its section and"
                f" its address in mon_host out of {CONF}; then run this again.",
            )
        ]
    if node.has(MON, node.name) and not configured and unit(MON, node.name) not in node.running:
        return [
            Refusal(
                f"{directory} exists on {node.name}, but {CONF} names no such monitor: it is left from a monitor that"
                " was removed or never finished.",
                f"Move {directory} away, then run this again.",
            )
        ]
    return []


def _warn(desired: DesiredDaemons, node: CephNode) -> tuple[str, ...]:
    count = len(desired.mons)
    if MON in desired.kinds and count and count % 2 == 0 and desired.mons[0] == node.name:
        return (f"{count} monitors tolerate no more failures than {count - 1}: an odd number (3, 5, 7) is better.",)
    return ()
