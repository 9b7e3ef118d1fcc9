"""Clusters as people have them: exported, then run, nothing changes; and what is said where something cannot be."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_start import reasons_not_to_start
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_text import parse_sections
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.node import cluster_notes, cluster_variables
from ansible_collections.baremetal.virt.plugins.modules.cluster_config import SUBJECT

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_cases import config_params, corosync_conf, left_of_exported, member, resolving
from ....doubles.cluster_wishes import join_plan, lead
from ....doubles.support import FakeNode

DEVICE = {"state": "present", "host": "10.10.9.9", "allow_odd": False}
UNEVEN = "pve3 has no link1, which other nodes have"
#: A spelling of what upstream writes → another one that means the same to corosync.
SPELLINGS = {
    "comments": lambda text: f"# ours\n{text}# {{ not a section\n",
    "tight": lambda text: text.replace(": ", ":").replace(" {", "{"),
    "two totem sections": lambda text: f"{text}totem {{\n  token: 3000\n}}\n",
    "a key said twice": lambda text: text.replace("  secauth", "  cluster_name: other\n  cluster_name: lab\n  secauth"),
    "ring number of old": lambda text: text.replace("linknumber: 1", "ringnumber: 1"),
    "no interface at all": lambda text: text.replace("interface {\n    linknumber: 0\n  }\n", "").replace(
        "interface {\n    linknumber: 1\n  }\n", ""
    ),
    "one interface too many": lambda text: text.replace(
        "totem {\n", "totem {\n  interface {\n    linknumber: 5\n  }\n"
    ),
    "numbers with zeros": lambda text: text.replace("quorum_votes: 1", "quorum_votes: 01"),
    "another order": lambda text: "".join(part + "\n\n" for part in reversed(text.strip().split("\n\n"))),
}


def exported(text: str, make: Callable[..., FakeNode] = member) -> list[FakeNode]:
    return [make(text, number) for number in range(1, text.count("nodeid:") + 1)]


def planned(node: FakeNode, **changes: Any) -> Plan:
    return make_plan(SUBJECT, config_params(**changes), node)


def written(made: Plan) -> str:
    assert made.refusals == ()
    return next(
        step.action.content
        for step in made.steps
        if isinstance(step.action, WriteFile) and step.action.path == lab.CONFIG
    )


@pytest.mark.parametrize("name", ["two-node-qdevice", "no-interface-section", "zero-votes", "uneven-links"])
def test_what_was_exported_changes_nothing(name: str) -> None:
    assert left_of_exported(exported(corosync_conf(name))) == []


@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_is_no_change(name: str) -> None:
    text = SPELLINGS[name](lab.THREE)
    assert text != lab.THREE
    assert left_of_exported(exported(text)) == []


def test_names_are_what_they_lead_to() -> None:
    text = corosync_conf("ring-addresses-are-names")
    nodes = exported(text, resolving)
    assert left_of_exported(nodes) == []
    assert cluster_variables(observe(nodes[0]))["cluster_links"] == lab.LINKS
    changed = parse_sections(written(planned(nodes[0], token_coefficient=125)))
    names = [node.values["ring1_addr"] for node in changed.first("nodelist").all("node")]
    assert names == ["pve1-ring1", "pve2-ring1", "pve3-ring1"], "they stay as somebody wrote them"


def test_a_name_that_leads_nowhere_is_told_and_nothing_is_done_about_it() -> None:
    nodes = [resolving(corosync_conf("ring-addresses-are-names"), number, "pve1-ring1") for number in (1, 2, 3)]
    assert "cluster_links" not in cluster_variables(observe(nodes[0]))
    assert list(cluster_notes(observe(nodes[0]))) == [
        "pve1 has the links link0 10.10.1.11, link1 pve1-ring1, which no inventory can ask for; they are left as they "
        "are."
    ]
    assert left_of_exported(nodes) == []
    wish = [{"name": "pve1", "links": ["10.10.1.11", "10.10.2.11"], "votes": None}]
    refusals = planned(nodes[1], nodes=wish).refusals
    assert "Names of links of pve1 lead to no address on pve2: pve1-ring1." in refusals[0].reason


def test_the_family_that_the_file_prefers_is_taken_for_a_name() -> None:
    text = corosync_conf("ring-addresses-are-names")
    node = resolving(text)
    node.commands["getent", "ahosts", "pve1-ring1"] = lab.printed("fd00::11 STREAM pve1-ring1\n10.10.2.11 STREAM\n")
    found = {}
    for version in ("ipv4-6", "ipv6-4", "ipv4", "ipv6", "nonsense"):
        node.files[lab.CONFIG] = text.replace("ipv4-6", version)
        config = observe(node).config
        assert config is not None
        found[version] = config.members[0].links[1]
    assert found == {
        "ipv4-6": "10.10.2.11",
        "ipv6-4": "fd00::11",
        "ipv4": "10.10.2.11",
        "ipv6": "fd00::11",
        "nonsense": "fd00::11",
    }


def test_the_spelling_of_an_address_is_no_difference_and_stays() -> None:
    text = lab.THREE
    for number in (1, 2, 3):
        text = text.replace(f"10.10.2.{10 + number}", f"FD00:0::0{10 + number}")
    node = member(text)
    wish = [
        {"name": f"pve{number}", "links": [f"10.10.1.{10 + number}", f"fd00:0:0::{10 + number}"], "votes": None}
        for number in (1, 2, 3)
    ]
    assert planned(node, nodes=wish).steps == ()
    assert "ring1_addr: FD00:0::011" in written(planned(node, nodes=wish, token_coefficient=125))


def test_a_device_replaces_two_node() -> None:
    node = member(corosync_conf("two-node-qdevice"))
    assert planned(node).warnings == (), "with two_node, one of two nodes goes on alone"
    made = planned(node, qdevice=DEVICE)
    assert "remove two_node, which does not go with a quorum device; add the quorum device" in made.sentences[1]
    config = parse_corosync_conf(written(made))
    assert (config.quorum, list(reasons_not_to_start(config))) == ({}, [])
    assert "wait_for_all" not in written(made), "what was set for two_node goes with it"


@pytest.mark.parametrize(
    ("text", "keys", "starts"),
    [
        (lab.THREE, {"auto_tie_breaker": 1, "last_man_standing": 1}, False),
        (lab.THREE, {"auto_tie_breaker": 1, "last_man_standing": 1, "wait_for_all": 0}, False),
        (lab.THREE, {"auto_tie_breaker": 1, "last_man_standing": 1, "wait_for_all": 1}, True),
        (lab.THREE, {"auto_tie_breaker": 1, "last_man_standing": 1, "two_node": 1}, True),
        (lab.THREE, {"auto_tie_breaker": 1}, True),
        (lab.THREE, {"last_man_standing": 1, "auto_tie_breaker": 0}, True),
        (lab.TWO, {"auto_tie_breaker": 1, "last_man_standing": 1}, True),
    ],
)
def test_a_tie_breaker_of_an_odd_cluster_waits_for_all(text: str, keys: dict[str, int], starts: bool) -> None:
    written_keys = "".join(f"  {key}: {value}\n" for key, value in keys.items())
    config = parse_corosync_conf(text.replace("quorum {\n", f"quorum {{\n{written_keys}"))
    assert config.quorum == keys
    assert (not list(reasons_not_to_start(config))) is starts


def test_two_node_goes_also_if_the_device_is_there_already() -> None:
    text = corosync_conf("two-node-qdevice").replace(
        "quorum {\n",
        "quorum {\n  device {\n    model: net\n    votes: 1\n    net {\n      host: 10.10.9.9\n    }\n  }\n",
    )
    assert "two_node is set, which does not go with a quorum device" in planned(member(text)).warnings[0]
    assert "two_node" not in written(planned(member(text), qdevice=DEVICE))


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("last_man_standing: 1", "last_man_standing is set, which does not go with a quorum device"),
        ("auto_tie_breaker: 1", "auto_tie_breaker is set"),
        ("allow_downscale: 1", "allow_downscale is set"),
    ],
)
def test_what_else_goes_with_no_device_is_for_the_operator_to_take_out(key: str, reason: str) -> None:
    text = lab.TWO.replace("quorum {\n", f"quorum {{\n  {key}\n")
    made = planned(member(text), qdevice=DEVICE)
    assert reason in made.refusals[0].reason
    assert planned(member(text.replace(": 1\n  provider", ": 0\n  provider")), qdevice=DEVICE).refusals == ()


def test_votes_that_a_device_of_an_odd_cluster_cannot_be_counted_with() -> None:
    device = {**DEVICE, "allow_odd": True}
    votes = lab.THREE.replace("quorum_votes: 1", "quorum_votes: 2", 1)
    assert "not every node has one vote" in planned(member(votes), qdevice=device).refusals[0].reason
    expected = lab.THREE.replace("quorum {\n", "quorum {\n  expected_votes: 3\n")
    assert "expected_votes is set" in planned(member(expected), qdevice=device).refusals[0].reason


@pytest.mark.parametrize(("expected", "refused"), [(2, True), (3, False)])
def test_a_number_of_expected_votes_has_to_have_room_for_the_device(expected: int, refused: bool) -> None:
    """Corosync counts the device's vote among them, and wants at least two beside it."""
    text = lab.TWO.replace("quorum {\n", f"quorum {{\n  expected_votes: {expected}\n")
    reasons = [one.reason for one in planned(member(text), qdevice=DEVICE).refusals]
    assert ["expected_votes is 2, which leaves fewer than two" in one for one in reasons] == [True] * refused


def test_a_device_keeps_what_its_operator_has_set() -> None:
    text = lab.TWO.replace(
        "quorum {\n",
        "quorum {\n  device {\n    model: net\n    sync_timeout: 40000\n    votes: 1\n    net {\n      algorithm: lms\n"
        "      host: 10.10.9.9\n      tls: off\n    }\n    heuristics {\n      mode: on\n    }\n  }\n",
    )
    assert planned(member(text), qdevice=DEVICE).steps == ()
    moved = parse_sections(written(planned(member(text), qdevice={**DEVICE, "host": "10.10.9.10"})))
    device = moved.first("quorum").first("device")
    assert device.values == {"model": "net", "sync_timeout": "40000", "votes": "1"}
    assert device.first("net").values == {"algorithm": "ffsplit", "host": "10.10.9.10", "tls": "off"}
    assert device.first("heuristics").values == {"mode": "on"}


def test_settings_of_the_operator_survive_every_change() -> None:
    own = "logging {\n  to_syslog: yes\n  logger_subsys {\n    subsys: QUORUM\n    debug: on\n  }\n}\n"
    own += "system {\n  sched_rr: no\n}\n"
    text = own + lab.THREE.replace("    linknumber: 1\n", "    linknumber: 1\n    knet_ping_timeout: 900\n").replace(
        "totem {\n", "totem {\n  token: 4000\n  knet_compression_model: lz4\n"
    ).replace("    nodeid: 2\n", "    nodeid: 2\n    operators_own: yes\n")
    wish = [
        {"name": f"pve{number}", "links": [f"10.10.{net}.{10 + number}" for net in (1, 2, 3)], "votes": 2}
        for number in (1, 2, 3)
    ]
    root = parse_sections(
        written(planned(member(text), nodes=wish, link_priorities=[10, 20, 30], token_coefficient=125))
    )
    assert root.first("logging").first("logger_subsys").values == {"subsys": "QUORUM", "debug": "on"}
    assert root.first("system").values == {"sched_rr": "no"}
    totem = root.first("totem")
    assert (totem.values["token"], totem.values["knet_compression_model"]) == ("4000", "lz4")
    assert totem.all("interface")[1].values == {
        "linknumber": "1",
        "knet_ping_timeout": "900",
        "knet_link_priority": "20",
    }
    assert root.first("nodelist").all("node")[1].values["operators_own"] == "yes"


def test_a_priority_makes_the_entry_that_was_missing() -> None:
    node = member(corosync_conf("no-interface-section"))
    config = parse_corosync_conf(written(planned(node, link_priorities=[0, 7])))
    assert config.priorities == {0: 0, 1: 7}


def test_with_uneven_links_nothing_is_changed_for_the_true_reason() -> None:
    node = member(corosync_conf("uneven-links"))
    assert planned(node).warnings == (f"At its next start, corosync refuses the cluster's configuration: {UNEVEN}.",)
    refusal = planned(node, token_coefficient=125).refusals[0].reason
    assert refusal == (
        f"corosync would not start with this configuration: {UNEVEN}. Nor would it with the present one."
    )
    wish = [{"name": f"pve{number}", "links": [f"10.10.1.{10 + number}"], "votes": None} for number in (1, 2, 3)]
    assert planned(node, nodes=wish).refusals == (), "what mends it is allowed"


@pytest.mark.parametrize("count", [1, 2])
def test_nobody_joins_a_cluster_with_uneven_links(count: int) -> None:
    """Whichever member is listed first."""
    text = corosync_conf("uneven-links")
    for listed in (text, text.replace("    ring1_addr: 10.10.2.11\n", "")):
        made = join_plan(lab.standalone(4), lead=lead(member(listed)), links=lab.LINKS[:count])
        assert "The nodes of the cluster have different links" in made.refusals[0].reason


def test_a_join_with_other_links_than_the_clusters_is_refused() -> None:
    made = join_plan(lab.standalone(4), lead=lead(member(lab.THREE)), links=lab.LINKS[:1])
    assert "The cluster has these links (pve1): link0 10.10.1.11, link1 10.10.2.11" in made.refusals[0].reason


def test_a_node_without_a_vote() -> None:
    made = join_plan(lab.standalone(2), votes=0)
    assert made.refusals == ()
    assert [word for step in made.steps for word in getattr(step.action, "argv", ())][-2:] == ["--votes", "0"]
    none = [{"name": f"pve{number}", "links": [], "votes": 0} for number in (1, 2, 3)]
    assert "No node would have a vote" in planned(member(lab.THREE), nodes=none).refusals[0].reason
    assert parse_corosync_conf(written(planned(member(lab.THREE), nodes=none[:1]))).expected_votes == 2


def test_a_link_that_no_wish_can_list_is_left_as_it_is() -> None:
    """Its address is none of the node's own, as behind a router that translates it."""
    node = member(lab.THREE.replace("10.10.2.11", "192.0.2.11"))
    assert "cluster_links" not in cluster_variables(observe(node))
    assert "which no inventory can ask for" in next(iter(cluster_notes(observe(node))))


@pytest.mark.parametrize("numbers", [(0, 2), (1, 7)])
def test_links_keep_their_numbers(numbers: tuple[int, int]) -> None:
    """A wish lists them in order; a cluster may have a link1 and no link0."""
    text = lab.THREE
    for was, number in reversed([*enumerate(numbers)]):
        text = text.replace(f"ring{was}_addr", f"ring{number}_addr").replace(
            f"linknumber: {was}", f"linknumber: {number}"
        )
    assert parse_corosync_conf(text).links == numbers
    assert left_of_exported(exported(text)) == []
    moved = [
        {"name": f"pve{number}", "links": [f"10.10.{net}.{10 + number}" for net in (1, 3)], "votes": None}
        for number in (1, 2, 3)
    ]
    changed = parse_corosync_conf(written(planned(member(text), nodes=moved, link_priorities=[0, 9])))
    assert (changed.links, changed.priorities) == (numbers, dict(zip(numbers, (0, 9))))
    joins = join_plan(lab.standalone(4), lead=lead(member(text)))
    words = [word for step in joins.steps for word in getattr(step.action, "argv", ()) if word.startswith("--link")]
    assert (joins.refusals, words) == ((), [f"--link{number}" for number in numbers])


def test_a_mesh_without_a_switch_is_exported_by_its_networks() -> None:
    """The node's address in it stands on the port to each neighbour."""
    nodes = exported(lab.THREE)
    for number, node in enumerate(nodes, 1):
        node.commands["ip", "-json", "address"] = lab.printed(lab.addresses(number, ("eth2", f"10.10.2.1{number}/24")))
    assert cluster_variables(observe(nodes[0]))["cluster_links"] == lab.LINKS
    assert left_of_exported(nodes) == []


def test_addresses_of_a_routed_fabric_are_exported_as_they_are() -> None:
    """The network of such an address holds nothing else, so no network is common to all nodes."""
    nodes = exported(lab.THREE)
    for number, node in enumerate(nodes, 1):
        text = lab.addresses(number).replace(
            f'"10.10.2.1{number}", "prefixlen": 24', f'"10.10.2.1{number}", "prefixlen": 32'
        )
        node.commands["ip", "-json", "address"] = lab.printed(text)
    assert cluster_variables(observe(nodes[0]))["cluster_links"] == ["10.10.1.0/24", "10.10.2.11"]
    assert left_of_exported(nodes) == []
