"""What the plan of a large fabric costs: 1,000 nodes with eight reflectors, from a full mesh.

    make bench-routes

It prints seconds, and their ratio to those of a loop that the same machine makes meanwhile, as machines differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.calico import (
    ADDRESS,
    Block,
    Node,
    ObservedCalico,
    Pool,
)
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.calico import decide

GROUPS, MEMBERS, REFLECTORS = 4, 250, 2


def declared() -> dict[str, Any]:
    groups = []
    for number in range(GROUPS):
        members = [f"node{number}-{index}" for index in range(MEMBERS)]
        addresses = {name: f"10.{number}.{index // 200}.{index % 200 + 1}" for index, name in enumerate(members)}
        said = {"name": f"rack{number}", "asn": 64512 + number, "leaf": f"leaf{number}", "members": members}
        groups.append({**said, "reflectors": members[:REFLECTORS], "addresses": addresses})
    leaves = [{"name": f"leaf{one}", "asn": 65001 + one, "address": f"10.{one}.255.254"} for one in range(GROUPS)]
    return {"topology": "route_reflector", "groups": groups, "leaves": leaves}


def observed(fabric: dict[str, Any]) -> ObservedCalico:
    addresses = {name: address for group in fabric["groups"] for name, address in group["addresses"].items()}
    nodes = {name: Node(name, name, {}, {ADDRESS: f"{address}/16"}) for name, address in addresses.items()}
    blocks = tuple(Block(f"10.128.{at // 4}.{at % 4 * 64}/26", name) for at, name in enumerate(nodes))
    return ObservedCalico(
        "crd.projectcalico.org/v1", nodes, {}, {}, None, {}, pools=(Pool("10.128.0.0/9"),), blocks=blocks
    )


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    fabric = declared()
    there = observed(fabric)
    given = {"fabric": fabric, "backup_folder": "/b", "exclusive": False, "allow_restart": False, "timeout": 420}
    plans = sorted(seconds(lambda: decide(desired_from(given), there)) for _round in range(5))
    loops = sorted(seconds(lambda: sum(range(10_000_000))) for _round in range(5))
    steps = len(decide(desired_from(given), there).steps)
    print(f"{steps} steps for {len(there.nodes)} nodes: {plans[2]:.2f} s, {plans[2] / loops[2]:.1f} times the loop")


if __name__ == "__main__":
    main()
