"""From a full mesh to reflectors and back on real BIRDs and FRRs, under a flow of packets between all pods."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Send
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.calico_bgp import SUBJECT

from .rack import NODES, SPINE, UPLINK, Flow, Rack
from .runs import PROGRAMS, configured, meshed, options, owners, proof, reached


@pytest.fixture
def rack(tmp_path: Path) -> Iterator[Rack]:
    found = Rack(tmp_path, PROGRAMS)
    found.up()
    yield found
    if found.flow is not None:
        found.flow.end()
    found.down_all()


def test_no_packet_is_lost_on_the_way_to_reflectors_and_back(rack: Rack) -> None:
    configured(rack)
    meshed(rack)
    rack.flow = Flow(rack)
    assert make_plan(SUBJECT, options("route_reflector"), rack).steps
    assert reached(rack, "route_reflector")["changed"] is True
    assert reached(rack, "route_reflector")["changed"] is False
    time.sleep(2)
    reflectors = [NODES["node1"], NODES["node2"]]
    told = proof(rack.leaf, peers=[SPINE, *reflectors], prefixes=owners(rack))
    assert told["faults"] == [], "the leaf sends to the owner of each block, and so does its kernel"
    told = proof(rack.spine, peers=[UPLINK], prefixes=dict.fromkeys(owners(rack), [UPLINK]))
    assert told["faults"] == []
    assert reached(rack, "full_mesh")["changed"] is True
    assert reached(rack, "full_mesh")["changed"] is False
    rack.flow.end()
    print(f"{rack.flow.sent} packets, lost: {rack.flow.lost}")
    assert rack.flow.sent > 1000
    assert not rack.flow.lost


def test_the_order_that_switches_the_mesh_off_first_loses_packets(rack: Rack) -> None:
    """The same objects, in the order in which they are told of elsewhere."""
    configured(rack)
    meshed(rack)
    steps = [
        step for step in make_plan(SUBJECT, options("route_reflector"), rack).steps if isinstance(step.action, Send)
    ]
    first = [step for step in steps if step.id in ("config.create", "mesh.off")]
    then = [step for step in steps if step.id.startswith(("peer.create:rr", "node.write"))]
    rack.flow = Flow(rack)
    for step in first:
        rack.act(step)
    time.sleep(3)
    for step in then:
        rack.act(step)
    time.sleep(15)
    rack.flow.end()
    print(f"{rack.flow.sent} packets, lost: {rack.flow.lost}")
    assert len(rack.flow.lost) == len(NODES) * (len(NODES) - 1), "between all pods"
