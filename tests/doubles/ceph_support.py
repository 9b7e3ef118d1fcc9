"""A Proxmox VE node with Ceph, in memory: what it says before, between and after the steps of a bring-up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed, Question
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.conditions import asked
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node import disk as disks
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node import lvm

from .support import FakeNode, printed

DPKG = ("dpkg-query", "--show", "--showformat=${Package}\t${Version}\t${db:Status-Status}\n")
FSID = "016d18af-7947-4265-a0b6-476a0253f419"
SERVER = ("ceph-mon", "ceph-mgr", "ceph-osd", "ceph-mds", "ceph-volume", "python3-rados")


#: The words before every question.
ASKED = asked().argument


class CephFake(FakeNode):
    """``answers``: what the monitors say (None: they do not). ``packages``: name → version.

    ``groups``: the placement groups as a manager tells them (see ``group``); None without one. ``use``: OSD → kilobytes
    used and in all.
    """

    def __init__(self, name: str = "pve1", version: Optional[str] = "19.2.3-pve1") -> None:
        super().__init__()
        self.name = name
        self.packages = {"bash": "5.2"} if version is None else dict.fromkeys(SERVER, version)
        self.answers: Optional[dict[str, Any]] = None
        self.groups: Optional[list[dict[str, Any]]] = []
        self.use: dict[int, tuple[int, int]] = {}
        self.links: dict[str, str] = {}
        self.running: set[str] = set()
        self.enabled: set[str] = set()
        self.devices: list[dict[str, Any]] = []
        self.files.update(
            {
                "/proc/sys/kernel/hostname": f"{name}\n",
                "/etc/os-release": "ID=debian\nVERSION_CODENAME=trixie\n",
            }
        )
        address = {"local": "10.10.2.11", "prefixlen": 24}
        self.commands.update(
            {
                ("getent", "ahosts", name): printed(f"10.10.1.11 STREAM {name}\n"),
                ("ip", "-json", "address"): printed(json.dumps([{"ifname": "eth1", "addr_info": [address]}])),
                DPKG: lambda node: printed("".join(f"{key}\t{value}\tinstalled\n" for key, value in packages(node))),
                ("ask_ceph", "cluster"): monitors,
                ("ask_ceph", "data"): data,
                disks.LSBLK: lambda node: printed(json.dumps({"blockdevices": described(node)})),
                lvm.VOLUMES: lambda node: report("lv", volumes(described(node))),
                lvm.GROUPS: lambda node: report("pv", physical_volumes(described(node))),
                disks.DEVICE_NODES: lambda node: printed("".join(device_nodes(node))),
            }
        )

    def initialized(self, *mons: str) -> CephFake:
        """With a configuration, and these monitors in it."""
        text = f"[global]\n\tfsid = {FSID}\n\tpublic_network = 10.10.2.0/24\n\tcluster_network = 10.10.2.0/24\n"
        if mons:
            text += "\tmon_host = " + " ".join(f"10.10.2.1{number}" for number in range(1, len(mons) + 1)) + "\n"
        self.files["/etc/pve/ceph.conf"] = text + "".join(
            f"[mon.{name}]\n\tpublic_addr = 10.10.2.11\n" for name in mons
        )
        if mons:
            self.answers = cluster_answers(mons=mons)
        return self

    def daemon(self, kind: str, name: Optional[str] = None, running: bool = True) -> CephFake:
        """With this daemon's directory, and its unit in this state."""
        name = name or self.name
        self.directories[f"/var/lib/ceph/{kind}/ceph-{name}"] = ("ceph", "ceph", 0o755)
        self.enabled.add(f"ceph-{kind}@{name}.service")
        if running:
            self.running.add(f"ceph-{kind}@{name}.service")
        return self

    def disk(self, name: str, **fields: Any) -> CephFake:
        """With one more disk, whose serial number is its name in capitals."""
        empty = dict.fromkeys(("model", "wwn", "pttype", "fstype", "mountpoint"))
        base = {"name": name, "path": f"/dev/{name}", "type": "disk", "size": 10**12, "rota": False}
        self.devices.append({**empty, **base, "serial": name.upper(), **fields})
        return self

    def active_osd(self, number: int, target: str) -> None:
        """With the directory of an OSD that is active."""
        self.daemon("osd", str(number))
        folder = f"/var/lib/ceph/osd/ceph-{number}"
        self.links[f"{folder}/block"] = target
        files = {"fsid": f"uuid-{number}", "whoami": str(number), "ceph_fsid": FSID}
        self.files.update({f"{folder}/{name}": f"{text}\n" for name, text in files.items()})

    def osd(self, number: int, target: str) -> CephFake:
        """With an OSD whose data lies on this device, known to the monitors when there are any."""
        self.active_osd(number, target)
        if self.answers is not None:
            add_osd(self.answers, number, self.name)
        return self

    def _run(self, argument: tuple[str, ...]) -> list[Any]:
        if argument[: len(ASKED)] != ASKED or argument in self.commands or self.answers is None:
            return super()._run(argument)
        rc, answer = answer_of(self.answers, *argument[len(ASKED) :])
        return [rc, json.dumps(answer), ""]

    def answers_of_data(self) -> dict[str, Any]:
        assert self.answers is not None
        return data_answers(self.answers, self.groups, self.use)

    def look(self, question: Question) -> Any:
        if question.kind == "entry" and question.argument[0] in self.links:
            target = self.links[question.argument[0]]
            return {"kind": "link", "mode": 0o777, "owner": "root", "group": "root", "size": 1, "target": target}
        if question.kind == "run" and question.argument[:2] == ("systemctl", "show"):
            blocks = [self._unit(unit) for unit in question.argument[3:]]
            return [0, "\n".join(blocks), ""]
        return super().look(question)

    def _unit(self, name: str) -> str:
        active = "active" if name in self.running else "inactive"
        enabled = "enabled" if name in self.enabled else "disabled"
        return f"Id={name}\nActiveState={active}\nUnitFileState={enabled}\n"


def answer_of(answers: Mapping[str, Any], *words: str) -> tuple[int, Any]:
    """The exit code and the answer to one question of ``ceph -f json``, from what is known of the cluster."""
    osds, daemons = answers["osd dump"]["osds"], answers["node ls"]
    if words[:2] == ("osd", "info"):
        return 0, next(osd for osd in osds if osd["osd"] == int(words[2]))
    if words[:2] == ("fs", "get"):
        return 0, next(one for one in answers["fs dump"]["filesystems"] if one["mdsmap"]["fs_name"] == words[2])
    states = [group["state"] for group in answers.get("pg dump", {}).get("pgs", ())]
    if words[:2] == ("pg", "ls"):
        found = [state for state in states if any(word in state for word in words[2:])]
        return 0, {"pg_ready": True, **({"pg_stats": found} if found else {})}
    mds = [info["name"] for entry in answers["fs dump"]["filesystems"] for info in entry["mdsmap"]["info"].values()]
    mds += [info["name"] for info in answers["fs dump"]["standbys"]]
    known: dict[tuple[str, ...], Any] = {
        ("osd", "ls"): [osd["osd"] for osd in osds],
        ("pg", "stat"): {"pg_ready": True, "pg_summary": {"num_pg_by_state": [{"name": state} for state in states]}},
        ("quorum_status",): answers["status"],
        ("fs", "dump"): answers["fs dump"],
        ("mon", "dump"): answers.get("mon dump"),
        ("mon", "ok-to-rm", words[-1]): None,
        ("mgr", "metadata"): [{"name": name} for names in daemons.get("mgr", {}).values() for name in names],
        ("mds", "metadata"): [{"name": name} for name in mds],
    }
    return 0, known[words]


def packages(node: FakeNode) -> list[tuple[str, str]]:
    assert isinstance(node, CephFake)
    return sorted(node.packages.items())


def monitors(node: FakeNode) -> Completed:
    assert isinstance(node, CephFake)
    if node.answers is None:
        return Completed(1, "", "[errno 110] RADOS timed out (error connecting to the cluster)\n")
    return printed(json.dumps(node.answers))


def data(node: FakeNode) -> Completed:
    assert isinstance(node, CephFake)
    return monitors(node) if node.answers is None else printed(json.dumps(node.answers_of_data()))


def data_answers(
    answers: dict[str, Any], groups: Optional[list[dict[str, Any]]], use: Mapping[int, tuple[int, int]]
) -> dict[str, Any]:
    """What ``ask_ceph data`` prints, beside what the monitors say."""
    names = answers["status"]["quorum_names"]
    mons = [{"name": name, "addr": f"10.10.2.1{number}:6789/0"} for number, name in enumerate(names, 1)]
    found = {"mon dump": {"mons": mons}, "entities": [], **answers}
    if groups is not None:
        found["pg dump"] = {"ready": True, "epoch": 0, "pgs": groups}
        numbers = [osd["osd"] for osd in answers["osd dump"]["osds"]]
        sizes = {number: use.get(number, (1 << 20, 100 << 20)) for number in numbers}
        found["osd df"] = {"nodes": [{"id": one, "kb_used": used, "kb": kb} for one, (used, kb) in sizes.items()]}
    return found


def group(
    name: str, acting: Sequence[int], state: str = "active+clean", whole: Sequence[int] = (), **numbers: int
) -> dict[str, Any]:
    """A placement group in ``pg dump``; ``whole`` counts only while it is degraded."""
    counted = {"num_objects": 10, "num_bytes": 10 << 20, **{f"num_{key}": value for key, value in numbers.items()}}
    members = [str(osd) for osd in whole]
    return {"pgid": name, "state": state, "acting": list(acting), "avail_no_missing": members, "stat_sum": counted}


def described(node: FakeNode) -> list[dict[str, Any]]:
    assert isinstance(node, CephFake)
    return node.devices


def report(kind: str, rows: list[dict[str, str]]) -> Completed:
    """What LVM prints."""
    return printed(json.dumps({"report": [{kind: rows}]}))


def family(device: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield device
    for child in device.get("children", ()):
        yield from family(child)


def volumes(devices: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The volumes on these devices, as lsblk names them; one that is named as ceph-volume does it has its tags."""
    rows: dict[str, dict[str, str]] = {}
    for holder in (one for device in devices for one in family(device)):
        for child in holder.get("children", ()):
            if child["type"] == "lvm":
                row = rows.setdefault(child["name"], volume(child["name"]))
                row["devices"] += f"{',' if row['devices'] else ''}{holder['path']}(0)"
                row["lv_device_open"] = "open" if child.get("open") else ""
    return list(rows.values())


def volume(mapped: str) -> dict[str, str]:
    group, name = (part.replace("--", "-") for part in re.split(r"(?<!-)-(?!-)", mapped))
    found = re.fullmatch(r"osd-(block|db|wal)-(.+)", name)
    tags = f"ceph.cluster_fsid={FSID},ceph.osd_fsid={found[2]},ceph.type={found[1]}" if found else ""
    row = {"vg_name": group, "lv_name": name, "lv_path": f"/dev/{group}/{name}", "lv_tags": tags}
    return {**row, "lv_device_open": "", "devices": ""}


def physical_volumes(devices: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    rows = []
    for one in (member for device in devices for member in family(device)):
        if one["fstype"] == "LVM2_member":
            names = [volume(child["name"])["vg_name"] for child in one.get("children", ()) if child["type"] == "lvm"]
            rows.append({"pv_name": one["path"], "vg_name": names[0] if names else ""})
    return rows


def device_nodes(node: FakeNode) -> list[str]:
    names = [device["name"] for device in described(node)]
    return [f"/dev/{name}\t\n/dev/disk/by-id/id-{name.upper()}\t../../{name}\n" for name in names]


def cluster_answers(mons: tuple[str, ...] = ("pve1", "pve2", "pve3"), osds: int = 0, size: int = 3) -> dict[str, Any]:
    """What the monitors of a healthy cluster say; OSDs are spread over the hosts pve1, pve2, ..., ``size`` of them."""
    rule = {
        "rule_id": 0,
        "rule_name": "replicated_rule",
        "steps": [
            {"op": "take", "item": -1, "item_name": "default"},
            {"op": "chooseleaf_firstn", "num": 0, "type": "host"},
            {"op": "emit"},
        ],
    }
    answers: dict[str, Any] = {
        "status": {"fsid": FSID, "health": {"status": "HEALTH_OK", "checks": {}}, "quorum_names": list(mons)},
        "osd dump": {"osds": [], "pools": []},
        "osd tree": {"nodes": [{"id": -1, "name": "default", "type": "root", "children": []}]},
        "osd crush rule dump": [rule],
        "fs dump": {"standbys": [], "filesystems": []},
        "node ls": {"mon": {}, "osd": {}, "mds": {}, "mgr": {}},
        "config dump": [],
    }
    for number in range(osds):
        add_osd(answers, number, f"pve{number % size + 1}")
    return answers


def add_osd(answers: Mapping[str, Any], number: int, host: str, device_class: str = "ssd") -> None:
    nodes = answers["osd tree"]["nodes"]
    bucket = next((node for node in nodes if node["name"] == host), None)
    if bucket is None:
        bucket = {"id": -1 - len(nodes), "name": host, "type": "host", "children": []}
        nodes.append(bucket)
        nodes[0]["children"].append(bucket["id"])
    bucket["children"].append(number)
    nodes.append({"id": number, "name": f"osd.{number}", "type": "osd", "device_class": device_class})
    answers["osd dump"]["osds"].append({"osd": number, "uuid": f"uuid-{number}", "up": 1, "in": 1})


def add_pool(answers: Mapping[str, Any], name: str, **fields: Any) -> dict[str, Any]:
    pools = answers["osd dump"]["pools"]
    pool = {
        "pool": len(pools) + 1,
        "pool_name": name,
        "type": 1,
        "size": 3,
        "min_size": 2,
        "pg_num_target": 32,
        "pg_autoscale_mode": "on",
        "crush_rule": 0,
        "application_metadata": {"rbd": {}},
        "flags_names": "hashpspool",
        "options": {"target_size_ratio": 1.0},
        **fields,
    }
    pools.append(pool)
    return pool


def add_filesystem(answers: Mapping[str, Any], name: str, active: str = "pve1") -> None:
    info = {"gid_1": {"name": active, "state": "up:active"}} if active else {}
    mdsmap = {"fs_name": name, "metadata_pool": 2, "data_pools": [1], "info": info}
    answers["fs dump"]["filesystems"].append({"mdsmap": mdsmap, "id": 1})
