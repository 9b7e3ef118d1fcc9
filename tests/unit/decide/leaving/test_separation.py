"""node_separation: a drained node goes on alone; killed anywhere, the next run finishes it."""

from __future__ import annotations

import re
from typing import Any, Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, RemoveFile, Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import fingerprint
from ansible_collections.baremetal.virt.plugins.module_utils.model.leaving.separation import MANAGERS
from ansible_collections.baremetal.virt.plugins.modules.node_separation import SUBJECT

from ....doubles import cluster_nodes as lab
from ....doubles.support import FakeNode, printed

CLUSTER_CA, OWN_CA = lab.CERTIFICATE, lab.OTHER_CERTIFICATE
CA, STATE = "/etc/pve/pve-root-ca.pem", "/var/lib/corosync/ringid_3"
KEYS = "ssh-rsa AAAA1 root@pve1\nssh-rsa AAAA3 root@pve3\nssh-ed25519 AAAAop operator\n"
ENABLED = ("pve-ha-lrm", "pve-ha-crm", "pvestatd", "pveproxy", "pvedaemon")
UNITS = tuple(f"{name}.service" for name in MANAGERS)
OF_CLUSTER = {
    CA: CLUSTER_CA,
    "/etc/pve/priv/pve-root-ca.key": "secret",
    "/etc/pve/storage.cfg": "dir: local\n",
    "/etc/pve/ha/resources.cfg": "",
    "/etc/pve/nodes/pve1/pve-ssl.pem": "x",
    "/etc/pve/nodes/pve2/pve-ssl.pem": "x",
    "/etc/pve/priv/authorized_keys": KEYS,
}


class Separating(FakeNode):
    """pve3. ``mode``: how pmxcfs runs: cluster, local, alone (by its unit, without a cluster) or not at all."""

    def __init__(self) -> None:
        start = lab.member(3)
        super().__init__(start.files, start.directories, start.commands, {(word,): _nothing for word in WORDS})
        self.files.update({**OF_CLUSTER, STATE: ""})
        self.running = {*ENABLED} - {"pve-ha-crm"}
        states = ("enabled" if name in ENABLED else "not-found" for name in MANAGERS)
        self.commands[("systemctl", "is-enabled", *UNITS)] = printed("\n".join(states))
        self.certificates["127.0.0.1:8006"] = CLUSTER_CA
        self.hidden: dict[str, str] = {}
        self.corosync = True
        self.mode = "cluster"
        self.show()

    def show(self) -> Separating:
        """Serve /etc/pve, or hide it, and let systemctl say so."""
        if self.mode == "none":
            for path in [path for path in self.files if path.startswith("/etc/pve/")]:
                self.hidden[path] = self.files.pop(path)
            self.directories.pop("/etc/pve/local", None)
        else:
            self.files.update(self.hidden)
            self.hidden = {}
            self.directories["/etc/pve/local"] = ("root", "www-data", 0o755)
            clustered = self.mode == "cluster"
            self.files[lab.MEMBERS] = (
                lab.members_from_status(lab.STATUS_THREE, "pve3") if clustered else lab.STANDALONE_MEMBERS
            )
        unit = "active" if self.mode in ("cluster", "alone") else "inactive"
        states = ("activating" if name == "pveproxy" else "active" for name in MANAGERS)
        told = (state if name in self.running else "inactive" for name, state in zip(MANAGERS, states))
        self.commands[("systemctl", "is-active", *UNITS)] = printed("\n".join(told))
        self.commands[lab.UNITS] = printed(f"{unit}\n{'active' if self.corosync else 'inactive'}\n")
        self.commands[lab.QUERY] = printed("1\n" if lab.CONFIG in self.hidden else "0\n")
        return self

    def act(self, step: Step) -> None:
        action = step.action
        if isinstance(action, RemoveFile) and action.path.startswith("/etc/pve/"):
            assert self.mode in ("local", "alone"), "deleted where the whole cluster would see it"
            assert not self.corosync
        super().act(step)
        if isinstance(action, Run):
            self.run_command(action.argv)
        assert self.mode != "none", "cut short here, nobody could log in: root's keys are in /etc/pve"
        self.show()

    def run_command(self, argv: tuple[str, ...]) -> None:
        if argv[0] == "systemctl":
            change = self.running.difference_update if argv[1] == "stop" else self.running.update
            change(name.partition(".")[0] for name in argv[2:])
        if argv[:2] == ("systemctl", "stop"):
            self.corosync = self.corosync and "corosync" not in argv[2]
            self.mode = "none" if "pve-cluster" in argv[2] else self.mode
        elif argv[0] == "sh" and "pmxcfs -l" in argv[2]:
            self.mode = "local"
        elif argv[0] == "sh":
            assert argv[2].endswith("systemctl start pve-cluster.service")
            self.run_command(("systemctl", "start", "pve-cluster.service"))
        elif argv[:3] == ("systemctl", "start", "pve-cluster.service"):
            self.mode = "cluster" if lab.CONFIG in {**self.files, **self.hidden} else "alone"
        elif argv[0] in ("find", "rm"):
            self.drop("/var/lib/corosync" if argv[0] == "find" else argv[2])
        elif argv[0] == "pvecm":
            self.files.setdefault(CA, OWN_CA)

    def drop(self, folder: str) -> None:
        for path in [path for path in self.files if path.startswith(f"{folder}/")]:
            del self.files[path]


def _nothing(node: FakeNode) -> None:
    """See Separating.run_command."""


WORDS = ("systemctl", "sh", "cp", "find", "rm", "pvecm")


def params(**changes: Any) -> dict[str, Any]:
    given = {"node": "pve3", "cluster": "lab", "drained": True, "authority": fingerprint(CLUSTER_CA)}
    return {**given, "others": ["pve1", "pve2"], **changes}


def plan(node: FakeNode, **changes: Any) -> Plan:
    return make_plan(SUBJECT, params(**changes), node)


def run(node: FakeNode, kill_after: int = 999) -> None:
    """As the module does: the plan, then what only its end shows and may be mended."""
    for step in plan(node).steps[:kill_after]:
        node.act(step)
    if kill_after == 999:
        left = plan(node).steps
        assert all(step.mends for step in left), [step.why for step in left]
        for step in left:
            node.act(step)


def test_a_drained_node_goes_on_alone() -> None:
    made = plan(Separating())
    assert made.refusals == ()
    assert made.sentences == [
        "stop what uses /etc/pve: pve-ha-lrm, pve-ha-crm, pvestatd, pveproxy, pvedaemon",
        "stop corosync",
        "make /var/lib/baremetal.virt/removed",
        "serve /etc/pve without a cluster (pmxcfs -l)"
        " and keep a copy of the cluster's files in /var/lib/baremetal.virt/removed/config.db.v3",
        "wait until pmxcfs takes part in no cluster",
        "remove /etc/pve/corosync.conf from this node's own database",
        "remove /etc/corosync/corosync.conf",
        "remove /etc/corosync/authkey",
        "start pve-cluster in place of that pmxcfs",
        "wait until /etc/pve is served",
        "empty /var/lib/corosync",
        "remove /etc/pve/nodes/pve1",
        "remove /etc/pve/nodes/pve2",
        "remove /etc/pve/storage.cfg, which was the cluster's",
        "remove /etc/pve/ha/resources.cfg, which was the cluster's",
        "take the keys of root@pve1, root@pve2 out of /etc/pve/priv/authorized_keys",
        "remove /etc/pve/priv/pve-root-ca.key, which was the cluster's",
        "remove /etc/pve/pve-root-ca.pem, which was the cluster's",
        "make keys and certificates of its own (pvecm updatecerts)",
        "restart pvedaemon",
        "restart pveproxy",
        "restart pvestatd",
        "restart pve-ha-crm",
        "restart pve-ha-lrm",
    ]


@pytest.mark.parametrize("kill_after", range(26))
def test_killed_after_any_step_the_next_run_finishes(kill_after: int) -> None:
    """That the fake never sees a deletion in the cluster's own files is checked in it."""
    node = Separating()
    run(node, kill_after)
    run(node)
    assert plan(node).steps == ()
    assert node.mode == "alone" and node.running >= {*ENABLED}
    assert node.files[CA] == OWN_CA
    assert node.files["/etc/pve/priv/authorized_keys"] == KEYS.partition("\n")[2]
    assert not {lab.CONFIG, lab.LOCAL_CONFIG, lab.AUTHKEY, STATE, "/etc/pve/storage.cfg"} & set(node.files)
    assert copies(node) == {"/var/lib/baremetal.virt/removed/config.db.v3"}


def copies(node: Separating) -> set[str]:
    """Only of the database with the cluster in it: what is left of that later needs no copy."""
    actions = (step.action for step in node.performed)
    texts = (" ".join(action.argv) for action in actions if isinstance(action, Run))
    return {found for text in texts for found in re.findall(r"cp --no-clobber \S+ ([^ ;]+)", text)}


@pytest.mark.parametrize("kill_after", range(26))
def test_a_power_cut_after_any_step_too(kill_after: int) -> None:
    """The node boots: units start again, what was started by hand is gone."""
    node = Separating()
    run(node, kill_after)
    node.files.update(node.hidden)
    node.mode = "cluster" if lab.CONFIG in node.files else "alone"
    node.corosync = lab.LOCAL_CONFIG in node.files
    run(node.show())
    assert plan(node).steps == ()
    assert node.mode == "alone"
    assert copies(node) == {"/var/lib/baremetal.virt/removed/config.db.v3"}


def with_file(path: str) -> Callable[[Separating], Separating]:
    def change(node: Separating) -> Separating:
        node.files[path] = ""
        return node

    return change


@pytest.mark.parametrize(
    ("change", "wishes", "sentence"),
    [
        (Separating.show, {"node": "pve2"}, "This machine is called pve3, not pve2"),
        (Separating.show, {"cluster": "campus"}, "pve3 is in the cluster lab, not in campus"),
        (Separating.show, {"drained": False}, "still see something on pve3"),
        (with_file("/etc/pve/nodes/pve3/qemu-server/100.conf"), {}, r"configurations of guests \(100\)"),
        (with_file("/var/lib/ceph/osd/ceph-2/block"), {}, r"Ceph are on pve3: osd\.2"),
    ],
)
def test_refused(change: Callable[[Separating], Separating], wishes: dict[str, Any], sentence: str) -> None:
    refusals = [str(refusal) for refusal in make_plan(SUBJECT, params(**wishes), change(Separating())).refusals]
    assert len(refusals) == 1
    assert re.search(sentence, refusals[0])


@pytest.mark.parametrize("start", [lab.bare, lab.standalone])
def test_a_node_that_was_installed_anew_needs_nothing(start: Callable[[int], FakeNode]) -> None:
    node = start(3)
    node.files[CA] = OWN_CA
    assert plan(node).steps == ()
