"""A container is attached whole, checked along what was stored, and never while somebody dead still has its port."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.attachment import NOTES
from ansible_collections.baremetal.virt.plugins.modules.cni_attachment import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.cni_attachment_info import INQUIRY

from ....doubles.cni_node import RESULTS, CniFake
from ....doubles.support import assert_converges_from_every_kill, printed
from ...model.cni.test_conflist import CASES, IPV6, PORTS, lines, right
from .test_network import LIST, PATH, case_of_a_former_life, changed

NETNS = "/run/netns/new1"
ADD, DELETE = "attachment.add:pods-new1-eth0", "attachment.delete:pods-new1-eth0"
CASE = CASES / "port-of-a-dead-pod"


def options(**given: Any) -> dict[str, Any]:
    spec = SUBJECT.argument_spec
    own = {"network": "pods", "container_id": "new1", "netns": NETNS}
    return {**{name: one.get("default") for name, one in spec.items()}, **own, **given}


def fresh() -> CniFake:
    return CniFake(files={PATH: json.dumps(LIST), NETNS: ""})


def plan(node: CniFake, **given: Any) -> Plan:
    return make_plan(SUBJECT, options(**given), node)


def ids(found: Plan) -> list[str]:
    return [step.id for step in found.steps]


def carried_out(node: CniFake, **given: Any) -> Plan:
    found = plan(node, **given)
    assert not found.refusals
    for step in found.steps:
        node.act(step)
    return found


def test_it_is_attached_and_then_left_alone_and_detached_once() -> None:
    node = fresh()
    assert ids(carried_out(node)) == [ADD]
    assert ids(plan(node)) == []
    assert ids(carried_out(node, state="absent")) == [DELETE]
    assert ids(plan(node, state="absent")) == []


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    def drifted() -> CniFake:
        node = fresh()
        carried_out(node)
        node.failures = [{"plugin": "bridge", "code": 999, "msg": "Failed to match addr"}]
        return node

    assert assert_converges_from_every_kill(SUBJECT, options(), drifted) == 3


def test_what_check_says_is_told_and_the_attachment_replaced() -> None:
    node = fresh()
    carried_out(node)
    node.failures = [{"plugin": "bridge", "code": 999, "msg": "Failed to match addr 10.244.1.2/24 on interface eth0"}]
    found = plan(node)
    assert ids(found) == [DELETE, ADD]
    assert found.steps[0].because == "bridge says Failed to match addr 10.244.1.2/24 on interface eth0"


def test_a_failure_that_is_the_plugins_own_is_told_and_no_drift() -> None:
    node = fresh()
    carried_out(node)
    node.failures = [{"plugin": "portmap", "code": 999, "msg": IPV6}]
    found = plan(node)
    assert ids(found) == []
    assert "containernetworking/plugins 819" in found.warnings[0]
    node.failures.append({"plugin": "tuning", "code": 999, "msg": "Error: Tuning configured value"})
    assert ids(plan(node)) == [DELETE, ADD]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"netns": "/run/netns/other"}, "the namespace are others"),
        ({"args": {"K8S_POD_NAME": "b"}}, "arguments are others"),
        ({"capability_args": {"portMappings": PORTS["portMappings"]}}, "capability arguments are others"),
    ],
)
def test_other_wishes_are_a_reason_too(given: dict[str, Any], words: str) -> None:
    node = fresh()
    node.files["/run/netns/other"] = ""
    carried_out(node)
    found = plan(node, **given)
    assert ids(found) == [DELETE, ADD]
    assert found.steps[0].because == words


def test_the_same_namespace_by_another_path_is_none() -> None:
    node = fresh()
    carried_out(node)
    assert ids(plan(node, netns=f"/var{NETNS}")) == []


def test_what_a_run_that_was_cut_short_has_left_is_ended_before_it_begins_anew() -> None:
    node = fresh()
    node.store(NOTES, "new1", LIST)
    assert ids(carried_out(node)) == [DELETE, ADD]
    assert ids(plan(node)) == []
    node.store(NOTES, "new1", LIST)
    assert ids(carried_out(node)) == [f"file.remove:{NOTES}/pods-new1-eth0"]
    assert ids(plan(node)) == []
    node = fresh()
    node.store(NOTES, "new1", LIST)
    assert ids(carried_out(node, state="absent")) == [DELETE]


def test_a_list_that_was_changed_since_is_told() -> None:
    node = fresh()
    carried_out(node)
    node.files[PATH] = json.dumps(changed(mtu=1400))
    found = plan(node)
    assert ids(found) == []
    assert "along a list that has been changed since" in found.warnings[0]


def test_a_cache_that_tells_no_list_is_no_absence() -> None:
    node = fresh()
    node.files[f"{RESULTS}/pods-new1-eth0"] = '{"ips": []}'
    for state in ("present", "absent"):
        assert "nobody knows what there is to delete" in str(plan(node, state=state).refusals[0])
    with pytest.raises(Unreadable):
        INQUIRY.answer(node, {**options(), "bin_dirs": []})


@pytest.mark.parametrize("case", lines(CASES / "capability-not-declared" / "lists.jsonl"), ids=lambda one: one["id"])
def test_an_argument_that_nobody_declares_is_refused(case: dict[str, Any]) -> None:
    wanted = right("capability-not-declared")["attach_with_arguments"][case["id"]]
    node = CniFake(files={PATH: json.dumps(case["list"]), NETNS: ""})
    found = plan(node, network=case["list"]["name"], capability_args=PORTS)
    assert bool(found.refusals) == wanted["refused"]
    if found.refusals:
        assert f"declares the capability {wanted['capability']}" in str(found.refusals[0])


def test_a_bridge_of_a_former_cluster_is_told_before_the_add() -> None:
    node, config, wanted = case_of_a_former_life()
    node.files.update({PATH: json.dumps(config), NETNS: ""})
    (refusal,) = plan(node, network="dbnet").refusals
    assert wanted["has"] in str(refusal)
    assert wanted["wants"] in str(refusal)


def with_dead_port() -> CniFake:
    """The node of the case: old1 is no more, other lives, and new1 has been attached behind old1."""
    node = fresh().with_runtime()
    node.sandboxes = yaml.safe_load((CASE / "sandboxes.yml").read_text())["ids"]
    node.nat = (CASE / "iptables_save_nat.txt").read_text()
    keys = {"netns": NETNS, "capabilityArgs": PORTS}
    node.store(RESULTS, "new1", LIST, **keys)
    node.store(RESULTS, "old1", LIST, netns="/run/netns/old1")
    node.store(RESULTS, "other", LIST, netns="/run/netns/other")
    return node


def test_a_port_that_goes_to_a_dead_container_is_no_success_though_check_passes() -> None:
    node, wanted = with_dead_port(), yaml.safe_load((CASE / "right.yml").read_text())
    found = carried_out(node, capability_args=PORTS)
    assert ids(found) == [f"attachment.delete:pods-{name}-eth0" for name in wanted["left_over"]]
    assert "which is no more and still has port tcp/8080" in found.steps[0].why
    assert [f"{mode.upper()} {name}" for mode, name in node.noticed] == wanted["repair"]
    assert all(f'id: \\"{name}\\"' in node.nat for name in wanted["must_stay"])
    assert ids(plan(node, capability_args=PORTS)) == []


INCOMPATIBLE = "# Table `nat' is incompatible, use 'nft' tool.\n"


@pytest.mark.parametrize(
    "answer", [Completed(124, "", "ended at the deadline"), Completed(4, "", "you must be root"), printed(INCOMPATIBLE)]
)
def test_rules_that_nobody_tells_are_not_none(answer: Completed) -> None:
    node = with_dead_port()
    node.commands[("iptables-save", "-t", "nat")] = answer
    with pytest.raises(Unreadable, match="does not tell the rules for ports"):
        plan(node, capability_args=PORTS)


def test_a_kernel_without_tables_has_no_rules() -> None:
    node = with_dead_port()
    absent = {
        ("ip6tables-save", "-t", "nat"): "Cannot initialize: Table does not exist (do you need to insmod?)",
        ("nft", "list", "table", "ip", "cni_hostport"): "Error: No such file or directory",
    }
    node.commands.update({command: Completed(1, "", said) for command, said in absent.items()})
    assert ids(plan(node, capability_args=PORTS)) == ["attachment.delete:pods-old1-eth0"]


def test_it_is_repaired_before_a_new_add() -> None:
    node = with_dead_port()
    del node.files[f"{RESULTS}/pods-new1-eth0"]
    assert ids(plan(node, capability_args=PORTS)) == ["attachment.delete:pods-old1-eth0", ADD]


def test_a_port_of_somebody_who_lives_is_refused() -> None:
    node, wanted = with_dead_port(), yaml.safe_load((CASE / "right.yml").read_text())["add_of_x_with_9090"]
    node.files["/run/netns/x"] = ""
    ports = {"portMappings": [{"hostPort": 9090, "containerPort": 80, "protocol": "tcp"}]}
    (refusal,) = plan(node, container_id="x", netns="/run/netns/x", capability_args=ports).refusals
    assert str(refusal).startswith(f"The port tcp/9090 is taken by {wanted['by']}.")


@pytest.mark.parametrize("namespace", [True, False])
def test_as_long_as_nobody_says_who_lives_nothing_is_left_over(namespace: bool) -> None:
    node = with_dead_port()
    node.loaded = None
    if namespace:
        node.with_runtime().files["/run/netns/old1"] = ""
    (refusal,) = plan(node, capability_args=PORTS).refusals
    assert "is taken by old1" in str(refusal)


def test_who_lives_can_be_said() -> None:
    node = with_dead_port()
    node.loaded = None
    given: dict[str, Any] = {"capability_args": PORTS, "containers": ["new1", "other"]}
    assert ids(plan(node, **given)) == ["attachment.delete:pods-old1-eth0"]


def test_a_dead_container_without_a_stored_list_is_told() -> None:
    node = with_dead_port()
    del node.files[f"{RESULTS}/pods-old1-eth0"]
    (refusal,) = plan(node, capability_args=PORTS).refusals
    assert "goes to 10.81.0.2:80, of old1, which is no more, and no list is stored" in str(refusal)


def test_addresses_of_the_dead() -> None:
    node, folder = fresh().with_runtime(), "/var/lib/cni/networks/pods"
    for name, text in {"10.244.1.9": "dead\r\neth0", "10.244.1.8": "gone\r\neth0", "lock": ""}.items():
        node.files[f"{folder}/{name}"] = text
    node.store(RESULTS, "dead", LIST)
    found = plan(node)
    assert ids(found) == ["attachment.delete:pods-dead-eth0", ADD]
    assert found.warnings == ("10.244.1.8 is still given to gone, which is no more, and no list is stored for it.",)


def test_what_an_add_that_failed_elsewhere_has_left() -> None:
    node = fresh()
    node.files["/var/lib/cni/networks/pods/10.244.1.9"] = "new1\r\neth0"
    assert "10.244.1.9 is given to new1 already" in str(plan(node).refusals[0])


def test_connections_over_udp_are_forgotten_with_the_old_owner_of_their_port() -> None:
    node = fresh()
    ports = {"portMappings": [{"hostPort": 53, "containerPort": 53, "protocol": "udp"}]}
    assert ids(plan(node, capability_args=ports)) == [ADD]
    node.commands[("conntrack", "--version")] = printed("conntrack v1.4.7")
    assert ids(carried_out(node, capability_args=ports)) == [ADD, "connections.forget:pods-new1-eth0"]
    assert node.noticed[-1] == ("untrack", "53")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"container_id": "bad id!"}, "is no name"),
        ({"container_id": ""}, "is no name"),
        ({"ifname": "waytoolonginterfacename"}, "is no name of an interface"),
        ({"ifname": ".."}, "is no name of an interface"),
        ({"ifname": "a/b"}, "is no name of an interface"),
        ({"netns": ""}, "the path of the namespace"),
        ({"capability_args": {"portMappings": [{"containerPort": 80}]}}, "each has a hostPort"),
    ],
)
def test_what_no_plugin_takes_is_invalid(given: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        plan(fresh(), **given)


def test_what_has_to_be_there_before() -> None:
    node = fresh()
    del node.files[NETNS]
    assert "There is no namespace" in str(plan(node).refusals[0])
    assert "is called other" in str(plan(fresh(), network="other").refusals[0])


def test_the_reader_tells_what_is_stored() -> None:
    node = fresh()
    params = {**options(), "bin_dirs": []}
    assert INQUIRY.answer(node, params)["attached"] is False
    carried_out(node)
    told = INQUIRY.answer(node, params)
    assert (told["attached"], told["addresses"], told["netns"]) == (True, ["10.244.1.2/24"], NETNS)
    json.dumps(told)
