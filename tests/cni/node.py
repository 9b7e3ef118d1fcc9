"""The namespace that the tests run in, as a node: Debian's plugins, real programs, files in a folder of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cni import attachment as deciding
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, converge, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni import attachment
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.node import PACKAGE
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cni import node as observing
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import (
    cni_runtime,
    cni_trials,
    cri_ask,
    pod_echo,
)
from ansible_collections.baremetal.virt.plugins.modules.cni_attachment import SUBJECT as ATTACHMENT
from ansible_collections.baremetal.virt.plugins.modules.cni_network import SUBJECT as NETWORK

PROGRAMS = Path(os.environ.get("CNI_PROGRAMS", ".cache/cni")).resolve()
PLUGINS = PROGRAMS / "usr" / "lib" / "cni"
PORT = {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}
#: Answers once per connection with the address that it sees.
SERVER = """
import socket
with socket.create_server(("0.0.0.0", 80)) as server:
    while True:
        with server.accept()[0] as one:
            one.sendall(one.getpeername()[0].encode())
"""


class DebianNode(Node):
    """The plugins are unpacked and not installed, so dpkg does not know their version."""

    def look(self, question: Question) -> Any:
        if question.kind == "run" and question.argument[0] == "dpkg-query":
            return [0, f"{PACKAGE}\t1.1.1+ds1-3+b5\tinstalled\n", ""]
        return super().look(question)


class Bench:
    """A node with a list for pods, and what is asked of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.plugins = folder, PLUGINS
        self.node = DebianNode(cni_runtime, cni_trials, cri_ask)
        for module in (attachment, deciding):
            monkeypatch.setattr(module, "NOTES", str(folder / "notes"))
        monkeypatch.setattr(attachment, "LOCKS", str(folder / "locks"))
        monkeypatch.setattr(observing, "PACKAGED", str(PLUGINS))
        self.servers: list[subprocess.Popen[bytes]] = []

    @property
    def dbnet(self) -> dict[str, Any]:
        """A bridge with addresses and DNS, settings of the namespace, ports of the host."""
        ipam = {
            "type": "host-local",
            "subnet": "10.1.0.0/16",
            "gateway": "10.1.0.1",
            "routes": [{"dst": "0.0.0.0/0"}],
            "dataDir": str(self.folder / "networks"),
        }
        bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": True, "hairpinMode": True}
        return {
            "cniVersion": "1.0.0",
            "name": "dbnet",
            "plugins": [
                {**bridge, "ipam": ipam, "dns": {"nameservers": ["10.1.0.1"]}},
                {"type": "tuning", "capabilities": {"mac": True}, "sysctl": {"net.core.somaxconn": "500"}},
                {"type": "portmap", "capabilities": {"portMappings": True}},
            ],
        }

    def _given(self, subject: Subject[Any, Any], **given: Any) -> dict[str, Any]:
        spec = subject.argument_spec
        own = {
            "conf_dir": str(self.folder / "net.d"),
            "bin_dirs": [str(self.plugins)],
            "runtime_socket": str(self.folder / "c.sock"),
            "cache_dir": str(self.folder / "cni"),
        }
        own = {name: value for name, value in own.items() if name in spec}
        return {**{name: one.get("default") for name, one in spec.items()}, **own, **given}

    def network(self, *configs: dict[str, Any], **given: Any) -> dict[str, Any]:
        lists = [{"file": f"10-{one['name']}.conflist", "config": one, "state": "present"} for one in configs]
        params = self._given(NETWORK, lists=lists, **given)
        return converge(NETWORK, params, self.node, False, perform)

    def plan(self, container: str, **given: Any) -> Plan:
        return make_plan(ATTACHMENT, self._params(container, **given), self.node)

    def attach(self, container: str, **given: Any) -> dict[str, Any]:
        return converge(ATTACHMENT, self._params(container, **given), self.node, False, perform)

    def _params(self, container: str, **given: Any) -> dict[str, Any]:
        own = {"network": "dbnet", "container_id": container, "netns": f"/run/netns/{container}", "containers": []}
        return self._given(ATTACHMENT, **{**own, **given})

    def pod(self, name: str) -> None:
        ip("netns", "add", name)

    def result(self, container: str) -> dict[str, Any]:
        kept = json.loads((self.folder / "cni" / "results" / f"dbnet-{container}-eth0").read_text())
        found: dict[str, Any] = kept["result"]
        return found

    def address(self, container: str) -> str:
        return str(self.result(container)["ips"][0]["address"]).split("/")[0]

    def serve(self, pod: str) -> None:
        command = ("ip", "netns", "exec", pod, sys.executable, "-c", SERVER)
        self.servers.append(subprocess.Popen(command))
        until(lambda: "LISTEN" in ip("netns", "exec", pod, "ss", "-Hltn", "sport", "80"))

    def left(self) -> list[str]:
        """What attachments have left on the node: files, links, rules."""
        folders = ("cni", "notes", "locks", "networks")
        files = [path for name in folders for path in (self.folder / name).rglob("*") if path.is_file()]
        names = [path.name for path in files if path.name not in ("lock", "last_reserved_ip.0")]
        links = [one["ifname"] for one in json.loads(ip("-json", "link")) if one["ifname"].startswith("veth")]
        rules = run("iptables-save", "-t", "nat").splitlines()
        return [*names, *links, *(rule for rule in rules if "id: " in rule)]

    def end(self) -> None:
        for server in self.servers:
            server.kill()
            server.wait()


def run(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def ip(*argv: str) -> str:
    return run("ip", *argv)


def until(holds: Callable[[], object], timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, "it never comes"
        time.sleep(0.1)


def connected(address: str, port: int) -> str:
    """The address that the server has seen."""
    with socket.create_connection((address, port), timeout=5) as stream:
        return stream.recv(100).decode()


@contextmanager
def containerd(folder: Path) -> Iterator[None]:
    """Debian's, with files of its own."""
    settings = f"""version = 2
root = "{folder}/root"
state = "{folder}/state"
[grpc]
address = "{folder}/c.sock"
[plugins."io.containerd.grpc.v1.cri"]
disable_tcp_service = true
disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{PLUGINS}"
conf_dir = "{folder}/net.d"
[plugins."io.containerd.internal.v1.opt"]
path = "{folder}/opt"
"""
    (folder / "config.toml").write_text(settings)
    (folder / "net.d").mkdir(exist_ok=True)
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(("containerd", "-c", str(folder / "config.toml")), stdout=log, stderr=log)
    try:
        until(lambda: "Start streaming server" in (folder / "log").read_text())
        yield
    finally:
        process.terminate()
        process.wait()


class Fabric:
    """Two nodes, each a namespace, with a wire between them; pods by the plugins, in the namespace of their node."""

    nodes = {"node1": ("172.20.0.11", "10.244.1"), "node2": ("172.20.0.12", "10.244.2")}

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ip("link", "add", "wire", "type", "bridge")
        ip("link", "set", "wire", "up")
        for name, (address, _pods) in self.nodes.items():
            ip("netns", "add", name)
            ip("link", "add", f"w-{name}", "master", "wire", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"w-{name}", "up")
            for words in (("link", "set", "lo", "up"), ("link", "set", "eth0", "up")):
                ip("-n", name, *words)
            ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
            ip("-n", name, "addr", "add", f"fd00:20::{address.split('.')[3]}/64", "dev", "eth0", "nodad")
            run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
            run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for name, other in (("node1", "node2"), ("node2", "node1")):
            address, pods = self.nodes[other]
            ip("-n", name, "route", "add", f"{pods}.0/24", "via", address)
            ip("-n", name, "route", "add", f"{self.ipv6(other)}", "via", f"fd00:20::{address.split('.')[3]}")

    def attach(self, node: str, pod: str, masquerade: bool) -> dict[str, Any]:
        """The pod, as the proof is told of it."""
        ip("netns", "add", pod)
        ipam = {
            "type": "host-local",
            "ranges": [[{"subnet": f"{self.nodes[node][1]}.0/24"}], [{"subnet": self.ipv6(node)}]],
            "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}],
            "dataDir": str(self.folder / node),
        }
        bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": masquerade, "ipam": ipam}
        wanted = attachment.DesiredAttachment(
            attachment.Key("pod", pod, "eth0"),
            netns=f"/run/netns/{pod}",
            bin_dirs=(str(PLUGINS),),
            cache_dir=str(self.folder / "cni"),
        )
        request = wanted.request(json.dumps({"cniVersion": "1.0.0", "name": "pod", "plugins": [bridge]}))
        told = json.loads(self.inside(node, cni_runtime, "add", request))
        addresses = [str(one["address"]).split("/")[0] for one in told["ips"]]
        return {"name": pod, "node": node, "netns": f"/run/netns/{pod}", "addresses": addresses}

    def ipv6(self, node: str) -> str:
        """Of its pods."""
        return f"fd00:244:{self.nodes[node][1][-1]}::/64"

    @staticmethod
    def inside(node: str, program: ModuleType, *words: str) -> str:
        path = str(program.__file__)
        return run("ip", "netns", "exec", node, sys.executable, "-I", path, *words)

    def down(self) -> None:
        for name in ("wire", *(f"w-{node}" for node in self.nodes)):
            ip("link", "delete", name)


class NodeInside(DebianNode):
    """A node that is a namespace: programs run there."""

    def __init__(self, name: str) -> None:
        super().__init__(pod_echo)
        self._name = name

    def look(self, question: Question) -> Any:
        dummy, *words = question.argument
        return [0, Fabric.inside(self._name, pod_echo, *words), ""]
