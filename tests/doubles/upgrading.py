"""pve1 of a cluster of four, while pve3 is upgraded: HA, Ceph and guests that really change."""

from __future__ import annotations

import json
import re
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.upgrade_hold import SUBJECT

from .leaving_ceph import LeavingCeph
from .leaving_node import NODES
from .support import FakeNode, printed

MARKER = "/etc/pve/priv/upgrade-of-pve3.json"
MANAGER, RESOURCES, LRM = "/etc/pve/ha/manager_status", "/etc/pve/ha/resources.cfg", f"{NODES}/pve3/lrm_status"


class Upgrading(LeavingCeph):
    """Each node has the OSD of its number less one. Guests of the HA manager are in ``service_status``."""

    def __init__(self) -> None:
        super().__init__()
        self.files[RESOURCES] = ""
        self.services: dict[str, dict[str, Any]] = {}
        self.nodes_status = dict.fromkeys(self.nodes, "online")
        self.requests: dict[str, Any] = {}
        self.gates = gates(stops=0)
        for number in range(len(self.nodes)):
            self.commands["ask_ceph", "gates", str(number)] = lambda node: self.gates
        self.settle()

    def settle(self) -> None:
        """What the HA manager writes, and what its LRMs do."""
        for sid, found in self.services.items():
            found["node"] = self.home_of(int(sid[3:])) or found["node"]
        told = {"node_status": self.nodes_status, "node_request": self.requests, "service_status": self.services}
        self.files[MANAGER] = json.dumps({"master_node": "pve1", **told})
        for name, status in self.nodes_status.items():
            free = status == "maintenance"
            lrm = {"mode": status if free else "active", "state": status if free else "wait_for_agent_lock"}
            self.files[f"{NODES}/{name}/lrm_status"] = json.dumps(lrm)

    def home_of(self, vmid: int) -> Optional[str]:
        return next((path.split("/")[4] for path in self.files if path.endswith(f"/{vmid}.conf")), None)

    def running_on(self, name: str) -> set[int]:
        return {vmid for vmid in self.running if self.home_of(vmid) == name}

    def managed(self, vmid: int, state: str = "started", node: str = "pve3") -> Upgrading:
        """A guest that HA manages."""
        self.guest(vmid, running=state == "started", node=node)
        self.files[RESOURCES] += f"vm: {vmid}\n\tstate {state}\n\n"
        self.services[f"vm:{vmid}"] = {"node": node, "state": "started" if state == "started" else "stopped"}
        self.settle()
        return self

    def plain(self, vmid: int, text: str = "", running: bool = True, node: str = "pve3") -> Upgrading:
        self.guest(vmid, text, running=running, node=node)
        return self

    def move(self, vmid: int, target: str) -> None:
        path = next(path for path in self.files if path.endswith(f"/{vmid}.conf"))
        there = path.replace(f"/{self.home_of(vmid)}/", f"/{target}/")
        self.files[there] = self.files.pop(path)
        self.list_guests()

    def _run(self, argument: tuple[str, ...]) -> list[Any]:
        if argument in self.commands:
            return FakeNode._run(self, argument)
        found = re.fullmatch(r"pvesh get /nodes/\w+/\w+/(\d+)/status/current .*", " ".join(argument))
        if found:
            return [0, json.dumps({"status": "running" if int(found[1]) in self.running else "stopped"}), ""]
        return super()._run(argument)

    def ceph(self, *words: str) -> tuple[int, Any]:
        return (0, self.everything()["osd dump"]) if words == ("osd", "dump") else super().ceph(*words)

    def maintain(self, node: str, on: bool = True) -> None:
        self.nodes_status[node] = "maintenance" if on else "online"
        self.requests[node] = {"maintenance": 1} if on else {}
        for sid, found in self.services.items():
            if on and found["node"] == node and found["state"] == "started":
                self.move(int(sid[3:]), next(name for name in ("pve2", "pve1") if name != node))

    def act(self, step: Step) -> None:
        super().act(step)
        argv = step.action.argv if isinstance(step.action, Run) else ()
        if argv[:3] == ("ceph", "--connect-timeout", "10"):
            self._flag(argv)
        if argv[:2] == ("ha-manager", "set"):
            self._set(argv[2], argv[4])
        found = re.fullmatch(r"pvesh create /nodes/\w+/\w+/(\d+)/status/(shutdown|start)(?: .*)?", " ".join(argv))
        if found:
            (self.running.discard if found[2] == "shutdown" else self.running.add)(int(found[1]))
        self.settle()

    def _flag(self, argv: tuple[str, ...]) -> None:
        assert argv[3] == "osd" and argv[5] == "noout", argv
        for name in argv[6:]:
            states = self.osd(int(name.partition(".")[2])).setdefault("state", [])
            states[:] = [one for one in states if one != "noout"] + ["noout"] * (argv[4] == "set-group")
        self.health = {}
        if any("noout" in one.get("state", ()) for one in self.answers["osd dump"]["osds"]):
            self.health["OSD_FLAGS"] = {"severity": "HEALTH_WARN", "summary": {"message": "1 OSDs have flags"}}

    def _set(self, sid: str, state: str) -> None:
        vmid = sid[3:]
        self.files[RESOURCES] = re.sub(rf"(vm: {vmid}\n\tstate) \w+", rf"\1 {state}", self.files[RESOURCES])
        self.services[sid]["state"] = "stopped" if state == "stopped" else "started"
        (self.running.discard if state == "stopped" else self.running.add)(int(vmid))


def params(state: str = "held", **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "node": "pve3",
        "state": state,
        "reboot": True,
        "guests": {},
        "local_disks": False,
        "tolerated_health": [],
        "by": "root@desk",
        "since": "2026-11-30 22:00",
        "done": [],
    }
    return {**given, **changes}


def plan(seen: FakeNode, state: str = "held", **changes: Any) -> Plan:
    return make_plan(SUBJECT, params(state, **changes), seen)


def said(made: Plan) -> str:
    return "\n".join(map(str, made.refusals))


def ids(made: Plan) -> list[str]:
    return [step.id for step in made.steps]


def gates(stops: int) -> Completed:
    return printed(json.dumps({"osd safe-to-destroy": {}, "osd ok-to-stop": {"num_not_ok_pgs": stops}}))
