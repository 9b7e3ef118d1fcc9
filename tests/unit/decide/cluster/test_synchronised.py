"""Quorate is not synchronised: nothing is written on a member before the cluster's data is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Refused, StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, ask, converge
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import fingerprint
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import observe
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform
from ansible_collections.baremetal.virt.plugins.modules.cluster import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.cluster_join_info import INQUIRY
from ansible_collections.baremetal.virt.plugins.plugin_utils.subjects import named

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_wishes import ids, join_plan, joining, lead, plan
from ....doubles.support import FakeNode, printed, transcript

DATA = "data.wait:/etc/pve"
MAKE, SERVE = "certificate.make:pve-ssl", "service.restart:pveproxy"
VOTES = ("corosync-quorumtool", "-s")
ISSUER = ("openssl", "x509", "-noout", "-issuer", "-in", "/etc/pve/nodes/pve2/pve-ssl.pem")
HALVES = (
    ("openssl", "x509", "-noout", "-pubkey", "-in", lab.AUTHORITY),
    ("openssl", "pkey", "-pubout", "-in", lab.AUTHORITY_KEY),
)
OURS = "issuer=CN = Proxmox Virtual Environment, OU = 1, O = PVE Cluster Manager CA\n"


def peer() -> dict[str, Any]:
    return lead(lab.member(1, lab.TWO, lab.STATUS_REMOVED))


def run(node: FakeNode, arrives: Optional[Callable[[FakeNode], None]], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done on the node; what ``arrives`` there comes while the first second is waited for."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        if arrives is not None:
            arrives(node)

    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", sleep)

    def act(step: Step, at: Any) -> str:
        at.act(step)
        return ""

    result = converge(SUBJECT, joining(lead=peer()), node, check=False, act=act)
    return [step["id"] for step in result["steps"]]


def test_an_empty_etc_pve_with_quorum_is_only_waited_for() -> None:
    node = lab.unsynchronised()
    seen = observe(node)
    assert seen.membership is not None and seen.membership.quorate and seen.writable and not seen.synchronised
    made = join_plan(node, lead=peer())
    assert (ids(made), made.refusals) == ([DATA], ())
    assert [step.id for step in made.possible] == [DATA, MAKE, SERVE]


def test_then_the_certificate_is_made_with_the_clusters_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    node = lab.unsynchronised()
    assert run(node, lab.send_data, monkeypatch) == [DATA, MAKE, SERVE]
    assert node.files[lab.AUTHORITY] == lab.ROOT_CERTIFICATE


def test_the_wait_is_over_with_the_data_of_a_member_and_not_with_directories_of_the_node_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    node, seen = lab.unsynchronised(), []

    def arrive(at: FakeNode) -> None:
        seen.append(observe(at).synchronised)
        at.files.update({lab.AUTHORITY: lab.ROOT_CERTIFICATE, lab.AUTHORITY_KEY: "secret"})
        at.directories["/etc/pve/nodes/pve2"] = ("root", "www-data", 0o755)
        if len(seen) == 3:
            lab.send_data(at)

    assert run(node, arrive, monkeypatch) == [DATA, MAKE, SERVE]
    assert seen[:3] == [False, False, False]


WRITERS = ("storage", "ceph_cluster", "ceph_daemon", "ceph_osd", "ceph_pool", "ceph_fs", "cluster_config", "qdevice")


@pytest.mark.parametrize("name", [*WRITERS, "node_membership"])
@pytest.mark.parametrize(
    ("node", "waits"),
    [
        pytest.param(lab.unsynchronised, True, id="without the data"),
        pytest.param(lab.member, False, id="a member"),
        pytest.param(lambda: lab.member(1, lab.TWO, lab.STATUS_REMOVED), False, id="its neighbour never arrived"),
        pytest.param(lambda: lab.member(1, lab.ONE, lab.STATUS_ONE), False, id="alone"),
        pytest.param(lab.standalone, False, id="in no cluster"),
    ],
)
def test_whatever_changes_the_clusters_data_waits_for_it(name: str, node: Callable[[], FakeNode], waits: bool) -> None:
    """Also alone in a run, as with --tags."""
    subject = named(f"baremetal.virt.{name}")
    assert isinstance(subject, Subject) and subject.premise is not None
    assert [step.id for step in subject.premise.decide(subject.premise.observe(node()))] == [DATA] * waits


def test_what_never_arrives_is_no_reason_to_make_a_second_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    node = lab.unsynchronised()
    with pytest.raises(StepFailed, match="waited 90 seconds for the cluster's /etc/pve/pve-root-ca.pem and"):
        run(node, None, monkeypatch)
    assert lab.AUTHORITY not in node.files


@pytest.mark.parametrize("arrives_first", [lab.AUTHORITY, lab.AUTHORITY_KEY, "/etc/pve/nodes/pve1/pve-ssl.pem"])
def test_a_part_of_the_data_is_not_the_data(arrives_first: str) -> None:
    node = lab.unsynchronised()
    node.files[arrives_first] = lab.ROOT_CERTIFICATE
    assert ids(join_plan(node, lead=peer())) == [DATA]


def test_directories_of_nobody_else_are_not_the_data() -> None:
    """Of this node, made by upstream's join in the empty /etc/pve, and of a node that the cluster does not list."""
    node = lab.unsynchronised()
    node.files.update({lab.AUTHORITY: lab.OTHER_CERTIFICATE, lab.AUTHORITY_KEY: "second"})
    node.directories.update({f"/etc/pve/nodes/{name}": ("root", "www-data", 0o755) for name in ("pve2", "pve9")})
    assert ids(join_plan(node, lead=peer())) == [DATA]


def test_a_node_alone_waits_for_nobody() -> None:
    node = lab.member(1, lab.ONE, lab.STATUS_ONE)
    for path in (lab.AUTHORITY, lab.AUTHORITY_KEY, "/etc/pve/nodes/pve1/pve-ssl.pem"):
        del node.files[path]
    assert ids(plan(node)) == [MAKE, SERVE]


@pytest.mark.parametrize("path", [lab.AUTHORITY, lab.AUTHORITY_KEY])
def test_an_authority_that_was_taken_elsewhere_is_nothing_to_wait_for(path: str) -> None:
    """A node with its certificate has the cluster's data, whatever an administrator has done with the authority."""
    node = lab.member(1)
    del node.files[path]
    assert (plan(node).steps, plan(node).refusals) == ((), ())


def test_a_member_whose_listed_neighbour_never_arrived_has_its_data() -> None:
    node = lab.member(1, lab.TWO, lab.STATUS_REMOVED)
    assert "/etc/pve/nodes/pve2" not in node.directories
    assert observe(node).synchronised and plan(node).steps == ()


def test_an_unfinished_join_waits_for_the_data_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """corosync and pmxcfs are started; quorum comes, and the data only some seconds later."""

    def start(node: FakeNode) -> None:
        lab.become_member(node, lab.TWO, lab.unsynchronised().files[lab.MEMBERS])

    node = lab.half_joined(2, lab.TWO)
    node.effects = {**lab.EFFECTS, ("systemctl", "start", "corosync.service", "pve-cluster.service"): start}
    assert run(node, lab.send_data, monkeypatch)[-5:] == ["cluster.finish-join:lab", "quorum.wait", DATA, MAKE, SERVE]
    assert node.files[lab.AUTHORITY] == lab.ROOT_CERTIFICATE


def test_nobody_joins_through_a_member_without_the_data() -> None:
    node = lab.unsynchronised()
    node.commands[VOTES] = printed(lab.quorum(2))
    asked = {"node": "pve3", "joined": None, "authority": None, "ticket": True, "timeout": 0}
    with pytest.raises(Refused, match="The cluster's data has not arrived on pve2 yet"):
        ask(INQUIRY, asked, node)


@pytest.mark.parametrize(
    ("authority", "refused"),
    [(None, False), (fingerprint(lab.ROOT_CERTIFICATE), False), (fingerprint(lab.OTHER_CERTIFICATE), True)],
)
def test_the_authority_after_a_join_is_the_one_of_before(authority: Optional[str], refused: bool) -> None:
    node = lab.member(1, lab.TWO, lab.STATUS_REMOVED)
    node.commands[VOTES] = printed(lab.quorum(2))
    asked = {"node": None, "joined": "pve2", "authority": authority, "ticket": False, "timeout": 0}
    if not refused:
        assert ask(INQUIRY, asked, node)["authority"] == fingerprint(lab.ROOT_CERTIFICATE)
        return
    with pytest.raises(Refused, match="another certificate authority since pve2 joined"):
        ask(INQUIRY, asked, node)


def distrusted(issuer: str = OURS, halves: tuple[str, str] = ("same", "same")) -> FakeNode:
    """A member whose certificate is of an authority that is no more."""
    node = lab.member(2, lab.TWO, lab.STATUS_REMOVED)
    node.commands[lab.verify(2)] = Completed(2, "", "error 20: unable to get local issuer certificate\n")
    node.commands[ISSUER] = printed(issuer)
    node.commands.update({question: printed(half) for question, half in zip(HALVES, halves)})
    return node


def test_a_certificate_of_an_authority_that_is_no_more_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    node = distrusted()
    assert run(node, None, monkeypatch) == [MAKE, SERVE]
    assert observe(node).authority.distrust is None


def test_an_administrators_own_certificate_is_left_alone() -> None:
    made = plan(distrusted("issuer=CN = Example Corp CA\n", ("one", "other")))
    assert (made.steps, made.refusals) == ((), ())
    assert "As Proxmox VE has not made it, it is left as it is" in made.warnings[0]


@pytest.mark.parametrize("halves", [("one", "other"), ("", "")])
def test_an_authority_that_cannot_sign_is_refused_with_the_cure(halves: tuple[str, str]) -> None:
    refusal = plan(distrusted(halves=halves)).refusals[0]
    assert "is not the certificate of the key" in refusal.reason
    assert "`pvecm updatecerts --force` on every node" in refusal.hint


class Printing(Node):
    """A node on which every command ends with 0 and prints this."""

    def __init__(self, text: str) -> None:
        self.text = text

    def execute(self, argv: Sequence[str], **how: Any) -> Completed:
        return printed(self.text)


def join(said: str) -> str:
    return perform(join_plan(lab.standalone(2)).steps[-1], Printing(said))


@pytest.mark.parametrize(
    "said",
    [
        "waiting for quorum...OK\n(re)generate node files\nopen '/etc/pve/authkey.pub' failed: Permission denied\n",
        "unable to create directory '/etc/pve/nodes' - Permission denied\n",
        "Check if node may join a cluster failed!\n",
        "unable to add node: command failed (ssh ...)\n",
    ],
)
def test_a_join_that_ends_with_0_and_failed_is_no_join(said: str) -> None:
    with pytest.raises(StepFailed, match="Permission denied|failed"):
        join(said)


@pytest.mark.parametrize("name", ["049-join-ok-api", "054-join-ssh-ok", "128-rejoin-pve3"])
def test_a_join_that_went_well_is_one(name: str) -> None:
    done = transcript(name)
    assert "successfully added node" in join(done.stdout + done.stderr)
