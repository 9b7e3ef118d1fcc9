"""What comes through a rule set, as upstream's simulator says, and what is uncertain."""

from __future__ import annotations

from typing import Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.firewall.passage import Packets, shut
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.files import parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.rule import Rule, parse_rule
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.way import Way

LOCAL, SERVER = "172.16.1.0/24", "172.16.1.2"


def verdict(
    text: str, ports: str, source: str = "172.16.1.50", host: str = "", proto: str = "tcp", name: str = "x"
) -> Optional[str]:
    way = Way(name, "a way", proto, ports, (source,), {"pve1": (SERVER,)})
    lines: list[Rule] = [rule for rule in map(parse_rule, host.splitlines()) if rule is not None]
    reasons = [shut(packets, parse(text), lines, LOCAL) for packets in Packets.of(way, "in", (SERVER,))]
    return next((reason for reason in reasons if reason), None)


@pytest.mark.parametrize(("port", "open_"), [("22", True), ("8006", True), ("2222", False), ("443", False)])
def test_ssh_on_another_port_is_not_opened_by_upstream(port: str, open_: bool) -> None:
    assert (verdict("[OPTIONS]\nenable: 1\n", port) is None) == open_


def test_the_local_network_and_the_management_set_alone_are_let_in() -> None:
    assert verdict("", "8006", "10.1.0.5") == "the policy_in DROP"
    assert verdict("[IPSET management]\n10.1.0.0/24\n", "8006", "10.1.0.5") is None
    assert verdict("[OPTIONS]\npolicy_in: ACCEPT\n", "8006", "10.1.0.5") is None


def test_a_rule_that_drops_beats_what_upstream_opens() -> None:
    assert verdict("[RULES]\nIN DROP # all\n", "22") == "the rule IN DROP"
    assert verdict("[RULES]\nIN SSH(ACCEPT)\nIN DROP\n", "22") is None
    assert (
        verdict("[RULES]\nIN SSH(ACCEPT)\n", "22", host="IN REJECT -source 172.16.0.0/16")
        == "the rule IN REJECT -source 172.16.0.0/16"
    )


@pytest.mark.parametrize(
    "line",
    [
        "|IN DROP",
        "OUT DROP",
        "IN DROP -source 10.0.0.0/8",
        "IN DROP -p udp",
        "IN DROP -p tcp -dport 443",
        "IN Ping(DROP)",
        "IN DROP -dest 172.16.1.3",
    ],
)
def test_rules_about_others_do_not_matter(line: str) -> None:
    assert verdict(f"[RULES]\n{line}\n", "22") is None


@pytest.mark.parametrize(
    "what", ["-i eno1", "-p tcp -sport 1000", "-source +gone", "-p tcp -dport ssh", "-source 172.16.1.48/30"]
)
def test_what_is_uncertain_opens_nothing_and_shuts(what: str) -> None:
    assert verdict(f"[RULES]\nIN DROP {what}\n", "22") is not None
    accepted = verdict(f"[RULES]\nIN ACCEPT {what}\n", "2222")
    assert (accepted is None) == (what == "-source 172.16.1.48/30")


def test_an_exception_of_a_set_makes_it_uncertain() -> None:
    assert (
        verdict("[IPSET a]\n172.16.1.0/24\n!172.16.1.50\n[RULES]\nIN ACCEPT -source +a\n", "2222")
        == "the policy_in DROP"
    )


def test_groups_are_unfolded_and_ranges_have_to_be_covered() -> None:
    text = "[RULES]\nGROUP admin\n[group admin]\nIN ACCEPT -p tcp -dport 2000:2300\n"
    assert verdict(text, "2222") is None and verdict(text, "2222,2301") is not None
    assert verdict("[RULES]\nIN Ceph(ACCEPT)\n", "3300,6789,6800:7300") is None
    assert verdict("[RULES]\nIN ACCEPT -p tcp -dport 6800:7000\n", "6800:7300") is not None


def test_corosync_is_open_on_its_first_port_only() -> None:
    assert verdict("", "5405", proto="udp", name="corosync-0") is None
    assert verdict("", "5406", proto="udp", name="corosync-1") == "the policy_in DROP"
