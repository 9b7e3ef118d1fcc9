"""cluster_join_info: when a member lets another node in, and when a join is complete."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.refusals import refuse_to_admit
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Refused, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import ask
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import fingerprint
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import observe
from ansible_collections.baremetal.virt.plugins.modules.cluster_join_info import INQUIRY

from ....doubles import cluster_nodes as lab
from ....doubles.support import FakeNode, printed, transcript

MAKE = ("perl", "-MPVE::AccessControl", "-e", "print PVE::AccessControl::assemble_ticket('root@pam')")
TICKET = "PVE:root@pam:6B013DE8::abc"
VERIFY = lab.verify(1)
VOTES = ("corosync-quorumtool", "-s")


def told(at: FakeNode, **params: Any) -> dict[str, Any]:
    return dict(
        ask(INQUIRY, {"node": None, "joined": None, "authority": None, "ticket": False, "timeout": 0, **params}, at)
    )


def healthy(**changes: Completed) -> FakeNode:
    """A member of three that counts right; ``verified`` and ``votes`` are other answers."""
    node = lab.member(1)
    node.commands[VERIFY] = changes.get("verified", printed("OK"))
    node.commands[VOTES] = changes.get("votes", transcript("062-3node-quorumtool"))
    node.commands[MAKE] = changes.get("ticket", printed(TICKET))
    return node


def with_qdevice() -> FakeNode:
    text = lab.THREE.replace(
        "provider: corosync_votequorum", "device {\n model: net\n }\n provider: corosync_votequorum"
    )
    return lab.member(1, text)


def with_old_certificate() -> FakeNode:
    node = lab.member(1)
    node.certificates["127.0.0.1:8006"] = lab.OTHER_CERTIFICATE
    return node


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (lab.member(1), None),
        (lab.member(1, lab.ONE, lab.STATUS_ONE), None),
        (lab.standalone(1), "pve1 is not a member"),
        (lab.half_created(), "pve1 is not a member"),
        (lab.member(1, lab.THREE, lab.STATUS_NO_QUORUM), "no quorum"),
        (lab.member(3, lab.THREE, lab.STATUS_ONE_DOWN_ON_IT), "no quorum"),
        (lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN), "pve3 of the cluster of pve1 is not online"),
        (with_qdevice(), "quorum device"),
        (with_old_certificate(), "a certificate that is not"),
    ],
)
def test_who_lets_a_node_in(node: FakeNode, reason: Optional[str]) -> None:
    refusals = refuse_to_admit(observe(node))
    assert (refusals == ()) if reason is None else (reason in refusals[0].reason)


def test_a_node_that_had_begun_to_join_does_not_stand_in_its_own_way() -> None:
    member = observe(lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN))
    assert not refuse_to_admit(member, "pve3")
    assert refuse_to_admit(member, "pve4")


def test_a_ticket_comes_from_upstreams_own_code() -> None:
    given = told(healthy(), ticket=True)
    assert (given["fingerprint"], given["ticket"]) == (fingerprint(lab.CERTIFICATE), TICKET)


def test_nobody_gets_a_ticket_unasked() -> None:
    node = healthy(ticket=Completed(2, "", "not to be called"))
    assert told(node)["ticket"] is None


@pytest.mark.parametrize("answer", [Completed(2, "", "Can't locate PVE/AccessControl.pm"), Completed(0, "", "")])
def test_a_node_that_makes_no_ticket_fails(answer: Completed) -> None:
    with pytest.raises(Unreadable, match="made no ticket"):
        told(healthy(ticket=answer), ticket=True)


def test_a_cluster_without_quorum_gives_no_ticket() -> None:
    node = lab.member(1, lab.THREE, lab.STATUS_NO_QUORUM)
    node.commands[MAKE] = Completed(2, "", "not to be called")
    with pytest.raises(Refused, match="no quorum"):
        told(node, ticket=True)


@pytest.mark.parametrize(
    ("node", "joined", "reason"),
    [
        (healthy(), "pve4", "pve1 does not see pve4 online"),
        (healthy(votes=transcript("110-expected1-write")), None, "expects unknown votes, not 3"),
        (healthy(votes=printed(lab.quorum(1))), None, "Corosync of pve1 expects 1 votes, not 3"),
        (
            healthy(verified=Completed(2, "", "unable to get local issuer")),
            None,
            "not signed by the cluster's authority",
        ),
    ],
)
def test_a_join_is_complete_when_the_member_says_so(node: FakeNode, joined: Optional[str], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        told(node, joined=joined)


def test_votes_lowered_for_a_node_that_has_not_arrived_do_not_stop_it() -> None:
    node = lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN)
    node.commands[VERIFY], node.commands[VOTES] = printed("OK"), printed(lab.quorum(2))
    assert told(node, node="pve3")["fingerprint"]


def test_the_member_names_its_host_keys() -> None:
    node = healthy()
    node.files["/etc/ssh/ssh_host_ed25519_key.pub"] = "ssh-ed25519 AAAAhost root@pve1\n"
    node.files["/etc/ssh/ssh_host_ed25519_key"] = "private"
    assert told(node, joined="pve2")["host_keys"] == ["ssh-ed25519 AAAAhost root@pve1"]
