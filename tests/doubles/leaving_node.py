"""pve1 of a cluster of three, while pve3 is to leave it: a test double on which the commands of a removal work."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any, Callable, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.decide.leaving.references import REPLICATION_JOBS
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Program, Run, Step, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.guests import RESOURCES
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving.membership import TASKS
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT

from . import cluster_nodes as lab
from .support import FakeNode, printed

GIB = 1 << 30
NODES = "/etc/pve/nodes"
LINKS_OF_PVE3 = ["10.10.1.13", "10.10.2.13"]
SHARED = (
    "nfs: share\n\tserver 10.10.9.9\n\tpath /mnt/pve/share\n\texport /srv\n\tcontent images\n\n"
    "lvmthin: local-lvm\n\tthinpool data\n\tvgname pve\n\tcontent images\n"
)
KEYS = "".join(f"ssh-rsa AAAA{number} root@pve{number}\n" for number in (1, 2, 3)) + "ssh-ed25519 AAAAop operator\n"
POWER_OFF = ["node.power-off:pve3", "node.offline:pve3", "node.silent:pve3"]
KEPT = "/var/lib/baremetal.virt/removed"
DELETE = [
    "node.delete:pve3",
    "authorized_keys.remove:pve3",
    "known_hosts.remove:pve3",
    f"directory.make:{KEPT}",
    "directory.copy:/etc/pve/nodes/pve3",
    "directory.remove:/etc/pve/nodes/pve3",
]
DEVICE_HOST = "10.10.1.9"
DEVICE = "quorum {\n  device {\n    model: net\n    votes: 1\n    net {\n      host: HOST\n    }\n  }\n"
COUNTED = ["votes.counted:2"]


class Leaving(FakeNode):
    """``awake``: the machines with power. ``expected``: the votes that corosync was told to expect, if it was.

    ``device``: the host of a quorum device with one vote, if there is one, which votes or is silent.
    """

    def __init__(self, names: tuple[str, ...] = ("pve1", "pve2", "pve3")) -> None:
        start = lab.member(1)
        super().__init__(start.files, start.directories, start.commands, EFFECTS)
        self.certificates = {"127.0.0.1:8006": lab.CERTIFICATE}
        self.nodes = list(names)
        self.awake: set[str] = set(names)
        self.expected: Optional[int] = None
        self.running: set[int] = set()
        self.version = 3
        self.device: Optional[str] = None
        self.device_votes = True
        self.files["/usr/bin/ssh-keyscan"] = ""
        self.files["/etc/pve/storage.cfg"] = SHARED
        self.files["/etc/pve/priv/authorized_keys"] = KEYS
        self.files["/etc/pve/priv/known_hosts"] = (
            "pve3,10.10.1.13 ssh-rsa HOST3\n10.10.2.13 ssh-rsa HOST3\npve1 ssh-rsa A\n"
        )
        self.files[f"{NODES}/pve3/ssh_known_hosts"] = "pve3 ssh-rsa HOST3\n"
        self.files[f"{NODES}/pve3/pve-ssl.pem"] = lab.CERTIFICATE
        self.commands[RESOURCES] = _resources
        for name in ("pve1", "pve2", "pve3", "pve4"):
            self.memory(name, used=20 * GIB if name == "pve1" else 10 * GIB)
        self.commands[TASKS] = printed("[]")
        self.commands["corosync-quorumtool", "-s"] = _quorumtool
        self.commands[REPLICATION_JOBS.argument] = _replication_jobs
        self.commands["corosync-cmapctl", "totem.config_version"] = _running_version
        for addresses in (LINKS_OF_PVE3, ["10.10.1.12", "10.10.2.12"]):
            self.commands[("ssh-keyscan", "-T", "2", *addresses)] = _keyscan(addresses)
        self.tell()

    def tell(self) -> Leaving:
        """Write corosync.conf and .members as they are now."""
        blocks = "".join(_block(name) for name in self.nodes)
        text = re.sub(r"nodelist \{.*?\n\}\n", lambda found: f"nodelist {{\n{blocks}}}\n", lab.THREE, flags=re.S)
        text = re.sub(r"config_version: \d+", f"config_version: {self.version}", text)
        if self.device:
            text = text.replace("quorum {\n", DEVICE.replace("HOST", self.device))
        votes = [self.device_votes] * bool(self.device) + [name in self.awake for name in self.nodes]
        quorate = sum(votes) >= (self.expected or len(votes)) // 2 + 1
        head = {"name": "lab", "version": self.version, "nodes": len(self.nodes), "quorate": int(quorate)}
        listed = {name: {"id": int(name[3:]), "online": int(name in self.awake)} for name in self.nodes}
        members = json.dumps({"nodename": "pve1", "version": 9, "cluster": head, "nodelist": listed})
        self.files.update({lab.CONFIG: text, lab.LOCAL_CONFIG: text, lab.MEMBERS: members})
        return self

    def off(self, *names: str) -> Leaving:
        self.awake -= set(names)
        return self.tell()

    def guest(
        self, vmid: int, text: str = "", kind: str = "qemu", running: bool = False, node: str = "pve3"
    ) -> Leaving:
        folder = {"qemu": "qemu-server", "lxc": "lxc"}[kind]
        self.files[f"{NODES}/{node}/{folder}/{vmid}.conf"] = text or f"name: vm{vmid}\nscsi0: share:{vmid}/disk.raw\n"
        if running:
            self.running.add(vmid)
        return self.list_guests()

    def list_guests(self) -> Leaving:
        found = (re.fullmatch(rf"{NODES}/(\w+)/(qemu|lxc)(?:-server)?/(\d+)\.conf", path) for path in self.files)
        ids = {hit.group(3): {"node": hit.group(1), "type": hit.group(2)} for hit in found if hit}
        self.files[lab.VMLIST] = json.dumps({"version": 1, "ids": ids})
        return self

    def with_device(self, host: str = DEVICE_HOST) -> Leaving:
        self.device = host
        return self.tell()

    def memory(self, name: str, used: int) -> Leaving:
        told = {"memory": {"total": 64 * GIB, "used": used}}
        self.commands["pvesh", "get", f"/nodes/{name}/status", "--output-format", "json"] = printed(json.dumps(told))
        return self

    def write(self, path: str, text: str) -> Leaving:
        self.files[path] = text
        return self

    def act(self, step: Step) -> None:
        super().act(step)
        argv: tuple[str, ...] = step.action.argv if isinstance(step.action, Run) else ()
        if isinstance(step.action, Program):
            log, *argv_of_program = step.action.arguments
            argv, self.files[log] = tuple(argv_of_program), "pid 7\nexit code 0\n"
        for words, effect in COMMANDS.items():
            if argv and re.match(words, " ".join(argv)):
                effect(self, argv)
        if isinstance(step.action, WriteFile) and step.action.path == lab.CONFIG:
            config = parse_corosync_conf(step.action.content)
            self.version, self.expected = config.version, None
            self.device = config.qdevice.host if config.qdevice else None
        self.list_guests().tell()

    def change(self, path: str, name: str, options: str = "") -> None:
        """Give a section of one of the cluster's files other lines; without any it goes."""
        texts = re.split(r"\n(?=\S)", self.files[path].strip("\n"))
        (old,) = [text for text in texts if text.partition("\n")[0].split(": ")[-1] == name]
        place = texts.index(old)
        texts[place : place + 1] = [f"{old.partition(chr(10))[0]}\n{options}"] if options else []
        self.files[path] = "\n".join(f"{text.rstrip()}\n" for text in texts)

    def give_nodes(self, path: str, name: str, nodes: str) -> None:
        section = re.search(rf"(?m)^(?:\S+: )?{name}\n((?:[ \t]+\S.*\n?)*)", self.files[path])
        assert section is not None
        self.change(path, name, re.sub(r"\tnodes .*", f"\tnodes {nodes}", section.group(1)))

    def move(self, vmid: int, target: str) -> None:
        path = next(path for path in self.files if path.endswith(f"/{vmid}.conf"))
        self.files[path.replace("/pve3/", f"/{target}/")] = self.files.pop(path)
        self.list_guests()

    def maintain(self, node: str, on: bool = True) -> None:
        """The HA manager notes it and moves what it is in charge of. Of a node that is off it changes the request
        alone; about one that is no member it takes no word."""
        assert node in self.nodes
        before = json.loads(self.files.get("/etc/pve/ha/manager_status", "{}")).get("node_status", {}).get(node)
        state = ("maintenance" if on else "online") if node in self.awake else before
        self.files["/etc/pve/ha/manager_status"] = json.dumps(
            {"node_status": {node: state}, "node_request": {node: {"maintenance": 1} if on else {}}}
        )
        if not on:
            return
        target = "pve2" if "pve2" in self.nodes else "pve1"
        for vmid in re.findall(r"(?:vm|ct): (\d+)\n(?!\tstate stopped)", self.files["/etc/pve/ha/resources.cfg"]):
            self.move(int(vmid), target)


def _running_version(node: FakeNode) -> Completed:
    """pmxcfs brings a configuration to corosync as soon as it is written."""
    return printed(f"totem.config_version (u64) = {parse_corosync_conf(node.files[lab.CONFIG]).version}\n")


def _block(name: str) -> str:
    number = int(name[3:])
    links = "".join(f"    ring{link}_addr: 10.10.{link + 1}.{10 + number}\n" for link in (0, 1))
    return f"  node {{\n    name: {name}\n    nodeid: {number}\n    quorum_votes: 1\n{links}  }}\n"


def _resources(node: FakeNode) -> Completed:
    assert isinstance(node, Leaving)
    rows: list[dict[str, Any]] = [{"type": "node", "node": name, "status": "online"} for name in sorted(node.awake)]
    ids = json.loads(node.files[lab.VMLIST])["ids"]
    for vmid, found in ids.items():
        status = "running" if int(vmid) in node.running else "stopped"
        rows.append(
            {"type": found["type"], "vmid": int(vmid), "node": found["node"], "status": status, "maxmem": 4 * GIB}
        )
    return printed(json.dumps(rows))


def _quorumtool(node: FakeNode) -> Completed:
    assert isinstance(node, Leaving)
    return printed(lab.quorum(node.expected or len(node.nodes)))


def _replication_jobs(node: FakeNode) -> Completed:
    found = re.findall(r"(?m)^local: (\S+)", node.files.get(REPLICATION, ""))
    return printed(json.dumps([{"id": name} for name in found]))


def _keyscan(addresses: list[str]) -> Any:
    def answer(node: FakeNode) -> Completed:
        assert isinstance(node, Leaving)
        awake = f"pve{int(addresses[0][-1])}" in node.awake
        return printed("".join(f"{address} ssh-rsa KEY\n" for address in addresses) if awake else "")

    return answer


def _delete(node: Leaving, argv: tuple[str, ...]) -> None:
    node.nodes.remove("pve3")
    node.expected, node.version = None, node.version + 1


def _expect(node: Leaving, argv: tuple[str, ...]) -> None:
    node.expected = int(argv[2])


def _take(node: Leaving, argv: tuple[str, ...]) -> None:
    node.files[argv[3]] = node.files.pop(argv[2])


def _copy(node: Leaving, argv: tuple[str, ...]) -> None:
    source, copy = argv[-2:]
    for path in [path for path in node.files if path.startswith(f"{source}/")]:
        node.files[f"{copy}{path[len(source) :]}"] = node.files[path]


def _remove(node: Leaving, argv: tuple[str, ...]) -> None:
    for path in [path for path in node.files if path.startswith(f"{argv[2]}/")]:
        del node.files[path]


def _sed(node: Leaving, argv: tuple[str, ...]) -> None:
    """The real one, as its expressions are what is to be proved."""
    words = [argv[0], *(word for word in argv[2:-1])]
    done = subprocess.run(words, input=node.files[argv[-1]], capture_output=True, text=True, check=True)
    node.files[argv[-1]] = done.stdout


def _set_mapping(node: Leaving, argv: tuple[str, ...]) -> None:
    name = argv[2].rpartition("/")[2]
    node.change(MAPPINGS, name, "".join(f"\tmap {entry}\n" for entry in argv[4::2]))


STORAGES, RULES, GROUPS = "/etc/pve/storage.cfg", "/etc/pve/ha/rules.cfg", "/etc/pve/ha/groups.cfg"
MAPPINGS, REPLICATION = "/etc/pve/mapping/pci.cfg", "/etc/pve/replication.cfg"
#: The beginning of a command line → what it does.
COMMANDS: dict[str, Callable[[Leaving, tuple[str, ...]], object]] = {
    "pvecm delnode pve3": _delete,
    "pvecm expected": _expect,
    "corosync-cfgtool -R": lambda node, argv: setattr(node, "expected", None),
    "pvesh create /nodes/pve3/status --command shutdown": lambda node, argv: node.awake.discard("pve3"),
    r"pvesh create \S+/migrate": lambda node, argv: node.move(int(argv[2].split("/")[4]), argv[4]),
    "pvesh delete /cluster/replication/": lambda node, argv: node.change(REPLICATION, argv[2].rpartition("/")[2]),
    "pvesh set /cluster/mapping/": _set_mapping,
    "pvesh delete /cluster/mapping/": lambda node, argv: node.change(MAPPINGS, argv[2].rpartition("/")[2]),
    "pvesm set": lambda node, argv: node.give_nodes(STORAGES, argv[2], argv[4]),
    "pvesm remove": lambda node, argv: node.change(STORAGES, argv[2]),
    "ha-manager rules set": lambda node, argv: node.give_nodes(RULES, argv[4], argv[6]),
    "ha-manager rules remove": lambda node, argv: node.change(RULES, argv[3]),
    "ha-manager groupset": lambda node, argv: node.give_nodes(GROUPS, argv[2], argv[4]),
    "ha-manager groupremove": lambda node, argv: node.change(GROUPS, argv[2]),
    "ha-manager crm-command node-maintenance enable": lambda node, argv: node.maintain(argv[4]),
    "ha-manager crm-command node-maintenance disable": lambda node, argv: node.maintain(argv[4], on=False),
    "mv": _take,
    "cp": _copy,
    "rm": _remove,
    "sed": _sed,
}
#: To the fake node itself these do nothing; see COMMANDS.
EFFECTS: dict[tuple[str, ...], Callable[[FakeNode], None]] = {
    (name,): lambda node: None
    for name in ("pvecm", "corosync-cfgtool", "pvesh", "pvesm", "ha-manager", "mv", "cp", "rm", "sed", "begin")
}


def params(mode: str = "retire", **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "node": "pve3",
        "mode": mode,
        "addresses": None if mode == "dead" else [f"{address}/24" for address in LINKS_OF_PVE3],
        "standalone": False,
        "confirmed_powered_off": ["pve3"] if mode == "dead" else [],
        "expected_votes": None,
        "qdevice": DEVICE_HOST,
        "discard": [],
        "local_disks": False,
        "single_monitor": False,
        "tolerated_health": [],
        "data_deadline": 600,
        "done": [],
    }
    return {**given, **changes}


def ids(made: Plan) -> list[str]:
    return [step.id for step in made.steps]


def targets(made: Plan) -> list[str]:
    """Where the guests go that are migrated, in the order of the plan."""
    actions = [step.action for step in made.steps if step.id.startswith("guest.migrate:")]
    words = [action.arguments for action in actions if isinstance(action, Program)]
    return [argv[argv.index("--target") + 1] for argv in words]


def plan(node: FakeNode, mode: str = "retire", **changes: Any) -> Plan:
    return make_plan(SUBJECT, params(mode, **changes), node)
