"""What is refused, taken over, told and taken back."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Send
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge
from ansible_collections.baremetal.virt.plugins.module_utils.observe.kube.calico import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.calico import decide
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.export import describe
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.proof import Expected, condition
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.standing import standing
from ansible_collections.baremetal.virt.plugins.modules.calico_bgp import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.calico_bgp_info import answer

from ....doubles.calico_fabric import CalicoFabric
from ....doubles.fabric_cases import ADDRESSES, RACKS, fresh, options


def plan(fabric: CalicoFabric, **other: Any) -> Plan:
    desired = desired_from(options(**other))
    return decide(desired, observe(fabric, desired.fabric))


def reflected() -> CalicoFabric:
    fabric = fresh()
    for step in plan(fabric).steps:
        fabric.act(step)
    fabric.settle()
    return fabric


def by_hand() -> CalicoFabric:
    """As somebody makes it who names things otherwise, and writes selectors otherwise."""
    fabric = fresh()
    fabric.add("bgpconfigurations", "default", {"asNumber": 64512, "nodeToNodeMeshEnabled": False})
    for number in (1, 2):
        group = f"rr{number}"
        leaf = {"peerIP": f"172.20.{number}.254", "asNumber": 65008 + number, "keepOriginalNextHop": True}
        fabric.add("bgppeers", f"to-switch-{number}", {**leaf, "nodeSelector": f"rr-id == '{group}'"})
        chosen = {"nodeSelector": f"rr-group == '{group}'", "peerSelector": f"rr-id == '{group}'"}
        fabric.add("bgppeers", f"inside-{number}", chosen)
    for name, number in RACKS.items():
        reflects = name not in ("node3", "node6")
        metadata = fabric.store["nodes"][name]["metadata"]
        metadata["labels"].update({"rr-group": f"rr{number}", **({"rr-id": f"rr{number}"} if reflects else {})})
        metadata["annotations"]["projectcalico.org/ASNumber"] = str(64511 + number)
        if reflects:
            metadata["annotations"]["projectcalico.org/RouteReflectorClusterID"] = ADDRESSES[name]
        spec = {"node": name, "classes": ["Agent", "BGP", "Routes"], "updatePeriodSeconds": 30}
        fabric.add("caliconodestatuses", f"mine-{name}", spec)
    fabric.settle()
    return fabric


def test_what_somebody_has_made_by_hand_is_taken_over_as_it_is() -> None:
    found = plan(by_hand())
    assert (found.steps, found.refusals) == ((), ())


def test_what_the_reader_tells_declared_as_it_is_is_nothing_to_do() -> None:
    fabric = by_hand()
    told = answer(fabric, {"fabric": None})["fabric"]
    desired = desired_from({**options(), "fabric": told})
    found = decide(desired, observe(fabric, desired.fabric))
    assert (found.steps, found.refusals) == ((), ())
    assert told["topology"] == "route_reflector"
    assert [group["reflectors"] for group in told["groups"]] == [["node1", "node2"], ["node4", "node5"]]


def test_a_password_and_own_as_numbers_are_told_as_they_are_declared() -> None:
    fabric = by_hand()
    for number in (1, 2):
        peer = fabric.store["bgppeers"][f"to-switch-{number}"]["spec"]
        peer["password"] = {"secretKeyRef": {"name": "bgp", "key": "leaf"}}
        peer["numAllowedLocalASNumbers"] = 2
    fabric.settle()
    told = answer(fabric, {"fabric": None})["fabric"]
    assert told["password_secret"] == {"name": "bgp", "entry": "leaf"}
    desired = desired_from({**options(), "fabric": told})
    found = decide(desired, observe(fabric, desired.fabric))
    assert (found.steps, found.refusals) == ((), ())


def test_the_reader_tells_a_mesh_too() -> None:
    fabric = fresh()
    told = describe(observe(fabric, desired_from(options()).fabric))
    assert told["fabric"]["topology"] == "full_mesh" and told["mesh"] is True
    assert told["nodes"][0]["announces"] == ["10.233.64.0/26"] and told["nodes"][0]["asn_inherited"] is True


def test_traffic_through_reflectors_is_told_and_changed_only_if_that_may_be() -> None:
    fabric = by_hand()
    fabric.store["bgppeers"]["to-switch-1"]["spec"].pop("keepOriginalNextHop")
    fabric.settle()
    found = plan(fabric)
    assert not found.steps
    assert any("all traffic into the rack goes through the reflectors" in told for told in found.warnings)
    ids = [step.id for step in plan(fabric, allow_restart=True).steps]
    assert ids[:2] == ["objects.save", "peer.write:to-switch-1"] and ids[2].startswith("routes.prove")


def test_another_peer_under_the_name_is_refused() -> None:
    fabric = reflected()
    fabric.store["bgppeers"]["rr1-to-leaf1-peer"]["spec"]["asNumber"] = 65099
    assert "its sessions would all end at the same moment" in str(plan(fabric).refusals[0])


Change = Callable[[CalicoFabric], Any]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda one: one.environment.update(AS="64512"), "calico-node has AS=64512"),
        (lambda one: one.environment.update(CALICO_ROUTER_ID="1.1.1.1"), "All nodes have the router id 1.1.1.1"),
        (lambda one: one.store.pop("caliconodestatuses"), "no CalicoNodeStatus"),
        (lambda one: one.add_node("node7", "172.20.1.17", "7"), "node7 is in no group"),
        (lambda one: one.add_node("node3", "172.20.1.19", "3"), "node3 has the address 172.20.1.19"),
        (lambda one: one.add_pod("alone", "node1", owner=""), "nobody would start these pods again: shop/alone"),
    ],
)
def test_what_would_cut_somebody_off_is_refused(change: Change, told: str) -> None:
    fabric = fresh()
    change(fabric)
    assert told in " ".join(map(str, plan(fabric).refusals))
    assert not plan(fabric).steps


def test_a_reflector_whose_cluster_id_belongs_to_another_group_is_drained_as_others_are() -> None:
    fabric = by_hand()
    fabric.store["nodes"]["node4"]["metadata"]["annotations"]["projectcalico.org/RouteReflectorClusterID"] = "9.9.9.9"
    fabric.store["nodes"]["node1"]["metadata"]["annotations"]["projectcalico.org/RouteReflectorClusterID"] = "9.9.9.9"
    fabric.settle()
    assert "node.drain:node1" in [step.id for step in plan(fabric).steps]
    fabric.add_pod("alone", "node1", owner="")
    assert "nobody would start these pods again: shop/alone" in " ".join(map(str, plan(fabric).refusals))


@pytest.mark.parametrize("kind", ["ipamblocks", "blockaffinities", "ippools", "bgppeers", "bgpconfigurations"])
def test_what_this_calico_does_not_tell_is_not_taken_for_none(kind: str) -> None:
    fabric = reflected()
    fabric.untold.add(kind)
    assert f"does not tell {kind}" in " ".join(map(str, plan(fabric).refusals))
    assert answer(fabric, {"fabric": None})["nodes"], "whoever only asks is answered"


def test_an_older_calico_has_no_filters_for_a_rack() -> None:
    fabric = fresh()
    fabric.release = "v3.22.0"
    assert "numAllowedLocalASNumbers" in str(decide_rack(fabric).refusals[0])


def decide_rack(fabric: CalicoFabric) -> Plan:
    desired = desired_from(options("top_of_rack"))
    return decide(desired, observe(fabric, desired.fabric))


def test_two_nodes_with_one_hostname_are_told() -> None:
    fabric = fresh()
    fabric.store["nodes"]["node6"]["metadata"]["labels"]["kubernetes.io/hostname"] = "node5"
    assert "node5 and node6 both have the label kubernetes.io/hostname=node5." in plan(fabric).warnings


def test_before_anything_else_all_objects_are_put_away() -> None:
    fabric = fresh()
    steps = plan(fabric).steps
    assert steps[0].id == "objects.save"
    fabric.act(steps[0])
    (text,) = fabric.files.values()
    assert [one["metadata"]["name"] for one in json.loads(text)["nodes"]] == list(RACKS)


def again(fabric: CalicoFabric, name: str) -> None:
    """The node is set up anew under its name."""
    fabric.add_node(name, ADDRESSES[name], "another uid")
    fabric.settle()


def test_a_node_that_came_back_under_its_name_is_made_a_reflector_again_with_one_request() -> None:
    fabric = reflected()
    again(fabric, "node2")
    found = plan(fabric)
    ids = [step.id for step in found.steps]
    assert ids[ids.index("routes.prove:without node2") :][:5] == [
        "routes.prove:without node2",
        "node.cordon:node2",
        "node.drain:node2",
        "node.write:node2",
        "routes.prove:node2",
    ]
    sent = found.steps[ids.index("node.write:node2")].action
    assert isinstance(sent, Send)
    assert json.loads(sent.document)["metadata"] == {
        "labels": {"rr-group": "rr1", "rr-id": "rr1"},
        "annotations": {
            "projectcalico.org/ASNumber": "64512",
            "projectcalico.org/RouteReflectorClusterID": ADDRESSES["node2"],
        },
    }
    assert any("node2 is a new node under its name" in told for told in found.warnings)
    assert any("rr1 has only one reflector left, node1" in told for told in found.warnings)
    for step in found.steps:
        fabric.act(step)
    assert not plan(fabric).steps and not fabric.lost()


def test_no_step_is_taken_while_a_client_has_no_other_reflector() -> None:
    fabric = reflected()
    again(fabric, "node2")
    fabric.down.add("node1")
    fabric.settle()
    with pytest.raises(StepFailed, match="node1 does not|node3 does not learn"):
        for step in plan(fabric).steps:
            fabric.act(step)
    assert "node.cordon:node2" not in [step.id for step in fabric.performed[-4:]]


def test_what_a_node_told_before_the_last_change_proves_nothing() -> None:
    fabric = reflected()
    told = fabric.look(Question("api", ("/apis/crd.projectcalico.org/v1/caliconodestatuses",)))["items"]
    fabric.silent = {one["spec"]["node"]: one for one in told if one["spec"]["node"] == "node3"}
    fabric.add("bgppeers", "lab", {"peerIP": "192.0.2.1", "asNumber": 65000})
    steps = plan(fabric, exclusive=True).steps
    with pytest.raises(StepFailed, match="node3 has told nothing since"):
        for step in steps:
            fabric.act(step)
    fabric.silent.clear()
    fabric.act(steps[-1])


def test_a_report_counts_when_bird_had_taken_the_change_before_it() -> None:
    fabric = reflected()
    desired = desired_from(options())
    observed = observe(fabric, desired.fabric)
    until = condition(Expected(observed).proof(standing(desired.fabric, observed)), observed.wiring, "all")
    assert not until.holds(fabric), "what is there now is not known"
    begun = until.begun(fabric)
    assert "node1 has told nothing since" in begun.lacking(fabric)
    fabric.tell(15)
    assert not begun.holds(fabric), "one of that age may be of the moment before the change"
    fabric.tell(1)
    assert begun.holds(fabric)


def test_what_is_missing_is_told_without_a_change() -> None:
    fabric = reflected()
    fabric.switches = tuple(switch for switch in fabric.switches if switch.name != "leaf1")
    fabric.settle()
    found = plan(fabric)
    assert not found.steps
    assert "node1 has no session with 172.20.1.254 (Active)." in found.warnings


def run(fabric: CalicoFabric, **other: Any) -> dict[str, Any]:
    return converge(SUBJECT, {**options(**other), "kubeconfig": ""}, fabric, False, lambda step, to: to.act(step))


class Losing(CalicoFabric):
    """When the mesh goes off, a leaf forgets its neighbours: everything was there before, and is not after."""

    def settle(self) -> None:
        if not self.mesh:
            self.switches = tuple(switch for switch in self.switches if switch.name != "leaf2")
        super().settle()


def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes by waiting in memory."""
    from ansible_collections.baremetal.virt.plugins.module_utils.engine import subject

    def wait(step: Any, node: CalicoFabric, *given: Any) -> bool:
        node.act(step)
        return True

    monkeypatch.setattr(subject, "_wait", wait)


def test_a_mesh_that_is_missed_comes_on_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch)
    whole = fresh()
    fabric = Losing(ADDRESSES, whole.switches)
    secret = {"secretKeyRef": {"name": "mesh", "key": "password"}}
    before = {"nodeToNodeMeshEnabled": True, "asNumber": 64512, "nodeMeshPassword": secret}
    fabric.add("bgpconfigurations", "default", before)
    with pytest.raises(StepFailed, match="node4 has no session with 172.20.2.254") as error:
        run(fabric)
    assert "The change was taken back: switch the mesh on again." in error.value.message
    assert fabric.store["bgpconfigurations"]["default"]["spec"] == before, "with its password"
    fabric.switches = whole.switches
    fabric.settle()
    assert not fabric.lost()


def test_a_node_that_cannot_be_drained_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch)
    fabric = fresh()
    before = copy.deepcopy(fabric.store["nodes"])
    monkeypatch.setattr(fabric, "_evict", lambda name: None)
    with pytest.raises(StepFailed, match="left are"):
        run(fabric)
    nodes = copy.deepcopy(fabric.store["nodes"])
    node = nodes["node1"]
    assert not node["spec"].get("unschedulable") and "baremetal.virt/before" not in node["metadata"]["annotations"]
    assert "rr-id" not in node["metadata"]["labels"]
    assert node["metadata"]["annotations"] == before["node1"]["metadata"]["annotations"]
    assert not fabric.lost()


def test_the_whole_run_and_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch)
    fabric = fresh()
    assert run(fabric)["changed"] is True
    assert run(fabric)["changed"] is False


def test_services_are_announced_and_withdrawn_last() -> None:
    fabric = reflected()
    said = options()
    said["fabric"]["service_prefixes"] = ["10.233.0.0/18"]
    desired = desired_from(said)
    ids = [step.id for step in decide(desired, observe(fabric, desired.fabric)).steps]
    assert ids == ["objects.save", "service.announce", "routes.prove:added"]
    fabric.store["bgpconfigurations"]["default"]["spec"]["serviceClusterIPs"] = [{"cidr": "10.9.0.0/16"}]
    ids = [step.id for step in decide(desired, observe(fabric, desired.fabric)).steps]
    assert [one for one in ids if one.startswith("service")] == ["service.announce", "service.withdraw"]


def test_peers_that_are_not_declared_are_told_and_with_exclusive_removed_last() -> None:
    fabric = reflected()
    fabric.add("bgppeers", "lab", {"peerIP": "192.0.2.1", "asNumber": 65000})
    assert "The peer lab is not declared, and stays." in plan(fabric).warnings
    ids = [step.id for step in plan(fabric, exclusive=True).steps]
    assert ids == ["objects.save", "peer.delete:lab", "routes.prove:end"]


def test_a_mesh_that_somebody_has_switched_on_again_goes_off_when_nobody_needs_it() -> None:
    fabric = reflected()
    fabric.store["bgpconfigurations"]["default"]["spec"]["nodeToNodeMeshEnabled"] = True
    fabric.settle()
    ids = [step.id for step in plan(fabric).steps]
    assert ids == ["objects.save", "routes.prove:without the mesh", "mesh.off", "routes.prove:mesh", "mesh.confirm"]
