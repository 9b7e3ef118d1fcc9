"""cluster_config: what a running cluster's corosync.conf becomes, how that is proved, and taken back."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.config import (
    desired_from,
    problems,
    problems_without,
)
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, NotProved, StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import CorosyncConfig
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.config import BACKUP, UNPROVED
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_format import format_sections
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_text import Section, parse_sections
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running_links import (
    connections_of,
    parse_links,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import observe
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.running import observe_member
from ansible_collections.baremetal.virt.plugins.modules.cluster_config import SUBJECT

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_cases import config_params as params
from ....doubles.support import FakeNode, assert_converges_from_every_kill, printed, transcript

CONNECTIONS = ("corosync-cfgtool", "-n")
VERSION = ("corosync-cmapctl", "totem.config_version")
CONNECTED = transcript("061-3node-cfgtool-n").stdout
NEW_LINK = "10.10.3.0/24"


def links(*networks: int) -> list[dict[str, Any]]:
    """The three nodes with addresses in these networks of the lab."""
    return [
        {"name": f"pve{number}", "links": [f"10.10.{net}.{10 + number}" for net in networks], "votes": None}
        for number in (1, 2, 3)
    ]


def connected(config: CorosyncConfig, own: int, broken: Optional[int] = None) -> str:
    """What `corosync-cfgtool -n` prints on a node of this cluster (as recorded), with one link dead."""
    lines = [f"Local node ID {own}, transport knet"]
    for member in config.members:
        if member.nodeid != own:
            lines.append(f"nodeid: {member.nodeid} reachable")
            for number, address in sorted(member.links.items()):
                word = "" if number == broken else " connected"
                lines.append(f"   LINK: {number} udp (10.10.0.1->{address}) enabled{word} mtu: 1397")
    return "\n".join(lines) + "\n"


def member(number: int = 1, broken: Optional[int] = None, config: str = lab.THREE) -> FakeNode:
    """A member whose corosync loads what is written, and whose ``broken`` link never connects."""
    node = lab.member(number, config)

    def loaded(at: FakeNode) -> CorosyncConfig:
        at.files[lab.LOCAL_CONFIG] = at.files[lab.CONFIG]
        return parse_corosync_conf(at.files[lab.CONFIG])

    node.commands[CONNECTIONS] = lambda at: printed(connected(loaded(at), number, broken))
    node.commands[VERSION] = lambda at: printed(f"totem.config_version (u64) = {loaded(at).version}\n")
    node.effects = {**node.effects, ("mv", UNPROVED, BACKUP): _keep}
    return node


def _keep(node: FakeNode) -> None:
    node.files[BACKUP] = node.files.pop(UNPROVED)


def act(step: Any, node: Any) -> str:
    node.act(step)
    node.files[lab.LOCAL_CONFIG] = node.files[lab.CONFIG]
    return ""


def plan(node: FakeNode, **changes: Any) -> Plan:
    return make_plan(SUBJECT, params(**changes), node)


def run(node: FakeNode, settle: float = SUBJECT.settle, **changes: Any) -> dict[str, Any]:
    """``settle``: how patient the subject is."""
    subject = dataclasses.replace(SUBJECT, settle=settle)
    return converge(subject, params(**changes), node, check=False, act=act)


def config_of(node: FakeNode) -> CorosyncConfig:
    return parse_corosync_conf(node.files[lab.CONFIG])


@pytest.mark.parametrize("text", [lab.ONE, lab.TWO, lab.THREE])
def test_the_layout_is_upstreams(text: str) -> None:
    assert format_sections(parse_sections(text)) == text


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"nodes": links(1, 2)},
        {"nodes": [{"name": "pve1", "links": [], "votes": 1}]},
        {"nodes": [{"name": "pve9", "links": ["10.10.1.19"], "votes": 3}]},
        {"link_priorities": [0, 0]},
        {"qdevice": {"state": "absent", "host": None, "allow_odd": False}},
    ],
)
def test_what_is_so_already_needs_nothing(changes: dict[str, Any]) -> None:
    made = plan(member(), **changes)
    assert (made.steps, made.refusals, made.warnings) == ((), (), ())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nodes": links(1, 2, 3)}, "version 4 .*: add link2 \\(pve1 10.10.3.11, pve2 10.10.3.12, pve3 10.10.3.13\\)"),
        ({"nodes": links(1)}, "drop link1 \\(pve1 10.10.2.11, "),
        ({"nodes": links(1, 3)}, "move link1 \\(pve1 10.10.3.11, "),
        ({"link_priorities": [10, 20]}, "priority of link0 to 10 \\(from 0\\); set the priority of link1 to 20"),
        ({"nodes": [{"name": "pve2", "links": [], "votes": 2}]}, "set the votes of pve2 to 2 \\(from 1\\)"),
        ({"token_coefficient": 200}, "token coefficient to 200 \\(from corosync's own\\)"),
    ],
)
def test_changes_and_their_sentences(changes: dict[str, Any], words: str) -> None:
    node = member()
    made = plan(node, **changes)
    assert not made.refusals
    assert re.search(words, made.sentences[1])
    result = run(node, **changes)
    assert result["plan"][-1] == f"keep the previous configuration as {BACKUP}"
    assert config_of(node).version == 4
    assert node.files[BACKUP] == lab.THREE
    assert UNPROVED not in node.files
    assert not plan(node, **changes).steps


def test_a_quorum_device_as_upstream_writes_it() -> None:
    node = member(1, config=lab.TWO)
    node.files[lab.MEMBERS] = lab.members_from_status(lab.STATUS_REMOVED, "pve1")
    run(node, qdevice={"state": "present", "host": "192.0.2.9", "allow_odd": False})
    words = "device { model: net net { algorithm: ffsplit host: 192.0.2.9 tls: on } votes: 1 } provider:"
    assert words in " ".join(node.files[lab.CONFIG].split())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "other"}, "member of the cluster lab, not of other"),
        ({"nodes": links(3, 4)}, "Every link would change"),
        ({"nodes": links(2, 1)}, "The wanted links are those that run, in another order"),
        ({"nodes": links(1, 2, 3)[:2]}, "would not start .*: pve3 has no link2, which other nodes have"),
        ({"nodes": links(1, 1)}, "10.10.1.11 would be a link address of pve1 and pve1"),
        ({"nodes": [{"name": "pve1", "links": ["10.10.1.11", ""], "votes": None}]}, "has an address on pve1"),
        ({"qdevice": {"state": "present", "host": "192.0.2.9", "allow_odd": False}}, "device for 3 nodes"),
    ],
)
def test_refusals(changes: dict[str, Any], reason: str) -> None:
    made = plan(member(), **changes)
    assert any(re.search(reason, refusal.reason) for refusal in made.refusals), made.refusals


@pytest.mark.parametrize(
    ("status", "reason"),
    [(lab.STATUS_NO_QUORUM, "has no quorum"), (lab.STATUS_ONE_DOWN, "pve3 of the cluster of pve1 is not online")],
)
def test_never_without_quorum_or_all_nodes(status: str, reason: str) -> None:
    made = plan(lab.member(1, lab.THREE, status), nodes=links(1, 2, 3))
    assert reason in made.refusals[0].reason
    assert not plan(lab.member(1, lab.THREE, status), nodes=links(1, 2)).refusals


def test_a_node_alone_has_nothing_to_change() -> None:
    assert "not a member" in plan(lab.standalone(1)).refusals[0].reason


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nodes": links(1, 2), "link_priorities": [1]}, "1 link priorities are given for 2 links"),
        ({"link_priorities": [256]}, "0 to 255"),
        ({"token_coefficient": -1}, "token coefficient and votes are whole numbers"),
        ({"nodes": [{"name": "pve1", "links": [], "votes": -1}]}, "votes are whole numbers of at least 0"),
        ({"qdevice": {"state": "present", "host": None, "allow_odd": False}}, "state=present needs its host"),
        ({"qdevice": {"state": "absent", "host": "192.0.2.9", "allow_odd": False}}, "state=present needs its host"),
        ({"reports": [{"node": "pve2"}]}, "node and problems"),
    ],
)
def test_what_contradicts_itself_is_invalid(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        desired_from(params(**changes))


def test_a_link_that_does_not_connect_takes_the_change_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    node = member(broken=2)
    missing = "waited 45 seconds for link2 to pve2 to be connected and link2 to pve3 to be connected"
    with pytest.raises(StepFailed, match=f"every link to every other node is connected failed: {missing}") as caught:
        run(node, nodes=links(1, 2, 3))
    assert re.search("The change was taken back: .* version 5", caught.value.message)
    assert config_of(node).version == 5
    assert config_of(node).links == (0, 1)
    assert UNPROVED not in node.files
    assert not plan(node, nodes=links(1, 2)).steps


def test_begin_leaves_it_to_finish() -> None:
    node = member()
    run(node, nodes=links(1, 2, 3), phase="begin")
    assert node.files[UNPROVED] == lab.THREE
    run(node, nodes=links(1, 2, 3), phase="finish", reports=[{"node": "pve2", "problems": []}])
    assert (node.files[BACKUP], UNPROVED in node.files) == (lab.THREE, False)


def test_one_report_of_a_problem_takes_it_back() -> None:
    node = member()
    run(node, nodes=links(1, 2, 3), phase="begin")
    told = [{"node": "pve1", "problems": []}, {"node": "pve2", "problems": ["link2 to pve3 is not connected"]}]
    with pytest.raises(NotProved, match="was taken back, because .* pve2: link2 to pve3 is not connected"):
        run(node, settle=0, nodes=links(1, 2, 3), phase="finish", reports=told)
    assert (config_of(node).version, config_of(node).links, UNPROVED in node.files) == (5, (0, 1), False)


def _unproved_link2(members: dict[str, int]) -> FakeNode:
    """A third link was written and not proved; since then, by pvecm, these are the members."""
    node = member()
    run(node, nodes=links(1, 2, 3), phase="begin")
    root = parse_sections(node.files[lab.CONFIG])
    nodelist = root.first("nodelist")
    known = {section.values["name"]: section.values for section in nodelist.all("node")}
    nodelist.sections = [
        ("node", Section({**known.get(name, known["pve3"]), "name": name, "nodeid": str(number)}))
        for name, number in members.items()
    ]
    root.first("totem").values["config_version"] = "5"
    node.files[lab.CONFIG] = node.files[lab.LOCAL_CONFIG] = format_sections(root)
    return node


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"pve1": 1, "pve2": 2}, id="deleted"),
        pytest.param({"pve1": 1, "pve2": 2, "pve3": 3, "pve4": 4}, id="joined"),
        pytest.param({"pve1": 1, "pve2": 2, "pve3": 4}, id="deleted and joined again"),
    ],
)
def test_what_is_taken_back_is_not_who_the_members_are(members: dict[str, int]) -> None:
    """A deleted node would come back into the configuration, and one that joined would be thrown out of it."""
    node = _unproved_link2(members)
    with pytest.raises(NotProved, match="was taken back"):
        run(node, settle=0, phase="finish", reports=[{"node": "pve2", "problems": ["no"]}])
    after = config_of(node)
    assert (after.version, UNPROVED in node.files) == (6, False)
    assert {one.name: one.nodeid for one in after.members} == members
    assert {tuple(sorted(one.links)) for one in after.members} == {(0, 1)}


def test_the_end_is_the_same_after_every_kill() -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(nodes=links(1, 2, 3)), member) == 6


def test_another_wish_while_a_change_is_unproved_keeps_what_is_known_to_work() -> None:
    node = member()
    run(node, nodes=links(1, 2, 3), phase="begin")
    run(node, nodes=links(1), phase="begin")
    assert node.files[UNPROVED] == lab.THREE
    assert config_of(node).links == (0,)


def test_connections_as_recorded() -> None:
    assert connections_of(parse_links(CONNECTED, {})) == {2: {0: True, 1: True}, 3: {0: True, 1: True}}
    assert connections_of(parse_links("", {})) == {}


def test_what_a_node_says_of_a_change() -> None:
    node = member(2, broken=1)
    node.files[UNPROVED] = lab.TWO
    assert problems(observe(node)) == ("link1 to pve1 is not connected", "link1 to pve3 is not connected")
    node.commands[VERSION] = printed("totem.config_version (u64) = 2\n")
    node.files[lab.LOCAL_CONFIG] = lab.TWO
    assert problems(observe(node))[:2] == (
        "its /etc/corosync/corosync.conf is not the cluster's",
        "corosync runs with version 2, not 3",
    )
    assert problems(observe(lab.standalone(1))) == ()


@pytest.mark.parametrize(
    ("without", "broken", "expected", "told"),
    [
        ("pve4", None, 3, ()),
        ("pve4", None, 2, ()),
        ("pve3", None, 3, ("pve3 is still in its configuration",)),
        ("pve4", None, 4, ("corosync expects 4 votes, and there are 3",)),
        ("pve4", 1, 3, ("link1 to pve2 is not connected", "link1 to pve3 is not connected")),
    ],
)
def test_what_a_node_says_after_another_was_deleted(
    without: str, broken: Optional[int], expected: int, told: tuple[str, ...]
) -> None:
    node = member(broken=broken)
    node.commands["corosync-quorumtool", "-s"] = printed(lab.quorum(expected))
    assert problems_without(without, observe_member(node)) == told
    node.files[lab.MEMBERS] = node.files[lab.MEMBERS].replace('"quorate": 1', '"quorate": 0')
    assert problems_without(without, observe_member(node)) == ("it has no quorum", *told)


def test_links_to_nodes_that_are_offline_are_not_asked_for_then() -> None:
    node = member(broken=1)
    node.files[lab.MEMBERS] = node.files[lab.MEMBERS].replace('"online": 1', '"online": 0')
    assert problems_without("pve4", observe_member(node)) == ()
    assert problems_without("pve4", observe_member(lab.standalone(1))) == ()


def test_who_still_joins_in_this_run_counts() -> None:
    node = lab.member(1, lab.TWO, lab.STATUS_REMOVED)
    assert plan(node, nodes=links(1, 2)).warnings == ()


def test_two_nodes_are_warned_of_themselves() -> None:
    node = lab.member(1, lab.TWO, lab.STATUS_REMOVED)
    assert "A third vote" in plan(node).warnings[0]
