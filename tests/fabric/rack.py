"""A rack of real BIRDs in network namespaces: what ``CalicoFabric`` computes of sessions and routes happens here.

The objects are those of the double; a renderer plays confd. Nodes run BIRD 1.6, as Calico's do, the leaf runs BIRD 2.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Send, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube import bird
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import bird_socket

from ..doubles.calico_fabric import CalicoFabric
from ..doubles.calico_parts import Switch

NODES = {f"node{number}": f"172.20.1.{10 + number}" for number in (1, 2, 3, 4)}
LEAF, LEAF_AS = "172.20.1.254", 65009
PREFIX = "vfab-"
FLOW = Path(__file__).with_name("flow.py")
_SHOW = ("show status", "show protocols all", "show route")


def in_space(space: str, *command: str) -> list[str]:
    return ["ip", "netns", "exec", f"{PREFIX}{space}", *command]


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Rack(CalicoFabric):
    """``programs``: the folder into which Debian's packages of BIRD are unpacked."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        self.written: dict[str, str] = {}
        self.flow: Flow | None = None
        leaf = Switch("leaf1", LEAF_AS, (LEAF,), dict.fromkeys(NODES.values(), 64512), "172.20.1.0/24")
        super().__init__(NODES, (leaf,))

    def up(self) -> None:
        self.down_all()
        run("ip", "netns", "add", f"{PREFIX}leaf")
        run("ip", "-n", f"{PREFIX}leaf", "link", "add", "br0", "type", "bridge")
        run("ip", "-n", f"{PREFIX}leaf", "addr", "add", f"{LEAF}/24", "dev", "br0")
        run("ip", "-n", f"{PREFIX}leaf", "link", "set", "br0", "up")
        for name, address in NODES.items():
            space = f"{PREFIX}{name}"
            run("ip", "netns", "add", space)
            ends = ["type", "veth", "peer", "name", name, "netns", f"{PREFIX}leaf"]
            run("ip", "link", "add", "name", "eth0", "netns", space, *ends)
            run("ip", "-n", f"{PREFIX}leaf", "link", "set", name, "master", "br0", "up")
            run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", space, "addr", "add", f"{self.pod(name)}/32", "dev", "lo")
            for link in ("lo", "eth0"):
                run("ip", "-n", space, "link", "set", link, "up")
        (self.folder / "leaf.conf").write_text(self._leaf())
        self._start("leaf", self.programs / "usr/sbin/bird2")
        for name in NODES:
            self._render(name)
            self._start(name, self.programs / "usr/sbin/bird")

    def down_all(self) -> None:
        for path in self.folder.glob("*.pid"):
            os.kill(int(path.read_text()), signal.SIGKILL)
            path.unlink()
        known = run("ip", "netns", "list")
        for name in re.findall(rf"^{PREFIX}\S+", known, re.MULTILINE):
            run("ip", "netns", "del", name)

    def pod(self, name: str) -> str:
        return (
            self.block(name).replace("/26", "").rpartition(".")[0] + f".{int(self.block(name).split('.')[3][:-3]) + 2}"
        )

    def settle(self) -> None:
        """What the double computes at once takes its time here."""

    def act(self, step: Step) -> str:
        told = super().act(step)
        if isinstance(step.action, Send):
            for name in NODES:
                self._render(name)
        if self.flow is not None:
            self.flow.follow()
        return told

    def look(self, question: Question) -> Any:
        if question.argument[0].endswith("/caliconodestatuses"):
            return {"items": [self._told(one) for one in self.store["caliconodestatuses"].values()]}
        return super().look(question)

    def _told(self, status: Mapping[str, Any]) -> dict[str, Any]:
        """As calico-node tells what its BIRD shows."""
        name = status["spec"]["node"]
        shown = bird_socket.ask(str(self.folder / f"{name}.ctl"), _SHOW)
        ends = self._ends(name)
        peers = [
            {
                "peerIP": one.name,
                "type": "NodeMesh" if ends.get(one.name, {}).get("kind") == "mesh" else "NodePeer",
                "state": one.state,
            }
            for one in bird.neighbours(shown["show protocols all"])
        ]
        routes = [
            {
                "type": "FIB" if one.best else "RIB",
                "destination": one.prefix,
                "gateway": one.gateways[0] if one.gateways else "N/A",
                "learnedFrom": {"peerIP": one.source} if one.source else {"sourceType": "Static"},
            }
            for one in bird.routes(shown["show route"])
        ]
        ready = "Ready" if bird.recovering(shown["show status"]) is None else "NotReady"
        told = {"bgp": {"peersV4": peers}, "routes": {"routesV4": routes}, "agent": {"birdV4": {"state": ready}}}
        return {**status, "status": {**told, "lastUpdated": self._clock()}}

    def _clock(self) -> str:
        """Twenty times as fast as others: so often calico-node tells what it sees, where it tells it at once."""
        return datetime.fromtimestamp(time.time() * 20 % 1e9, timezone.utc).isoformat()

    def _start(self, name: str, program: Path) -> None:
        files = [str(self.folder / f"{name}.{ending}") for ending in ("conf", "ctl", "pid")]
        library = {**os.environ, "LD_LIBRARY_PATH": str(self.programs / "usr/lib/x86_64-linux-gnu")}
        command = in_space(name, str(program), "-c", files[0], "-s", files[1], "-P", files[2])
        subprocess.run(command, check=True, env=library)

    def _render(self, name: str) -> None:
        text = self._bird_conf(name)
        if self.written.get(name) == text:
            return
        (self.folder / f"{name}.conf").write_text(text)
        if name in self.written:
            run(str(self.programs / "usr/sbin/birdc"), "-s", str(self.folder / f"{name}.ctl"), "configure")
        self.written[name] = text

    def _leaf(self) -> str:
        peers = "".join(
            f"protocol bgp {name} {{ local {LEAF} as {LEAF_AS}; neighbor {address} as 64512; connect retry time 2;"
            " ipv4 { import all; export all; }; }\n"
            for name, address in NODES.items()
        )
        return f'router id {LEAF};\nprotocol device {{ }}\nprotocol direct {{ ipv4; interface "br0"; }}\n{peers}'

    def _bird_conf(self, name: str) -> str:
        address, cluster = self.address(name), self.note(name, "RouteReflectorClusterID")
        lines = [
            f"router id {address};",
            "protocol device { scan time 2; }",
            'protocol direct { interface "eth0"; }',
            "protocol kernel { learn; persist; scan time 2; import all; export all; graceful restart;",
            "  merge paths on; }",
            f"protocol static {{ route {self.block(name)} blackhole; }}",
            "filter pools { if net ~ [ 10.233.0.0/16+ ] then accept; reject; }",
            f"template bgp as_calico {{ local {address} as {self.asn(name)}; multihop; gateway recursive; import all;",
            f"  export filter pools; add paths on; graceful restart; source address {address};",
            "  connect delay time 2; connect retry time 5; error wait time 5, 30; }",
        ]
        for peer, end in sorted(self._ends(name).items()):
            kind = "Mesh" if end["kind"] == "mesh" else "Node"
            options = [f"neighbor {peer} as {end['asn']};"]
            options += ["next hop keep;"] if end["keep"] else []
            options += [f"rr client; rr cluster id {cluster};"] if end["client"] else []
            options += ["passive on;"] if end["kind"] == "mesh" and peer > address else []
            lines.append(f"protocol bgp {kind}_{peer.replace('.', '_')} from as_calico {{ {' '.join(options)} }}")
        return "\n".join(lines) + "\n"


class Flow:
    """Fifty packets per second from the pods of each node to those of each other one, while both have pods."""

    def __init__(self, rack: Rack) -> None:
        self.rack, self.sent, self.lost = rack, 0, list[str]()
        self._echoes = [self._start(name, "echo", rack.pod(name)) for name in NODES]
        _ready(self._echoes)
        self._running: dict[tuple[str, str], subprocess.Popen[str]] = {}
        self.follow()

    def follow(self) -> None:
        """Flows begin and end with the pods of a node."""
        pods = self.rack.store["pods"].values()
        hosts = {
            pod["spec"]["nodeName"] for pod in pods if pod["metadata"]["ownerReferences"][0]["kind"] != "DaemonSet"
        }
        nodes = self.rack.store["nodes"].items()
        hosts |= {name for name, node in nodes if not node["spec"].get("unschedulable")}
        wanted = {(one, other) for one in hosts for other in hosts if one != other}
        self._end(set(self._running) - wanted)
        new = wanted - set(self._running)
        for one, other in new:
            self._running[(one, other)] = self._start(one, "send", self.rack.pod(one), self.rack.pod(other))
        _ready([self._running[pair] for pair in new])

    def end(self) -> None:
        self._end(set(self._running))
        while self._echoes:
            process = self._echoes.pop()
            process.kill()
            process.communicate()

    def _start(self, name: str, *words: str) -> subprocess.Popen[str]:
        command = in_space(name, sys.executable, "-I", str(FLOW), *words)
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def _end(self, pairs: set[tuple[str, str]]) -> None:
        processes = {pair: self._running.pop(pair) for pair in pairs}
        for process in processes.values():
            process.send_signal(signal.SIGINT)
        for (one, other), process in processes.items():
            told, dummy = process.communicate(timeout=30)
            sent, received = map(int, told.split())
            self.sent += sent
            if received < sent:
                self.lost.append(f"{one} -> {other}: {sent - received} of {sent}")


def _ready(processes: Iterable[subprocess.Popen[str]]) -> None:
    """Each says that it listens, or sends."""
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
