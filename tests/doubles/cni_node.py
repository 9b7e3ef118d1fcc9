"""A node in memory with CNI plugins, and a container runtime that loads what it notices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Step, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.conflist import read_file
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.node import PACKAGE, SOCKET
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.winner import chosen

from .fake_debian import set_packages
from .support import FakeNode, printed

#: What Debian 12's plugins tell.
DEBIAN = {
    **dict.fromkeys(
        ("bridge", "host-local", "portmap", "tuning", "macvlan"),
        ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0"],
    ),
    "firewall": ["0.4.0", "1.0.0"],
}
VERSION = "1.1.1+ds1-3+b5"


class CniFake(FakeNode):
    """``loaded``: names of the networks that the runtime has; None where there is no runtime. ``deaf``: it notices
    nothing."""

    def __init__(self, files: Optional[Mapping[str, str]] = None, plugins: Optional[Mapping[str, Any]] = None) -> None:
        super().__init__(files=files)
        self.plugins = dict(DEBIAN if plugins is None else plugins)
        self.loaded: Optional[list[str]] = None
        self.deaf = False
        self.interfaces: list[dict[str, Any]] = [
            {"ifname": "eth0", "mtu": 1500, "flags": ["UP"], "addr_info": [_address("192.0.2.11", 24)]}
        ]
        self.routes: list[dict[str, Any]] = [
            {"dst": "default", "gateway": "192.0.2.1", "dev": "eth0"},
            {"dst": "192.0.2.0/24", "dev": "eth0"},
        ]
        self.commands.update(
            {
                ("ip", "-json", "-details", "address"): lambda node: printed(json.dumps(self.interfaces)),
                ("ip", "-json", "route", "show"): lambda node: printed(json.dumps(self.routes)),
            }
        )
        set_packages(self, {PACKAGE: VERSION} if self.plugins else {"base-files": "12"})
        self.effects[("apt-get",)] = CniFake._installed
        self.effects[("ip", "link", "delete")] = CniFake._deleted

    def with_runtime(self) -> CniFake:
        self.loaded = []
        self.files[SOCKET] = ""
        return self

    def bridge(self, name: str, address: str, prefix: int, *ports: str) -> CniFake:
        kind = {"linkinfo": {"info_kind": "bridge"}, "flags": ["UP"], "mtu": 1500}
        self.interfaces.append({"ifname": name, "addr_info": [_address(address, prefix)], **kind})
        self.interfaces += [{"ifname": port, "mtu": 1500, "master": name} for port in ports]
        return self

    def act(self, step: Step) -> None:
        super().act(step)
        if self.loaded is not None and not (self.deaf and isinstance(step.action, WriteFile)):
            self.loaded = self._noticed()

    def _noticed(self) -> list[str]:
        held = [path for path in self.files if path.startswith("/etc/cni/net.d/")]
        files = [read_file(path.rpartition("/")[2], self.files[path]) for path in held]
        taken = chosen("containerd", files, "", 1).files
        return [one.conflist.name for one in files if one.name in taken and one.conflist]

    def _installed(self: FakeNode) -> None:
        if isinstance(self, CniFake):
            self.plugins = dict(DEBIAN)
            set_packages(self, {PACKAGE: VERSION})

    def _deleted(self: FakeNode) -> None:
        if isinstance(self, CniFake):
            self.interfaces = [one for one in self.interfaces if one["ifname"] != "cni0"]

    def _program(self, argument: tuple[str, ...]) -> list[Any]:
        name, *words = argument
        if name == "cri_ask":
            told = {"answered": self.loaded is not None, "name": "containerd", "load": "OK", "networks": self.loaded}
            return [0, json.dumps({**told, "sandboxes": []}), ""]
        if words[0] == "versions":
            known = [kind for kind in words[2:] if kind in self.plugins]
            banner = "CNI plugin version unknown"
            told = {
                kind: {"path": f"/usr/lib/cni/{kind}", "versions": self.plugins[kind], "banner": banner}
                for kind in known
            }
            return [0, json.dumps(told), ""]
        if words[0] == "status":
            return [0, json.dumps({"bridge": "bridge: no address is left (code 50)"}), ""]
        return super()._program(argument)


def _address(address: str, prefix: int) -> dict[str, Any]:
    return {"local": address, "prefixlen": prefix, "family": "inet6" if ":" in address else "inet"}
