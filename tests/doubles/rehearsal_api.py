"""A cluster with a guest and its backup, in memory, on which a restore is rehearsed."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Plan, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question, Reader
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.backup_rehearsal import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.backup_rehearsal_info import INQUIRY

from .fleet_cluster import params as checked

ARCHIVE = "nas:backup/vzdump-qemu-100-1.vma.zst"


def _is_heard(key: str, value: str) -> bool:
    """Or takes something of its node."""
    return key.startswith(("net", "hostpci", "args", "hookscript")) or value.startswith("/")


class RehearsalApi(Reader):
    """``configs``: VMID → configuration. ``held``: that of the backup. ``silent``: no agent answers."""

    def __init__(self, kind: str, config: dict[str, str], held: dict[str, str]) -> None:
        self.kind, self.held = kind, held
        self.configs = {100: dict(config)}
        self.pooled: dict[int, str] = {}
        self.pools: set[str] = set()
        self.running = {100}
        self.silent = False
        self.heard: list[str] = []

    def look(self, question: Question) -> Any:
        path = unquote(question.argument[0].partition("?")[0])
        if path == "/version":
            return {"version": "9.1.2"}
        if path == "/cluster/resources":
            return [{"type": "node", "node": "pve1"}, *(self._row(vmid) for vmid in self.configs)]
        if path == "/pools":
            return [{"poolid": name} for name in sorted(self.pools)]
        if path.endswith("/content"):
            old = {"volid": "nas:backup/vzdump-qemu-100-0.vma.zst", "vmid": 100, "ctime": 0}
            return [old, {"volid": ARCHIVE, "vmid": 100, "ctime": 1}] if self.held else []
        if path.endswith("/extractconfig"):
            return "".join(f"{key}: {value}\n" for key, value in self.held.items())
        vmid = int(path.split("/")[4])
        if path.endswith("/agent/get-host-name"):
            if self.silent or vmid not in self.running:
                raise Unreadable("QEMU guest agent is not running", status=500)
            return {"result": {"host-name": "erp"}}
        assert path == f"/nodes/pve1/{self.kind}/{vmid}/config", path
        return {**self.configs[vmid], "digest": "x"}

    def _row(self, vmid: int) -> dict[str, Any]:
        config = self.configs[vmid]
        status = "running" if vmid in self.running else "stopped"
        row = {"type": self.kind, "vmid": vmid, "node": "pve1", "status": status, "pool": self.pooled.get(vmid, "")}
        return {**row, "name": config.get("name", config.get("hostname"))}

    def act(self, step: Step, dummy: Any = None) -> str:
        action = step.action
        assert isinstance(action, Call), step
        given, path = dict(action.parameters), action.path
        if path.startswith("/pools"):
            (self.pools.add if action.method == "POST" else self.pools.remove)(str(given["poolid"]))
        elif action.method == "POST" and path == f"/nodes/pve1/{self.kind}":
            self._restore(given)
        else:
            self._change(int(path.split("/")[4]), action.method, path, given)
        return ""

    def _restore(self, given: dict[str, Any]) -> None:
        vmid = given["vmid"]
        assert vmid not in self.configs
        assert given["unique"] and not given.get("start"), "it would have the addresses of the guest"
        assert given["archive" if self.kind == "qemu" else "ostemplate"] == ARCHIVE
        self.configs[vmid] = {key: value.replace("-100-", f"-{vmid}-") for key, value in self.held.items()}
        self.pooled[vmid] = given["pool"]

    def _change(self, vmid: int, method: str, path: str, given: dict[str, Any]) -> None:
        assert vmid != 100, "the guest itself is not touched"
        config = self.configs[vmid]
        if method == "PUT":
            for key in str(given.pop("delete", "")).split(","):
                config.pop(key, None)
            config.update({key: str(int(value)) for key, value in given.items()})
        elif path.endswith("/start"):
            self.heard += [key for key, value in config.items() if _is_heard(key, value)]
            self.running.add(vmid)
        elif path.endswith("/stop"):
            self.running.remove(vmid)
        else:
            assert method == "DELETE" and vmid not in self.running and config.get("protection", "0") == "0"
            del self.configs[vmid], self.pooled[vmid]


def params(**said: Any) -> dict[str, Any]:
    return checked(SUBJECT.argument_spec, **{"guest": 100, "copy": 9100, "source": "nas", **said})


def plan(api: RehearsalApi, **said: Any) -> Plan:
    return make_plan(SUBJECT, params(**said), api)


def run(api: RehearsalApi, **said: Any) -> dict[str, Any]:
    return converge(SUBJECT, params(**said), api, False, api.act)


def told(api: RehearsalApi, **said: Any) -> dict[str, Any]:
    return dict(INQUIRY.answer(api, checked(INQUIRY.argument_spec, **{"guest": 100, "copy": 9100, **said})))
