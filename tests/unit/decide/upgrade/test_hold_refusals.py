"""Why a node is not held for its upgrade: one test for each thing that the others would lose."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.upgrade.rules import active_on, broken_rules
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.conditions import asked
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest import ha
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.overview import parse_affinities

from ....doubles import upgrade_cases as cases
from ....doubles.leaving_node import DEVICE_HOST
from ....doubles.support import FakeNode, printed
from ....doubles.upgrading import MARKER, Upgrading, gates, plan, said

RULE, DEVICE = "maintenance-that-never-ends", "quorum-device-is-a-guest"


def test_a_rule_that_maintenance_cannot_keep() -> None:
    """As upstream's simulator wrote it: three times maintenance, and the guest is still there."""
    right = cases.right(RULE)
    gate = right["gate_before_maintenance"]
    states = cases.data(RULE, "service_config")
    node = FakeNode({"/etc/pve/ha/manager_status": cases.text(RULE, "manager_status.json")})
    node.files["/etc/pve/ha/resources.cfg"] = "".join(
        f"{sid.replace(':', ': ')}\n\tstate {one['state']}\n\n" for sid, one in states.items()
    )
    found = ha.observe(node)
    rules = tuple(parse_affinities(cases.text(RULE, "rules.cfg")))
    assert active_on(found, "node3") == right["left_on_node"]
    (broken,) = broken_rules(found, rules, "node3", ["node1", "node2"])
    assert (broken.rule, broken.services) == (gate["rule"], ("vm:103",))
    assert broken.why == f"keeps {gate['resources']} services apart, and {gate['nodes_left']} nodes are left"
    assert list(broken_rules(found, rules, "node3", ["node1", "node2", "node4"])) == []
    assert list(broken_rules(found, rules, "node3", ["node1", "node2"], ["vm:103"])) == []


def ruled(text: str) -> Upgrading:
    node = Upgrading().managed(101).managed(102, node="pve1")
    node.files["/etc/pve/ha/rules.cfg"] = text
    return node


RULES = {
    "strict": "node-affinity: only\n\tresources vm:101\n\tnodes pve3,pve9\n\tstrict 1\n",
    "apart": "resource-affinity: far\n\tresources vm:101,vm:102,vm:105,vm:106\n\taffinity negative\n",
    "together": (
        "resource-affinity: near\n\tresources vm:101,vm:102\n\taffinity positive\n\n"
        "node-affinity: one\n\tresources vm:101\n\tnodes pve2,pve3\n\tstrict 1\n\n"
        "node-affinity: two\n\tresources vm:102\n\tnodes pve1,pve3\n\tstrict 1\n"
    ),
}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("strict", "The HA rule only leaves no node for vm:101: it names no other node"),
        ("apart", "The HA rule far leaves no node for vm:101: it keeps 4 services apart, and 3 nodes are left"),
        ("together", "The HA rule near leaves no node for vm:101: it keeps them together"),
    ],
)
def test_rules_without_the_node(kind: str, words: str) -> None:
    node = ruled(RULES[kind]).managed(105, node="pve2").managed(106, node="pve4")
    assert words in said(plan(node))
    assert said(plan(node, guests={"101": "stop"})) == ""
    assert said(plan(node, reboot=False)) == ""


def test_rules_that_can_be_kept() -> None:
    assert said(plan(ruled(RULES["apart"]))) == ""
    assert said(plan(ruled(RULES["strict"].replace("pve9", "pve2")))) == ""
    assert said(plan(ruled(RULES["strict"] + "\tdisable 1\n"))) == ""


def test_the_quorum_device_is_a_guest_of_the_node() -> None:
    """By its address, and not by its name."""
    config = parse_corosync_conf(cases.text(DEVICE, "corosync.conf"))
    assert config.qdevice is not None
    text = cases.text(DEVICE, "900.conf").replace("local-lvm:", "share:").replace("10.10.1.90", DEVICE_HOST)
    node = Upgrading()
    node.with_device()
    assert said(plan(node)) == ""
    node.plain(900, text)
    assert f"The quorum device {DEVICE_HOST} is guest 900 of pve3" in said(plan(node))
    assert cases.right(DEVICE)["topic"] == "the quorum device is a guest of this node"


@pytest.mark.parametrize(
    ("device", "guest", "refused"), [(False, False, True), (True, False, False), (True, True, True)]
)
def test_votes_without_the_node(device: bool, guest: bool, refused: bool) -> None:
    """Two nodes: alone, with a device outside, and with one that goes with the node."""
    node = Upgrading()
    node.nodes, node.awake = ["pve1", "pve3"], {"pve1", "pve3"}
    node.with_device() if device else node.tell()
    if guest:
        node.plain(900, f"name: witness\nscsi0: share:900/d.raw\nipconfig0: ip={DEVICE_HOST}/24\n")
    assert ("quorum is 2" in said(plan(node))) == refused


def down(node: Upgrading) -> None:
    node.osd(0)["up"] = 0


def hung(node: Upgrading) -> None:
    node.managed(101, node="pve1")
    node.services["vm:101"]["state"] = "fence"
    node.settle()


def kept(node: Upgrading) -> None:
    node.maintain("pve2")
    node.settle()


def disarmed(node: Upgrading) -> None:
    node.files["/etc/pve/nodes/pve3/lrm_status"] = '{"mode": "disarmed", "state": "wait_for_agent_lock"}'


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda node: node.off("pve4"), "pve4 is not online."),
        (lambda node: node.off("pve3"), "pve3 is not online"),
        (
            lambda node: node.write(MARKER.replace("pve3", "pve2"), '{"node": "pve2"}'),
            "The upgrade of pve2 has not ended",
        ),
        (kept, "Somebody keeps pve2 in maintenance mode."),
        (lambda node: node.maintain("pve3") or node.settle(), "Somebody keeps pve3 in maintenance mode."),
        (hung, "The HA manager has vm:101 in the state fence."),
        (disarmed, "The HA stack is disarmed"),
        (down, "osd.0 is down already"),
        (lambda node: setattr(node, "flags", "sortbitwise,norebalance"), "Somebody has set norebalance for all OSDs"),
        (lambda node: setattr(node, "flags", "pauserd,pausewr"), "Somebody has set pauserd, pausewr for all OSDs"),
        (lambda node: setattr(node, "gates", gates(stops=3)), "nobody could read or write 3 placement groups"),
        (lambda node: setattr(node, "mons", ["pve3"]), "Without mon.pve3 the monitors have no quorum"),
        (lambda node: node.without("pve1"), "mgr.pve3 is the only manager."),
        (lambda node: node.filesystem().without("pve1"), "mds.pve3 is the only metadata server"),
    ],
)
def test_refused(change: Callable[[Upgrading], Any], words: str) -> None:
    node = Upgrading()
    assert said(plan(node)) == ""
    change(node)
    assert words in said(plan(node))


def test_muted_checks_count() -> None:
    node = Upgrading()
    node.health = {
        "PG_AVAILABILITY": {"severity": "HEALTH_WARN", "summary": {"message": "22 pgs inactive"}, "muted": True}
    }
    assert "PG_AVAILABILITY (muted)" in said(plan(node))
    assert said(plan(node, tolerated_health=["PG_AVAILABILITY"])) == ""


def crashed(*moments: str) -> Upgrading:
    node = Upgrading()
    node.health = {"RECENT_CRASH": {"severity": "HEALTH_WARN", "summary": {"message": "daemons have crashed"}}}
    told = [{"entity_name": f"osd.{number}", "timestamp": one} for number, one in enumerate(moments)]
    node.commands[asked("crash", "ls-new").argument] = printed(json.dumps(told))
    return node


def test_a_crash_before_the_upgrade_is_told_and_one_since_then_ends_it() -> None:
    """The first OSD on new packages that crashes keeps the others from following it."""
    old = crashed("2026-11-30T21:59:58.118929Z")
    assert said(plan(old)) == ""
    assert "osd.0" in " ".join(plan(old).warnings)
    assert "RECENT_CRASH" in said(plan(crashed("2026-11-30T21:59:58Z", "2026-11-30T22:00:01Z")))
    assert said(plan(crashed("2026-11-30T22:00:01Z"), since="")) == ""
    silent = crashed()
    silent.commands[asked("crash", "ls-new").argument] = Completed(1, "", "")
    with pytest.raises(Unreadable):
        plan(silent)


def test_a_service_that_is_being_brought_here() -> None:
    node = Upgrading().managed(101, node="pve1")
    node.services["vm:101"].update(state="migrate", target="pve3")
    node.settle()
    assert "The HA manager is bringing vm:101 to pve3." in said(plan(node))
    assert said(plan(node, node="pve2")) == ""


def test_a_ceph_that_does_not_answer_is_not_taken_for_none() -> None:
    node = Upgrading()
    node.commands["ask_ceph", "data"] = Completed(1, "", "timed out")
    assert "No monitor of Ceph answers" in said(plan(node))


def test_others_that_move_guests_are_told() -> None:
    node = Upgrading().write("/etc/pve/datacenter.cfg", "keyboard: de\ncrs: ha=static,ha-auto-rebalance=1\n")
    assert "ha-auto-rebalance" in " ".join(plan(node).warnings)
    assert plan(Upgrading().write("/etc/pve/datacenter.cfg", "crs: ha=static\n")).warnings == ()


def test_a_task_on_the_node_is_waited_out() -> None:
    node = Upgrading()
    tasks = '[{"node": "pve3", "type": "vzdump", "id": "101"}]'
    node.commands["pvesh", "get", "/cluster/tasks", "--output-format", "json"] = printed(tasks)
    assert "Tasks are running on pve3: vzdump 101." in said(plan(node))


def test_all_at_once() -> None:
    node = Upgrading()
    node.off("pve4")
    node.flags, node.gates = "noup", gates(stops=1)
    disarmed(node)
    assert len(plan(node).refusals) >= 4
