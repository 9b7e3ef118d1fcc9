"""What Kubernetes' API tells, read."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.fabric import fabric_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.calico import MARK, UID, Borrowed
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.fabric import Fabric
from ansible_collections.baremetal.virt.plugins.module_utils.observe.kube.calico import observe

from ....doubles.calico_fabric import CalicoFabric
from ....doubles.fabric_cases import declared, fresh

ANY = Fabric("full_mesh", ())


def test_addresses_in_blocks_of_others_and_pods_in_blocks() -> None:
    fabric = fresh()
    attributes = [
        {"secondary": {"node": "node1", "namespace": "a", "pod": "one"}},
        {"secondary": {"node": "node2", "namespace": "a", "pod": "two"}},
    ]
    allocations = [None, 0, *[None] * 15, 1]
    spec = {"cidr": "10.233.64.0/26", "affinity": "host:node1", "allocations": allocations, "attributes": attributes}
    fabric.add("ipamblocks", "10-233-64-0-26", spec)
    found = observe(fabric, ANY)
    assert found.borrowed == (Borrowed("10.233.64.17/32", "node1", "node2"),)
    assert found.tenants == {"10.233.64.0/26": ("a/one (10.233.64.1)", "a/two (10.233.64.17)")}


def test_a_block_that_is_about_to_go_is_none() -> None:
    fabric = fresh()
    fabric.store["blockaffinities"]["node1-block"]["spec"]["deleted"] = "true"
    assert [block.state for block in observe(fabric, ANY).blocks if block.owner == "node1"] == ["deleted"]


def test_an_annotation_that_calico_keeps_inside_its_own_is_found() -> None:
    fabric = fresh()
    inner = json.dumps({"annotations": {MARK: "{}"}})
    fabric.add("bgpconfigurations", "default", {}, annotations={"projectcalico.org/metadata": inner})
    assert observe(fabric, ANY).unproved == {}
    assert observe(fresh(), ANY).unproved is None


def test_only_statuses_that_tell_everything_again_and_again_count() -> None:
    fabric = fresh()
    fabric.add("caliconodestatuses", "once", {"node": "node1", "classes": ["BGP"], "updatePeriodSeconds": 10})
    everything = {"node": "node2", "classes": ["Agent", "BGP", "Routes"], "updatePeriodSeconds": 10}
    fabric.add("caliconodestatuses", "again", everything, annotations={UID: "uid-node2"})
    found = observe(fabric, ANY)
    assert set(found.statuses or {}) == {"node2"}
    assert found.known_uids == {"node2": "uid-node2"}
    assert {seen.peer for seen in (found.statuses or {})["node2"].sessions if seen.mesh} >= {"172.20.1.11"}


def test_pods_are_asked_of_nodes_that_may_have_to_be_drained() -> None:
    asked: list[str] = []

    class Noting(CalicoFabric):
        def look(self, question: Question) -> Any:
            asked.append(question.argument[0])
            return super().look(question)

    whole = fresh()
    fabric = Noting({name: whole.address(name) for name in whole.store["nodes"]}, whole.switches)
    fabric.add("bgpconfigurations", "default", {"asNumber": 64512})
    found = observe(fabric, fabric_from(declared()))
    pods = [path for path in asked if "/pods" in path]
    assert [path.rpartition("%3D")[2] for path in pods] == ["node1", "node2", "node4", "node5", "node6"]
    assert [pod.kept for pod in found.nodes["node1"].pods] == [False, False, True]
    assert found.nodes["node3"].pods == ()
