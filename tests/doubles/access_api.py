"""The API of a cluster in memory of a test: the lab's stand-in, called without a network, on files in a folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Plan, Step, Value
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question, Reader
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.modules.access import SUBJECT
from loopback import places
from pve_standin.api import registry
from pve_standin.core import cfs, paths, release
from pve_standin.core.errors import ApiError
from pve_standin.guest import resources
from pve_standin.pmxcfs import control

CODENAMES = {7: "bullseye", 8: "bookworm", 9: "trixie"}
VERSIONS = {7: "7.4-17", 8: "8.4.1", 9: "9.2.11"}


class AccessApi(Reader):
    """``caller``: as whom it is asked. ``calls``: method, path and parameters of every change."""

    def __init__(self, folder: Path, pve: int = 9, caller: str = "root@pam") -> None:
        self.folder, self.pve, self.caller = folder, pve, caller
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.guests: dict[int, str] = {}

    @property
    def user_cfg(self) -> str:
        return paths.USER_CFG.read_text(encoding="utf-8")

    @user_cfg.setter
    def user_cfg(self, text: str) -> None:
        paths.USER_CFG.write_text(text, encoding="utf-8")

    @property
    def domains_cfg(self) -> str:
        return paths.DOMAINS_CFG.read_text(encoding="utf-8")

    @domains_cfg.setter
    def domains_cfg(self, text: str) -> None:
        paths.DOMAINS_CFG.write_text(text, encoding="utf-8")

    def look(self, question: Question) -> Any:
        if question.kind != "api":
            return Node().look(question)
        path, _, query = question.argument[0].partition("?")
        if path == "/version":
            return {"version": VERSIONS[self.pve]}
        if path == "/nodes/localhost/time":
            return {"time": 1_800_000_000}
        if path == "/cluster/resources":
            return [{"vmid": vmid, "pool": pool} if pool else {"vmid": vmid} for vmid, pool in self.guests.items()]
        return self._ask("GET", path, dict(parse_qsl(query)))

    def _ask(self, verb: str, path: str, params: Mapping[str, Any]) -> Any:
        try:
            return json.loads(json.dumps(registry.call(verb, unquote(path), dict(params), user=self.caller)))
        except ApiError as error:
            raise Unreadable(f"{error.code} {error.message} {error.errors}", status=error.code) from error

    def act(self, step: Step) -> str:
        action = step.action
        assert isinstance(action, Call), step
        params = {name: _sent(value) for name, value in action.parameters}
        self.calls.append((action.method, action.path, params))
        held = [(action.hand_in[0], Path(action.hand_in[1]).read_text().strip())] if action.hand_in else []
        try:
            answer = self._ask(action.method, action.path, {**params, **dict((*action.secrets, *held))})
        except Unreadable as error:
            raise StepFailed(f"{step.why} failed: {error.message}", id=step.id) from error
        if action.hand_out:
            target = Path(action.hand_out)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(answer["value"] if isinstance(answer, dict) else answer, encoding="ascii")
        if action.hand_in and action.last:
            Path(action.hand_in[1]).unlink()
        return ""

    def perform(self, plan: Plan) -> None:
        for step in plan.steps:
            self.act(step)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Whatever happens inside is undone."""
        copy = self.folder.with_name(f"{self.folder.name}-kept")
        shutil.copytree(self.folder, copy, symlinks=True)
        try:
            yield
        finally:
            shutil.rmtree(self.folder)
            shutil.move(copy, self.folder)


def _sent(value: Value) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, bool) else value


def params(**said: Any) -> dict[str, Any]:
    """As the module has them, with its defaults."""
    checked = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate(said)
    assert not checked.error_messages, checked.error_messages
    validated: dict[str, Any] = checked.validated_parameters
    return validated


def plan(api: AccessApi, /, **said: Any) -> Plan:
    return make_plan(SUBJECT, params(**said), api)


def moved(folder: Path, monkeypatch: pytest.MonkeyPatch, pve: int = 9) -> AccessApi:
    """The stand-in works on this folder while the test runs."""
    root = folder / "node"
    for name, place in places(root).items():
        monkeypatch.setattr(paths, name, place)
    monkeypatch.setattr(release, "OS_RELEASE", root / "os-release")
    monkeypatch.setattr(control, "published", lambda key: {})
    monkeypatch.setattr(cfs, "nodename", lambda: "pve1")
    paths.PRIV.mkdir(parents=True)
    (root / "os-release").write_text(f"VERSION_CODENAME={CODENAMES[pve]}\n", encoding="utf-8")
    release.current.cache_clear()
    (paths.PVE / ".members").write_text(json.dumps({"nodename": "pve1", "version": 1}), encoding="utf-8")
    api = AccessApi(root, pve)
    monkeypatch.setattr(resources, "rows", lambda told: [{"vmid": vmid, "type": "qemu"} for vmid in api.guests])
    api.user_cfg = "user:root@pam:1:0::::::\n"
    return api
