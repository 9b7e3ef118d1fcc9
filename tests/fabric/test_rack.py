"""From a full mesh to reflectors and back on real BIRDs, under a flow of packets between the pods of all nodes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube import bird
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import bird_socket
from ansible_collections.baremetal.virt.plugins.modules.calico_bgp import SUBJECT

from .rack import LEAF, LEAF_AS, NODES, Flow, Rack

PROGRAMS = Path(os.environ.get("BIRD_PROGRAMS", ".cache/fabric")).resolve()


def options(topology: str) -> dict[str, Any]:
    group = {
        "name": "rr1",
        "asn": 64512,
        "leaf": "leaf1",
        "members": list(NODES),
        "reflectors": ["node1", "node2"],
        "addresses": NODES,
    }
    fabric = {"topology": topology, "groups": [group], "leaves": [{"name": "leaf1", "asn": LEAF_AS, "address": LEAF}]}
    given = {"exclusive": False, "allow_restart": False, "timeout": 420, "backup_folder": "/b", "kubeconfig": ""}
    return {"fabric": fabric, **given}


def reached(rack: Rack, topology: str) -> dict[str, Any]:
    return converge(SUBJECT, options(topology), rack, False, lambda step, to: to.act(step))


@pytest.fixture
def rack(tmp_path: Path) -> Iterator[Rack]:
    found = Rack(tmp_path, PROGRAMS)
    found.up()
    yield found
    if found.flow is not None:
        found.flow.end()
    found.down_all()


def meshed(rack: Rack) -> None:
    """Wait until each BIRD has a route to every block."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        told = [bird_socket.ask(str(rack.folder / f"{name}.ctl"), ("show route",))["show route"] for name in NODES]
        if all(len({one.prefix for one in bird.routes(text) if one.best and one.resolved}) >= 5 for text in told):
            time.sleep(3)  # the kernel's table follows
            return
        time.sleep(1)
    raise AssertionError("the mesh never comes up")


def test_no_packet_is_lost_on_the_way_to_reflectors_and_back(rack: Rack) -> None:
    meshed(rack)
    rack.flow = Flow(rack)
    assert make_plan(SUBJECT, options("route_reflector"), rack).steps
    assert reached(rack, "route_reflector")["changed"] is True
    assert reached(rack, "route_reflector")["changed"] is False
    time.sleep(2)
    leaf = bird.routes(bird_socket.ask(str(rack.folder / "leaf.ctl"), ("show route",))["show route"])
    owners = {rack.block(name): address for name, address in NODES.items()}
    assert {one.prefix: one.gateways for one in leaf if one.best and one.prefix in owners} == {
        block: (address,) for block, address in owners.items()
    }
    assert reached(rack, "full_mesh")["changed"] is True
    assert reached(rack, "full_mesh")["changed"] is False
    rack.flow.end()
    print(f"{rack.flow.sent} packets, lost: {rack.flow.lost}")
    assert rack.flow.sent > 1000
    assert not rack.flow.lost
