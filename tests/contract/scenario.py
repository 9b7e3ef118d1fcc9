"""The states of the recorded cluster, one after the other, and the commands that were recorded in each.

The numbers are those of the transcripts. What the recording left to the moment (a service that needs a second) is
waited for here.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodes import Nodes
from recorded import Answer
from replay import Replay

_PVE1 = "10.10.1.11"


def fresh_node(replay: Replay) -> None:
    """Nothing but the packages."""
    _wait_for_status(replay.nodes, "pve1")
    replay.play("001", "030")


def one_node(replay: Replay) -> None:
    """The first node makes the cluster."""
    replay.play("031")
    _wait_for_quorum(replay.nodes, "pve1")
    replay.play("032", "040")


def refused_joins(replay: Replay) -> None:
    """pve2 gives wrong answers, a wrong link, has a guest; pve1 has no quorum yet."""
    replay.play("041", "048")
    replay.nodes.do("pve1", "systemctl", "stop", "corosync")
    _wait_for_quorum(replay.nodes, "pve1", quorate=0)
    replay.play("240")
    replay.nodes.do("pve1", "systemctl", "start", "corosync")
    _wait_for_quorum(replay.nodes, "pve1")


def two_nodes(replay: Replay) -> None:
    replay.play("049")
    _wait_for_quorum(replay.nodes, "pve2")
    replay.play("050", "052")
    replay.play("242")


def join_by_ssh(replay: Replay) -> None:
    """First without, then with trust of pve1 in pve3."""
    replay.play("053")
    key = replay.nodes.do("pve3", "cat", "/root/.ssh/id_rsa.pub")
    replay.nodes.do("pve1", "tee", "-a", "/etc/pve/priv/authorized_keys", stdin=key)
    replay.nodes.do("pve3", "sh", "-c", f"ssh-keyscan -q {_PVE1} >> /root/.ssh/known_hosts")
    replay.play("054")
    replay.nodes.do("pve3", "rm", "/root/.ssh/known_hosts")
    _wait_for_quorum(replay.nodes, "pve3")


def three_nodes(replay: Replay) -> None:
    replay.play("055", "063")
    for name in ("pve1", "pve2", "pve3"):
        _wait_for_status(replay.nodes, name)
    _wait_for_status(replay.nodes, "pve1", of=3)
    replay.play("064", "083")


def three_nodes_again(replay: Replay) -> None:
    """Recorded on another cluster of three nodes, without Ceph."""
    replay.play("223", "230")
    replay.nodes.do("pve1", "rm", "/etc/pve/storage.cfg")
    replay.play("231")


def one_down(replay: Replay) -> None:
    _stop_corosync(replay.nodes, "pve3", left=2)
    replay.play("084", "094")


def no_quorum(replay: Replay) -> None:
    _stop_corosync(replay.nodes, "pve2", left=1)
    with replay.beside("105"):
        replay.play("095", "104")
        replay.play("106", "107")
    replay.play("108", "111")


def recovered(replay: Replay) -> None:
    for name in ("pve2", "pve3"):
        replay.nodes.do(name, "systemctl", "start", "corosync")
    for name in ("pve1", "pve2", "pve3"):
        _wait_for_members(replay.nodes, name, online=3)
    replay.play("112", "113")


def removed(replay: Replay) -> None:
    """pve3 is stopped and deleted, then made a node of its own again."""
    replay.play("114")
    replay.play("232")
    replay.play("116")
    _wait_for_votes(replay.nodes, 2)
    replay.play("117", "127")


def joined_again(replay: Replay) -> None:
    """With a login key that only pve3 knows, and that the join therefore loses."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder, "key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        replay.nodes.do("pve3", "tee", "-a", "/root/.ssh/authorized_keys", stdin=key.with_suffix(".pub").read_text())
        replay.play("128")
        _wait_for_members(replay.nodes, "pve1", online=3)
        replay.play("129")
        replay.play("130-rejoined-cluster-status-pve3")
        replay.key = key
        replay.play("233")
        replay.key = None


def ceph(replay: Replay) -> None:
    """From packages to CephFS."""
    replay.nodes.give_disks()
    replay.play("130-ceph-uninit-status")
    replay.play("131", "141")
    _wait_for_ceph(replay.nodes, "the manager", lambda status: status["mgrmap"]["available"])
    replay.play("142", "144")
    _wait_for_ceph(replay.nodes, "three monitors", lambda status: len(status["quorum"]) == 3)
    replay.play("145", "148")
    _wait_for_osds(replay.nodes, 1)
    replay.play("149", "152")
    _wait_for_osds(replay.nodes, 3)
    replay.play("153", "161")
    _wait_for_ceph(replay.nodes, "CephFS", lambda status: status["fsmap"]["up"] == 1)
    replay.play("162")
    _make_active(replay.nodes, "pve2")
    _wait_for_groups(replay.nodes, "clean")
    replay.play("163", "183")


def storages(replay: Replay) -> None:
    replay.play("184", "189")
    _wait_for_storages(replay.nodes)
    replay.play("190", "196")


def guests(replay: Replay) -> None:
    replay.play("197", "205")


def ceph_in_use(replay: Replay) -> None:
    """A guest on the pool, an OSD stopped."""
    replay.play("207", "211")
    _wait_for_ceph(replay.nodes, "the OSD to be down", lambda status: status["osdmap"]["num_up_osds"] == 2)
    _wait_for_groups(replay.nodes, "undersized")
    replay.play("212", "216")


def deleted_while_online(replay: Replay) -> None:
    replay.play("217")
    _wait_for_members(replay.nodes, "pve1", online=2)
    _wait_for_votes(replay.nodes, 2)
    _wait_for_quorum(replay.nodes, "pve3", quorate=0)
    replay.play("218", "222")


def join_by_ticket(replay: Replay) -> None:
    """pve2 leaves, and joins again with a ticket in place of a password."""
    nodes = replay.nodes
    nodes.do("pve2", "systemctl", "stop", "pve-cluster", "corosync")
    nodes.do("pve1", "pvecm", "expected", "1")
    _wait_for_quorum(nodes, "pve1")
    nodes.do("pve1", "pvecm", "delnode", "pve2")
    nodes.do("pve1", "rm", "-rf", "/etc/pve/nodes/pve2")
    nodes.do("pve2", "sh", "-c", "rm -rf /var/lib/pve-cluster/config.db* /etc/corosync/*")
    nodes.do("pve2", "systemctl", "start", "pve-cluster")
    nodes.do("pve2", "pvecm", "updatecerts")
    replay.play("241")


#: In this order: each begins where the one before it ends.
SCENES: tuple[Callable[[Replay], None], ...] = (
    fresh_node,
    one_node,
    refused_joins,
    two_nodes,
    join_by_ssh,
    three_nodes,
    three_nodes_again,
    one_down,
    no_quorum,
    recovered,
    removed,
    joined_again,
    ceph,
    storages,
    guests,
    ceph_in_use,
    deleted_while_online,
    join_by_ticket,
)


def _stop_corosync(nodes: Nodes, name: str, left: int) -> None:
    nodes.do(name, "systemctl", "stop", "corosync")
    _wait_for_members(nodes, "pve1", online=left)
    _wait_for_quorum(nodes, name, quorate=0)


def _wait_for_quorum(nodes: Nodes, name: str, quorate: int = 1) -> None:
    """pmxcfs itself says it: corosync knows some seconds earlier."""
    wanted = f'"quorate": {quorate}'
    nodes.wait(name, wanted, lambda answer: wanted in answer.stdout, "cat", "/etc/pve/.members")


def _wait_for_members(nodes: Nodes, name: str, online: int) -> None:
    def seen(answer: Answer) -> bool:
        return answer.stdout.count('"online": 1') == online

    nodes.wait(name, f"{online} members online", seen, "cat", "/etc/pve/.members")


def _wait_for_votes(nodes: Nodes, number: int) -> None:
    """corosync has read its new configuration."""

    def expected(answer: Answer) -> bool:
        return re.search(rf"^Expected votes: +{number}$", answer.stdout, re.MULTILINE) is not None

    nodes.wait("pve1", f"{number} expected votes", expected, "corosync-quorumtool", "-s")


def _wait_for_status(nodes: Nodes, name: str, of: int = 1) -> None:
    """pvestatd has told how the node is, and the others have heard it."""

    def told(answer: Answer) -> bool:
        return answer.rc == 0 and sum("mem" in node for node in json.loads(answer.stdout)) >= of

    nodes.wait(name, "the node's status", told, "pvesh", "get", "/nodes", "--output-format", "json")


def _wait_for_ceph(nodes: Nodes, what: str, condition: Callable[[dict[str, Any]], bool]) -> None:
    def reached(answer: Answer) -> bool:
        return answer.rc == 0 and condition(json.loads(answer.stdout))

    nodes.wait("pve1", what, reached, "ceph", "--connect-timeout", "10", "-s", "-f", "json")


def _wait_for_osds(nodes: Nodes, number: int) -> None:
    _wait_for_ceph(nodes, f"{number} OSDs", lambda status: status["osdmap"]["num_up_osds"] == number)


def _wait_for_groups(nodes: Nodes, state: str) -> None:
    """Every placement group is in this state, whatever else it is."""

    def reached(status: dict[str, Any]) -> bool:
        return all(state in entry["state_name"].split("+") for entry in status["pgmap"]["pgs_by_state"])

    _wait_for_ceph(nodes, f"{state} placement groups", reached)


def _make_active(nodes: Nodes, name: str) -> None:
    """Which metadata server Ceph chooses is chance; the other one is failed, until it is this one."""

    def active(answer: Answer) -> bool:
        fsmap = json.loads(answer.stdout)["fsmap"] if answer.rc == 0 else {"by_rank": []}
        others = [server["name"] for server in fsmap["by_rank"] if server["name"] != name]
        if others and fsmap["up:standby"]:
            nodes.do("pve1", "ceph", "mds", "fail", others[0])
        return bool(fsmap["by_rank"]) and not others and fsmap["up:standby"] == 1 and fsmap["up"] == 1

    nodes.wait("pve1", f"{name} to be the active metadata server", active, "ceph", "-s", "-f", "json")


def _wait_for_storages(nodes: Nodes) -> None:
    def active(answer: Answer) -> bool:
        return answer.stdout.count(" active ") == 4

    nodes.wait("pve1", "the storages", active, "pvesm", "status")
