"""A node that is to leave, with Ceph: the monitors' answers live in a dictionary that the commands change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import EditFile, Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed

from .ceph_support import ASKED, DPKG, FSID, add_pool, answer_of, cluster_answers, group
from .leaving_node import Leaving
from .support import printed

CONF = "/etc/pve/ceph.conf"
TIB = 1 << 30  # in KiB


class LeavingCeph(Leaving):
    """``mons``, ``mgrs``, ``mds``: the names of the nodes that have one; one OSD on each of ``hosts``."""

    def __init__(self, nodes: tuple[str, ...] = ("pve1", "pve2", "pve3", "pve4"), mons: int = 3, size: int = 3) -> None:
        super().__init__(nodes)
        self.mons, self.mgrs, self.mds = list(nodes[:mons]), ["pve1", "pve3"], ["pve1", "pve3"]
        self.answers = cluster_answers(tuple(self.mons), osds=len(nodes), size=len(nodes))
        add_pool(self.answers, "vms", size=size)
        self.health: dict[str, Any] = {}
        self.flags = "sortbitwise"
        self.used = 100
        self.states: tuple[str, ...] = ("active+clean",)
        self.sizes: dict[int, float] = {}
        self.homes: dict[str, str] = {}
        self.placed: Optional[dict[str, list[int]]] = None
        self.entities = {f"{kind}.{name}" for name in self.mgrs for kind in ("mgr", "mds")}
        self.sections = [f"mon.{name}" for name in self.mons] + [f"mds.{name}" for name in self.mds]
        self.commands[DPKG] = printed("python3-rados\t18\tinstalled\nceph-mon\t18\tinstalled\n")
        self.commands["ask_ceph", "data"] = lambda node: self.told()
        for words in ("ceph",):
            self.effects[(words,)] = lambda node: None
        self.conf()

    def conf(self) -> LeavingCeph:
        addresses = {name: f"10.10.2.1{name[3:]}" for name in ("pve1", "pve2", "pve3", "pve4")}
        mons = [section[4:] for section in self.sections if section.startswith("mon.")]
        text = f"[global]\n\tfsid = {FSID}\n\tmon_host = {' '.join(addresses[name] for name in mons)}\n\n"
        for section in self.sections:
            text += f"[{section}]\n\tpublic_addr = {addresses[section[4:]]}\n\n"
        self.files[CONF] = text
        return self

    def told(self) -> Completed:
        """The answers to all that is asked at once."""
        return printed(json.dumps(self.everything()))

    def everything(self) -> dict[str, Any]:
        awake = [name for name in self.mons if name in self.awake]
        mds = [name for name in self.mds if name in self.awake]
        health = {"status": "HEALTH_OK", "checks": self.health}
        daemons = {"mon": self.mons, "mgr": [name for name in self.mgrs if name in self.awake], "mds": mds}
        return {
            **self.answers,
            "status": {"fsid": FSID, "health": health, "quorum_names": awake},
            "node ls": {kind: {self.home(name): [name] for name in names} for kind, names in daemons.items()},
            "fs dump": {**self.answers["fs dump"], "standbys": [{"name": name, "state": "up:standby"} for name in mds]},
            "osd dump": {**self.answers["osd dump"], "flags": self.flags},
            "mon dump": {"mons": [{"name": name, "addr": f"10.10.2.1{name[3:]}:6789/0"} for name in self.mons]},
            "entities": sorted(self.entities),
            **self.numbers(),
        }

    def home(self, name: str) -> str:
        """The node that a daemon runs on."""
        return self.homes.get(name, name)

    def numbers(self) -> dict[str, Any]:
        """What a manager adds: a placement group in every state, on the OSDs that are up."""
        osds = self.answers["osd dump"]["osds"]
        acting = [one["osd"] for one in osds if one["up"] and one["in"]][:3]
        groups = [group(f"1.{number:x}", acting, state, acting) for number, state in enumerate(self.states)]
        sizes = {one["osd"]: int(TIB * self.sizes.get(one["osd"], 1)) for one in osds}
        nodes = [{"id": one, "kb": size, "kb_used": self.used * TIB // 1000, "pgs": 1} for one, size in sizes.items()]
        return {"pg dump": {"ready": True, "epoch": 0, "pgs": groups}, "osd df": {"nodes": nodes}}

    def filesystem(self) -> LeavingCeph:
        info = {"fs_name": "cephfs", "metadata_pool": 1, "data_pools": [1], "info": {}}
        self.answers["fs dump"]["filesystems"] = [{"mdsmap": info}]
        return self

    def without(self, *names: str) -> LeavingCeph:
        """No manager and no metadata server on these."""
        self.mgrs = [name for name in self.mgrs if name not in names]
        self.mds = [name for name in self.mds if name not in names]
        return self

    def dead(self) -> LeavingCeph:
        self.off("pve3")
        self.osd(2)["up"] = 0
        return self

    def _run(self, argument: tuple[str, ...]) -> list[Any]:
        if argument[:2] == ("ask_ceph", "placed"):
            return [0, json.dumps(self.placed), ""]
        if argument[: len(ASKED)] != ASKED:
            return super()._run(argument)
        rc, answer = self.ceph(*argument[len(ASKED) :])
        return [rc, json.dumps(answer), ""]

    def ceph(self, *words: str) -> tuple[int, Any]:
        """The exit code and the answer to one question."""
        if words[:2] in (("osd", "safe-to-destroy"), ("osd", "ok-to-stop")):
            number = int(words[2])
            leaves = not self.osd(number)["in"]
            return 0 if leaves else 16, {"safe_to_destroy": [number] if leaves else []}
        return answer_of(self.everything(), *words)

    def osd(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.answers["osd dump"]["osds"] if one["osd"] == number)
        return found

    def act(self, step: Step) -> None:
        super().act(step)
        if isinstance(step.action, Run):
            line = re.sub(r"--connect-timeout 10 ", "", " ".join(step.action.argv))
            for words, effect in EFFECTS.items():
                if re.match(words, line):
                    effect(self)
        if isinstance(step.action, EditFile):
            self.sections = re.findall(r"\[((?:mon|mds)\.\w+)\]", self.files[CONF])
        else:
            self.conf()

    def drop_osd(self) -> None:
        assert not self.osd(2)["in"], "destroyed while data was on it"
        assert not self.osd(2)["up"], "destroyed while it ran"
        self.answers["osd dump"]["osds"].remove(self.osd(2))
        for node in self.answers["osd tree"]["nodes"]:
            node.get("children", [])[:] = [child for child in node.get("children", []) if child != 2]

    def drop_host(self) -> None:
        nodes = self.answers["osd tree"]["nodes"]
        nodes[:] = [node for node in nodes if node["name"] != "pve3"]

    def drop(self, kind: str) -> None:
        getattr(self, f"{kind}s" if kind != "mds" else "mds").remove("pve3")
        self.entities.discard(f"{kind}.pve3")
        self.sections = [section for section in self.sections if section != f"{kind}.pve3"]


def _monitor(node: LeavingCeph) -> None:
    node.mons.append("pve4")
    node.sections.append("mon.pve4")


EFFECTS: dict[str, Callable[[LeavingCeph], object]] = {
    "ceph osd out 2": lambda node: node.osd(2).update({"in": 0}),
    "pvesh create /nodes/pve3/ceph/stop --service osd.2": lambda node: node.osd(2).update(up=0),
    "pvesh delete /nodes/pve3/ceph/osd/2": LeavingCeph.drop_osd,
    "ceph osd purge 2": LeavingCeph.drop_osd,
    "ceph osd crush remove pve3": LeavingCeph.drop_host,
    "pvesh create /nodes/pve4/ceph/mon/pve4": _monitor,
    "pvesh delete /nodes/pve3/ceph/mon/pve3": lambda node: node.drop("mon"),
    "pvesh delete /nodes/pve3/ceph/mgr/pve3": lambda node: node.drop("mgr"),
    "pvesh delete /nodes/pve3/ceph/mds/pve3": lambda node: node.drop("mds"),
    "ceph mon remove pve3": lambda node: node.mons.remove("pve3"),
    "ceph auth del mgr.pve3": lambda node: node.entities.discard("mgr.pve3"),
    "ceph auth del mds.pve3": lambda node: node.entities.discard("mds.pve3"),
}
