"""A node that is to leave, with Ceph: the monitors' answers live in a dictionary that the commands change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph import state as ceph
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving import ceph as node_ceph

from .ceph_support import DPKG, FSID, add_pool, cluster_answers
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
        self.entities = {f"{kind}.{name}" for name in self.mgrs for kind in ("mgr", "mds")}
        self.sections = [f"mon.{name}" for name in self.mons] + [f"mds.{name}" for name in self.mds]
        self.commands[DPKG] = printed("python3-rados\t18\tinstalled\nceph-mon\t18\tinstalled\n")
        self.commands[ceph.ASK_MONITORS] = lambda node: self.told()
        self.commands[node_ceph.ASK] = lambda node: self.mapped()
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
        """The answers to what every run asks."""
        self.answers["status"]["health"] = {"status": "HEALTH_OK", "checks": self.health}
        self.answers["status"]["quorum_names"] = [name for name in self.mons if name in self.awake]
        self.answers["node ls"]["mgr"] = {name: [name] for name in self.mgrs if name in self.awake}
        mds = [{"name": name, "state": "up:standby"} for name in self.mds if name in self.awake]
        self.answers["fs dump"]["standbys"] = mds
        return printed(json.dumps(self.answers))

    def mapped(self) -> Completed:
        osds = self.answers["osd dump"]["osds"]
        return printed(
            json.dumps(
                {
                    "status": {
                        "pgmap": {
                            "num_objects": 10,
                            "pgs_by_state": [{"state_name": state, "count": 1} for state in self.states],
                        }
                    },
                    "mon dump": {"mons": [{"name": name, "addr": f"10.10.2.1{name[3:]}:6789/0"} for name in self.mons]},
                    "osd tree": self.answers["osd tree"],
                    "osd dump": {"flags": self.flags},
                    "entities": sorted(self.entities),
                    "osd df": {
                        "nodes": [
                            {
                                "id": one["osd"],
                                "kb": int(TIB * self.sizes.get(one["osd"], 1)),
                                "kb_used": self.used * TIB // 1000,
                                "pgs": 1,
                            }
                            for one in osds
                        ]
                    },
                }
            )
        )

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
        if isinstance(step.action, Run) and step.action.argv[-1] == CONF:
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
