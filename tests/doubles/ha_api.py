"""The API of a cluster whose guests HA manages: the lab's stand-in on files in a folder, and a manager that works at
once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Step, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.ha import SUBJECT
from pve_standin.core import cfs, paths
from pve_standin.guest import config as guests
from pve_standin.ha import status

from .access_api import AccessApi, moved
from .fleet_cluster import params as checked

SOFTWARE = "Software Watchdog"
SHARED = "rbd:vm-100-disk-0,size=8G"


class HaApi(AccessApi):
    """``machines``: VMID → kind, node and configuration. ``busy``: no node takes a resource in charge.

    ``device``: what the API tells of the quorum device. ``votes``: node → its votes. ``storages``, ``jobs``: rows.
    """

    def __init__(self, folder: Path, pve: int) -> None:
        super().__init__(folder, pve)
        self.machines: dict[int, tuple[str, str, dict[str, Any]]] = {
            100: ("qemu", "pve1", {"name": "web", "scsi0": SHARED}),
            101: ("qemu", "pve2", {"name": "db", "scsi0": "rbd:vm-101-disk-0,size=8G"}),
            200: ("lxc", "pve3", {"hostname": "mail", "rootfs": "rbd:vm-200-disk-0,size=8G"}),
        }
        self.storages: list[dict[str, Any]] = [
            {"storage": "rbd", "type": "rbd", "content": "images,rootdir"},
            {"storage": "zfs", "type": "zfspool", "content": "images,rootdir", "nodes": "pve1,pve2"},
        ]
        self.jobs: list[dict[str, Any]] = []
        self.votes = {"pve1": 1, "pve2": 1, "pve3": 1}
        self.device: dict[str, str] = {}
        self.busy, self.migrates = False, True

    def look(self, question: Question) -> Any:
        if question.kind != "api":
            return super().look(question)
        path = question.argument[0].partition("?")[0]
        if path.startswith("/nodes/") and path.endswith("/config"):
            kind, node, config = self.machines[int(path.split("/")[4])]
            assert path.split("/")[2:4] == [node, kind]
            return config
        told = {
            "/cluster/resources": lambda: [{"type": "node", "node": "pve1"}, *self._rows()],
            "/cluster/config/nodes": lambda: [
                {"name": name, "node": name, "quorum_votes": str(votes)} for name, votes in self.votes.items()
            ],
            "/cluster/config/qdevice": lambda: self.device,
            "/storage": lambda: self.storages,
            "/cluster/replication": lambda: self.jobs,
        }.get(path)
        if path.startswith("/cluster/ha/status"):
            self._manage()
        return told() if told else super().look(question)

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {"type": kind, "vmid": vmid, "node": node, "name": config.get("name", config.get("hostname"))}
            for vmid, (kind, node, config) in self.machines.items()
        ]

    def _manage(self) -> None:
        """A round of the manager."""
        if not self.busy:
            services = {sid: {"state": state, "node": "pve1"} for sid, state in status.managed().items()}
            status.write({**status.read(), "service_status": services})

    def act(self, step: Step, dummy: Any = None) -> str:
        if isinstance(step.action, Wait):
            missing = [str(one) for one in step.action.until if not one.holds(self)]
            assert not missing, missing
            return ""
        return super().act(step)

    def file(self, name: str) -> str:
        path = paths.PVE / "ha" / name
        return path.read_text(encoding="utf-8") if path.exists() else ""


def params(api: HaApi, /, **said: Any) -> dict[str, Any]:
    """As the module has them, with its defaults, and a watchdog on each node."""
    told = [{"node": node, "driver": SOFTWARE} for node in api.votes]
    return checked(SUBJECT.argument_spec, **{"watchdogs": told, **said})


def plan(api: HaApi, /, **said: Any) -> Plan:
    return make_plan(SUBJECT, params(api, **said), api)


def run(api: HaApi, /, **said: Any) -> dict[str, Any]:
    return converge(SUBJECT, params(api, **said), api, False, api.act)


def furnished(folder: Path, monkeypatch: pytest.MonkeyPatch, pve: int = 9) -> HaApi:
    old = moved(folder, monkeypatch, pve)
    api = HaApi(old.folder, pve)
    (paths.PVE / "ha").mkdir()
    members = {name: {"id": int(name[-1]), "online": 1, "ip": f"10.20.1.1{name[-1]}"} for name in api.votes}
    text = json.dumps({"nodename": "pve1", "version": 1, "nodelist": members})
    (paths.PVE / ".members").write_text(text, encoding="utf-8")
    monkeypatch.setattr(cfs, "quorate", lambda: True)
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    monkeypatch.setattr(guests, "guests", lambda: {v: {"type": k, "node": n} for v, (k, n, _c) in api.machines.items()})
    return api
