"""How votes are read from what corosync says, and the rules from its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import (
    QuorumOptions,
    casts,
    parse_options,
    parse_quorumtool,
)

from ....doubles.support import transcript

CASES = Path(__file__).parents[2] / "cases" / "losses"


def text(case: str, file: str) -> str:
    return (CASES / case / file).read_text()


def test_a_device_that_votes() -> None:
    found = parse_quorumtool(text("the-device-counts-for-two", "pvecm-status.out"))
    assert found is not None
    assert (found.quorate, found.expected, found.total, found.quorum) == (True, 5, 5, 3)
    assert found.members == {1: 1, 2: 1, 3: 1}
    assert found.casting == {1, 2, 3}
    assert found.device_votes == 2
    assert found.has_device


def test_a_device_that_is_alive_and_does_not_vote() -> None:
    found = parse_quorumtool(text("the-device-counts-for-two", "later.out"))
    assert found is not None
    assert found.quorate and found.total == 3
    assert found.casting == frozenset()
    assert found.device_votes == 2


def test_two_node_is_a_flag() -> None:
    found = parse_quorumtool(text("both-halves-are-quorate", "pvecm-status.out"))
    assert found is not None
    assert found.two_node and found.waits_for_all
    assert not found.breaks_ties and not found.last_man_stands and not found.has_device
    assert found.members == {1: 1, 2: 1}


@pytest.mark.parametrize(
    "name, quorate, votes, members",
    [
        ("097-noquorum-quorumtool", False, (3, 1, 2), {1: 1}),
        ("095-noquorum-pvecm-status", False, (3, 1, 2), {1: 1}),
        ("055-3node-pvecm-status", True, (3, 3, 2), {1: 1, 2: 1, 3: 1}),
        ("038-1node-corosync-quorumtool", True, (1, 1, 1), {1: 1}),
    ],
)
def test_what_real_nodes_print(name: str, quorate: bool, votes: tuple[int, int, int], members: dict[int, int]) -> None:
    found = parse_quorumtool(transcript(name).stdout)
    assert found is not None
    assert found.quorate is quorate
    assert (found.expected, found.total, found.quorum) == votes
    assert found.members == members
    assert not found.casting and not found.device_votes


@pytest.mark.parametrize("answer", ["", "Cannot initialize CMAP service\n", "Expected votes: many\n"])
def test_nothing_said_is_no_status(answer: str) -> None:
    assert parse_quorumtool(answer) is None


def test_a_status_without_a_verdict_is_no_status() -> None:
    """What pvecm prints of it alone, in front of the table, is what says whether there is quorum."""
    lines = text("both-halves-are-quorate", "pvecm-status.out").splitlines()
    cut = "\n".join(line for line in lines if not line.startswith("Quorate:"))
    assert parse_quorumtool(cut) is None


def test_a_status_without_members_is_no_status() -> None:
    """Whoever counts is a member; without the table, nobody knows who is missing."""
    told = text("both-halves-are-quorate", "pvecm-status.out")
    assert parse_quorumtool(told.partition("Membership information")[0]) is None


def test_flags_of_members() -> None:
    assert casts("A,V,NMW") and casts("A,V,MW")
    assert not casts("A,NV,NMW") and not casts("NA,V,NMW") and not casts("NR") and not casts("")


def test_the_votes_of_a_device_follow_from_its_algorithm() -> None:
    options = parse_options(text("the-device-counts-for-two", "corosync.conf"))
    assert options.device == "192.0.2.40"
    assert options.device_votes is None and options.votes_of_device == 2 and options.expected == 5
    half = QuorumOptions(device="192.0.2.40", algorithm="ffsplit", votes={1: 1, 2: 1})
    assert half.votes_of_device == 1 and half.expected == 3
    assert QuorumOptions(device="d", device_votes=4, votes={1: 1}).expected == 5


def test_two_node_is_an_option() -> None:
    conf = text("both-halves-are-quorate", "corosync.conf")
    options = parse_options(conf)
    assert options.two_node and not options.device
    assert not parse_options(conf.replace("two_node: 1", "two_node: 0")).two_node


def test_a_number_of_expected_votes_stands_in_place_of_what_all_votes_add_up_to() -> None:
    conf = text("both-halves-are-quorate", "corosync.conf")
    assert parse_options(conf).expected == 2
    assert parse_options(conf.replace("two_node: 1", "expected_votes: 3")).expected == 3


def test_a_device_without_a_model_is_none_to_corosync() -> None:
    conf = text("the-device-counts-for-two", "corosync.conf")
    options = parse_options(conf.replace("model: net", "timeout: 10000"))
    assert not options.device and options.expected == 3


def test_tie_breakers() -> None:
    assert parse_options("quorum {\n auto_tie_breaker: 1\n auto_tie_breaker_node: 3 1\n}\n").tie_breakers == (3, 1)
    assert parse_options("quorum {\n auto_tie_breaker: 1\n}\n").tie_breakers == ()
