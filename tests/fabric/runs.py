"""Runs of our modules on the rack: the way of the nodes, the switches, and what each speaker shows."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube import bird
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import bird_socket
from ansible_collections.baremetal.virt.plugins.modules import bgp_proof_info, fabric_switch
from ansible_collections.baremetal.virt.plugins.modules.calico_bgp import SUBJECT
from ansible_collections.baremetal.virt.plugins.plugin_utils.options import validated

from .frr import FrrSwitch, SpaceNode
from .rack import LEAF, LEAF_AS, NODES, SPINE, SPINE_AS, UPLINK, Rack

PROGRAMS = Path(os.environ.get("FABRIC_PROGRAMS", ".cache/fabric")).resolve()


def declared(topology: str) -> dict[str, Any]:
    group = {
        "name": "rr1",
        "asn": 64512,
        "leaf": "leaf1",
        "members": list(NODES),
        "reflectors": ["node1", "node2"],
        "addresses": NODES,
    }
    leaf = {"name": "leaf1", "asn": LEAF_AS, "address": LEAF, "router_id": "2.2.2.2", "networks": ["172.20.1.0/24"]}
    cable = {"leaf": "leaf1", "address": SPINE, "leaf_address": UPLINK}
    spine = {"name": "spine", "asn": SPINE_AS, "links": [cable]}
    return {"topology": topology, "groups": [group], "leaves": [leaf], "spines": [spine]}


def options(topology: str) -> dict[str, Any]:
    given = {"exclusive": False, "allow_restart": False, "timeout": 420, "backup_folder": "/b", "kubeconfig": ""}
    return {"fabric": declared(topology), **given}


def reached(rack: Rack, topology: str) -> dict[str, Any]:
    return converge(SUBJECT, options(topology), rack, False, lambda step, to: to.act(step))


def configured(rack: Rack) -> None:
    """Leaf and spine, by the module; a second run finds nothing to do."""
    for name, switch in (("leaf1", rack.leaf), ("spine", rack.spine)):
        assert switched(switch, name)["changed"] is True
        assert switched(switch, name)["changed"] is False


def switched(switch: FrrSwitch, name: str, **other: Any) -> dict[str, Any]:
    said = {"name": name, "fabric": declared("route_reflector"), "password": None, "exclusive": False, **other}
    return converge(fabric_switch.SUBJECT, said, switch, False, lambda step, to: to.act(step))


def proof(switch: SpaceNode, **said: Any) -> dict[str, Any]:
    spec = bgp_proof_info.INQUIRY.argument_spec
    return bgp_proof_info.answer(switch, validated(spec, {}, {"speaker": "frr", **said}))


def owners(rack: Rack) -> dict[str, list[str]]:
    return {rack.block(name): [address] for name, address in NODES.items()}


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
