"""The API of a cluster with backup jobs: the lab's stand-in on files, with guests, storages and archives."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.backup import SUBJECT

from .access_api import AccessApi, moved
from .fleet_cluster import params as checked

OLD = f"{'a1' * 20}:1"
UUID = "uuid=11111111-2222-3333-4444-555555555555"


class BackupApi(AccessApi):
    """``old``: jobs in the file of old, by id. ``archives``: rows of the storage nas, each with its configuration."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.places = {100: "pve1", 101: "pve1", 102: "pve2"}
        self.machines: dict[int, dict[str, Any]] = {
            vmid: {"name": f"g{vmid}", "smbios1": UUID, "scsi0": f"rbd:vm-{vmid}-disk-0"} for vmid in self.places
        }
        self.storages: list[dict[str, Any]] = [
            {"storage": "nas", "type": "nfs", "content": "backup"},
            {"storage": "vms", "type": "rbd", "content": "images"},
            {"storage": "own", "type": "dir", "content": "backup", "nodes": "pve1"},
        ]
        self.old: dict[str, dict[str, Any]] = {}
        self.archives: list[dict[str, Any]] = []
        self.marked: list[str] = []

    def look(self, question: Question) -> Any:
        if question.kind != "api":
            return super().look(question)
        path, _, query = unquote(question.argument[0]).partition("?")
        parts = path.split("/")
        if path == "/cluster/backup":
            return [*super().look(question), *({"id": name, **one} for name, one in self.old.items())]
        if path == "/cluster/resources":
            return self._rows()
        if path in ("/storage", "/pools"):
            return self.storages if path == "/storage" else [{"poolid": "web"}]
        if path.endswith("/config"):
            return self.machines[int(parts[4])]
        if path.endswith("/content"):
            return [{key: value for key, value in one.items() if key != "config"} for one in self._there(parts)]
        if path.endswith("/prunebackups"):
            self.marked.append(parse_qs(query)["prune-backups"][0])
            return [
                {**one, "mark": "keep" if number == 0 else "remove"} for number, one in enumerate(self._there(parts))
            ]
        if path.endswith("/extractconfig"):
            (volume,) = parse_qs(query)["volume"]
            (found,) = [one for one in self._there([*parts[:4], volume.partition(":")[0]]) if one["volid"] == volume]
            return found["config"]
        return super().look(question)

    def _there(self, parts: list[str]) -> list[dict[str, Any]]:
        """On that node and that storage; of one that is shared, on every node."""
        _, _, node, _, storage, *_ = parts
        found = [one for one in self.archives if one["volid"].partition(":")[0] == storage]
        return [one for one in found if one["node"] in ("", node)]

    def _rows(self) -> list[dict[str, Any]]:
        nodes = [{"type": "node", "node": name, "status": "online"} for name in ("pve1", "pve2")]
        pool = {100: {"pool": "web"}}
        return [
            *nodes,
            *({"type": "qemu", "vmid": vmid, "node": node, **pool.get(vmid, {})} for vmid, node in self.places.items()),
        ]

    def act(self, step: Step, dummy: Any = None) -> str:
        name = unquote(getattr(step.action, "path", "")).rpartition("/")[2]
        if name in self.old:
            del self.old[name]
            return ""
        return super().act(step)

    def archive(self, vmid: int, ctime: int, config: str, storage: str = "nas", node: str = "") -> None:
        volume = f"{storage}:backup/vzdump-qemu-{vmid}-{ctime}.vma.zst"
        self.archives.append({"volid": volume, "vmid": vmid, "ctime": ctime, "config": config, "node": node})


def params(**said: Any) -> dict[str, Any]:
    return checked(SUBJECT.argument_spec, **said)


def plan(api: BackupApi, /, **said: Any) -> Plan:
    return make_plan(SUBJECT, params(**said), api)


def run(api: BackupApi, /, **said: Any) -> dict[str, Any]:
    return converge(SUBJECT, params(**said), api, False, api.act)


def furnished(folder: Path, monkeypatch: pytest.MonkeyPatch) -> BackupApi:
    return BackupApi(moved(folder, monkeypatch).folder)
