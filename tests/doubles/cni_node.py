"""A node in memory with CNI plugins, and a container runtime that loads what it notices."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Program, Step, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.attachment import NOTES
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
RESULTS = "/var/lib/cni/results"
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
        self.failures: list[dict[str, Any]] = []
        self.sandboxes: list[str] = []
        self.nat = ""
        self.noticed: list[tuple[str, ...]] = []
        self.commands[("iptables-save", "-t", "nat")] = lambda node: printed(self.nat)
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
        if isinstance(step.action, Program):
            self.performed.append(step)
            self._attach(*step.action.arguments)
            return
        super().act(step)
        if self.loaded is not None and not (self.deaf and isinstance(step.action, WriteFile)):
            self.loaded = self._noticed()

    def _noticed(self) -> list[str]:
        held = [path for path in self.files if path.startswith("/etc/cni/net.d/")]
        files = [read_file(path.rpartition("/")[2], self.files[path]) for path in held]
        taken = chosen("containerd", files, "", 1).files
        return [one.conflist.name for one in files if one.name in taken and one.conflist]

    def store(self, folder: str, container: str, document: Mapping[str, Any], **keys: Any) -> str:
        """As libcni stores it; ``keys``: parts of it that are others."""
        told = {
            "kind": "cniCacheV1",
            "containerId": container,
            "config": base64.b64encode(json.dumps(document).encode()).decode(),
            "ifName": "eth0",
            "networkName": document["name"],
            "result": {"cniVersion": "1.0.0", "ips": [{"address": "10.244.1.2/24"}]},
            **keys,
        }
        path = f"{folder}/{document['name']}-{container}-{told['ifName']}"
        self.files[path] = json.dumps(told)
        return path

    def _attach(self, mode: str, *words: str) -> None:
        """The program that calls the plugins, as far as what is there afterwards goes."""
        if mode == "untrack":
            self.noticed.append((mode, *words))
            return
        request = json.loads(words[0])
        self.noticed.append((mode, request["container"]))
        name = f"{request['network']}-{request['container']}-{request['ifname']}"
        for folder in (NOTES, RESULTS):
            self.files.pop(f"{folder}/{name}", None)
        self.failures = []
        if mode == "del":
            self.nat = "".join(
                line for line in self.nat.splitlines(True) if f'id: \\"{request["container"]}\\"' not in line
            )
        else:
            args = sorted(request["args"].items())
            keys = {"netns": request["netns"], "cniArgs": args, "capabilityArgs": request["capability_args"]}
            self.store(RESULTS, request["container"], json.loads(request["config"]), **keys)

    def _known(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = f"{request['network']}-{request['container']}-{request['ifname']}"
        told: dict[str, Any] = {"netns": request["netns"] in self.files, "interface": False}
        for key, folder in (("cached", RESULTS), ("noted", NOTES)):
            text = self.files.get(f"{folder}/{name}")
            kept = json.loads(text) if text is not None else None
            if kept is not None and "config" not in kept:
                told["unreadable"] = f"{folder}/{name} does not tell along which list it was added"
                continue
            told[key] = {**kept, "config": base64.b64decode(kept["config"]).decode()} if kept else None
        return {**told, "checkable": True, "failures": self.failures if told.get("cached") else []}

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
            return [0, json.dumps({**told, "sandboxes": self.sandboxes}), ""]
        if words[0] == "versions":
            known = [kind for kind in words[2:] if kind in self.plugins]
            banner = "CNI plugin version unknown"
            told = {
                kind: {"path": f"/usr/lib/cni/{kind}", "versions": self.plugins[kind], "banner": banner}
                for kind in known
            }
            return [0, json.dumps(told), ""]
        if words[0] == "look":
            return [0, json.dumps(self._known(json.loads(words[1]))), ""]
        if words[0] == "status":
            return [0, json.dumps({"bridge": "bridge: no address is left (code 50)"}), ""]
        return super()._program(argument)


def _address(address: str, prefix: int) -> dict[str, Any]:
    return {"local": address, "prefixlen": prefix, "family": "inet6" if ":" in address else "inet"}
