"""node_separation: a drained node goes on alone; killed anywhere, the next run finishes it."""

from __future__ import annotations

import re
from typing import Any, Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Program, RemoveFile, Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import fingerprint
from ansible_collections.baremetal.virt.plugins.module_utils.model.leaving.separation import MANAGERS
from ansible_collections.baremetal.virt.plugins.modules.node_separation import SUBJECT

from ....doubles import cluster_nodes as lab
from ....doubles.leaving_node import ids
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
        paths = [action.path] if isinstance(action, RemoveFile) else action.argv[1:] if isinstance(action, Run) else []
        if any(path.startswith("/etc/pve/") for path in paths):
            assert self.mode in ("local", "alone"), "deleted where the whole cluster would see it"
            assert not self.corosync
        super().act(step)
        if isinstance(action, Run):
            self.run_command(action.argv)
        if isinstance(action, Program):
            self.serve(*action.arguments)
        assert self.mode != "none", "cut short here, nobody could log in: root's keys are in /etc/pve"
        self.show()

    def run_command(self, argv: tuple[str, ...]) -> None:
        if argv[0] == "systemctl":
            change = self.running.difference_update if argv[1] == "stop" else self.running.update
            change(name.partition(".")[0] for name in argv[2:])
        if argv[:2] == ("systemctl", "stop"):
            self.corosync = self.corosync and "corosync" not in argv[2]
        elif argv[:3] == ("systemctl", "start", "pve-cluster.service"):
            self.serve("unit")
        elif argv[0] in ("find", "rm"):
            for path in argv[1:]:
                self.drop(path)
        elif argv[0] == "pvecm":
            self.files.setdefault(CA, OWN_CA)

    def serve(self, mode: str, *paths: str) -> None:
        """As the program pmxcfs does it."""
        if mode == "alone":
            self.mode = "local"
        elif mode == "unit":
            self.mode = "cluster" if lab.CONFIG in {**self.files, **self.hidden} else "alone"

    def drop(self, folder: str) -> None:
        for path in [path for path in self.files if path == folder or path.startswith(f"{folder}/")]:
            del self.files[path]


def _nothing(node: FakeNode) -> None:
    """See Separating.run_command."""


WORDS = ("systemctl", "pmxcfs", "find", "rm", "pvecm")


def params(**changes: Any) -> dict[str, Any]:
    given = {"node": "pve3", "cluster": "lab", "drained": True, "authority": fingerprint(CLUSTER_CA)}
    return {**given, "others": ["pve1", "pve2"], "ceph": None, **changes}


def plan(node: FakeNode, **changes: Any) -> Plan:
    return make_plan(SUBJECT, params(**changes), node)


def run(node: FakeNode, kill_after: int = 999) -> None:
    """As the module does: the plan, then what only its end shows and was announced as possible."""
    made = plan(node)
    for step in made.steps[:kill_after]:
        node.act(step)
    if kill_after == 999:
        left = plan(node).steps
        assert {step.id for step in left} <= {step.id for step in made.possible}
        for step in left:
            node.act(step)


def test_a_drained_node_goes_on_alone() -> None:
    made = plan(Separating())
    assert (made.refusals, made.possible) == ((), ())
    assert ids(made) == [
        "service.stop:managers",
        "service.stop:corosync",
        "directory.make:/var/lib/baremetal.virt/removed",
        "pmxcfs.alone",
        "pmxcfs.is-alone",
        "file.remove:/etc/pve/corosync.conf",
        "file.remove:/etc/corosync/corosync.conf",
        "file.remove:/etc/corosync/authkey",
        "pmxcfs.unit",
        "pmxcfs.is-served",
        "directory.empty:/var/lib/corosync",
        "directory.remove:/etc/pve/nodes/pve1",
        "directory.remove:/etc/pve/nodes/pve2",
        "file.remove:/etc/pve/storage.cfg",
        "directory.empty:/etc/pve/ha",
        "authorized_keys.remove:others",
        "file.remove:/etc/pve/priv/pve-root-ca.key",
        "file.remove:/etc/pve/pve-root-ca.pem",
        "certificates.make",
        "service.restart:pvedaemon",
        "service.restart:pveproxy",
        "service.restart:pvestatd",
        "service.restart:pve-ha-crm",
        "service.restart:pve-ha-lrm",
    ]


def test_people_read_what_is_removed() -> None:
    told = plan(Separating()).sentences
    assert told[0] == "stop what uses /etc/pve: pve-ha-lrm, pve-ha-crm, pvestatd, pveproxy, pvedaemon"
    assert told[3] == (
        "serve /etc/pve without a cluster (pmxcfs -l)"
        " and keep a copy of the cluster's files in /var/lib/baremetal.virt/removed/config.db.v3"
    )
    assert "remove what was the cluster's in /etc/pve/ha: resources.cfg" in told
    assert "take the keys of root@pve1, root@pve2 out of /etc/pve/priv/authorized_keys" in told


def test_what_a_stopped_pmxcfs_hides_is_announced() -> None:
    """A node that was cut off before it began again: its database is its own, and full of the cluster's files."""
    node = unserved()
    made = plan(node)
    assert ids(made)[:2] == ["service.start:pve-cluster", "pmxcfs.is-served"]
    told = [sentence for sentence in made.sentences if sentence.endswith(" (only if needed)")]
    assert "remove /etc/pve/nodes/pve2 (only if needed)" in told
    assert "make keys and certificates of its own (pvecm updatecerts) (only if needed)" in told
    run(node)
    assert plan(node).steps == ()
    assert node.files[CA] == OWN_CA and "/etc/pve/storage.cfg" not in node.files


def unserved() -> Separating:
    node = Separating()
    for path in (lab.CONFIG, lab.LOCAL_CONFIG, lab.AUTHKEY):
        del node.files[path]
    node.mode, node.corosync = "none", False
    node.running.clear()
    return node.show()


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
    return {action.arguments[2] for action in actions if isinstance(action, Program) and len(action.arguments) > 1}


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
