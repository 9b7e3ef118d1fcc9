"""The API of one node with guests, in memory of a test: the lab's stand-in on files in a folder, its tasks at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional
from urllib.parse import parse_qsl

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.guest_vm import SUBJECT
from loopback import listed
from pve_standin.core import cfs, interfaces, nodestats, paths, tasks
from pve_standin.guest import config, resources, run_state
from pve_standin.pmxcfs import control

from .access_api import AccessApi, moved

_RESOURCES = resources.rows
_MEMORY = 16 << 30
GIB = 1 << 30


class GuestApi(AccessApi):
    """``away``: guests whose node does not tell. ``taken``: numbers of guests that the caller is not shown."""

    def __init__(self, folder: Path, pve: int) -> None:
        super().__init__(folder, pve)
        self.away: set[int] = set()
        self.taken: set[int] = set()

    def look(self, question: Question) -> Any:
        path, _, query = question.argument[0].partition("?")
        if question.kind == "api" and path == "/cluster/resources":
            return [self._shown(row) for row in self.get_real(path, query) if row.get("vmid") not in self.taken]
        return super().look(question)

    def get_real(self, path: str, query: str = "") -> Any:
        return self._ask("GET", path, dict(parse_qsl(query)))

    def _shown(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        if row.get("vmid") not in self.away:
            return row
        return {"id": row["id"], "type": row["type"], "vmid": row["vmid"], "node": "pve2", "status": "unknown"}

    def config(self, vmid: int, kind: str = "qemu") -> Any:
        return self.get_real(f"/nodes/pve1/{kind}/{vmid}/config")

    def change(self, vmid: int, kind: str = "qemu", **values: Any) -> None:
        """As somebody else does it."""
        self._ask("PUT", f"/nodes/pve1/{kind}/{vmid}/config", values)

    def call(self, verb: str, path: str, **values: Any) -> None:
        """As somebody else asks for it."""
        self._ask(verb, path, values)

    def file(self, vmid: int, kind: str = "qemu") -> Path:
        return config.path(vmid, "pve1", kind)

    def image(self, volume: str, size: int) -> None:
        """A file on the storage share."""
        place = self.folder / "share" / volume
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as file:
            file.truncate(size)


def params(subject: Subject[Any, Any] = SUBJECT, /, **said: Any) -> dict[str, Any]:
    """As the module has them, with its defaults."""
    checked = ArgumentSpecValidator(dict(subject.argument_spec)).validate(said)
    assert not checked.error_messages, checked.error_messages
    validated: dict[str, Any] = checked.validated_parameters
    return validated


def plan(api: GuestApi, *guests: dict[str, Any], subject: Subject[Any, Any] = SUBJECT) -> Plan:
    """Of machines, or of containers."""
    return make_plan(subject, params(subject, **_listed(subject, guests)), api)


def run(api: GuestApi, *guests: dict[str, Any], subject: Subject[Any, Any] = SUBJECT) -> dict[str, Any]:
    """The plan, carried out and proved."""
    return converge(
        subject, params(subject, **_listed(subject, guests)), api, False, lambda step, reader: api.act(step)
    )


def _listed(subject: Subject[Any, Any], guests: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {"vms" if subject is SUBJECT else "containers": list(guests)}


def furnished(folder: Path, monkeypatch: pytest.MonkeyPatch, pve: int = 9) -> GuestApi:
    """One node with a bridge and two storages: ``vms`` for disks, ``share`` for images."""
    old = moved(folder, monkeypatch, pve)
    api = GuestApi(old.folder, pve)
    monkeypatch.setattr(resources, "rows", _RESOURCES)
    monkeypatch.setattr(run_state, "FOLDER", old.folder / "run")
    monkeypatch.setattr(config, "guests", listed)
    monkeypatch.setattr(cfs, "quorate", lambda: True)
    monkeypatch.setattr(nodestats, "summary", lambda: {"maxmem": _MEMORY})
    monkeypatch.setattr(interfaces, "network", lambda: [{"iface": "vmbr0", "type": "bridge"}])
    monkeypatch.setattr(tasks, "fork_worker", _at_once)
    view = {"content": "images", "used": 0, "total": GIB, "type": "dir", "shared": 0, "active": 1}
    published = {"storages": {"pve1": {"vms": view, "share": view}}}
    monkeypatch.setattr(control, "published", lambda key: dict(published.get(key, {})))
    (paths.PVE / ".members").write_text(
        '{"nodename": "pve1", "version": 1, "nodelist": {"pve1": {"id": 1, "online": 1, "ip": "127.0.0.1"}}}',
        encoding="utf-8",
    )
    storages = {"vms": "images,rootdir", "share": "import,iso,vztmpl,snippets"}
    text = "".join(
        f"dir: {name}\n\tpath {api.folder / name}\n\tcontent {kinds}\n\n" for name, kinds in storages.items()
    )
    (paths.PVE / "storage.cfg").write_text(text, encoding="utf-8")
    for name in storages:
        (api.folder / name).mkdir()
    api.image("import/debian.qcow2", 3 * GIB)
    api.image("template/cache/debian-13_amd64.tar.zst", 1 << 20)
    api.image("template/iso/virtio.iso", 1 << 20)
    return api


def _at_once(kind: str, identity: str, user: str, work: Any) -> Optional[str]:
    """A task that has ended when its number is told; a failure is that of the call."""
    work()
    return f"UPID:pve1:00000001:00000001:00000001:{kind}:{identity}:{user}:"
