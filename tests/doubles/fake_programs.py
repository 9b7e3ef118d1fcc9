"""What the programs of Proxmox VE and corosync make of a machine and its cluster: for test doubles.

`pvecm` takes the steps that were seen of it (docs/joining.md), and pauses before each, so that it can be cut there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster import qdevice
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.config import BACKUP, UNPROVED
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_format import format_sections
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_text import Section, parse_sections

from . import cluster_nodes as lab
from . import qdevice_nodes

if TYPE_CHECKING:
    from .fake_cluster import FakeCluster, Machine
    from .support import FakeNode

    Effect = Callable[[FakeCluster, Machine, tuple[str, ...]], None]

KEY = "/root/.ssh/ansible-join"


def _options(argv: Iterable[str]) -> dict[str, str]:
    words = list(argv)
    return {word: words[index + 1] for index, word in enumerate(words[:-1]) if word.startswith("--")}


def _node_section(machine: Machine, number: str, options: dict[str, str]) -> Section:
    links = {
        f"ring{word[6:]}_addr": value.split(",")[0] for word, value in options.items() if word.startswith("--link")
    }
    votes = options.get("--votes", "1")
    return Section({"name": machine.name, "nodeid": number, "quorum_votes": votes, **links})


def _create(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    cluster.pause(f"{machine.name}: pvecm create, authkey")
    machine.files[lab.AUTHKEY] = "key of the cluster"
    cluster.pause(f"{machine.name}: pvecm create, corosync.conf")
    root = parse_sections(lab.ONE)
    options = _options(argv)
    root.first("nodelist").sections = [("node", _node_section(machine, options.get("--nodeid", "1"), options))]
    machine.own[lab.CONFIG] = machine.files[lab.LOCAL_CONFIG] = format_sections(root)
    cluster.settle()
    cluster.pause(f"{machine.name}: pvecm create, restart")
    _begin(cluster, machine, argv)


def _begin(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    """corosync and pmxcfs start with the configuration that the node has made for its cluster."""
    cluster.shared = {**machine.own, lab.KEYS: machine.files[lab.KEYS]}
    machine.corosync, machine.pmxcfs = True, "cluster"


def _add(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    """The steps of docs/joining.md; *checks* is what may fail without having changed anything."""
    options, steps = _options(argv), iter(_JOIN_STEPS)

    def pause() -> None:
        cluster.pause(f"{machine.name}: pvecm add, {next(steps)}")

    if not cluster.quorate or (cluster.config and cluster.config.qdevice):
        raise StepFailed("pvecm add: cluster not ready - no quorum?")
    if not ({"--use_ssh"} <= set(argv) and KEY in machine.files or "--fingerprint" in argv):
        raise StepFailed("pvecm add: 401 authentication failure")
    pause()
    known = [one for one in cluster.config.members if one.name == machine.name] if cluster.config else []
    if known and "--force" not in argv:
        raise StepFailed(f"pvecm add: {machine.name} is in the nodelist already")
    if not known:
        taken = {one.nodeid for one in cluster.config.members} if cluster.config else set()
        number = options.get("--nodeid", str(min(set(range(1, 9)) - taken)))
        section = _node_section(machine, number, options)
        cluster.edit(lambda root: root.first("nodelist").sections.append(("node", section)))
    pause()
    machine.files[lab.AUTHKEY] = "key of the cluster"
    pause()
    machine.files[lab.LOCAL_CONFIG] = cluster.shared[lab.CONFIG]
    pause()
    _stop_pmxcfs(cluster, machine, argv)
    pause()
    machine.files.pop(lab.DATABASE)
    pause()
    _arrive(cluster, machine, argv)
    pause()
    cluster.shared[machine.certificate_path] = lab.OTHER_CERTIFICATE
    cluster.settle()
    pause()
    machine.certificates["127.0.0.1:8006"] = lab.OTHER_CERTIFICATE


_JOIN_STEPS = ("request", "authkey", "corosync.conf", "stop", "unlink", "start", "certificate", "services")


def _arrive(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    """corosync and pmxcfs start with the cluster's files."""
    machine.files[lab.DATABASE] = ""
    machine.corosync, machine.pmxcfs = True, "cluster"
    machine.files[lab.KEYS] = cluster.shared[lab.KEYS]
    cluster.lowered = None
    cluster.settle()


def _stop_pmxcfs(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    machine.pmxcfs = "stopped"
    cluster.settle()


def _restart_pmxcfs(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    machine.pmxcfs = "alone"
    machine.files[lab.DATABASE] = ""


def _expect(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    cluster.lowered = int(argv[-1])


def _updatecerts(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    cluster.shared[machine.certificate_path] = lab.OTHER_CERTIFICATE


def _serve(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    machine.certificates["127.0.0.1:8006"] = machine.files[machine.certificate_path]


def _keygen(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    machine.files.update({KEY: "private", f"{KEY}.pub": "ssh-ed25519 AAAAjoin ansible-join\n"})


def _vote(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    certified = "Cluster Cert" in machine.files.get(qdevice_nodes.DATABASE, "")
    machine.votes_outside = certified and bool(cluster.config and cluster.config.qdevice)


def _vote_no_more(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    machine.files.pop(qdevice.ENABLED)
    machine.votes_outside = False


def _prove(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    machine.files[BACKUP] = machine.files.pop(UNPROVED)


def _forget_database(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    machine.files.pop(lab.DATABASE, None)


def install_server(node: FakeNode) -> None:
    """The package makes its authority."""
    node.files.update({"/usr/bin/corosync-qnetd": "", qdevice.SERVER_CA: "CA"})


def _nothing(cluster: FakeCluster, machine: Machine, argv: tuple[str, ...]) -> None:
    return


def _as_in_qdevice_nodes(words: tuple[str, ...]) -> Effect:
    effect = qdevice_nodes.EFFECTS[words]
    return lambda cluster, machine, argv: effect(machine)


EFFECTS: dict[tuple[str, ...], Effect] = {
    **{words: _as_in_qdevice_nodes(words) for words in qdevice_nodes.EFFECTS if words != ("mv",)},
    ("pvecm", "create"): _create,
    ("pvecm", "add"): _add,
    ("pvecm", "expected"): _expect,
    ("pvecm", "updatecerts"): _updatecerts,
    ("systemctl", "restart", "pveproxy.service"): _serve,
    ("systemctl", "restart", "corosync.service", "pve-cluster.service"): _begin,
    ("systemctl", "start", "corosync.service", "pve-cluster.service"): _arrive,
    ("systemctl", "stop", "pve-cluster.service"): _stop_pmxcfs,
    ("systemctl", "restart", "pve-cluster.service"): _restart_pmxcfs,
    ("systemctl", "stop", "corosync.service"): _nothing,
    ("systemctl", "restart", qdevice.NODE_SERVICE): _vote,
    ("systemctl", "disable", "--now", qdevice.NODE_SERVICE): _vote_no_more,
    ("mkdir",): _nothing,
    ("find",): _forget_database,
    ("ssh-keygen",): _keygen,
    ("mv", UNPROVED, BACKUP): _prove,
    ("mv", "--no-target-directory"): _as_in_qdevice_nodes(("mv",)),
}
