"""pve1 of a cluster of four, while pve3 is upgraded: HA, Ceph and guests that really change."""

from __future__ import annotations

import json
import re
from typing import Any

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
    """osd.2 is on pve3. Guests of the HA manager are in ``service_status``; ``stuck`` ones stay in maintenance mode."""

    def __init__(self) -> None:
        super().__init__()
        self.stuck: set[int] = set()
        self.files[RESOURCES] = ""
        self.services: dict[str, dict[str, Any]] = {}
        self.nodes_status = dict.fromkeys(self.nodes, "online")
        self.requests: dict[str, Any] = {}
        self.commands["ask_ceph", "gates", "2"] = lambda node: self.gates
        self.gates = printed(json.dumps({"osd safe-to-destroy": {}, "osd ok-to-stop": {"num_not_ok_pgs": 0}}))
        self.settle()

    def settle(self) -> None:
        """What the HA manager writes, and what its LRM on pve3 does."""
        for sid, found in self.services.items():
            path = next((one for one in self.files if one.endswith(f"/{sid[3:]}.conf")), None)
            found["node"] = path.split("/")[4] if path else found["node"]
        told = {"node_status": self.nodes_status, "node_request": self.requests, "service_status": self.services}
        self.files[MANAGER] = json.dumps(told)
        free = self.nodes_status["pve3"] == "maintenance"
        mode = "maintenance" if free else "active"
        self.files[LRM] = json.dumps({"mode": mode, "state": "maintenance" if free else "wait_for_agent_lock"})

    def managed(self, vmid: int, state: str = "started", node: str = "pve3") -> Upgrading:
        """A guest that HA manages."""
        self.guest(vmid, running=state == "started", node=node)
        self.files[RESOURCES] += f"vm: {vmid}\n\tstate {state}\n\n"
        self.services[f"vm:{vmid}"] = {"node": node, "state": "started" if state == "started" else "stopped"}
        self.settle()
        return self

    def plain(self, vmid: int, text: str = "", running: bool = True) -> Upgrading:
        self.guest(vmid, text, running=running)
        return self

    def guest(self, vmid: int, *given: Any, **named: Any) -> Any:
        kind, node = named.get("kind", "qemu"), named.get("node", "pve3")
        status = lambda _: printed(json.dumps({"status": "running" if vmid in self.running else "stopped"}))  # noqa: E731
        path = f"/nodes/{node}/{kind}/{vmid}/status/current"
        self.commands["pvesh", "get", path, "--output-format", "json"] = status
        return super().guest(vmid, *given, **named)

    def ceph(self, *words: str) -> tuple[int, Any]:
        return (0, self.everything()["osd dump"]) if words == ("osd", "dump") else super().ceph(*words)

    def maintain(self, node: str, on: bool = True) -> None:
        self.nodes_status[node] = "maintenance" if on else "online"
        self.requests[node] = {"maintenance": 1} if on else {}
        for sid, found in self.services.items():
            vmid = int(sid[3:])
            if on and found["node"] == node and found["state"] == "started" and vmid not in self.stuck:
                self.move(vmid, "pve2")

    def act(self, step: Step) -> None:
        super().act(step)
        argv = step.action.argv if isinstance(step.action, Run) else ()
        if argv[:3] == ("ceph", "--connect-timeout", "10"):
            self._flag(argv)
        if argv[:2] == ("ha-manager", "set"):
            self._set(argv[2], argv[4])
        found = re.fullmatch(r"pvesh create /nodes/pve3/\w+/(\d+)/status/(shutdown|start)(?: .*)?", " ".join(argv))
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


def plan(node: FakeNode, state: str = "held", **changes: Any) -> Plan:
    return make_plan(SUBJECT, params(state, **changes), node)


def said(made: Plan) -> str:
    return "\n".join(map(str, made.refusals))


def ids(made: Plan) -> list[str]:
    return [step.id for step in made.steps]


def gates(stops: int) -> Completed:
    return printed(json.dumps({"osd safe-to-destroy": {}, "osd ok-to-stop": {"num_not_ok_pgs": stops}}))
