"""Rules: what they mean, how they are written, and what upstream takes no notice of."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.rule import Rule, faults, parse_rule


def rule(line: str) -> Rule:
    found = parse_rule(line)
    assert found is not None, line
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IN ACCEPT -source 10.0.0.5/32 -p tcp -dport 22", "IN ACCEPT -dport 22:22 -p 6 -source 10.0.0.5"),
        ("IN ACCEPT -source 10.1.0.0/16,10.2.0.0/16", "IN ACCEPT -source 10.2.0.0/16,10.1.0.0/16"),
        ("IN ACCEPT -source dc/Office", "IN ACCEPT -source office"),
        ("IN ACCEPT -source FD00:0::/64", "in ACCEPT -source fd00::/64"),
        ("IN SSH(ACCEPT)", "IN ssh(ACCEPT) -log nolog"),
        ("IN ACCEPT -p tcp -dport 80,443 # web", "IN ACCEPT -p tcp -dport 443,80"),
        ("GROUP Web -i vmbr0", "GROUP web -i vmbr0"),
    ],
)
def test_rules_that_mean_the_same_are_equal(one: str, other: str) -> None:
    assert rule(one).meaning == rule(other).meaning


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IN ACCEPT", "OUT ACCEPT"),
        ("IN ACCEPT", "|IN ACCEPT"),
        ("IN ACCEPT -source 10.0.0.0/24", "IN ACCEPT -dest 10.0.0.0/24"),
        ("IN ACCEPT -p tcp -dport 22", "IN ACCEPT -p tcp -sport 22"),
        ("IN ACCEPT -source +office", "IN ACCEPT -source office"),
        ("IN ACCEPT", "IN ACCEPT -log info"),
    ],
)
def test_others_are_not(one: str, other: str) -> None:
    assert rule(one).meaning != rule(other).meaning


def test_a_comment_counts_only_where_it_is_said() -> None:
    said = Rule("in", "ACCEPT", comment="new")
    assert not said.same(rule("IN ACCEPT # old")) and Rule("in", "ACCEPT").same(rule("IN ACCEPT # old"))


@pytest.mark.parametrize(
    "line",
    [
        "|IN ACCEPT -source 10.20.9.0/24 -p tcp -dport 8006 # eins",
        "IN SSH(ACCEPT) -i vmbr0 -source +management -log info",
        "OUT DROP",
        "GROUP web -i net0",
        "IN ACCEPT -p icmp -icmp-type echo-request",
    ],
)
def test_a_line_is_written_as_it_was_read(line: str) -> None:
    assert rule(line).line == line


@pytest.mark.parametrize(
    "line", ["IN ALLOW", "ACCEPT", "IN ACCEPT -dport", "IN ACCEPT -port 22", "IN ACCEPT -p tcp -p udp", "GROUP", "IN"]
)
def test_what_is_no_rule(line: str) -> None:
    assert parse_rule(line) is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("IN ACCEPT -source 10.0.0.5/24", "which is 10.0.0.0/24"),
        ("IN ACCEPT -source 10.0.0.300", "no address"),
        ("IN ACCEPT -p udp -dport 5405-5412", "is written 5405:5412"),
        ("IN ACCEPT -p tcp -dport 99999", "is no port"),
        ("IN ACCEPT -p tcp -dport 90:80", "is no port"),
        ("IN ACCEPT -dport 22", "ports need a protocol"),
        ("IN SSH(ACCEPT) -p udp", "the macro SSH says protocol and ports itself"),
        ("IN ACCEPT -p tcp -icmp-type any", "needs the protocol icmp"),
        ("IN ACCEPT -source 10.0.0.0/8 -dest fd00::/8", "different families"),
    ],
)
def test_what_upstream_takes_no_notice_of(line: str, told: str) -> None:
    assert any(told in fault for fault in faults(rule(line)))


def test_good_rules_have_no_faults() -> None:
    for line in ("IN ACCEPT -source 10.0.0.0/24,office,+dc/admins -p tcp -dport ssh,8006", "GROUP web", "OUT DROP"):
        assert list(faults(rule(line))) == []
