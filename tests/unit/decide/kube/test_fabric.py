"""What contradicts itself in a declared fabric is told at once, and nothing is begun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.fabric import fabric_from, fabric_warnings
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid

from ....doubles.fabric_cases import declared, declared6, options

Change = Callable[[dict[str, Any]], Any]


def test_a_good_one_is_taken() -> None:
    fabric = fabric_from(declared())
    assert [len(group.reflectors) for group in fabric.groups] == [2, 2]
    assert fabric.members["node5"][0].name == "rr2"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda said: said["groups"][0].update(reflectors=["node9"]), "node9 is a reflector and no member"),
        (lambda said: said["groups"][0].update(reflectors=[]), "rr1 has no reflector"),
        (lambda said: said["groups"][0].update(reflectors=["node1"]), "a single reflector"),
        (lambda said: said["groups"][0]["members"].append("node4"), "node4 is in two groups"),
        (lambda said: said["groups"][0]["addresses"].pop("node3"), "the address of node3 is missing"),
        (lambda said: said["groups"][0]["addresses"].update(node3="172.20.1.11"), "172.20.1.11 is the address of two"),
        (lambda said: said["groups"][0]["addresses"].update(node3="nowhere"), "nowhere is no address"),
        (lambda said: said["groups"][0]["addresses"].update(node3="224.0.0.9"), "224.0.0.9 is no router id"),
        (lambda said: said["groups"][0].update(asn="0"), "0 is no AS number"),
        (lambda said: said["groups"][0].update(asn="x"), "x is no AS number"),
        (lambda said: said["leaves"][0].update(asn="4200000000"), "4200000000 is too large"),
        (lambda said: said["leaves"][1].update(asn=65009), "no iBGP between them"),
        (lambda said: said["leaves"][0].update(router_id="172.20.1.11"), "Two have the router id 172.20.1.11"),
        (lambda said: said["groups"][1].update(asn=64512), "one AS, 64512, behind two leaves"),
        (lambda said: said["groups"][1].update(cluster_ids={"node4": "172.20.1.11"}), "the cluster id 172.20.1.11"),
        (lambda said: said["groups"][1].update(cluster_ids={"node4": "7"}), "7 is no cluster id"),
        (lambda said: said["groups"][1].update(cluster_ids={"node6": "1.1.1.1"}), "a cluster id and is no reflector"),
        (lambda said: said["groups"][0].update(leaf=""), "rr1 has no leaf"),
        (lambda said: said["groups"][0].update(leaf="leaf7"), "there is no leaf leaf7"),
        (lambda said: said["groups"][0].update(name="r" * 64), "cannot be the value of a label"),
        (lambda said: said.update(group_label="rr-id"), "cannot choose members and reflectors alike"),
        (lambda said: said.update(service_prefixes=["10.233.1.0/18"]), "has bits behind its prefix"),
        (lambda said: said.update(service_prefixes=["all"]), "all is no prefix"),
        (lambda said: said["spines"][0]["links"][0].update(leaf="leaf8"), "spine: there is no leaf leaf8"),
    ],
)
def test_a_contradiction_is_refused(change: Change, told: str) -> None:
    said = declared()
    change(said)
    with pytest.raises(Invalid, match=told):
        fabric_from(said)


def test_everything_is_told_at_once() -> None:
    said = declared()
    said["groups"][0].update(asn="0", leaf="leaf7", reflectors=[])
    with pytest.raises(Invalid) as error:
        fabric_from(said)
    assert all(part in str(error.value) for part in ("no AS number", "no leaf leaf7", "no reflector"))


def test_one_as_behind_two_leaves_is_possible_for_who_allows_it() -> None:
    said = declared()
    for group in said["groups"]:
        group.update(asn=64512, own_as_allowed=1)
    assert fabric_from(said)


def test_a_public_address_is_told() -> None:
    said = declared()
    said["leaves"][1].update(address="173.20.0.254")
    assert [told for told in fabric_warnings(fabric_from(said)) if "173.20.0.254 of leaf2 is a public address" in told]


def test_a_time_limit_that_would_roll_back_a_healthy_cluster_is_refused() -> None:
    with pytest.raises(Invalid, match="240 seconds"):
        desired_from(options(timeout=240))


def test_ipv6_stands_where_it_belongs_and_leads_out_of_the_rack() -> None:
    said = declared6()
    said["leaves"][0]["address6"] = ""
    with pytest.raises(Invalid, match="leaf1 has no IPv6 address, and node1 behind it has one"):
        fabric_from(said)
    said = declared6()
    said["groups"][0]["addresses"]["node1"], said["groups"][0]["addresses6"]["node1"] = "fd00::1", "172.20.1.11"
    with pytest.raises(Invalid, match="node1: its IPv4 address and its IPv6 address are exchanged"):
        fabric_from(said)
    said = declared6()
    said["spines"][0]["links"][0].pop("leaf_address6")
    with pytest.raises(Invalid, match="spine: the IPv6 address of one end of the cable to leaf1 is missing"):
        fabric_from(said)


def test_an_ipv6_address_is_compared_in_one_spelling() -> None:
    said = declared6()
    said["groups"][0]["addresses6"]["node1"] = "FD00:20:1:0::11"
    assert fabric_from(said) == fabric_from(declared6())


def test_a_node_has_an_address_in_one_family_at_least() -> None:
    said = declared6()
    said["groups"][0]["addresses"].pop("node3")
    assert fabric_from(said).members["node3"][1].addresses == ("fd00:20:1::13",)
    said["groups"][0]["addresses6"].pop("node3")
    with pytest.raises(Invalid, match="the address of node3 is missing"):
        fabric_from(said)
