"""Nodes in every state on the way into a cluster, built from what a real cluster of three nodes printed."""

from __future__ import annotations

import json
from typing import Any

from .support import FakeNode, printed, transcript

CONFIG, LOCAL_CONFIG = "/etc/pve/corosync.conf", "/etc/corosync/corosync.conf"
AUTHKEY, MEMBERS, VMLIST = "/etc/corosync/authkey", "/etc/pve/.members", "/etc/pve/.vmlist"
DATABASE = "/var/lib/pve-cluster/config.db"
AUTHORITY, AUTHORITY_KEY = "/etc/pve/pve-root-ca.pem", "/etc/pve/priv/pve-root-ca.key"
KEYS = "/root/.ssh/authorized_keys"
LOCK = "/var/lock/pvecm.lock"
LINKS = ["10.10.1.0/24", "10.10.2.0/24"]
UNITS = ("systemctl", "is-active", "pve-cluster.service", "corosync.service")
PROBE = ("flock", "--nonblock", LOCK, "true")
QUERY = ("sqlite3", "-readonly", DATABASE, "select count(*) from tree where name = 'corosync.conf'")
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"
OTHER_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nREVG\n-----END CERTIFICATE-----\n"
ROOT_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nUk9PVA==\n-----END CERTIFICATE-----\n"
CONTROL_KEY = "ssh-ed25519 AAAAC3Nza control"

ONE = transcript("034-1node-corosync-conf").stdout
THREE = transcript("058-3node-corosync-conf").stdout
TWO = transcript("121-removed-corosync-conf").stdout
STANDALONE_MEMBERS = transcript("029-nocluster-etc-pve-members").stdout
STATUS_ONE = "039-1node-pvesh-cluster-status"
STATUS_THREE = "065-3node-pvesh-get-cluster-status"
STATUS_ONE_DOWN = "086-1down-cluster-status"
STATUS_ONE_DOWN_ON_IT = "093-1down-on-pve3-cluster-status"
STATUS_NO_QUORUM = "098-noquorum-cluster-status"
STATUS_REMOVED = "118-removed-cluster-status"


def quorum(expected: int) -> str:
    """What corosync-quorumtool printed on a node of three, with another number of votes that are expected."""
    return transcript("062-3node-quorumtool").stdout.replace("Expected votes:   3", f"Expected votes:   {expected}")


def addresses(number: int, *more: tuple[str, str]) -> str:
    """What ``ip -json address`` prints on node ``number`` of the lab; ``more`` are further (interface, CIDR)."""
    own = (("lo", "127.0.0.1/8"), ("eth0", f"10.10.1.{10 + number}/24"), ("eth1", f"10.10.2.{10 + number}/24"), *more)
    pairs = [(name, *cidr.split("/")) for name, cidr in own]
    return json.dumps(
        [{"ifname": name, "addr_info": [{"local": ip, "prefixlen": int(prefix)}]} for name, ip, prefix in pairs]
    )


def members_from_status(name: str, node: str) -> str:
    """/etc/pve/.members of the moment in which this ``pvesh get /cluster/status`` was recorded."""
    rows = json.loads(transcript(name).stdout)
    cluster = next(row for row in rows if row["type"] == "cluster")
    nodes = {row["name"]: {"id": row["nodeid"], "online": row["online"]} for row in rows if row["type"] == "node"}
    head = {key: cluster[key] for key in ("name", "version", "nodes", "quorate")}
    return json.dumps({"nodename": node, "version": 9, "cluster": head, "nodelist": nodes})


def bare(number: int = 1, hosts: str = "", **more: Any) -> FakeNode:
    """Debian, before anything of Proxmox VE."""
    name = f"pve{number}"
    return FakeNode(
        files={"/proc/sys/kernel/hostname": f"{name}\n", "/etc/os-release": "ID=debian\nVERSION_CODENAME=trixie\n"},
        commands={
            ("ip", "-json", "address"): printed(addresses(number)),
            ("ip", "-json", "route", "show"): printed("[]"),
            ("getent", "ahosts", name): printed(hosts or f"10.10.1.{10 + number} STREAM {name}\n"),
        },
        **more,
    )


def standalone(number: int = 1) -> FakeNode:
    """Proxmox VE is installed; pmxcfs runs alone."""
    node = bare(number, effects=EFFECTS)
    node.directories["/etc/pve/local"] = ("root", "www-data", 0o755)
    node.files.update(
        {
            "/usr/bin/pvecm": "",
            MEMBERS: STANDALONE_MEMBERS,
            VMLIST: '{"version": 1, "ids": {}}',
            KEYS: f"{CONTROL_KEY}\nssh-rsa AAAAown root@pve{number}\n",
            "/root/.ssh/id_rsa.pub": f"ssh-rsa AAAAown root@pve{number}\n",
            f"/etc/pve/nodes/pve{number}/pve-ssl.pem": CERTIFICATE,
            AUTHORITY: ROOT_CERTIFICATE,
            AUTHORITY_KEY: "secret",
            DATABASE: "",
        }
    )
    node.certificates["127.0.0.1:8006"] = CERTIFICATE
    node.commands[UNITS] = printed("active\ninactive\n")
    node.commands[verify(number)] = printed("OK\n")
    return node


def verify(number: int) -> tuple[str, ...]:
    """The question whether the certificate of this node is of its authority."""
    own = f"/etc/pve/nodes/pve{number}/pve-ssl.pem"
    return ("openssl", "verify", "-CAfile", AUTHORITY, "-untrusted", own, own)


def strangers(number: int) -> tuple[str, ...]:
    """The question whether another machine has the addresses of this node."""
    return ("find_strangers", f"10.10.1.{10 + number}@eth0", f"10.10.2.{10 + number}@eth1")


def unsynchronised(number: int = 2, config: str = TWO) -> FakeNode:
    """A node that has joined while the members were cut off: its /etc/pve has quorum, takes changes, and is empty."""
    node = member(number, config, STATUS_REMOVED)
    for path in [path for path in node.files if path.startswith("/etc/pve/") and path not in (CONFIG, MEMBERS, VMLIST)]:
        del node.files[path]
    members = json.loads(node.files[MEMBERS])
    for name, one in members["nodelist"].items():
        one["online"] = int(name == f"pve{number}")
    node.files[MEMBERS] = json.dumps(members)
    return node


def send_data(node: FakeNode) -> None:
    """What the other members have in /etc/pve arrives."""
    node.files.update({AUTHORITY: ROOT_CERTIFICATE, AUTHORITY_KEY: "secret"})
    node.files["/etc/pve/nodes/pve1/pve-ssl.pem"] = CERTIFICATE


def member(number: int = 1, config: str = THREE, status: str = STATUS_THREE) -> FakeNode:
    node = standalone(number)
    become_member(node, config, members_from_status(status, f"pve{number}"))
    return node


def become_member(node: FakeNode, config: str, members: str) -> None:
    node.directories["/etc/pve/local"] = ("root", "www-data", 0o755)
    node.files.update({CONFIG: config, LOCAL_CONFIG: config, AUTHKEY: "secret", MEMBERS: members, DATABASE: ""})
    node.commands[UNITS] = printed("active\nactive\n")


def half_joined(number: int = 3, config: str = THREE) -> FakeNode:
    """The join died after corosync's files were written."""
    node = standalone(number)
    node.files.update({LOCAL_CONFIG: config, AUTHKEY: "secret"})
    return node


def half_created() -> FakeNode:
    """The creation died before corosync and pmxcfs were restarted."""
    node = standalone(1)
    node.files.update({CONFIG: ONE, LOCAL_CONFIG: ONE, AUTHKEY: "secret"})
    return node


def stop_pmxcfs(node: FakeNode) -> None:
    for path in [path for path in node.files if path.startswith("/etc/pve/")]:
        del node.files[path]
    node.directories.pop("/etc/pve/local", None)
    node.commands[UNITS] = printed("inactive\ninactive\n")
    node.commands[QUERY] = printed("0\n")


def _create(node: FakeNode) -> None:
    become_member(node, ONE, members_from_status(STATUS_ONE, "pve1"))


def _join(node: FakeNode) -> None:
    """The certificate changes with the join; pveproxy already serves the new one."""
    name = node.files["/proc/sys/kernel/hostname"].strip()
    config = node.files.get(LOCAL_CONFIG, THREE)
    become_member(node, config, members_from_status(STATUS_THREE, name))
    node.files[f"/etc/pve/nodes/{name}/pve-ssl.pem"] = CERTIFICATE
    send_data(node)


def _drop_database(node: FakeNode) -> None:
    node.files.pop(DATABASE)


def _restart_pveproxy(node: FakeNode) -> None:
    name = node.files["/proc/sys/kernel/hostname"].strip()
    node.certificates["127.0.0.1:8006"] = node.files[f"/etc/pve/nodes/{name}/pve-ssl.pem"]


def _updatecerts(node: FakeNode) -> None:
    """It makes an authority wherever it finds none, also where another one is only still on its way."""
    node.files.setdefault(AUTHORITY, OTHER_CERTIFICATE)
    node.files.setdefault(AUTHORITY_KEY, "another secret")
    name = node.files["/proc/sys/kernel/hostname"].strip()
    node.files[f"/etc/pve/nodes/{name}/pve-ssl.pem"] = CERTIFICATE
    node.commands[verify(int(name[3:]))] = printed("OK\n")


EFFECTS = {
    ("pvecm", "create"): _create,
    ("pvecm", "add"): _join,
    ("pvecm", "updatecerts"): _updatecerts,
    ("systemctl", "restart", "pveproxy.service"): _restart_pveproxy,
    ("systemctl", "restart", "corosync.service", "pve-cluster.service"): _create,
    ("systemctl", "start", "corosync.service", "pve-cluster.service"): _join,
    ("systemctl", "start", "pve-cluster.service"): lambda node: None,
    ("systemctl", "stop", "pve-cluster.service"): stop_pmxcfs,
    ("systemctl", "stop", "corosync.service"): lambda node: None,
    ("systemctl", "restart", "pve-cluster.service"): lambda node: None,
    ("mkdir",): lambda node: None,
    ("find",): _drop_database,
}
