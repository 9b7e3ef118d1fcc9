"""A cluster of Proxmox VE 8 in memory, as far as its upgrade to 9 looks at it: sources, packages, HA groups, checks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import RELEASES
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.release_ha import (
    GROUPS_FILE,
    RESOURCES_FILE,
    RULES_FILE,
    migrated,
)
from ansible_collections.baremetal.virt.plugins.module_utils.site.upgrade.release_order import release_upgrade_order
from ansible_collections.baremetal.virt.plugins.modules import release_check_info, release_ha, repositories

from .checker_texts import QUIET, said
from .fake_debian import debian_node, set_packages
from .support import FakeNode, printed

_PVE_8, _PVE_9 = RELEASES[1:]
_ENTERPRISE = "/etc/apt/sources.list.d/pve-enterprise.sources"
_BROUGHT = (
    "Types: deb\nURIs: https://enterprise.proxmox.com/debian/pve\nSuites: trixie\nComponents: pve-enterprise\n"
    "Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg\n"
)
_OLD = {"proxmox-ve": "8.4.0", "pve-manager": "8.4.21", "pve-cluster": "8.1.2", "openssh-server": "1:9.2p1-2+deb12u7"}
_WISH: dict[str, Any] = {**{name: one.get("default") for name, one in repositories.SUBJECT.argument_spec.items()}}


@dataclass
class ReleaseNode:
    """``marked``: its upgrade has begun and not ended. booted: it runs the new kernel."""

    name: str
    node: FakeNode
    marked: bool = False
    booted: bool = False

    @property
    def codename(self) -> str:
        return self.node.files["/etc/os-release"].strip().rpartition("=")[2]


def release_node(name: str) -> ReleaseNode:
    node = debian_node(_PVE_8, {"/etc/ssh/sshd_config": "PermitRootLogin yes\n"}, _OLD)
    node.files["/proc/sys/kernel/hostname"] = f"{name}\n"
    node.commands["getent", "ahosts", name] = printed(f"10.10.1.1{name[-1]} STREAM {name}\n")
    node.commands["pve8to9", "--full"] = printed(said(*QUIET))
    node.commands["/usr/sbin/sshd", "-t"] = printed("")
    for package, least in _PVE_9.needs_before.items():
        for version in (_OLD[package], "9.0"):
            node.commands["dpkg", "--compare-versions", version, "ge", least] = Completed(0, "", "")
    return ReleaseNode(name, node)


class ReleaseSite:
    """Three nodes, and what their cluster file system holds."""

    def __init__(self, groups: str, resources: str) -> None:
        self.nodes = {name: release_node(name) for name in ("pve1", "pve2", "pve3")}
        status = {"node_status": dict.fromkeys(self.nodes, "online")}
        files = {GROUPS_FILE: groups, RESOURCES_FILE: resources, "/etc/pve/ha/manager_status": json.dumps(status)}
        self.cluster = FakeNode(files)

    def order(self) -> Mapping[str, Any]:
        told = [{"host": one.name, "report": _report(one)} for one in self.nodes.values()]
        asked = {"to": 9, "full": True, "accepted": []}
        checks = [
            {"host": one.name, **release_check_info.INQUIRY.answer(one.node, asked)} for one in self.nodes.values()
        ]
        return release_upgrade_order(told, checks, [], 9)

    def run(self) -> Iterator[str]:
        """What upgrade_release.yml does, one step after the other; whoever stops asking has killed it."""
        found = self.order()
        assert not found["in_the_way"], found["in_the_way"]
        if found["phase"] != "after":
            yield from self._converge(release_ha.SUBJECT, {"state": "kept"}, self.cluster)
        for target in found["wave"]["order"]:
            yield from self._upgrade(self.nodes[target["node"]])
        assert self.order()["phase"] == "after"
        self._manager()
        yield from self._converge(release_ha.SUBJECT, {"state": "migrated"}, self.cluster)

    def _upgrade(self, one: ReleaseNode) -> Iterator[str]:
        """The steps of the role, of which each looks itself whether it is needed."""
        one.marked = True
        assert sum(other.marked for other in self.nodes.values()) == 1, "one node at a time"
        yield f"{one.name}: held"
        yield from self._converge(repositories.SUBJECT, {**_WISH, "upgrade_to": 9}, one.node)
        if one.codename != _PVE_9.codename:
            self._install(one)
            yield f"{one.name}: packages"
        yield from self._converge(repositories.SUBJECT, {**_WISH, "upgrade_to": 9}, one.node)
        assert not release_check_info.INQUIRY.answer(one.node, {"to": 9, "full": True, "accepted": []})["in_the_way"]
        one.booted = True
        yield f"{one.name}: booted"
        one.marked = False
        yield f"{one.name}: released"

    @staticmethod
    def _install(one: ReleaseNode) -> None:
        """What pve-manager 9 does: it brings an entry for whoever has a subscription, unless the file is there."""
        one.node.files["/etc/os-release"] = f"ID=debian\nVERSION_CODENAME={_PVE_9.codename}\n"
        one.node.files.setdefault(_ENTERPRISE, _BROUGHT)
        set_packages(one.node, dict.fromkeys(_OLD, "9.0"))

    @staticmethod
    def _converge(subject: Subject[Any, Any], params: Mapping[str, Any], node: FakeNode) -> Iterator[str]:
        plan = make_plan(subject, params, node)
        assert not plan.refusals, plan.refusals
        for step in plan.steps:
            node.act(step)
            yield step.id
        assert not make_plan(subject, params, node).steps

    def _manager(self) -> None:
        """The HA manager of 9, once a minute."""
        files = self.cluster.files
        if GROUPS_FILE not in files or any(one.codename != _PVE_9.codename for one in self.nodes.values()):
            return
        rules = migrated(files.pop(GROUPS_FILE), files[RESOURCES_FILE]).rules
        files[RULES_FILE] = "\n".join(
            f"node-affinity: {name}\n\tnodes {','.join(f'{node}:{value}' for node, value in rule.nodes.items())}\n"
            f"\tresources {','.join(sorted(rule.resources))}\n\tstrict {int(rule.strict)}\n"
            for name, rule in rules.items()
        )


def _report(one: ReleaseNode) -> dict[str, Any]:
    """What upgrade_info tells of it, as far as the order of nodes depends on that."""
    lists: dict[str, Any] = dict.fromkeys(("reboot", "updates", "services_on_old", "guests_on_old", "notices"), [])
    return {
        **lists,
        "node": one.name,
        "marked": one.marked,
        "master": one.name == "pve1",
        "guests": 0,
        "current": not one.marked,
        "unfinished": {},
        "candidates": {},
        "lists_age": 0,
    }
