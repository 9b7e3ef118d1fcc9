"""A cluster of four whose nodes are upgraded one after the other: each boots, and all share HA, Ceph and /etc/pve."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Step
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.work import LOG, UNIT
from ansible_collections.baremetal.virt.plugins.module_utils.observe.debian.upgrade import SIMULATE
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node.services import ASK
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade import kernel
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade import node as whole

from . import upgrade_cases as cases
from .role_play import RolePlay
from .support import FakeNode, printed, transcript
from .upgrade_node import member
from .upgrading import MANAGER, Upgrading

HOSTS = ("pve1", "pve2", "pve3", "pve4")
#: Seen from pve1, on every host.
CLUSTER = ("pvesh", "ask_ceph", "ceph", "ha-manager", "corosync-quorumtool", "corosync-cfgtool")


class Cut(Exception):
    """The run was killed."""


class Host(FakeNode):
    """One node: apt, boot loader and kernel are its own, everything of the cluster is shared."""

    def __init__(self, number: int, world: Upgrading) -> None:
        start = member(number)
        super().__init__(start.files, start.directories, start.commands)
        self.ages, self.name, self.world = start.ages, f"pve{number}", world
        self.certificates = world.certificates
        self.kernels, self.pending, self.boots, self.fails = [cases.OLD], True, 1, False
        self.commands[SIMULATE] = lambda node: printed(cases.SIMULATED if self.pending else "")
        self.commands[kernel.IMAGES] = lambda node: printed(
            "".join(f"vmlinuz-{one}\ninitrd.img-{one}\n" for one in self.kernels)
        )
        self.commands["systemctl", "is-active", UNIT] = printed("inactive\n")
        self.commands[ASK] = printed("Id=pveproxy.service\nLoadState=loaded\nActiveState=active\n")

    def _shared(self, path: str) -> bool:
        return path.startswith(("/etc/pve", "/etc/corosync"))

    def _read(self, argument: tuple[str, ...]) -> Any:
        return self.world._read(argument) if self._shared(argument[0]) else super()._read(argument)

    def _names(self, argument: tuple[str, ...]) -> Any:
        return self.world._names(argument) if self._shared(argument[0]) else super()._names(argument)

    def _entry(self, argument: tuple[str, ...]) -> Any:
        return self.world._entry(argument) if self._shared(argument[0]) else super()._entry(argument)

    def _run(self, argument: tuple[str, ...]) -> list[Any]:
        if argument[0] in CLUSTER:
            return self.world._run(argument)
        return super()._run(argument)

    def act(self, step: Step) -> None:
        if step.id == "index.fetch:all":
            return
        if step.id == "package.upgrade:all":
            self._upgrade()
        elif step.topic == "packages":
            super().act(step)
        else:
            self.world.act(step)

    def _upgrade(self) -> None:
        if self.fails:
            self.files[LOG] = "dpkg: error processing package pve-manager (--configure):\nexit code 100\n"
            return
        self.pending, self.kernels = False, [cases.OLD, cases.NEW]
        self.files[LOG] = "exit code 0\n"

    def reboot(self) -> None:
        """Nobody is on it, and its data is not moved away meanwhile."""
        assert not self.world.running_on(self.name), f"{self.name} was booted under {self.world.running_on(self.name)}"
        services = json.loads(self.world.files[MANAGER])["service_status"].values()
        assert not any(one["node"] == self.name and one["state"] == "started" for one in services)
        assert "noout" in self.world.osd(int(self.name[3:]) - 1)["state"]
        self.boots += 1
        self.files[kernel.RUNNING] = f"{self.kernels[-1]}\n"
        self.files[whole.BOOT_ID] = f"boot {self.boots}\n"


class UpgradeSite:
    """``cut_at``: the number of the pause at which a run is cut; ``pauses``: how many there were."""

    def __init__(self) -> None:
        self.world = Upgrading()
        self.world.commands["corosync-cfgtool", "-n"] = transcript("061-3node-cfgtool-n")
        self.hosts = {name: Host(number, self.world) for number, name in enumerate(HOSTS, 1)}
        self.cut_at, self.pauses = -1, 0

    def pause(self, where: str) -> None:
        if self.pauses == self.cut_at:
            raise Cut(where)
        self.pauses += 1

    def carry_out(self, host: str, step: Step) -> None:
        self.pause(f"{host}: before {step.id}")
        self.hosts[host].act(step)

    def run(self, **variables: Any) -> RolePlay:
        """What playbooks/upgrade.yml does with the role."""
        play = RolePlay(self.hosts, HOSTS, variables, self.carry_out, self.pause)
        play.role("upgrade")
        check = variables.get("ansible_check_mode", False)
        if not check and any(found["upgrade_wave"]["order"] for found in play.facts.values()):
            play.role("upgrade", "wave.yml")
        return play

    @property
    def left(self) -> list[str]:
        """What is still set, and who is not as he should be."""
        found = [path for path in self.world.files if "/priv/upgrade-of-" in path]
        found += [name for name, status in self.world.nodes_status.items() if status != "online"]
        osds = self.world.answers["osd dump"]["osds"]
        found += [f"osd.{one['osd']}" for one in osds if "noout" in one.get("state", ())]
        found += [f"{name} runs {one.files[kernel.RUNNING]}" for name, one in self.hosts.items() if not self._new(one)]
        return found

    def _new(self, host: Host) -> bool:
        return not host.pending and host.files[kernel.RUNNING].strip() == cases.NEW
