"""A declaration held against a cluster: what the reader tells, both families, services, passwords."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.observe.kube.calico import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.calico import decide
from ansible_collections.baremetal.virt.plugins.modules.calico_bgp_info import answer

from ....doubles.fabric_cases import declared, declared6, fresh, options
from .test_calico import by_hand, plan, reflected


def test_with_a_declaration_the_reader_tells_what_is_missing_of_it() -> None:
    fabric = by_hand()
    told = answer(fabric, {"fabric": declared()})
    assert (len(told["expected"]), told["missing"]) == (12, [])
    assert told["expected"][0]["kind"] == "leaf"
    fabric.down.add("node2")
    fabric.settle()
    told = answer(fabric, {"fabric": declared()})
    assert "node2 does not tell" in told["missing"]
    assert "node1 has no session with node2 (Active)" in told["missing"]


def test_ipv6_is_told_as_it_is_declared_and_whoever_does_not_declare_it_is_refused() -> None:
    fabric = fresh(both=True)
    said = {**options(), "fabric": declared6()}
    desired = desired_from(said)
    for step in decide(desired, observe(fabric, desired.fabric)).steps:
        fabric.act(step)
    fabric.settle()
    told = answer(fabric, {"fabric": None})["fabric"]
    assert told["leaves"][0]["address6"] == "fd00:20:1::fe"
    desired = desired_from({**said, "fabric": told})
    found = decide(desired, observe(fabric, desired.fabric))
    assert (found.steps, found.refusals) == ((), ())
    assert "node1 has the address 172.20.1.11 and fd00:20:1::11, and 172.20.1.11 is declared." in " ".join(
        map(str, plan(fabric).refusals)
    )


def test_a_node_without_ipv4_needs_a_router_id() -> None:
    fabric = fresh(both=True)
    fabric.store["nodes"]["node3"]["metadata"]["annotations"].pop("projectcalico.org/IPv4Address")
    told = "node3 has no IPv4 address, so it has no router id"
    assert told in " ".join(map(str, plan(fabric).refusals))
    fabric.environment["CALICO_ROUTER_ID"] = "hash"
    assert told not in " ".join(map(str, plan(fabric).refusals))


def test_services_behind_reflectors_have_a_next_hop_for_each_of_these_and_no_more() -> None:
    fabric = reflected()
    told = "Behind reflectors that keep next hops, a leaf has one next hop for the service prefix per reflector."
    assert told not in plan(fabric).warnings
    fabric.store["bgpconfigurations"]["default"]["spec"]["serviceClusterIPs"] = [{"cidr": "10.233.0.0/18"}]
    assert told in plan(fabric).warnings


def test_a_password_that_calico_node_may_not_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    fabric = fresh()
    said = {**options(), "fabric": declared(password_secret={"name": "bgp", "entry": "password"})}
    desired = desired_from(said)
    assert not decide(desired, observe(fabric, desired.fabric)).refusals
    look = fabric.look
    denied = {"status": {"allowed": False}}
    monkeypatch.setattr(fabric, "look", lambda one: denied if "subjectaccess" in one.argument[0] else look(one))
    found = decide(desired, observe(fabric, desired.fabric))
    assert "calico-node may not read the secret bgp in kube-system" in str(found.refusals[0])
    assert not found.steps
