"""A cluster of Ceph in memory whose daemons run versions, and get another one when their unit is started anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed

from .ceph_support import ASKED, CephFake, add_osd, add_pool, cluster_answers, data_answers, group
from .support import printed

OLD = "ceph version 18.2.7 (6b0e988052ec84cf2d4a54ff9bbbc5e720b621ad) reef (stable)"
NEW = "ceph version 19.2.3 (c92aebb279828e9c3c1f5d24613efca272649e62) squid (stable)"
REPLAY = 1 << 5


@dataclass
class SimDaemon:
    kind: str
    id: str
    host: str
    version: str = OLD
    up: bool = True
    store: Optional[str] = "bluestore"


@dataclass
class SimFilesystem:
    """``servers``: ids of the active ones, by rank; the others stand by."""

    name: str
    max_mds: int
    replays: bool
    servers: list[str] = field(default_factory=list)


class UpgradeSim:
    """Nodes with everything, two OSDs each. ``installed``: node → version. ``kept``: Ceph's own keys and values."""

    def __init__(
        self, nodes: tuple[str, ...] = ("pve1", "pve2", "pve3"), max_mds: int = 2, replays: bool = True
    ) -> None:
        self.nodes = nodes
        self.installed = dict.fromkeys(nodes, NEW)
        self.daemons = {
            f"{kind}.{name}": SimDaemon(kind, name, name) for kind in ("mon", "mgr", "mds") for name in nodes
        }
        for number in range(2 * len(nodes)):
            self.daemons[f"osd.{number}"] = SimDaemon("osd", str(number), nodes[number % len(nodes)])
        self.active = nodes[0]
        self.filesystem = SimFilesystem("cephfs", max_mds, replays, list(nodes[:max_mds]))
        self.required = "reef"
        self.kept: dict[str, str] = {}
        self.checks: dict[str, bool] = {}
        self.mutes: list[str] = []
        self.flags = "sortbitwise"
        self.crashes: list[str] = []
        self.modules = ["iostat", "nfs"]
        self.min_size = 2
        self.history: list[str] = []
        self.may_stop = True

    def of(self, kind: str) -> list[SimDaemon]:
        return [one for one in self.daemons.values() if one.kind == kind]

    # What it answers.

    def answers(self) -> dict[str, Any]:
        answers = cluster_answers(self.nodes)
        checks = {code: _check(muted) for code, muted in self.checks.items()}
        for kind in ("mon", "osd"):
            if any(not one.up for one in self.of(kind)):
                checks[f"{kind.upper()}_DOWN"] = _check(False)
        mutes = [{"code": code, "sticky": True} for code in self.mutes]
        answers["status"]["health"].update({"checks": checks, "mutes": mutes})
        answers["status"]["quorum_names"] = [one.id for one in self.of("mon") if one.up]
        for one in self.of("osd"):
            add_osd(answers, int(one.id), one.host)
            answers["osd dump"]["osds"][-1]["up"] = int(one.up)
        add_pool(answers, "vms", min_size=self.min_size)
        answers["osd dump"].update({"require_osd_release": self.required, "flags": self.flags})
        groups = [group("1.0", [int(one.id) for one in self.of("osd")[:3]])]
        answers = data_answers(answers, groups, {})
        answers["mon dump"] = {"mons": [{"name": one.id, "addr": "10.10.2.11:6789/0"} for one in self.of("mon")]}
        answers["fs dump"] = {"standbys": self.standbys(), "filesystems": [{"id": 1, "mdsmap": self.mdsmap()}]}
        standbys = [{"name": one.id} for one in self.of("mgr") if one.id != self.active]
        answers["mgr dump"] = {"active_name": self.active, "standbys": standbys, "modules": self.modules}
        for kind in ("mon", "mgr", "mds", "osd"):
            answers[f"{kind} metadata"] = [_metadata(one) for one in self.of(kind)]
            homes = {node: [one.id for one in self.of(kind) if one.host == node] for node in self.nodes}
            answers["node ls"][kind] = homes
        answers["kept"] = self.kept
        answers["crashes"] = self.crashes
        return answers

    def mdsmap(self) -> dict[str, Any]:
        file = self.filesystem
        info = {f"gid_{rank}": {"name": name, "state": "up:active"} for rank, name in enumerate(file.servers)}
        if file.replays and self.idle():
            info["gid_9"] = {"name": self.idle()[0], "state": "up:standby-replay"}
        return {
            "fs_name": file.name,
            "metadata_pool": 2,
            "data_pools": [1],
            "info": info,
            "max_mds": file.max_mds,
            "flags": REPLAY if file.replays else 0,
            "in": list(range(len(file.servers))),
        }

    def idle(self) -> list[str]:
        return [one.id for one in self.of("mds") if one.id not in self.filesystem.servers]

    def standbys(self) -> list[dict[str, str]]:
        followers = self.idle()[:1] if self.filesystem.replays else []
        return [{"name": name, "state": "up:standby"} for name in self.idle() if name not in followers]

    def asked(self, words: tuple[str, ...]) -> tuple[int, Any]:
        """What ``ceph -f json`` answers."""
        answers = self.answers()
        simple: dict[tuple[str, ...], Callable[[], Any]] = {
            ("quorum_status",): lambda: answers["status"],
            ("mgr", "dump"): lambda: answers["mgr dump"],
            ("osd", "dump"): lambda: answers["osd dump"],
            ("pg", "stat"): lambda: {"pg_ready": True, "pg_summary": {"num_pg_by_state": [{"name": "active+clean"}]}},
            ("fs", "get", "cephfs"): lambda: {"mdsmap": self.mdsmap()},
            ("mgr", "metadata"): lambda: answers["mgr metadata"],
            ("mds", "metadata"): lambda: answers["mds metadata"],
        }
        if words in simple:
            return 0, simple[words]()
        if words[:2] == ("osd", "info"):
            return 0, {"up": int(self.daemons[f"osd.{words[2]}"].up)}
        if words[1] == "metadata":
            return 0, _metadata(self.daemons[f"{words[0]}.{words[2]}"])
        assert words[1] == "ok-to-stop", words
        return (0 if self.may_stop else 16), {}

    # What is done to it.

    def restart(self, kind: str, name: str) -> None:
        one = self.daemons[f"{kind}.{name}"]
        assert all(other.up for other in self.daemons.values() if other is not one), "never two at a time"
        one.version, one.up = self.installed[one.host], True
        self.history.append(f"{kind}.{name}")
        if kind == "mgr" and self.active == name:
            self.fail(name)
        if kind == "mds" and name in self.filesystem.servers:
            assert len(self.filesystem.servers) == 1, "servers of two versions would work side by side"
            idle = self.idle()
            if idle:
                assert all(self.daemons[f"mds.{other}"].version == one.version for other in idle), (
                    "an older one takes over"
                )
                self.filesystem.servers = idle[:1]

    def fail(self, name: str) -> None:
        others = [one.id for one in self.of("mgr") if one.id != name]
        self.active = others[0] if others else name

    def set_filesystem(self, option: str, value: str) -> None:
        file = self.filesystem
        if option == "allow_standby_replay":
            file.replays = value == "true"
            return
        file.max_mds = int(value)
        file.servers = (file.servers + self.idle())[: file.max_mds]

    def require(self, release: str) -> None:
        assert all(one.version.split()[4] == release for one in self.of("osd")), "an older OSD could not start any more"
        self.required = release


def _check(muted: bool) -> dict[str, Any]:
    return {"severity": "HEALTH_WARN", "summary": {"message": "x"}, "muted": muted}


def _metadata(one: SimDaemon) -> dict[str, Any]:
    told = {"ceph_version": one.version, "hostname": one.host}
    if one.kind == "osd":
        return {"id": int(one.id), **(told if one.version else {}), "osd_objectstore": one.store}
    return {"name": one.id, **told}


class UpgradeNode(CephFake):
    """One of its nodes."""

    def __init__(self, sim: UpgradeSim, name: str) -> None:
        super().__init__(name)
        self.initialized(*sim.nodes)
        self.sim = sim
        self.files["/etc/os-release"] = "ID=debian\nVERSION_CODENAME=bookworm\n"
        for one in sim.daemons.values():
            if one.host == name:
                self.daemon(one.kind, one.id)
                if one.kind == "mon":
                    self.files[f"/var/lib/ceph/mon/ceph-{one.id}/kv_backend"] = "rocksdb\n"

    def act(self, step: Step) -> None:
        action = step.action
        if isinstance(action, Run):
            self._done(tuple(word for word in action.argv if word != "--yes-i-really-mean-it"))
            self.performed.append(step)
        else:
            super().act(step)

    def _done(self, argv: tuple[str, ...]) -> None:
        if argv[:2] == ("systemctl", "restart"):
            kind, _at, name = argv[2].removeprefix("ceph-").removesuffix(".service").partition("@")
            assert self.sim.daemons[f"{kind}.{name}"].host == self.name
            return self.sim.restart(kind, name)
        words = argv[3:]
        if words[:2] == ("mgr", "fail"):
            return self.sim.fail(words[2])
        if words[:2] == ("fs", "set"):
            return self.sim.set_filesystem(words[3], words[4])
        if words[:2] == ("osd", "require-osd-release"):
            return self.sim.require(words[2])
        if words[:2] == ("config-key", "set"):
            self.sim.kept[words[2]] = words[3]
            return None
        assert words[:2] == ("config-key", "rm"), argv
        del self.sim.kept[words[2]]
        return None

    def _run(self, argument: tuple[str, ...]) -> list[Any]:
        if argument == ("ask_ceph", "versions"):
            return [0, json.dumps(self.sim.answers()), ""]
        if argument[: len(ASKED)] == ASKED:
            rc, answer = self.sim.asked(argument[len(ASKED) :])
            return [rc, json.dumps(answer), ""]
        if argument[1:] == ("--version",):
            done = (
                printed(f"{self.sim.installed[self.name]}\n")
                if self.sim.installed[self.name]
                else Completed(127, "", "")
            )
            return [done.rc, done.stdout, done.stderr]
        if argument[:2] == ("systemctl", "is-failed"):
            return [1, "active\n", ""]
        return super()._run(argument)


def options(**given: Any) -> Mapping[str, Any]:
    """Parameters of ceph_upgrade."""
    return {
        "version": NEW,
        "stage": "mon",
        "interruption": False,
        "known_crashes": [],
        "tolerated_health": [],
        **given,
    }
