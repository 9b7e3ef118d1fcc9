"""cluster: reading what a real cluster wrote."""

from __future__ import annotations

import re

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster import cluster as deciding
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import fingerprint
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import (
    observe,
    parse_authorized_keys,
    parse_members,
    parse_vmlist,
)
from ansible_collections.baremetal.virt.plugins.modules.cluster_info import answer

from ....doubles import cluster_nodes as lab
from ....doubles.support import FakeNode, transcript


@pytest.mark.parametrize(
    ("text", "version", "names"),
    [(lab.ONE, 1, ["pve1"]), (lab.THREE, 3, ["pve1", "pve2", "pve3"]), (lab.TWO, 4, ["pve1", "pve2"])],
)
def test_recorded_configurations(text: str, version: int, names: list[str]) -> None:
    config = parse_corosync_conf(text)
    assert (config.name, config.version, config.qdevice) == ("lab", version, None)
    assert [member.name for member in config.members] == names
    assert config.members[-1].addresses == (f"10.10.1.1{len(names)}", f"10.10.2.1{len(names)}")
    assert {member.votes for member in config.members} == {1}


def test_a_quorum_device_and_comments_are_seen() -> None:
    config = parse_corosync_conf("# x\nquorum {\n  device {\n    model: net\n  }\n}\nnodelist {\n node {\n }\n}\n")
    assert config.qdevice
    assert config.members[0].addresses == ()


def test_a_link_that_a_node_lacks_leaves_a_gap() -> None:
    text = "nodelist {\n node {\n name: a\n nodeid: 1\n ring0_addr: 10.0.0.1\n ring2_addr: 10.0.2.1\n }\n}\n"
    assert parse_corosync_conf(text).members[0].addresses == ("10.0.0.1", "", "10.0.2.1")


def test_a_wrong_number_cannot_be_read() -> None:
    with pytest.raises(Unreadable, match="config_version: many, which is not a number"):
        parse_corosync_conf("totem {\n config_version: many\n}\n")


def test_recorded_members() -> None:
    found = parse_members(transcript("063-3node-members").stdout)
    assert found is not None
    assert (found.name, found.quorate) == ("lab", True)
    assert found.online == {"pve1": True, "pve2": True, "pve3": True}
    assert parse_members(lab.STANDALONE_MEMBERS) is None
    assert parse_members(None) is None
    with pytest.raises(Unreadable, match="does not hold JSON"):
        parse_members("{")


@pytest.mark.parametrize(
    ("status", "quorate", "offline"),
    [
        (lab.STATUS_ONE, True, []),
        (lab.STATUS_REMOVED, True, []),
        (lab.STATUS_THREE, True, []),
        (lab.STATUS_ONE_DOWN, True, ["pve3"]),
        (lab.STATUS_ONE_DOWN_ON_IT, False, []),
        (lab.STATUS_NO_QUORUM, False, ["pve2", "pve3"]),
    ],
)
def test_recorded_states(status: str, quorate: bool, offline: list[str]) -> None:
    found = parse_members(lab.members_from_status(status, "pve1"))
    assert found is not None and found.quorate is quorate
    assert sorted(name for name, online in found.online.items() if not online) == offline


def test_guests_in_any_directory_are_found() -> None:
    assert parse_vmlist('{"version": 2, "ids": {"1000": {"type": "qemu"}, "200": {"type": "lxc"}}}') == (
        "container 200",
        "VM 1000",
    )
    assert parse_vmlist(None) == ()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("ssh-ed25519 AAAA operator at work", [("ssh-ed25519 AAAA", "operator at work")]),
        ("ecdsa-sha2-nistp256 AAAA", [("ecdsa-sha2-nistp256 AAAA", "")]),
        ("sk-ssh-ed25519@openssh.com AAAA x", [("sk-ssh-ed25519@openssh.com AAAA", "x")]),
        ('from="10.0.0.0/8",command="a b" ssh-rsa AAAA x', [("ssh-rsa AAAA", "x")]),
        ("# ssh-rsa AAAA x", []),
        ("#ssh-rsa AAAA x", []),
        ("", []),
        ("ssh-rsa", []),
    ],
)
def test_authorized_keys(line: str, found: list[tuple[str, str]]) -> None:
    assert [(key.key, key.comment) for key in parse_authorized_keys(line)] == found


def test_a_key_without_comment_is_named_by_its_end() -> None:
    assert str(parse_authorized_keys("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKg4")[0]) == "ssh-ed25519 ...NTE5AAAAIKg4"


def test_a_fingerprint_is_written_as_upstream_does() -> None:
    assert fingerprint(lab.CERTIFICATE + lab.OTHER_CERTIFICATE).startswith("B5:D4:04:5C:3F:46")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("041-join-wrong-password", True),
        ("042-join-wrong-fingerprint", True),
        ("043-join-empty-stdin", True),
        ("044-join-no-fingerprint-notty", True),
        ("045-join-link-ip-not-local", True),
        ("047-join-existing-guests", True),
        ("052-join-already-member", True),
        ("240-join-ticket-too-early", True),
        ("242-join-ticket-invalid", True),
        ("049-join-ok-api", False),
        ("241-join-ticket-ok", False),
    ],
)
def test_failed_joins_that_exit_with_0_are_recognised(name: str, said: bool) -> None:
    done = transcript(name)
    assert done.rc == 0
    text = done.stdout + done.stderr
    assert any(re.search(pattern, text) for pattern in deciding.JOIN_FAILED) is said


def test_a_lead_without_quorum_is_asked_again() -> None:
    assert any(re.search(one, transcript("240-join-ticket-too-early").stderr) for one in deciding.LEAD_NOT_READY)


@pytest.mark.parametrize(
    "node",
    [lab.bare(1), lab.standalone(1), lab.member(1), lab.half_joined(), lab.half_created()],
    ids=["bare", "standalone", "member", "half joined", "half created"],
)
def test_an_observation_made_without_knowing_what_is_wanted_suffices(node: FakeNode) -> None:
    """So a converged node is not asked again."""
    recorder = Recorder(node)
    observe(recorder)
    assert answer(Replay(recorder.recording), {"links": lab.LINKS}) == answer(node, {"links": lab.LINKS})


def test_a_converged_node_costs_four_processes() -> None:
    recorder = Recorder(lab.member(1))
    observe(recorder)
    assert sum('"run"' in key for key in recorder.recording["node"]) == 4


def test_info_has_the_form_that_the_writer_takes() -> None:
    found = answer(lab.member(2), {"links": []})
    assert found["links"] == ["10.10.1.12", "10.10.2.12"]
    assert (found["node"], found["address"], found["state"], found["member"]) == ("pve2", "10.10.1.12", "member", True)
    assert (found["name"], found["version"], found["quorate"]) == ("lab", 3, True)
    links = {"link0": "10.10.1.13", "link1": "10.10.2.13"}
    assert found["nodes"][2] == {"name": "pve3", "nodeid": 3, "votes": 1, "online": True, "left": None, "links": links}
    assert found["authorized_keys"] == [{"key": lab.CONTROL_KEY.rpartition(" ")[0], "comment": "control"}]


def test_info_of_a_bare_node_says_which_links_it_would_get() -> None:
    found = answer(lab.bare(1), {"links": ["10.10.2.0/24", "10.99.0.0/24", "eth0"]})
    assert (found["state"], found["member"], found["name"]) == ("standalone", False, None)
    assert found["links"] == ["10.10.2.11", "", "10.10.1.11"]
