"""cluster: tables of (desired, observed) → plan, for nodes that are to become members and for members."""

from __future__ import annotations

import json
from typing import Any, Callable, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.cluster import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run
from ansible_collections.baremetal.virt.plugins.modules.cluster_info import answer

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_wishes import CREATE, JOIN, argv, ids, join_plan, joining, lead, params, plan, sentences
from ....doubles.support import FakeNode, printed

MENDING = ["certificate.make:pve-ssl", "service.restart:pveproxy"]
DATA = "data.wait:/etc/pve"


@pytest.mark.parametrize("start", [lab.bare, lab.standalone])
def test_a_node_alone_creates_the_cluster(start: Callable[[int], FakeNode]) -> None:
    made = plan(start(1))
    assert (sentences(made), ids(made), made.refusals) == ([CREATE], ["cluster.create:lab"], ())
    assert [step.id for step in made.possible] == MENDING
    assert argv(made) == ("pvecm", "create", "lab", "--link0", "10.10.1.11", "--link1", "10.10.2.11")


@pytest.mark.parametrize("start", [lab.bare, lab.standalone])
def test_a_node_with_a_lead_joins(start: Callable[[int], FakeNode]) -> None:
    made = join_plan(start(2))
    assert (sentences(made), ids(made), made.refusals) == ([JOIN], ["cluster.join:lab"], ())
    assert [step.id for step in made.possible] == [DATA, *MENDING]
    expected = "pvecm add 10.10.1.11 --fingerprint AB:CD --link0 10.10.1.12 --link1 10.10.2.12"
    assert argv(made) == tuple(expected.split())


COMING = [{"interface": f"vmbr{link}", "address": f"10.10.{link}.11/24", "mtu": 9000} for link in (1, 2)]


@pytest.mark.parametrize("links", [["10.10.1.0/24", "10.10.2.0/24"], ["vmbr1", "vmbr2"]])
def test_the_plan_counts_on_addresses_that_the_node_will_have(links: list[str]) -> None:
    node = lab.standalone(1)
    node.commands["ip", "-json", "address"] = printed(lab.addresses(1).replace("10.10.", "10.99."))
    assert "has no address for link0" in "".join(map(str, plan(node, links=links).refusals))
    made = plan(node, links=links, coming=COMING)
    assert (sentences(made), made.refusals) == ([CREATE], ())
    told = answer(node, {"links": links, "coming": COMING})
    assert (told["links"], told["mtus"]) == (["10.10.1.11", "10.10.2.11"], [9000, 9000])


@pytest.mark.parametrize(("method", "secret"), [("ticket", "PVE:root@pam:1"), ("password", "correct horse")])
def test_the_secret_travels_on_standard_input_only(method: str, secret: str) -> None:
    made = join_plan(lab.standalone(2), join_method=method, password="correct horse")
    action = made.steps[-1].action
    assert isinstance(action, Run)
    assert action.stdin == f"{secret}\n"
    assert not any(secret in word for word in action.argv)
    assert secret not in repr(made)
    assert secret not in repr(desired_from(joining(join_method=method, password="correct horse")))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nodeid": 4}, ("--nodeid", "4")),
        ({"votes": 2}, ("--votes", "2")),
        ({"link_priorities": [10, 20]}, ("--link0", "10.10.1.11,priority=10", "--link1", "10.10.2.11,priority=20")),
    ],
)
def test_what_create_is_told(changes: dict[str, Any], words: tuple[str, ...]) -> None:
    made = " ".join(argv(plan(lab.standalone(1), **changes)))
    assert " ".join(words) in made


def test_priorities_are_not_given_to_a_join() -> None:
    assert not any("priority" in word for word in argv(join_plan(lab.standalone(2), link_priorities=[1, 2])))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "A cluster has a name"),
        ({"links": ["10.10.1.0/24"] * 9}, "9 links"),
        ({"links": ["10.10.1.11/24"]}, "not a network in CIDR form"),
        ({"links": ["10.10.1.0/33"]}, "not a network in CIDR form"),
        ({"links": ["10.10.1"]}, "neither a network nor an address nor an interface"),
        ({"links": ["an interface"]}, "neither a network nor an address nor an interface"),
        ({"link_priorities": [1]}, "1 link priorities are given for 2 links"),
        ({"link_priorities": [1, 256]}, "0 to 255"),
        ({"nodeid": 0}, "nodeid is a whole number of at least 1"),
        ({"votes": -1}, "votes one of at least 0"),
    ],
)
def test_what_contradicts_itself_is_invalid(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        desired_from(params(**changes))


@pytest.mark.parametrize("name", ["a", "lab", "exactly15-chars", "1", "LAB-2"])
def test_names_that_upstream_takes(name: str) -> None:
    assert desired_from(params(name=name)).name == name


@pytest.mark.parametrize(
    ("hosts", "reason"),
    [
        ("127.0.1.1 STREAM pve1\n", "resolves to 127.0.1.1"),
        ("::1 STREAM pve1\n", "resolves to ::1"),
        ("10.10.1.11 STREAM pve1\n127.0.1.1 STREAM\n", "resolves to 127.0.1.1"),
        ("\n", "does not resolve"),
        ("10.99.0.1 STREAM pve1\n", "which is not an address of this node"),
    ],
)
def test_a_name_must_lead_to_the_node(hosts: str, reason: str) -> None:
    assert reason in str(plan(lab.bare(1, hosts)).refusals[0])


def test_a_name_that_upstream_does_not_take_is_refused() -> None:
    node = lab.bare(1)
    node.files["/proc/sys/kernel/hostname"] = "pve_1\n"
    node.commands["getent", "ahosts", "pve_1"] = printed("10.10.1.11 STREAM pve_1\n")
    assert "cannot be the name of a node" in plan(node).refusals[0].reason


@pytest.mark.parametrize(
    ("config", "status", "number"),
    [
        (lab.ONE, lab.STATUS_ONE, 1),
        (lab.TWO, lab.STATUS_REMOVED, 1),
        (lab.TWO, lab.STATUS_REMOVED, 2),
        (lab.THREE, lab.STATUS_THREE, 1),
        (lab.THREE, lab.STATUS_THREE, 2),
        (lab.THREE, lab.STATUS_THREE, 3),
    ],
)
def test_a_member_as_wanted_needs_nothing(config: str, status: str, number: int) -> None:
    node = lab.member(number, config, status)
    assert plan(node) == plan(node, votes=1, nodeid=number)
    for made in (plan(node), join_plan(node)):
        assert (made.steps, made.refusals, made.warnings) == ((), (), ())


def test_a_missing_member_is_a_warning_as_long_as_there_is_quorum() -> None:
    made = plan(lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN))
    assert (made.steps, made.refusals) == ((), ())
    assert made.warnings == ("Nodes of the cluster that are not online: pve3.",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "other"}, "member of the cluster lab, not of other"),
        ({"links": ["10.10.2.0/24", "10.10.1.0/24"]}, "not with link0 10.10.2.11, link1 10.10.1.11"),
        ({"links": ["10.10.1.0/24"]}, "not with link0 10.10.1.11."),
        ({"nodeid": 7}, "runs with nodeid 1, not 7"),
        ({"votes": 3}, "runs with votes 1, not 3"),
    ],
)
def test_a_running_cluster_is_not_changed(changes: dict[str, Any], reason: str) -> None:
    made = plan(lab.member(1), **changes)
    assert reason in made.refusals[0].reason
    assert not made.steps


def test_no_quorum_is_refused_with_what_is_missing() -> None:
    refusal = plan(lab.member(1, lab.THREE, lab.STATUS_NO_QUORUM)).refusals[0]
    assert refusal.reason.endswith("Missing: pve2 (10.10.1.12), pve3 (10.10.1.13).")
    assert "pvecm expected 1" in refusal.hint


def test_no_quorum_is_waited_for_while_the_missing_node_is_joining() -> None:
    nodes: list[dict[str, Any]] = [{"name": name, "state": "joining", "links": []} for name in ("pve2", "pve3")]
    made = plan(lab.member(1, lab.THREE, lab.STATUS_NO_QUORUM), nodes=nodes)
    assert sentences(made) == ["wait for quorum (still missing: pve2 (10.10.1.12), pve3 (10.10.1.13))"]
    assert [step.id for step in made.possible] == [DATA, *MENDING]


@pytest.mark.parametrize(
    ("states", "unit"),
    [("active\ninactive\n", "corosync"), ("active\nfailed\n", "corosync"), ("failed\nactive\n", "pve-cluster")],
)
def test_a_member_whose_services_stand_still_is_refused(states: str, unit: str) -> None:
    node = lab.member(3, lab.THREE, lab.STATUS_ONE_DOWN_ON_IT)
    node.commands[lab.UNITS] = printed(states)
    assert f"{unit} is not running on pve3" in plan(node).refusals[0].reason


def test_a_member_with_pmxcfs_stopped_is_still_a_member() -> None:
    node = lab.member(2)
    lab.stop_pmxcfs(node)
    node.commands[lab.QUERY] = printed("1\n")
    assert [str(refusal)[:30] for refusal in plan(node).refusals] == [
        "corosync is not running on pve",
        "pve-cluster is not running on ",
    ]


def test_differing_copies_of_the_configuration_are_refused() -> None:
    node = lab.member(1)
    node.files[lab.LOCAL_CONFIG] = lab.TWO
    assert "differs from the cluster's" in plan(node).refusals[0].reason


def test_a_configuration_without_the_node_itself_is_refused() -> None:
    assert "still has the configuration" in plan(lab.member(3, lab.TWO, lab.STATUS_REMOVED)).refusals[0].reason


@pytest.mark.parametrize("certificate", [lab.CERTIFICATE, None])
def test_the_certificate_is_left_alone(certificate: Optional[str]) -> None:
    node = lab.member(1)
    node.certificates = {"127.0.0.1:8006": certificate} if certificate else {}
    assert not plan(node).steps


def test_a_pveproxy_with_the_old_certificate_is_restarted() -> None:
    node = lab.member(1)
    node.certificates["127.0.0.1:8006"] = lab.OTHER_CERTIFICATE
    made = plan(node)
    assert (ids(made), made.possible) == (["service.restart:pveproxy"], ())


def test_an_administrators_own_certificate_wins() -> None:
    node = lab.member(1)
    node.files["/etc/pve/nodes/pve1/pveproxy-ssl.pem"] = lab.OTHER_CERTIFICATE
    node.certificates["127.0.0.1:8006"] = lab.OTHER_CERTIFICATE
    assert not plan(node).steps


def test_a_missing_certificate_is_made() -> None:
    node = lab.member(1)
    node.directories["/etc/pve/nodes/pve2"] = ("root", "www-data", 0o755)
    del node.files["/etc/pve/nodes/pve1/pve-ssl.pem"]
    assert ids(plan(node)) == MENDING


def test_guests_are_named_and_keep_a_node_from_joining() -> None:
    node = lab.standalone(2)
    node.files[lab.VMLIST] = '{"ids": {"101": {"node": "pve2", "type": "lxc"}, "100": {"node": "old", "type": "qemu"}}}'
    assert "has guests (VM 100, container 101)" in join_plan(node).refusals[0].reason
    assert not plan(node, links=["10.10.1.12", "10.10.2.12"]).refusals


def test_keys_that_a_join_would_lose_are_named() -> None:
    node = lab.standalone(2)
    node.files[lab.KEYS] += 'command="x y" ssh-ed25519 AAAAonlyhere backup robot\n'
    assert "would be lost by the join: backup robot." in join_plan(node).refusals[0].reason
    assert not join_plan(node, join_drops_keys=True).refusals
    assert not join_plan(node, lead=lead(authorized_keys=None)).refusals


def test_no_cluster_is_created_while_somebody_may_have_one() -> None:
    refused = plan(lab.standalone(1), silent=["pve2", "pve3"]).refusals[0]
    assert refused.reason == "It is not known whether the cluster lab exists: pve2, pve3 did not answer."
    assert not join_plan(lab.standalone(2), silent=["pve3"]).refusals
    assert not plan(lab.member(1), silent=["pve3"]).refusals


def test_a_cluster_that_is_to_have_two_nodes_is_warned_of_before_it_is_created() -> None:
    nodes = [{"name": f"pve{number}", "state": "standalone", "links": []} for number in (1, 2, 3)]
    assert "A third vote" in plan(lab.standalone(1), nodes=nodes[:2]).warnings[0]
    assert not plan(lab.standalone(1), nodes=nodes).warnings
    assert not plan(lab.standalone(1), nodes=nodes[:1]).warnings
    assert not plan(lab.standalone(1), nodes=nodes[:2], third_vote=True).warnings


def test_nobody_joins_a_cluster_with_a_quorum_device() -> None:
    refused = join_plan(lab.standalone(2), lead=lead(qdevice="10.10.1.19")).refusals
    assert [one.reason for one in refused] == [
        "The cluster has a quorum device (10.10.1.19), and as long as it has one no node can join."
    ]
    assert "cluster_qdevice_host" in refused[0].hint


def test_pmxcfs_is_started_first() -> None:
    node = lab.standalone(1)
    lab.stop_pmxcfs(node)
    assert ids(plan(node)) == ["service.start:pve-cluster", "cluster.create:lab"]


@pytest.mark.parametrize(
    ("links", "reason"),
    [
        (["10.10.1.0/24"], "would join with 1"),
        (["10.10.1.0/24", "10.10.2.0/24", "10.10.3.12"], "would join with 3"),
        (["10.10.2.0/24", "10.10.1.0/24"], "10.10.2.12 would be link0 of pve2"),
    ],
)
def test_the_links_of_the_cluster_decide(links: list[str], reason: str) -> None:
    node = lab.standalone(2)
    node.commands["ip", "-json", "address"] = printed(lab.addresses(2, ("eth2", "10.10.3.12/24")))
    assert any(reason in refusal.reason for refusal in join_plan(node, links=links).refusals)


def test_an_address_that_another_node_has_is_refused() -> None:
    nodes = [{"name": "pve1", "state": "standalone", "links": []}]
    twin = {"name": "pve2", "state": "standalone", "links": ["10.10.1.11", "10.10.2.12"]}
    assert (
        "10.10.1.11 is a link address of pve1 and of pve2."
        in plan(lab.bare(1), nodes=[*nodes, twin]).refusals[0].reason
    )


def test_an_address_that_a_member_has_is_refused() -> None:
    node = lab.standalone(2)
    node.commands["ip", "-json", "address"] = printed(lab.addresses(1))
    node.commands["getent", "ahosts", "pve2"] = printed("10.10.1.11 STREAM pve2\n")
    reasons = [refusal.reason for refusal in join_plan(node).refusals]
    assert reasons[0] == "10.10.1.11 is a link address of pve2 and of pve1."


def test_two_nodes_of_one_name_are_refused() -> None:
    nodes = [{"name": "pve1", "state": "standalone", "links": []}] * 2
    assert "Two nodes of this run call themselves pve1" in plan(lab.bare(1), nodes=nodes).refusals[0].reason


def test_all_refusals_are_said_at_once() -> None:
    node = lab.standalone(2)
    node.files[lab.VMLIST] = '{"ids": {"100": {"node": "pve2", "type": "qemu"}}}'
    node.files[lab.KEYS] += "ssh-ed25519 AAAAonlyhere robot\n"
    node.commands["getent", "ahosts", "pve2"] = printed("127.0.1.1 STREAM pve2\n")
    assert len(join_plan(node, links=["10.10.1.0/24", "10.10.9.0/24"]).refusals) == 4


@pytest.mark.parametrize(
    ("network", "warned"),
    [("172.10.0.0/16", True), ("8.8.8.0/24", True), ("2001:470::/64", True), ("10.10.1.0/24", False)],
)
def test_public_networks_are_warned_of(network: str, warned: bool) -> None:
    node = lab.bare(1)
    node.commands["ip", "-json", "address"] = printed(lab.addresses(1, ("e1", "172.10.0.5/16"), ("e2", "8.8.8.8/24")))
    assert bool(plan(node, links=[network]).warnings) is warned
    assert not plan(node, links=[network], allow_public_networks=True).warnings


def test_a_public_address_behind_an_interface_name_is_warned_of() -> None:
    node = lab.bare(1)
    node.commands["ip", "-json", "address"] = printed(lab.addresses(1, ("e1", "172.10.0.5/16")))
    assert "172.10.0.5 is public" in plan(node, links=["e1"]).warnings[0]


def test_the_first_node_needs_a_vote() -> None:
    assert "would have no vote" in plan(lab.standalone(), votes=0).refusals[0].reason
    assert plan(lab.standalone(), votes=1).refusals == ()


@pytest.mark.parametrize(
    ("status", "warned"),
    [
        ({"node_status": {"pve1": "maintenance"}}, True),
        ({"node_status": {"pve1": "online"}, "node_request": {"pve1": {}, "pve2": {"maintenance": 1}}}, False),
        ({"node_status": {"pve1": "online"}, "node_request": {"pve1": {"maintenance": 1}}}, True),
    ],
)
def test_a_member_that_the_ha_manager_keeps_free_says_so(status: dict[str, Any], warned: bool) -> None:
    """Also one that has just joined under the name of a node that was deleted in maintenance."""
    node = lab.member(1)
    node.files["/etc/pve/ha/manager_status"] = json.dumps(status)
    assert any("node-maintenance disable pve1" in one for one in plan(node).warnings) is warned


def test_a_pveproxy_that_reloads_by_itself_is_given_the_time() -> None:
    """Upstream's join does so; to restart it in the middle of that costs its connections, and seconds."""
    node = lab.member(1)
    node.certificates["127.0.0.1:8006"] = lab.OTHER_CERTIFICATE
    assert [step.grace for step in plan(node).steps] == [15]
    del node.files["/etc/pve/nodes/pve1/pve-ssl.pem"]
    node.directories["/etc/pve/nodes/pve2"] = ("root", "www-data", 0o755)
    assert [step.grace for step in plan(node).steps] == [0, 0], "nobody else serves what we have made"


NO_NAMES = ["a-name-of-16-chr", "my_lab", "-lab", "lab-", "läb", "lab\n"]


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_pvecm_takes_for_no_name_is_refused_for_a_new_cluster(name: str) -> None:
    assert "cannot be the name of a new cluster" in plan(lab.standalone(), name=name).refusals[0].reason


@pytest.mark.parametrize("name", NO_NAMES[:2])
def test_a_cluster_that_runs_may_have_any_name(name: str) -> None:
    """Given by hand, or by a pvecm of old; it cannot be changed any more."""
    text = lab.THREE.replace("cluster_name: lab", f"cluster_name: {name}")
    assert (plan(lab.member(1, text), name=name).steps, plan(lab.member(1, text), name=name).refusals) == ((), ())
