"""The way between two topologies, on a fabric in memory: no moment loses a packet."""

from __future__ import annotations

import copy
import dataclasses
import functools
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.observe.kube.calico import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.calico import decide
from hypothesis import given, settings
from hypothesis import strategies as st

from ....doubles.calico_fabric import CalicoFabric
from ....doubles.calico_parts import Switch
from ....doubles.examples import examples
from ....doubles.fabric_cases import RACKS, declared6, fresh, options

TOPOLOGIES = ("full_mesh", "route_reflector", "top_of_rack")
WAYS = [(first, then) for first in TOPOLOGIES for then in TOPOLOGIES if first != then]


def plan(fabric: CalicoFabric, said: dict[str, Any]) -> Plan:
    desired = desired_from(said)
    return decide(desired, observe(fabric, desired.fabric))


def walk(fabric: CalicoFabric, said: dict[str, Any], steps: int = 1000) -> None:
    """Carry out so many steps; in each moment between two of them, and after, every packet arrives."""
    for step in plan(fabric, said).steps[:steps]:
        fabric.act(step)
        assert not fabric.lost(between=True), f"while the sessions begin anew after: {step.id}"
        fabric.settle()
        assert not fabric.lost(), f"after: {step.id}"


@functools.cache
def reached(topology: str) -> CalicoFabric:
    fabric = fresh()
    if topology != "full_mesh":
        walk(fabric, options(topology))
    return fabric


def standing(topology: str) -> CalicoFabric:
    return copy.deepcopy(reached(topology))


@pytest.mark.parametrize(("first", "then"), WAYS)
def test_no_packet_is_lost_on_any_way_and_the_next_run_finds_nothing_to_do(first: str, then: str) -> None:
    fabric = standing(first)
    said = options(then)
    assert plan(fabric, said).steps
    walk(fabric, said)
    again = plan(fabric, said)
    assert not again.steps
    assert not [told for told in again.warnings if "has no" in told or "does not" in told]
    assert not [node for node in fabric.store["nodes"].values() if node["spec"].get("unschedulable")]


@pytest.mark.parametrize("topology", ["route_reflector", "top_of_rack"])
def test_ipv6_goes_the_same_way_and_loses_no_packet_either(topology: str) -> None:
    fabric = fresh(both=True)
    assert fabric.way("node3", "node6") and len(fabric.addresses("node3")) == 2
    said = options6(topology)
    walk(fabric, said)
    assert not plan(fabric, said).steps
    table = fabric.routes()["node3"]
    assert fabric.block("node6", "6") in table and ":" in table[fabric.block("node6", "6")][0].next_hop
    back = options6("full_mesh")
    walk(fabric, back)
    assert not plan(fabric, back).steps


def test_a_leaf_that_has_no_ipv6_yet_is_missed_before_the_mesh_goes_off() -> None:
    fabric = fresh(both=True)
    leaf = fabric.switches[1]
    fabric.switches = (*fabric.switches[:1], dataclasses.replace(leaf, neighbours=four(leaf)), *fabric.switches[2:])
    with pytest.raises(StepFailed, match="node4 has no session with fd00:20:2::fe|does not learn fd00"):
        walk(fabric, options6("route_reflector"))
    assert fabric.mesh


def four(leaf: Switch) -> dict[str, int]:
    return {address: asn for address, asn in leaf.neighbours.items() if ":" not in address}


def options6(topology: str) -> dict[str, Any]:
    return {**options(topology), "fabric": declared6(topology)}


@given(way=st.sampled_from(WAYS), cut=st.integers(0, 60), after=st.integers(0, 60))
@settings(max_examples=examples(60), deadline=None)
def test_a_run_that_is_killed_after_any_step_and_again_in_the_next_run_loses_nothing(
    way: tuple[str, str], cut: int, after: int
) -> None:
    fabric = standing(way[0])
    said = options(way[1])
    walk(fabric, said, cut)
    walk(fabric, said, after)
    walk(fabric, said)
    assert not plan(fabric, said).steps


@given(first=st.sampled_from(WAYS), cut=st.integers(0, 60), then=st.sampled_from(TOPOLOGIES))
@settings(max_examples=examples(40), deadline=None)
def test_whoever_changes_his_mind_half_way_loses_nothing_either(first: tuple[str, str], cut: int, then: str) -> None:
    fabric = standing(first[0])
    walk(fabric, options(first[1]), cut)
    walk(fabric, options(then))
    assert not plan(fabric, options(then)).steps


def test_the_order_that_switches_the_mesh_off_first_loses_everything() -> None:
    """The same objects in the order in which they are told of elsewhere."""
    fabric = fresh()
    steps = plan(fabric, options()).steps
    written = [step for step in steps if step.id.startswith(("peer.create:rr", "node.write"))]
    config = next(step for step in steps if step.id == "config.create")
    mesh = next(step for step in steps if step.id == "mesh.off")
    fabric.act(config)
    fabric.settle()
    assert not fabric.lost()
    fabric.act(mesh)
    fabric.settle()
    assert len(fabric.lost()) == 30, "each of six nodes to each other one"
    for step in written:
        fabric.act(step)
        fabric.settle()
        assert fabric.lost() or step is written[-1]
    assert not fabric.lost()


@pytest.mark.parametrize("left_out", ["node.drain", "routes.prove"])
def test_each_part_of_the_order_is_needed(left_out: str) -> None:
    fabric = fresh()
    lost = []
    for step in plan(fabric, options()).steps:
        if not step.id.startswith(left_out):
            fabric.act(step)
            lost += fabric.lost(between=True)
    assert lost


def test_a_reflector_that_nobody_bridges_is_noticed_while_it_has_no_pods() -> None:
    fabric = fresh()
    with pytest.raises(StepFailed, match="node1 has no session with node4"):
        for step in plan(fabric, options()).steps:
            if not step.id.startswith("peer.create:reflectors-to-all"):
                fabric.act(step)
                assert not fabric.lost(between=True)


def test_no_traffic_of_a_rack_passes_a_reflector_in_the_end() -> None:
    fabric = standing("route_reflector")
    reflectors = {"node1", "node2", "node4", "node5"}
    ways = [fabric.way(one, other) for one in RACKS for other in RACKS if one != other]
    assert all(ways)
    assert not [way for way in ways if set(way[1:-1]) & reflectors]


def test_without_next_hops_that_are_kept_it_would() -> None:
    fabric = standing("route_reflector")
    for peer in fabric.store["bgppeers"].values():
        peer["spec"].pop("keepOriginalNextHop", None)
    fabric.settle()
    assert set(fabric.way("node3", "node6")) & {"node4", "node5"}
