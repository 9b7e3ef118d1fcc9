"""Nodes on which plans move the data of a simulated Ceph: a member that sees another node off, and a host of OSDs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any, Union

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step, Wait

from .ceph_sim import SimCeph
from .ceph_support import ASKED, DPKG, CephFake, answer_of
from .leaving_node import Leaving
from .support import printed

MONS = ("pve1", "pve2", "pve4")
#: How often a wait looks again before it gives up.
LOOKS = 60


def told(sim: SimCeph, argument: tuple[str, ...]) -> list[Any]:
    """What ``ask_ceph`` or ``ceph`` answers."""
    words = argument[1:] if argument[0] == "ask_ceph" else argument[len(ASKED) :]
    numbers = [int(word) for word in words if word.isdecimal()]
    if argument[0] == "ask_ceph":
        answers: dict[str, Callable[[], Any]] = {
            "cluster": lambda: sim.answers(MONS),
            "data": lambda: sim.answers(MONS),
            "placed": lambda: sim.placed(numbers),
            "gates": lambda: {
                "osd safe-to-destroy": sim.safe_to_destroy(numbers)[1],
                "osd ok-to-stop": sim.ok_to_stop(numbers)[1],
            },
        }
        return [0, json.dumps(answers[words[0]]()), ""]
    if words[:2] == ("osd", "safe-to-destroy"):
        rc, answer = sim.safe_to_destroy(numbers)
    elif words[:2] == ("osd", "ok-to-stop"):
        rc, answer = sim.ok_to_stop(numbers)
    else:
        rc, answer = answer_of(sim.answers(MONS), *words)
    return [rc, json.dumps(answer), ""]


def asks(argument: tuple[str, ...]) -> bool:
    return argument[0] == "ask_ceph" or argument[: len(ASKED)] == ASKED


def _purged(sim: SimCeph, number: int) -> None:
    assert not sim.osds[number].up, "Ceph does not remove an OSD that is up"
    del sim.osds[number]
    sim.forget(number)


def _destroyed(sim: SimCeph, number: int) -> None:
    assert not sim.osds[number].up, "Ceph does not destroy an OSD that is up"
    sim.osds[number].destroyed = True
    sim.forget(number)


#: The beginning of a command → what it does to an OSD.
EFFECTS: dict[str, Callable[[SimCeph, int], object]] = {
    r"ceph osd out (\d+)": lambda sim, osd: setattr(sim.osds[osd], "is_in", False),
    r"ceph osd in (\d+)": lambda sim, osd: setattr(sim.osds[osd], "is_in", True),
    r"ceph osd set-group noout osd\.(\d+)": lambda sim, osd: setattr(sim.osds[osd], "noout", True),
    r"ceph osd unset-group noout osd\.(\d+)": lambda sim, osd: setattr(sim.osds[osd], "noout", False),
    r"ceph osd purge (\d+)": _purged,
    r"ceph osd destroy (\d+)": _destroyed,
    r"pvesh create /nodes/pve3/ceph/stop --service osd\.(\d+)": lambda sim, osd: setattr(sim.osds[osd], "up", False),
    r"pvesh delete /nodes/pve3/ceph/osd/(\d+)": _purged,
    r"systemctl disable --now ceph-osd@(\d+)": lambda sim, osd: setattr(sim.osds[osd], "up", False),
}


def carry_out(node: Union[SimMember, SimHost], step: Step, random: Random) -> bool:
    """Whether the step came to its end; data moves while something is waited for."""
    if isinstance(step.action, Wait):
        for _look in range(LOOKS):
            if all(condition.holds(node) for condition in step.action.until):
                return True
            node.sim.recover(random, 2)
        return False
    if isinstance(step.action, Run):
        line = " ".join(step.action.argv).replace("--connect-timeout 10 ", "")
        for pattern, effect in EFFECTS.items():
            if found := re.match(pattern, line):
                effect(node.sim, int(found[1]))
                node.sim.peer(random)
    node.act(step)
    return True


class SimMember(Leaving):
    """pve1, from which pve3 is sent away."""

    def __init__(self, sim: SimCeph, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.sim = sim
        self.commands[DPKG] = printed("python3-rados\t18\tinstalled\n")
        self.files["/etc/pve/ceph.conf"] = "[global]\n\tfsid = x\n\tmon_host = 10.10.2.11\n"
        self.effects[("ceph",)] = lambda node: None

    def _run(self, argument: tuple[str, ...]) -> list[Any]:
        return told(self.sim, argument) if asks(argument) else super()._run(argument)


class SimHost(CephFake):
    """A node that takes its own OSDs away."""

    def __init__(self, sim: SimCeph, name: str) -> None:
        super().__init__(name)
        self.initialized(*MONS)
        self.sim = sim
        self.effects = {(word,): lambda node: None for word in ("ceph", "systemctl", "rm", "umount")}
        for osd in sim.osds.values():
            if osd.node == name and not osd.destroyed:
                self.daemon("osd", str(osd.id), osd.up)

    def _run(self, argument: tuple[str, ...]) -> list[Any]:
        return told(self.sim, argument) if asks(argument) else super()._run(argument)
