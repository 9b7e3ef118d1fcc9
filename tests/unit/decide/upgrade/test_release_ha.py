"""HA groups become rules: what will come of them is known before, and what came is compared with it."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.release_ha import (
    GROUPS_FILE,
    KEPT,
    RESOURCES_FILE,
    RULES_FILE,
)
from ansible_collections.baremetal.virt.plugins.modules.release_ha import SUBJECT

from ....doubles.support import FakeNode

GROUPS = """\
group: web
	nodes pve1:2,pve2:1
	restricted 1
	comment front ends

group: db
	nodes pve3
	nofailback 1

group: spare
	nodes pve4
"""
RESOURCES = """\
vm: 100
	group web
	state started

vm: 101
	group web
	state started

ct: 200
	group db
	state started

vm: 300
	state started

vm: 400
	group gone
	state started
"""
#: As the HA manager of 9 writes it.
RULES = """\
node-affinity: ha-group-web
	comment front ends
	nodes pve1:2,pve2:1
	resources vm:100,vm:101
	strict 1

node-affinity: ha-group-db
	comment Generated from HA group 'db'.
	nodes pve3
	resources ct:200
"""


def cluster(**status: str) -> FakeNode:
    node = FakeNode({GROUPS_FILE: GROUPS, RESOURCES_FILE: RESOURCES})
    states = {**dict.fromkeys(("pve1", "pve2", "pve3"), "online"), **status}
    node.files["/etc/pve/ha/manager_status"] = json.dumps({"node_status": states})
    node.files["/etc/pve/nodes/pve1/lrm_status"] = json.dumps({"mode": "active"})
    return node


def plan(node: FakeNode, state: str) -> Plan:
    return make_plan(SUBJECT, {"state": state}, node)


def done(node: FakeNode, state: str) -> FakeNode:
    for step in plan(node, state).steps:
        node.act(step)
    return node


def becomes_new(node: FakeNode, rules: str = RULES) -> FakeNode:
    """What upstream's manager does."""
    del node.files[GROUPS_FILE]
    node.files[RULES_FILE] = rules
    node.files[RESOURCES_FILE] = "".join(line for line in RESOURCES.splitlines(True) if "group" not in line)
    return node


def test_what_upstream_makes_of_groups_is_told_before() -> None:
    told: dict[str, Any] = dict(plan(cluster(), "kept").tells)
    assert told["rules"] == {
        "ha-group-web": {"nodes": {"pve1": 2, "pve2": 1}, "resources": ["vm:100", "vm:101"], "strict": True},
        "ha-group-db": {"nodes": {"pve3": 0}, "resources": ["ct:200"], "strict": False},
    }
    assert told["failback"] == {"vm:100": True, "vm:101": True, "ct:200": False}
    assert (told["lost"], told["orphans"]) == (["spare"], ["vm:400"])
    assert len(plan(cluster(), "kept").warnings) == 2


def test_groups_are_kept_once_and_forgotten_when_their_rules_were_seen() -> None:
    node = done(cluster(), "kept")
    assert KEPT in node.files and not plan(node, "kept").steps
    becomes_new(node)
    assert not plan(node, "kept").steps, "what was kept must not be overwritten by nothing"
    seen = plan(node, "migrated")
    assert [step.id for step in seen.steps] == [f"file.remove:{KEPT}"] and not seen.refusals
    assert seen.warnings[-1] == "The HA group spare was: nodes pve4."
    assert KEPT not in done(node, "migrated").files and not plan(node, "migrated").steps


def test_the_manager_is_waited_for() -> None:
    node = done(cluster(), "kept")
    assert [step.id for step in plan(node, "migrated").steps] == ["ha.wait-migrated:all", f"file.remove:{KEPT}"]
    action = plan(node, "migrated").steps[0].action
    assert isinstance(action, Wait) and action.until[0].holds(becomes_new(node))


def test_a_node_in_maintenance_that_holds_it_up_is_named() -> None:
    node = done(cluster(pve2="maintenance"), "kept")
    node.files["/etc/pve/nodes/pve1/lrm_status"] = json.dumps({"mode": "maintenance"})
    found = " ".join(map(str, plan(node, "migrated").refusals))
    assert "pve2 is maintenance for the HA manager" in found and "pve1 has its HA services in mode maintenance" in found


def test_a_rule_that_is_another_than_its_group_is_not_passed_over() -> None:
    node = becomes_new(done(cluster(), "kept"), RULES.replace("strict 1", "strict 0").replace("ha-group-db", "other"))
    reasons = [refusal.reason for refusal in plan(node, "migrated").refusals]
    assert len(reasons) == 2
    assert "ha-group-web is pve1:2,pve2:1 for" in reasons[0] and "where strict pve1:2,pve2:1" in reasons[0]
    assert "ha-group-db is not there" in reasons[1]


def test_a_resource_that_has_gone_meanwhile_is_not_missed() -> None:
    node = becomes_new(done(cluster(), "kept"), RULES.replace("vm:100,vm:101", "vm:100").partition("\n\n")[0] + "\n")
    node.files[RESOURCES_FILE] = "vm: 100\n\tstate started\n"
    assert not plan(node, "migrated").refusals


def test_without_groups_there_is_nothing_to_keep_or_to_see() -> None:
    node = cluster()
    del node.files[GROUPS_FILE]
    assert not plan(node, "kept").steps and not plan(node, "migrated").steps


def test_groups_of_which_nothing_was_kept() -> None:
    assert "nothing was kept of it" in str(plan(cluster(), "migrated").refusals[0])
