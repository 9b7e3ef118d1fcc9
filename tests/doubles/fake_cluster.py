"""Machines that form a cluster, and can be cut off between any two of their steps: a test double.

All members share one /etc/pve. Who is online, who votes and who has quorum follows from which machine runs corosync
with which configuration.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster import qdevice
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import CorosyncConfig
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.config import UNPROVED
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_format import format_sections
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_text import Section, parse_sections

from . import cluster_nodes as lab
from . import fake_programs, qdevice_nodes
from .support import FakeNode, printed

PVE = "/etc/pve/"
TICKET = ("perl", "-MPVE::AccessControl", "-e", "print PVE::AccessControl::assemble_ticket('root@pam')")


_parsed = cache(parse_corosync_conf)


class Cut(Exception):
    """The run was killed, and with it what it had started."""


class Machine(FakeNode):
    """One node. pmxcfs serves its own database (alone), the cluster's, or nothing."""

    def __init__(self, number: int, cluster: FakeCluster) -> None:
        start = lab.standalone(number)
        super().__init__(start.files, start.directories, start.commands)
        self.name, self.number, self.cluster = f"pve{number}", number, cluster
        self.pmxcfs: Literal["alone", "cluster", "stopped"] = "alone"
        self.corosync = False
        self.votes_outside = False
        self.own = {path: text for path, text in self.files.items() if path.startswith(PVE)}
        self.certificates["127.0.0.1:8006"] = lab.CERTIFICATE
        self.files["/etc/ssh/ssh_host_ed25519_key.pub"] = f"ssh-ed25519 AAAAhost{number} root@pve{number}"
        self.effects = {words: self._bound(effect) for words, effect in fake_programs.EFFECTS.items()}
        self.commands.update({words: _asked_of(self, answer) for words, answer in _ANSWERS.items()})
        self.commands[lab.strangers(number)] = printed('{"strangers": [], "unknown": []}')
        self.commands[lab.verify(number)] = _asked_of(
            self, lambda one: Completed(int(one.certificate_path not in one.cluster.shared), "", "self-signed")
        )

    def _bound(self, effect: Callable[[FakeCluster, Machine, tuple[str, ...]], None]) -> Callable[[FakeNode], None]:
        return lambda _: effect(self.cluster, self, self.running)

    @property
    def certificate_path(self) -> str:
        return f"/etc/pve/nodes/{self.name}/pve-ssl.pem"

    def act(self, step: Step) -> None:
        self.running = step.action.argv if isinstance(step.action, Run) else ()
        before = self._shared_files()
        super().act(step)
        if self.pmxcfs == "cluster":
            self.cluster.take_over(before, self._shared_files())
        self.cluster.settle()

    def _shared_files(self) -> dict[str, str]:
        return {path: text for path, text in self.files.items() if path.startswith(PVE) or path == lab.KEYS}


class FakeCluster:
    """``cut_at``: the number of the pause at which the run is cut; ``worlds``: what all machines were at each pause."""

    def __init__(self, count: int) -> None:
        self.shared: dict[str, str] = {}
        self.lowered: Optional[int] = None
        self.cut_at: Optional[int] = None
        self.worlds: list[int] = []
        self.dead_links: set[int] = set()
        self.nodes = {f"pve{number}": Machine(number, self) for number in range(1, count + 1)}
        self.outside = qdevice_nodes.outside()
        self.outside.effects["apt-get",] = fake_programs.install_server
        for one in self.nodes.values():
            one.clocks = {f"10.10.1.{10 + number}:8006": 0.1 for number in range(1, count + 1)}
        self.settle()

    @property
    def hosts(self) -> dict[str, FakeNode]:
        return {**self.nodes, "qnetd": self.outside}

    def pause(self, where: str) -> None:
        """Here a run may be cut."""
        if len(self.worlds) == self.cut_at:
            raise Cut(where)
        self.worlds.append(self._world())

    def _world(self) -> int:
        machines = [
            (one.pmxcfs, one.corosync, one.votes_outside, *map(_frozen, (one.files, one.own, one.certificates)))
            for one in self.nodes.values()
        ]
        return hash((*machines, self.lowered, _frozen(self.shared), _frozen(self.outside.files)))

    def carry_out(self, host: str, step: Step) -> None:
        self.pause(f"{host}: before {step.id}")
        self.hosts[host].act(step)

    # what the nodes are to each other

    @property
    def config(self) -> Optional[CorosyncConfig]:
        return _parsed(self.shared[lab.CONFIG]) if lab.CONFIG in self.shared else None

    @property
    def listed(self) -> list[Machine]:
        members = self.config.members if self.config is not None else ()
        return [self.nodes[one.name] for one in members]

    @property
    def online(self) -> list[Machine]:
        return [one for one in self.listed if one.corosync and one.pmxcfs == "cluster"]

    @property
    def expected_votes(self) -> int:
        return self.lowered or len(self.listed) + bool(self.config and self.config.qdevice)

    @property
    def quorate(self) -> bool:
        outside = any(self.device_votes(one) for one in self.online)
        return len(self.online) + outside >= self.expected_votes // 2 + 1

    def device_votes(self, machine: Machine) -> bool:
        return bool(self.config and self.config.qdevice and machine.votes_outside)

    def connections(self, machine: Machine) -> str:
        """As `corosync-cfgtool -n` prints them."""
        lines = [f"Local node ID {machine.number}, transport knet"]
        for member in self.config.members if self.config else ():
            if member.name != machine.name:
                lines.append(f"nodeid: {member.nodeid} reachable")
                there = self.nodes[member.name] in self.online
                for number, address in member.links.items():
                    word = " connected" if there and number not in self.dead_links else ""
                    lines.append(f"   LINK: {number} udp (10.10.0.1->{address}) enabled{word} mtu: 1397")
        return "\n".join(lines) + "\n"

    def take_over(self, before: dict[str, str], after: dict[str, str]) -> None:
        """What one member has changed in /etc/pve, all have; a new configuration is loaded by corosync."""
        for path in {*before, *after} - {lab.MEMBERS, lab.VMLIST}:
            if path not in after:
                self.shared.pop(path, None)
            elif before.get(path) != after[path]:
                self.shared[path] = after[path]
                self.lowered = None if path == lab.CONFIG else self.lowered

    def settle(self) -> None:
        """Let every node see what is now."""
        for one in self.nodes.values():
            if one.pmxcfs == "cluster" and self.quorate and lab.CONFIG in self.shared:
                one.files[lab.LOCAL_CONFIG] = self.shared[lab.CONFIG]
            for path in [path for path in one.files if path.startswith(PVE)]:
                del one.files[path]
            one.directories.pop("/etc/pve/local", None)
            if one.pmxcfs == "stopped":
                continue
            one.directories["/etc/pve/local"] = ("root", "www-data", 0o755)
            one.files.update(one.own if one.pmxcfs == "alone" else self.shared)
            one.files[lab.VMLIST] = '{"version": 1, "ids": {}}'
            one.files[lab.MEMBERS] = lab.STANDALONE_MEMBERS if one.pmxcfs == "alone" else self._members(one)
            if one.pmxcfs == "cluster" and not self.quorate:
                one.directories["/etc/pve/local"] = ("root", "www-data", 0o555)

    def _members(self, machine: Machine) -> str:
        names = {member.name: member.nodeid for member in self.config.members} if self.config else {}
        head = {"name": "lab", "version": 1, "nodes": len(names), "quorate": int(self.quorate)}
        nodes = {name: {"id": number, "online": int(self.nodes[name] in self.online)} for name, number in names.items()}
        return json.dumps({"nodename": machine.name, "version": 1, "cluster": head, "nodelist": nodes})

    def edit(self, change: Callable[[Section], None]) -> None:
        """A new version of corosync.conf."""
        root = parse_sections(self.shared[lab.CONFIG])
        change(root)
        version = int(root.first("totem").values["config_version"])
        root.first("totem").values["config_version"] = str(version + 1)
        self.shared[lab.CONFIG] = format_sections(root)
        self.settle()

    def state(self) -> dict[str, Any]:
        """What a run has made of the machines, without what only counts its steps."""
        config = self.config
        return {
            "name": config.name if config else None,
            "members": {one.name: (one.votes, str(one.links)) for one in config.members} if config else {},
            "device": config.qdevice if config else None,
            "priorities": dict(config.priorities) if config else {},
            "token": config.token_coefficient if config else None,
            "quorate": self.quorate,
            "online": sorted(one.name for one in self.online),
            "votes outside": sorted(one.name for one in self.online if self.device_votes(one)),
            "left over": sorted(
                f"{one.name} {path}"
                for one in self.nodes.values()
                for path in one.files
                if path in (UNPROVED, qdevice.SHARED_BUNDLE) or path.startswith(fake_programs.KEY)
            ),
            "keys": self.shared.get(lab.KEYS),
            "certificates": [one.certificates["127.0.0.1:8006"] for one in self.nodes.values()],
        }


def assert_converges_from_every_cut(fresh: Callable[[], FakeCluster], play: Callable[[FakeCluster], list[str]]) -> int:
    """Cut the run before each of its pauses, in a node's step or between two nodes, and run again: the end is always
    that of a run which nobody cut, and then there is nothing left to do.

    All that a cut run leaves are the machines, so of pauses between which nothing has changed the first is enough.
    Returns how often the run was cut.
    """
    whole = fresh()
    play(whole)
    cuts = [cut for cut, world in enumerate(whole.worlds) if world not in whole.worlds[:cut]]
    for cut in cuts:
        cluster = fresh()
        cluster.cut_at = cut
        try:
            play(cluster)
            raise AssertionError(f"the run had no pause {cut}")
        except Cut as where:
            cut_where = f"cut at {where}"
        cluster.cut_at = None
        play(cluster)
        assert cluster.state() == whole.state(), cut_where
        left = play(cluster)
        assert left == [], f"{cut_where}, still to do after the second run: {left}"
    return len(cuts)


def _asked_of(machine: Machine, answer: Callable[[Machine], Completed]) -> Callable[[FakeNode], Completed]:
    return lambda _: answer(machine)


def _certified(machine: Machine) -> Completed:
    return Completed(0 if "Cluster Cert" in machine.files.get(qdevice_nodes.DATABASE, "") else 255, "", "")


def _running_version(machine: Machine) -> Completed:
    config = machine.cluster.config
    return printed(f"totem.config_version (u64) = {config.version if config else 0}\n")


def _votes(machine: Machine) -> Completed:
    return printed(qdevice_nodes.VOTES if machine.cluster.device_votes(machine) else qdevice_nodes.SILENT)


_ANSWERS: dict[tuple[str, ...], Callable[[Machine], Completed]] = {
    lab.UNITS: lambda one: printed(f"{_state(one.pmxcfs != 'stopped')}\n{_state(one.corosync)}\n"),
    lab.QUERY: lambda one: printed("0\n"),
    ("corosync-quorumtool", "-s"): lambda one: printed(lab.quorum(one.cluster.expected_votes)),
    ("corosync-cfgtool", "-n"): lambda one: printed(one.cluster.connections(one)),
    ("corosync-cmapctl", "totem.config_version"): _running_version,
    TICKET: lambda one: printed("PVE:root@pam:1::x"),
    qdevice_nodes.TALLY: _votes,
    qdevice_nodes.CERTUTIL: _certified,
    ("systemctl", "is-active", qdevice.NODE_SERVICE): lambda one: printed(f"{_state(qdevice.ENABLED in one.files)}\n"),
    ("base64", "--wrap=0", qdevice.REQUEST): lambda one: printed(one.files.get(qdevice.REQUEST, "")),
    ("base64", "--wrap=0", qdevice.CERTIFICATE): lambda one: printed(one.files.get(qdevice.CERTIFICATE, "")),
}


def _frozen(files: dict[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(files.items())


def _state(active: bool) -> str:
    return "active" if active else "inactive"
