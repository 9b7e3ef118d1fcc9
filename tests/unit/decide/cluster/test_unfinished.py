"""cluster: what a killed run, a removal or another command left behind is recognised."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.modules.cluster import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.cluster_info import answer

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_wishes import argv, ids, join_plan, joining, lead, params, plan, sentences
from ....doubles.support import FakeNode, assert_converges_from_every_kill


def test_a_node_that_was_removed_behind_its_back_is_refused() -> None:
    """delnode of an online node leaves it with its old configuration (recorded)."""
    member = lab.member(1, lab.TWO, lab.STATUS_REMOVED)
    assert (
        "cluster's nodelist does not, or no longer, contain it"
        in join_plan(lab.member(3), lead=lead(member)).refusals[0].reason
    )


def test_a_node_that_has_just_joined_is_not_mistaken_for_a_removed_one() -> None:
    """What the lead said is older than the join."""
    before = lead(lab.member(1, lab.ONE, lab.STATUS_ONE))
    assert before["version"] < 3
    assert not join_plan(lab.member(3), lead=before).refusals


def test_a_key_of_a_join_that_was_cut_short_is_removed_before_the_next() -> None:
    """The cluster lists the node, and corosync.conf was not written any more."""
    node = lab.standalone(3)
    node.files[lab.AUTHKEY] = "of the cluster"
    made = join_plan(node, lead=lead(lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN)))
    assert ids(made) == ["file.remove:/etc/corosync/authkey", "cluster.join:lab"]
    assert not made.refusals


def test_a_key_of_unknown_origin_is_refused_in_a_join_and_used_by_a_creation() -> None:
    node = lab.standalone(2)
    node.files[lab.AUTHKEY] = "left over"
    assert "pve2 is in no cluster, but has /etc/corosync/authkey" in join_plan(node).refusals[0].reason
    assert len(plan(node).steps) == 1 and not plan(node).refusals


@pytest.mark.parametrize("start", [lab.standalone, lab.half_joined])
def test_another_pvecm_is_waited_for(start: Callable[[int], FakeNode]) -> None:
    node = start(3)
    node.files[lab.LOCK] = ""
    node.commands[lab.PROBE] = Completed(0, "", "")
    assert "pvecm.wait" not in ids(join_plan(node))
    node.commands[lab.PROBE] = Completed(1, "", "")
    assert ids(join_plan(node)) == ["pvecm.wait"]
    assert answer(node, {"links": []})["state"] == "joining"


def test_a_join_that_waits_for_its_quorum_is_waited_for() -> None:
    """pvecm goes on without the run that started it; meanwhile neither node has quorum."""
    node = lab.member(3, lab.THREE, lab.STATUS_NO_QUORUM)
    node.files[lab.LOCK] = ""
    node.commands[lab.PROBE] = Completed(1, "", "")
    assert answer(node, {"links": []})["state"] == "joining"
    assert ids(join_plan(node)) == ["pvecm.wait"]
    node.commands[lab.PROBE] = Completed(0, "", "")
    assert answer(node, {"links": []})["state"] == "member"


def test_an_unfinished_creation_is_finished() -> None:
    assert ids(plan(lab.half_created())) == ["cluster.finish-creation:lab"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"name": "other"}, "is of the cluster lab"), ({"links": ["10.10.2.0/24"]}, "begun with the links")],
)
def test_an_unfinished_creation_of_something_else_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert reason in plan(lab.half_created(), **changes).refusals[0].reason


def test_an_unfinished_join_is_finished() -> None:
    made = join_plan(lab.half_joined(), lead=lead(lab.member(1)))
    assert ids(made) == [
        "service.stop:pve-cluster",
        "directory.make:/var/lib/pve-cluster/backup",
        "file.move:/var/lib/pve-cluster/config.db",
        "cluster.finish-join:lab",
        "quorum.wait",
        "data.wait:/etc/pve",
    ]
    assert made.destructive == ["file.move:/var/lib/pve-cluster/config.db"]
    assert not made.refusals


@pytest.mark.parametrize(
    ("config", "changes", "reason"),
    [
        (lab.THREE, {"name": "other"}, "is of the cluster lab"),
        (lab.THREE, {"links": ["10.10.2.0/24"]}, "does not list pve3 with the wanted links"),
        (lab.THREE, {"lead": None}, "no member of lab that was asked lists pve3"),
    ],
)
def test_an_unfinished_join_that_is_not_clear_is_refused_with_the_cure(
    config: str, changes: dict[str, Any], reason: str
) -> None:
    refusal = join_plan(lab.half_joined(3, config), **{"lead": lead(lab.member(1)), **changes}).refusals[0]
    assert reason in refusal.reason
    assert "pvecm delnode pve3" in refusal.hint


def test_an_unfinished_join_of_a_node_with_guests_is_refused() -> None:
    node = lab.half_joined()
    node.files[lab.VMLIST] = '{"ids": {"100": {"node": "pve3", "type": "qemu"}}}'
    assert "VM 100" in join_plan(node, lead=lead(lab.member(1))).refusals[0].reason


def test_a_join_that_the_cluster_has_forgotten_begins_anew() -> None:
    member = lead(lab.member(1, lab.TWO, lab.STATUS_REMOVED))
    made = join_plan(lab.half_joined(3), lead=member)
    assert ids(made) == [
        "service.stop:corosync",
        "file.remove:/etc/corosync/authkey",
        "file.remove:/etc/corosync/corosync.conf",
        "service.restart:pve-cluster",
        "cluster.join:lab",
    ]
    assert not made.refusals


def missing(state: str, **changes: Any) -> list[dict[str, Any]]:
    """What this run saw of the nodes that a member without quorum misses."""
    return [
        {"name": f"pve{number}", "state": state, "links": [f"10.10.1.1{number}", f"10.10.2.1{number}"], **changes}
        for number in (2, 3)
    ]


def test_quorum_is_made_only_when_all_that_is_missing_was_seen_outside_of_any_cluster() -> None:
    """The cluster counts a node from the moment it lists it; a join that dies just then leaves a member alone."""
    alone = lab.member(1, lab.THREE, lab.STATUS_NO_QUORUM)
    made = plan(alone, nodes=missing("standalone"))
    assert sentences(made) == [
        "lower the expected votes to 1; these never finished joining and are in no cluster: "
        "pve2 (10.10.1.12), pve3 (10.10.1.13)",
        "wait for quorum",
    ]
    assert made.steps[0].action.argv == ("pvecm", "expected", "1")  # type: ignore[union-attr]
    for nodes in ([], missing("standalone")[:1], missing("member"), missing("standalone", links=["10.10.1.99"])):
        assert "no quorum" in plan(alone, nodes=nodes).refusals[0].reason


def test_a_node_that_waits_with_an_older_configuration_is_told_so() -> None:
    node = lab.member(3, lab.THREE, lab.STATUS_NO_QUORUM)
    node.files[lab.CONFIG] = node.files[lab.LOCAL_CONFIG] = lab.THREE.replace("config_version: 3", "config_version: 2")
    refusal = join_plan(node, lead=lead(lab.member(1))).refusals[0]
    assert refusal.reason == (
        "pve3 waits for quorum with version 2 of the cluster's configuration; the cluster has version 3."
    )


def test_a_node_registered_by_a_join_that_died_joins_again() -> None:
    member = lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN)
    words = argv(join_plan(lab.standalone(3), lead=lead(member)))
    assert words[-6:] == ("--nodeid", "3", "--votes", "1", "--force", "1")


@pytest.mark.parametrize(
    ("status", "links", "reason"),
    [
        (lab.STATUS_THREE, lab.LINKS, "and it is online"),
        (lab.STATUS_ONE_DOWN, ["10.10.1.0/24", "10.10.9.9"], "has no address for link1"),
    ],
)
def test_another_machine_of_the_same_name_is_refused(status: str, links: list[str], reason: str) -> None:
    node = lab.standalone(3)
    made = join_plan(node, lead=lead(lab.member(1, lab.THREE, status)), links=links)
    assert any(reason in refusal.reason for refusal in made.refusals)


@pytest.mark.parametrize(
    ("guests", "words"),
    [
        ({}, "has no guests"),
        ({"100": {"node": "pve3", "type": "qemu"}, "101": {"node": "pve1", "type": "lxc"}}, "has guests (VM 100)"),
    ],
)
def test_a_machine_installed_anew_does_not_take_the_place_of_a_dead_member(guests: dict[str, Any], words: str) -> None:
    """The cluster holds the certificate of a node that arrived once; a join that was cut short got none."""
    member = lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN)
    member.files["/etc/pve/nodes/pve3/pve-ssl.pem"] = lab.CERTIFICATE
    member.files[lab.VMLIST] = json.dumps({"ids": guests})
    refused = join_plan(lab.standalone(3), lead=lead(member)).refusals
    assert len(refused) == 1
    assert "pve3 is a member of the cluster, and it is off" in refused[0].reason
    assert words in refused[0].reason
    assert "replace_node.yml" in refused[0].hint


@pytest.mark.parametrize(
    ("start", "wanted"),
    [
        (lambda: lab.standalone(1), params()),
        (lambda: lab.standalone(3), joining()),
        (lambda: lab.half_joined(3), joining(lead=lead(lab.member(1)))),
        (lambda: lab.half_joined(3), joining(lead=lead(lab.member(1, lab.TWO, lab.STATUS_REMOVED)))),
        (lab.half_created, params()),
    ],
    ids=["create", "join", "finish a join", "begin a join anew", "finish a creation"],
)
def test_a_run_killed_after_any_step_is_finished_by_the_next(
    start: Callable[[], FakeNode], wanted: dict[str, Any]
) -> None:
    assert assert_converges_from_every_kill(SUBJECT, wanted, start) >= 2


def test_a_join_with_a_key_in_the_way_survives_every_kill() -> None:
    def start() -> FakeNode:
        node = lab.standalone(3)
        node.files[lab.AUTHKEY] = "left over"
        return node

    registered = lead(lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN))
    assert assert_converges_from_every_kill(SUBJECT, joining(lead=registered), start) == 3
