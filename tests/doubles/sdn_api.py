"""The API of a cluster of three nodes with software-defined networks: the lab's stand-in on files in a folder.

Each node has its own files of what it makes of the networks; a node can be off, and can fail to take them over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional
from urllib.parse import parse_qsl, unquote

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.sdn import SUBJECT
from pve_standin.api import dispatch, registry, remote
from pve_standin.core import cfs, interfaces, paths, tasks
from pve_standin.core.errors import ApiError
from pve_standin.sdn import local

from .access_api import AccessApi, moved

VERSIONS = {9: "9.1.9", 8: "8.4.1"}
_OF_A_NODE = ("INTERFACES", "INTERFACES_NEW", "INTERFACES_SDN", "FRR_CONF", "FRR_LOCAL")


@dataclass
class SdnNode:
    address: str
    online: bool = True
    fails: bool = False
    links: set[str] = field(default_factory=lambda: {"vmbr0", "eno3"})


class SdnApi(AccessApi):
    """``here``: the node that is asked. ``machines``: guests as the cluster lists them, with ``net0`` of each."""

    def __init__(self, folder: Path, pve: int) -> None:
        super().__init__(folder, pve)
        self.version = VERSIONS[pve]
        self.here = "pve1"
        self.nodes = {f"pve{number}": SdnNode(f"10.20.1.1{number}") for number in (1, 2, 3)}
        self.machines: list[dict[str, Any]] = []
        self.lock_file = folder.parent / "sdn_lock"

    def members(self) -> None:
        """As the nodes are now."""
        told = {
            name: {"id": int(name[-1]), "online": int(node.online), "ip": node.address}
            for name, node in self.nodes.items()
        }
        text = json.dumps({"nodename": "pve1", "version": 1, "nodelist": told})
        (paths.PVE / ".members").write_text(text, encoding="utf-8")

    def look(self, question: Question) -> Any:
        if question.kind != "api":
            return super().look(question)
        path, _, query = question.argument[0].partition("?")
        if path == "/version":
            return {"version": self.version}
        if path == "/cluster/resources":
            rows = [{"type": "node", "node": name, "status": self._status(name)} for name in self.nodes]
            return [*rows, *({"type": "qemu", **one} for one in self.machines)]
        if path.endswith("/pending"):
            (machine,) = [one for one in self.machines if f"/{one['vmid']}/" in path]
            return [{"key": "name", "value": machine["name"]}, {"key": "net0", "value": machine["net0"]}]
        if len(question.argument) > 1:
            rows = registry.call("GET", unquote(path), dict(parse_qsl(query)))
            return {"data": list(rows), **rows.beside}
        return super().look(question)

    def _status(self, name: str) -> str:
        return "online" if self.nodes[name].online else "offline"

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """What is done inside is done on that node."""
        before, self.here = self.here, name
        try:
            yield
        finally:
            self.here = before

    def place(self, name: str, node: Optional[str] = None) -> Path:
        return self.folder / "own" / (node or self.here) / name.lower()

    def stage(self, verb: str, path: str, **values: Any) -> None:
        """As somebody else does it."""
        self._ask(verb, path, {key.replace("_", "-"): value for key, value in values.items()})

    def get_real(self, path: str) -> Any:
        return super().look(Question("api", (path,)))


def params(lock_file: Path, /, **said: Any) -> dict[str, Any]:
    """As the module has them, with its defaults."""
    checked = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate({"lock_file": str(lock_file), **said})
    assert not checked.error_messages, checked.error_messages
    validated: dict[str, Any] = checked.validated_parameters
    return validated


def plan(api: SdnApi, /, **said: Any) -> Plan:
    return make_plan(SUBJECT, params(api.lock_file, **said), api)


def run(api: SdnApi, /, **said: Any) -> dict[str, Any]:
    """The plan, carried out and proved."""
    return converge(SUBJECT, params(api.lock_file, **said), api, False, lambda step, reader: api.act(step))


class _Own:
    """In place of the paths of the stand-in: some are those of the node that is asked."""

    def __init__(self, api: SdnApi) -> None:
        self._api = api

    def __getattr__(self, name: str) -> Path:
        found: Path = self._api.place(name) if name in _OF_A_NODE else getattr(paths, name)
        return found


def furnished(folder: Path, monkeypatch: pytest.MonkeyPatch, pve: int = 9) -> SdnApi:
    old = moved(folder, monkeypatch, pve)
    api = SdnApi(old.folder, pve)
    api.members()
    (paths.PVE / "sdn").mkdir()

    def passed_on(node: str, verb: str, path: str, given: Mapping[str, Any], user: str) -> Any:
        if not api.nodes[node].online:
            raise ApiError(595, "No route to host")
        with api.on(node):
            return dispatch.dispatch(verb, path, given, user=user)

    def taken_over(regenerate_frr: bool) -> None:
        if api.nodes[api.here].fails:
            raise ApiError(500, "incompatible 'ifupdown2' package version '3.0.0-1.3'!")
        real(regenerate_frr)

    def network() -> list[dict[str, Any]]:
        node = api.nodes[api.here]
        address = {"address": node.address, "cidr": f"{node.address}/24"}
        return [{"iface": name, "type": "bridge", **address} for name in sorted(node.links)]

    real = local.reload
    monkeypatch.setattr(cfs, "nodename", lambda: api.here)
    monkeypatch.setattr(cfs, "quorate", lambda: True)
    monkeypatch.setattr(remote, "call", passed_on)
    monkeypatch.setattr(local, "reload", taken_over)
    monkeypatch.setattr(local, "paths", _Own(api))
    monkeypatch.setattr("pve_standin.api.handlers.sdn.paths", _Own(api))
    monkeypatch.setattr(interfaces, "network", network)
    monkeypatch.setattr(tasks, "fork_worker", _at_once)
    return api


def _at_once(kind: str, identity: str, user: str, work: Any) -> str:
    work()
    return f"UPID:pve1:00000001:00000001:00000001:{kind}:{identity}:{user}:"
