"""A cluster with the machines of a class, in memory: it answers as the API does, and lets nothing be lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Optional
from urllib.parse import parse_qs, unquote

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.compare import described
from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.fleet import FleetData, decide_fleets
from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.fleet_desired import fleets_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import (
    CollectionError,
    StepFailed,
    Unreadable,
)
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Plan, Step, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question, Reader
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.backup import freed, volumes_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.desired import DesiredGuest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import GuestKind
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest import fleet as observer
from ansible_collections.baremetal.virt.plugins.modules.guest_fleet_info import INQUIRY
from ansible_collections.baremetal.virt.plugins.modules.guest_release import SUBJECT

NOW = 1_800_000_000
DAY = 86400
RELEASE = replace(SUBJECT, settle=0)


class Killed(BaseException):
    """The run was cut off."""


@dataclass
class Machine:
    """``state``: grows with everything that changes what is on its volumes."""

    vmid: int
    node: str
    kind: GuestKind
    config: dict[str, str]
    pool: str = ""
    running: bool = True
    state: int = 1
    snapshots: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.config.get("name", self.config.get("hostname", ""))


@dataclass
class Kept:
    """What an archive really holds: volume → state."""

    row: dict[str, Any]
    content: dict[str, int]


@dataclass
class User:
    enable: int = 1
    expire: int = 0
    groups: frozenset[str] = frozenset()
    tokens: tuple[str, ...] = ()


class FleetCluster(Reader):
    """``lies``: what the next backup does in place of its work. ``budget``: changes until the run is cut off.
    ``ahead``: of the controller's clock, in seconds."""

    def __init__(self, release: str = "9.2") -> None:
        self.release, self.now, self.quorate = release, NOW, True
        self.nodes = {"pve1": True, "pve2": True}
        self.machines: dict[int, Machine] = {}
        self.pools: dict[str, str] = {}
        self.users: dict[str, User] = {"root@pam": User()}
        self.acl: list[dict[str, str]] = []
        self.realms: dict[str, dict[str, str]] = {"pve": {"type": "pve"}, "pam": {"type": "pam"}}
        self.sync_jobs: list[dict[str, Any]] = []
        self.archives: dict[str, list[Kept]] = {"backups": []}
        self.left: list[dict[str, Any]] = []
        self.tasks: list[dict[str, Any]] = []
        self.ha: set[str] = set()
        self.ha_state = "started"
        self.jobs: list[dict[str, Any]] = []
        self.files: dict[str, str] = {}
        self.lies: list[str] = []
        self.changes: list[tuple[str, str]] = []
        self.destroyed: list[int] = []
        self.budget: Optional[int] = None
        self.grace, self.ahead = 14 * DAY, 0

    # What it tells.

    def look(self, question: Question) -> Any:
        if question.kind == "read":
            return self.files.get(question.argument[0])
        if question.kind == "run":
            return [0, f"{self.now + self.ahead}\n", ""]
        path, _, query = unquote(question.argument[0]).partition("?")
        words = {key: values[-1] for key, values in parse_qs(query).items()}
        parts = path.strip("/").split("/")
        if parts[0] == "nodes" and parts[1] != "localhost" and not self.nodes[parts[1]]:
            raise Unreadable(f"595 {parts[1]} is off")
        if parts[0] == "nodes":
            return self._of_node(parts[1], parts[2:], words)
        if parts[:2] == ["access", "domains"] and len(parts) == 3:
            return self.realms[parts[2]]
        return {
            "version": lambda: {"version": self.release},
            "cluster/status": lambda: [{"type": "cluster", "quorate": int(self.quorate)}],
            "cluster/resources": self._resources,
            "cluster/ha/resources": lambda: [{"sid": sid, "state": self.ha_state} for sid in sorted(self.ha)],
            "cluster/replication": lambda: self.jobs,
            "cluster/jobs/realm-sync": lambda: self.sync_jobs,
            "pools": lambda: [{"poolid": name, "comment": text} for name, text in self.pools.items()],
            "access/users": self._users,
            "access/acl": lambda: list(self.acl),
            "access/domains": lambda: [{"realm": name, "type": told["type"]} for name, told in self.realms.items()],
        }["/".join(parts)]()

    def _resources(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [
            {"type": "node", "node": node, "status": "online" if up else "offline"} for node, up in self.nodes.items()
        ]
        for node, up in self.nodes.items():
            for name, content in (("backups", "backup"), ("vms", "images,rootdir")):
                status = "available" if up else "unknown"
                shown: dict[str, Any] = {"storage": name, "node": node, "status": status, "content": content}
                rows.append({"type": "storage", "shared": 1, **shown})
        for machine in self.machines.values():
            row = {"type": machine.kind, "vmid": machine.vmid, "node": machine.node, "pool": machine.pool}
            told = {"name": machine.name, "status": "running" if machine.running else "stopped"}
            rows.append({**row, **(told if self.nodes[machine.node] else {"status": "unknown"})})
        return rows

    def _users(self) -> list[dict[str, Any]]:
        return [
            {
                "userid": name,
                "enable": user.enable,
                "expire": user.expire,
                "groups": ",".join(sorted(user.groups)),
                "tokens": [{"tokenid": token} for token in user.tokens],
            }
            for name, user in self.users.items()
        ]

    def _of_node(self, node: str, parts: list[str], words: dict[str, str]) -> Any:
        if parts == ["time"]:
            return {"time": self.now}
        if parts[0] == "storage":
            if words.get("content") == "backup":
                return [kept.row for kept in self.archives[parts[1]]]
            return [*self._images(), *self.left] if parts[1] == "vms" else []
        if parts[0] == "tasks":
            return self._tasks(node, parts[1:], words)
        machine = self.machines[int(parts[1])]
        assert machine.node == node and machine.kind == parts[0]
        what = "/".join(parts[2:])
        if what == "config":
            return machine.snapshots[words["snapshot"]] if "snapshot" in words else {**machine.config, "digest": "x"}
        if what == "status/current":
            return {"status": "running" if machine.running else "stopped"}
        assert what == "snapshot", what
        return [{"name": name} for name in (*machine.snapshots, "current")]

    def _images(self) -> list[dict[str, Any]]:
        found = {}
        for machine in self.machines.values():
            for config in (machine.config, *machine.snapshots.values()):
                for one in volumes_of(machine.kind, config):
                    found[one.id] = {"volid": one.id, "size": 1 << 30, "content": "images", "vmid": one.owner}
        return list(found.values())

    def _tasks(self, node: str, parts: list[str], words: dict[str, str]) -> Any:
        if parts:
            (task,) = [task for task in self.tasks if task["upid"] == parts[0]]
            return [{"n": number, "t": line} for number, line in enumerate(task["log"])] if parts[1] == "log" else task
        since, until = int(words.get("since", 0)), int(words.get("until", self.now))
        found = [task for task in self.tasks if task["node"] == node and since <= task["starttime"] <= until]
        return [task for task in found if words.get("vmid", str(task["vmid"])) == str(task["vmid"])]

    # What it does.

    def act(self, step: Step, dummy: Any = None) -> str:
        action = step.action
        if isinstance(action, Wait):
            return ""
        assert isinstance(action, Call), step
        if self.budget is not None:
            if not self.budget:
                raise Killed
            self.budget -= 1
        self.changes.append((action.method, action.path))
        try:
            self._change(action, dict((*action.parameters, *action.secrets)))
        except AssertionError:
            raise
        except KeyError as error:
            raise StepFailed(f"{step.why} failed: there is no {error}", id=step.id) from error
        self.now += 1
        return ""

    def _change(self, action: Call, given: dict[str, Any]) -> None:
        path = unquote(action.path)
        guest = re.fullmatch(r"/nodes/(\w+)/(qemu|lxc)/(\d+)(/.*)?", path)
        if guest:
            self._change_guest(self.machines[int(guest[3])], guest[1], action.method, guest[4] or "", given)
        elif path.endswith("/vzdump"):
            self._back_up(self.machines[int(given["vmid"])], path.split("/")[2], given)
        elif path == "/pools" and action.method == "PUT":
            assert given["poolid"] in self.pools
            self.pools[given["poolid"]] = given["comment"]
        elif path == "/pools":
            held = [one.vmid for one in self.machines.values() if one.pool == given["poolid"]]
            assert not held, f"pool {given['poolid']} is not empty: {held}"
            del self.pools[given["poolid"]]
        elif path == "/access/acl":
            ((kind, who),) = [(key[:-1], given[key]) for key in ("users", "groups", "tokens") if key in given]
            gone = {"path": given["path"], "type": kind, "ugid": who, "roleid": given["roles"]}
            assert given["delete"] and gone in self.acl, gone
            self.acl.remove(gone)
        elif path.startswith("/cluster/ha/resources/"):
            self.ha.remove(path.rpartition("/")[2])
        else:
            self._change_user(path.split("/")[3:], action.method, given)

    def _change_user(self, parts: list[str], method: str, given: dict[str, Any]) -> None:
        user = self.users[parts[0]]
        if len(parts) == 3:
            user.tokens = tuple(token for token in user.tokens if token != parts[2])
        elif method == "DELETE":
            assert not user.tokens, "their rows in token.cfg would stay"
            assert not [row for row in self.acl if row["ugid"] == parts[0]]
            del self.users[parts[0]]
        else:
            user.enable = int(given["enable"])

    def _change_guest(self, machine: Machine, node: str, method: str, what: str, given: dict[str, Any]) -> None:
        assert machine.node == node
        if what == "/config":
            machine.config.update({key: str(value) for key, value in given.items()})
        elif what in ("/status/shutdown", "/status/stop"):
            machine.running = False
            self._task(machine, "qmshutdown")
        else:
            assert method == "DELETE" and not what, (method, what)
            self._destroy(machine, given)

    def start(self, vmid: int) -> None:
        """As somebody does it who may."""
        machine = self.machines[vmid]
        machine.running, machine.state = True, machine.state + 1
        self._task(machine, "qmstart" if machine.kind == "qemu" else "vzstart")
        self.now += 1

    def _task(self, machine: Machine, kind: str, log: tuple[str, ...] = (), node: str = "") -> None:
        upid = f"UPID:{node or machine.node}:0000:{len(self.tasks):08X}:{kind}:{machine.vmid}:root@pam:"
        row = {"upid": upid, "node": node or machine.node, "type": kind, "vmid": machine.vmid, "status": "OK"}
        self.tasks.append({**row, "starttime": self.now, "log": log})

    def _back_up(self, machine: Machine, node: str, given: dict[str, Any]) -> None:
        """As upstream does it, unless it lies: its task is well all the same."""
        lie = self.lies.pop(0) if self.lies else ""
        if node != machine.node:
            raise StepFailed("nothing was begun, the answer is 'OK'")
        if lie == "errors":
            raise StepFailed("its task ended with job errors")
        held = [one for one in volumes_of(machine.kind, machine.config) if one.kept]
        if lie == "without a disk":
            held = held[1:]
        name = f"vzdump-{machine.kind}-{machine.vmid}-{self.now}.vma.zst"
        log = ["INFO: status = " + ("running" if machine.running else "stopped")]
        for one in volumes_of(machine.kind, machine.config):
            place = f"mount point {one.key} ('/')" if machine.kind == "lxc" else f"disk '{one.key}' '{one.id}'"
            if one in held:
                log.append(f"INFO: includ{'ing' if machine.kind == 'lxc' else 'e'} {place}")
        log.append(f"INFO: creating vzdump archive '/mnt/dump/{name}'")
        log.append(f"INFO: Finished Backup of VM {machine.vmid} (00:00:01)")
        row = {
            "volid": f"{given['storage']}:backup/{name}",
            "vmid": machine.vmid,
            "ctime": self.now,
            "size": 0 if lie == "empty" else 4096,
            "protected": given["protected"],
            "content": "backup",
        }
        if lie != "nowhere":
            self.archives[given["storage"]].append(Kept(row, {one.id: machine.state for one in held}))
        self._task(machine, "vzdump", tuple(log))

    def _destroy(self, machine: Machine, given: dict[str, Any]) -> None:
        """What must never happen is an error of the test."""
        assert given == {"purge": 1, "destroy-unreferenced-disks": 0}, given
        assert not machine.running, f"{machine.vmid} is running"
        everything = [*volumes_of(machine.kind, machine.config)]
        for name, config in machine.snapshots.items():
            everything += volumes_of(machine.kind, config, name)
        kept = [one for archives in self.archives.values() for one in archives if one.row["vmid"] == machine.vmid]
        for volume in freed(machine.vmid, everything):
            good = [one for one in kept if one.content.get(volume.id) == machine.state and one.row["size"]]
            assert good, f"{volume} of {machine.vmid} is destroyed, and no backup holds it as it is"
            assert all(self.now - one.row["ctime"] >= self.grace for one in good[:1]), "the days of grace"
        for other in self.machines.values():
            used = [one.id for one in volumes_of(other.kind, other.config) if one.owner == machine.vmid]
            assert other is machine or not used, f"{other.vmid} uses {used}"
        assert "baremetal.virt: " in machine.config.get("description", ""), "nobody knows whose it is"
        self.destroyed.append(machine.vmid)
        self.acl = [row for row in self.acl if row["path"] != f"/vms/{machine.vmid}"]
        del self.machines[machine.vmid]


FLEET: dict[str, Any] = {
    "id": "os",
    "owners": ["stu01", "stu02", "stu03"],
    "template": {"vmid": 900},
    "per_owner": [{"name": "vm", "cores": 2, "memory": 2048}],
    "ids": {"first": 1200, "count": 100},
    "network": {"bridge": "vmbr0", "first_address": "10.20.0.10/24", "gateway": "10.20.0.1"},
    "expires": "2027-02-28",
    "release": {"backup_to": "backups"},
}


def params(spec: Any, **said: Any) -> dict[str, Any]:
    """As a module has them, with its defaults."""
    checked = ArgumentSpecValidator(dict(spec)).validate(said)
    assert not checked.error_messages, checked.error_messages
    validated: dict[str, Any] = checked.validated_parameters
    return validated


def planned(cluster: FleetCluster, *fleets: dict[str, Any], confirm: Optional[int] = None) -> FleetData:
    desired = fleets_from(params(INQUIRY.argument_spec, fleets=list(fleets), confirm_owners=confirm))
    return decide_fleets(desired, observer.observe(cluster, desired))


def made(cluster: FleetCluster, *fleets: dict[str, Any], confirm: Optional[int] = None) -> FleetData:
    """The fleets are made as the roles make them."""
    data = planned(cluster, *fleets, confirm=confirm)
    assert not data.refusals, data.refusals
    for user in data.access["users"]:
        known = cluster.users.get(user["id"], User())
        expire, groups = user.get("expire", known.expire), known.groups | set(user["groups"])
        cluster.users[user["id"]] = replace(known, expire=expire, groups=groups)
    for pool in data.pools:
        cluster.pools[pool["id"]] = pool["comment"]
    for entry in data.acl:
        row = {"path": entry["path"], "type": "user", "ugid": entry["user"], "roleid": entry["role"]}
        if row not in cluster.acl:
            cluster.acl.append(row)
    for wish in (*data.vms, *data.containers):
        make(cluster, wish, "lxc" if wish in data.containers else "qemu")
    return data


def make(cluster: FleetCluster, wish: dict[str, Any], kind: GuestKind) -> None:
    vmid = wish["vmid"]
    now = cluster.machines[vmid].config.get("description", "") if vmid in cluster.machines else ""
    mark = described(DesiredGuest(kind, vmid, wish["name"], mark=wish["mark"]), now)
    tags = ";".join(wish["tags"])
    if vmid in cluster.machines:
        cluster.machines[vmid].config.update(description=mark, tags=tags)
        return
    name = {"name": wish["name"]} if kind == "qemu" else {"hostname": wish["name"]}
    disk = "scsi0" if kind == "qemu" else "rootfs"
    config = {**name, "description": mark, "tags": tags, "onboot": "1", disk: f"vms:vm-{vmid}-disk-0,size=8G"}
    cluster.machines[vmid] = Machine(vmid, f"pve{vmid % 2 + 1}", kind, config, wish["pool"])


def released(cluster: FleetCluster, *fleets: dict[str, Any], **said: Any) -> dict[str, Any]:
    """One run."""
    given = params(RELEASE.argument_spec, fleets=list(fleets), **said)
    return converge(RELEASE, given, cluster, False, cluster.act)


def release_plan(cluster: FleetCluster, *fleets: dict[str, Any], **said: Any) -> Plan:
    return make_plan(RELEASE, params(RELEASE.argument_spec, fleets=list(fleets), **said), cluster)


def cut_off(cluster: FleetCluster, after: int, *fleets: dict[str, Any], **said: Any) -> bool:
    """Whether a run was cut off after so many changes."""
    cluster.budget = after
    try:
        released(cluster, *fleets, **said)
    except Killed:
        return True
    except CollectionError:
        return False
    finally:
        cluster.budget = None
    return False
