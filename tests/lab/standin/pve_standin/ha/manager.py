"""pve-ha-crm: what of the HA manager is needed to empty a node.

Stand-in: one manager for the whole cluster, on the first member by name that is online, without leases, watchdogs and
fencing: the guests of a node that fails stay where they are. It brings guests into the state that is asked for, moves
them off a node in maintenance mode, and back when that ends. What it decides for the guests of a node is carried out
there (upstream: by pve-ha-lrm).

Upstream's words: PVE/HA/Manager.pm, NodeStatus.pm and LRM.pm.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from types import FrameType
from typing import Optional

from pve_standin.api import registry
from pve_standin.api.handlers import qemu
from pve_standin.core import cfs
from pve_standin.core.errors import ApiError
from pve_standin.guest import config as guests
from pve_standin.guest import run_state
from pve_standin.ha import config
from pve_standin.ha import status as ha_status
from pve_standin.ha.status import Status

INTERVAL = 2
MAINTENANCE = "maintenance"
#: Of a node that is no member any more; what was asked for it stays.
GONE = "gone"
MIGRATE = "migrate"
#: A guest that runs (or does not) has something to do when this is asked for.
_OTHER = {True: "stopped", False: "started"}


def one_round() -> None:
    if not cfs.quorate():
        return
    if _online()[:1] == [cfs.nodename()]:
        decide()
    carry_out()


def decide() -> None:
    """The manager's part: for every service its node, its state and, when it has to move, its target."""
    wanted, commands, before = ha_status.managed(), ha_status.take_commands(), ha_status.read()
    if not (wanted or commands or before):
        return
    status: Status = json.loads(json.dumps(before))
    status["master_node"] = cfs.nodename()
    services = status.setdefault("service_status", {})
    for words in commands:
        _note(words, status)
    status["node_status"] = _nodes(status)
    known = {sid: guests.guests().get(int(sid.partition(":")[2])) for sid in wanted}
    for sid in [sid for sid in services if not known.get(sid)]:
        del services[sid]
    for sid, guest in known.items():
        if guest:
            _serve(sid, wanted[sid], status, guest["node"])
    if status != before:
        ha_status.write(status)


def _online() -> list[str]:
    return sorted(name for name, entry in cfs.node_list().items() if entry.get("online"))


def _note(words: list[str], status: Status) -> None:
    """A command changes what the manager wants; the rounds bring it about."""
    requests = status.setdefault("node_request", {})
    if words[0] == "enable-node-maintenance":
        if status.get("node_status", {}).get(words[1], "online") == "online":
            requests.setdefault(words[1], {})[MAINTENANCE] = 1
    elif words[0] == "disable-node-maintenance":
        requests.setdefault(words[1], {}).pop(MAINTENANCE, None)
    else:
        status["service_status"].setdefault(words[1], {})["target"] = words[2]


def _nodes(status: Status) -> dict[str, str]:
    before = status.get("node_status", {})
    found = dict.fromkeys(before, GONE)
    for name in cfs.node_list():
        # what the node itself last said of its mode is still there
        found[name] = MAINTENANCE if before.get(name) == MAINTENANCE else "unknown"
    for name in _online():
        asked = status.get("node_request", {}).get(name, {}).get(MAINTENANCE)
        found[name] = MAINTENANCE if asked else "online"
    return found


def _serve(sid: str, wanted: str, status: Status, node: str) -> None:
    service, nodes = status["service_status"].setdefault(sid, {}), status["node_status"]
    service["node"] = node
    target = _target(sid, wanted, service, nodes)
    if target and target != node:
        service["state"], service["target"] = MIGRATE, target
    else:
        service["state"] = wanted
        service.pop("target", None)


def _target(sid: str, wanted: str, service: Status, nodes: dict[str, str]) -> Optional[str]:
    """Where somebody sends it; away from a node in maintenance mode, and back to it afterwards."""
    node, back = service["node"], service.get("maintenance_node")
    if nodes.get(node) == MAINTENANCE and wanted == "started":
        service.setdefault("maintenance_node", node)
        places = [name for name in _allowed(sid, nodes) if nodes.get(name) == "online"]
        return service.get("target") if service.get("target") in places else min(places, default=None)
    if back and nodes.get(back) == "online":
        del service["maintenance_node"]
        return str(back)
    target = service.get("target")
    return target if nodes.get(str(target)) == "online" else None


def _allowed(sid: str, nodes: dict[str, str]) -> list[str]:
    for rule in config.read(config.RULES).values():
        ours = rule.type == "node-affinity" and sid in rule.options.get("resources", "").split(",")
        if ours and rule.options.get("strict") == "1":
            return [entry.partition(":")[0] for entry in rule.options.get("nodes", "").split(",")]
    return list(nodes)


def carry_out() -> None:
    """The part of the node that the guests are on."""
    status = ha_status.read()
    state = status.get("node_status", {}).get(cfs.nodename())
    for sid, service in status.get("service_status", {}).items():
        vmid = int(sid.partition(":")[2])
        if guests.guests().get(vmid, {}).get("node") != cfs.nodename() or service.get("node") != cfs.nodename():
            continue
        if service["state"] == MIGRATE:
            _do(sid, "migrate", {"vmid": vmid, "target": service["target"], "online": int(run_state.is_running(vmid))})
        elif state == "online" and service["state"] == _OTHER[run_state.is_running(vmid)]:
            _do(sid, "start" if service["state"] == "started" else "stop", {"vmid": vmid})


def _do(sid: str, verb: str, params: dict[str, object]) -> None:
    """A failure is named in the journal; the next round tries again."""
    act = {"migrate": qemu.move, "start": qemu.start, "stop": qemu.stop}[verb]
    try:
        act(registry.Call(cfs.nodename(), "root@pam", params))
    except ApiError as error:
        print(f"{sid}: {verb}: {error}", file=sys.stderr, flush=True)


def main() -> None:
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    while not stop.is_set():
        try:
            one_round()
        except (ApiError, OSError, ValueError) as error:
            print(error, file=sys.stderr, flush=True)
        stop.wait(INTERVAL)
