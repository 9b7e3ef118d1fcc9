"""What is refused about the links of a node that is to join; all of it at once."""

from __future__ import annotations

from typing import Any

import pytest

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_wishes import JOIN, join_plan, lead, plan, sentences
from ....doubles.support import FakeNode, printed

GOOD = {"tried": True, "reached": True, "whole": True, "latency": 0.21}
NEIGHBOUR = {"name": "pve1", "state": "member", "links": ["10.10.1.11", "10.10.2.11"], "mtus": [1500, 1500]}


def paths(link: int = 0, skew: Any = 0.1, **changes: Any) -> dict[str, Any]:
    """One of the two links to pve1 with changes."""
    ways = [
        {"node": "pve1", "link": number, "source": f"10.10.{number + 1}.12", "address": f"10.10.{number + 1}.11"}
        for number in (0, 1)
    ]
    found = [{**way, "mtu": 1500, **GOOD, **(changes if way["link"] == link else {})} for way in ways]
    return {"ways": found, "lead": "10.10.1.11", "skew": skew, "strangers": [], "unknown": []}


def joiner(version: str = "13") -> FakeNode:
    node = lab.standalone(2)
    node.files["/etc/os-release"] = f"ID=debian\nVERSION_ID={version}\n"
    return node


def test_the_latency_is_told_beside_the_plan_and_changes_no_step() -> None:
    made = join_plan(joiner(), paths=paths(latency=1.5), nodes=[{**NEIGHBOUR, "debian": "13"}])
    assert (sentences(made), made.after["latency"]) == ([JOIN], "at most 1.50 ms")
    assert made.warnings == ()


def test_nothing_measured_nothing_said() -> None:
    assert sentences(join_plan(joiner())) == [JOIN]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"reached": False, "whole": False}, r"pve2 does not reach pve1 on link0 (10.10.1.12 to 10.10.1.11)"),
        ({"whole": False}, "Packets of 1500 bytes, the MTU of pve2, do not reach pve1 on link0"),
        ({"link": 1, "latency": 8.25}, "from pve2 to pve1 on link1 (10.10.2.12 to 10.10.2.11) is 8.2 ms on average"),
        ({"skew": 61.0}, "The clock of pve2 is 61 seconds behind that of 10.10.1.11"),
        ({"skew": -7.4}, "The clock of pve2 is 7 seconds ahead of that of 10.10.1.11"),
        ({"skew": None}, "(10.10.1.11, port 8006) does not answer pve2"),
    ],
)
def test_what_was_measured(changes: dict[str, Any], reason: str) -> None:
    refusals = join_plan(joiner(), paths=paths(**changes)).refusals
    assert len(refusals) == 1
    assert reason in str(refusals[0])


def test_the_limit_is_the_users() -> None:
    assert not join_plan(joiner(), paths=paths(latency=8.25), latency_limit=10.0).refusals


def test_a_lead_without_an_api_yet_is_no_problem() -> None:
    """On bare nodes the plan is made before anything is installed."""
    assert not join_plan(joiner(), paths=paths(skew=None), lead=lead(nodes=[])).refusals


def test_a_join_over_ssh_needs_no_api() -> None:
    assert not join_plan(joiner(), paths=paths(skew=None), join_method="ssh").refusals


def test_without_ping_that_is_said() -> None:
    made = join_plan(joiner(), paths=paths(tried=False, latency=None))
    assert not made.refusals
    assert "nobody tried whether" in made.warnings[0]


def test_another_mtu() -> None:
    refusals = join_plan(joiner(), nodes=[{**NEIGHBOUR, "mtus": [1500, 9000]}]).refusals
    assert str(refusals[0]).startswith("The MTU of link1 is 1500 on pve2 (eth1); on the others: 9000 (pve1).")


def test_another_network() -> None:
    """The same link request may lead to addresses that only a router connects."""
    far = {**NEIGHBOUR, "name": "pve9", "links": ["10.10.1.19", "10.10.3.19"], "mtus": []}
    refusals = join_plan(joiner(), nodes=[far]).refusals
    assert str(refusals[0]).startswith("link1 of pve2 is 10.10.2.12/24; not in that network: 10.10.3.19 (pve9).")


def test_another_release() -> None:
    refusals = join_plan(joiner("12"), nodes=[{**NEIGHBOUR, "debian": "13"}]).refusals
    assert "pve2 runs Debian 12, other nodes another major release: pve1 (Debian 13)" in str(refusals[0])


def test_all_problems_at_once() -> None:
    node = joiner("12")
    node.files[lab.VMLIST] = '{"ids": {"100": {"node": "pve2", "type": "qemu", "version": 1}}}'
    node.commands["getent", "ahosts", "pve2"] = printed("127.0.1.1 STREAM pve2\n")
    neighbour = {**NEIGHBOUR, "mtus": [9000, 1500], "debian": "13"}
    refusals = join_plan(node, paths=paths(reached=False, whole=False, skew=100.0), nodes=[neighbour]).refusals
    text = " ".join(map(str, refusals))
    for reason in (
        "does not reach",
        "seconds behind",
        "The MTU of link0",
        "has guests",
        "resolves to 127",
        "Debian 12",
    ):
        assert reason in text


@pytest.mark.parametrize(("prefix", "refused"), [(24, False), (25, False), (30, True), (31, True), (32, False)])
def test_an_address_that_is_alone_in_its_network_is_of_a_routed_fabric(prefix: int, refused: bool) -> None:
    node = joiner()
    node.commands["ip", "-json", "address"] = printed(
        lab.addresses(2).replace('"prefixlen": 24', f'"prefixlen": {prefix}')
    )
    made = join_plan(node, links=["eth0", "eth1"], nodes=[NEIGHBOUR])
    assert any("not in that network" in one.reason for one in made.refusals) is refused


STRANGER = {"link": 1, "address": "10.10.2.12", "interface": "eth1", "hardware": "02:00:00:00:00:99"}


def test_an_address_that_a_stranger_has_too_is_refused_in_a_join_and_in_a_creation() -> None:
    found = {"ways": [], "strangers": [STRANGER]}
    reason = "10.10.2.12, link1 of pve2, is the address of another machine, too: 02:00:00:00:00:99 answers for it"
    assert reason in join_plan(joiner(), paths={**found, "lead": "10.10.1.11", "skew": 0.1}).refusals[0].reason
    assert reason in plan(joiner(), paths=found).refusals[0].reason


def test_whoever_could_not_be_asked_is_named() -> None:
    found = {"ways": [], "unknown": ["10.10.2.12 on eth1: Network is down"]}
    for made in (join_plan(joiner(), paths={**found, "lead": "10.10.1.11", "skew": 0.1}), plan(joiner(), paths=found)):
        assert made.refusals == ()
        assert "has an address of this node, too (10.10.2.12 on eth1: Network is down)" in made.warnings[-1]
