"""The API of a cluster of two nodes: options, metric servers, and the notices as they are from the beginning."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Step

from .support import FakeNode

#: What the API tells beside what is written.
_TOLD = {"description": "", "mac_prefix": "BC:24:11", "allowed-tags": []}
_PATHS = {
    "/cluster/metrics/server": "id",
    "/cluster/notifications/endpoints/sendmail": "name",
    "/cluster/notifications/endpoints/smtp": "name",
    "/cluster/notifications/endpoints/gotify": "name",
    "/cluster/notifications/matchers": "name",
}


class DatacenterApi(FakeNode):
    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = {**_TOLD, **options}
        root = {"name": "mail-to-root", "mailto-user": ["root@pam"], "origin": "builtin"}
        default = {"name": "default-matcher", "target": ["mail-to-root"], "mode": "all", "origin": "builtin"}
        self.api = {
            "/version": {"version": "9.2.11"},
            "/cluster/options": self.options,
            "/access/users": [{"userid": "root@pam", "enable": 1, "email": "root@lab"}],
            "/cluster/status": [
                {"type": "cluster", "name": "lab"},
                *({"type": "node", "name": name, "online": 1} for name in ("pve1", "pve2")),
            ],
            **{path: [] for path in _PATHS},
            "/cluster/notifications/endpoints/sendmail": [root],
            "/cluster/notifications/targets": [{"name": "mail-to-root", "type": "sendmail", "origin": "builtin"}],
            "/cluster/notifications/matchers": [default],
        }
        for number in (1, 2):
            self.api[f"/nodes/pve{number}/version"] = {"version": "9.2.11"}
            self.api[f"/nodes/pve{number}/network"] = [{"iface": "vmbr1", "cidr": f"10.20.2.1{number}/24"}]

    def act(self, step: Step) -> None:
        action = step.action
        assert isinstance(action, Call)
        given = {key: list(value) if isinstance(value, tuple) else value for key, value in action.parameters}
        if action.path == "/cluster/options":
            self._option(given)
        elif action.method == "POST":
            self._make(action.path, given)
        else:
            self._change(action, given)
        self.performed.append(step)

    def _option(self, given: dict[str, Any]) -> None:
        for key in str(given.pop("delete", "")).split(","):
            self.options.pop(key, None)
        self.options.update(given)

    def _make(self, path: str, given: dict[str, Any]) -> None:
        folder = path if path in _PATHS else path.rpartition("/")[0]
        name = str(given.get("name") or unquote(path.rpartition("/")[2]))
        found = {**given, _PATHS[folder]: name}
        self.api[folder].append(found)
        self.api[f"{folder}/{name}"] = found

    def _change(self, action: Call, given: dict[str, Any]) -> None:
        folder, dummy, part = action.path.rpartition("/")
        name = unquote(part)
        one = next(row for row in self.api[folder] if row[_PATHS[folder]] == name)
        if action.method == "DELETE":
            self.api[folder].remove(one)
        else:
            one.update(given)
