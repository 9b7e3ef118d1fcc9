"""ceph_crush_rule: made when missing, compared as data, never rewritten."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.crush_rule import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.ceph_crush_rule import SUBJECT

from ....doubles.ceph_support import CephFake, cluster_answers


def rule(name: str = "fast", **changes: Any) -> dict[str, Any]:
    return {"name": name, "root": "default", "failure_domain": "host", "device_class": "ssd", **changes}


def plan_of(node: CephFake, *rules: dict[str, Any]) -> Plan:
    return make_plan(SUBJECT, {"rules": list(rules)}, node)


def cluster() -> CephFake:
    node = CephFake().initialized("pve1")
    node.answers = cluster_answers(osds=3)
    return node


def with_rule(take: str = "default~ssd", domain: str = "host") -> CephFake:
    node = cluster()
    assert node.answers is not None
    steps = [{"op": "take", "item_name": take}, {"op": "chooseleaf_firstn", "type": domain}, {"op": "emit"}]
    node.answers["osd crush rule dump"].append({"rule_id": 1, "rule_name": "fast", "steps": steps})
    return node


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "fast default host ssd"),
        ({"device_class": None, "failure_domain": "rack", "root": "north"}, "fast north rack"),
    ],
)
def test_a_missing_rule_is_made(changes: dict[str, Any], words: str) -> None:
    plan = plan_of(cluster(), rule(**changes))
    assert isinstance(plan.steps[0].action, Run)
    assert " ".join(plan.steps[0].action.argv[3:]) == f"osd crush rule create-replicated {words}"


def test_the_plan_explains() -> None:
    assert plan_of(cluster(), rule()).sentences == [
        "create CRUSH rule fast: every replica on another host, on ssd OSDs below default"
    ]


def test_one_that_is_as_wanted_is_left_alone() -> None:
    plan = plan_of(with_rule(), rule(), rule("replicated_rule", device_class=None))
    assert not plan.steps and not plan.refusals and not plan.warnings


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"take": "default~hdd"}, "with device_class hdd and not ssd"),
        ({"take": "default"}, "with device_class any and not ssd"),
        ({"domain": "osd"}, "with failure_domain osd and not host"),
        ({"take": "north~ssd"}, "with root north and not default"),
    ],
)
def test_one_that_differs_is_refused(found: dict[str, str], words: str) -> None:
    plan = plan_of(with_rule(**found), rule())
    assert words in str(plan.refusals[0])
    assert not plan.steps


def test_a_class_without_osds_warns() -> None:
    assert plan_of(cluster(), rule(device_class="nvme")).warnings == (
        "CRUSH rule fast: there is no OSD of the class nvme.",
    )


def test_silent_monitors_and_bare_systems() -> None:
    node = CephFake().initialized("pve1")
    node.answers = None
    assert "do not answer" in str(plan_of(node, rule()).refusals[0])
    assert len(plan_of(CephFake(version=None), rule()).steps) == 1


@pytest.mark.parametrize("rules", [[rule(), rule()], [rule("a b")], [rule(device_class="~")]])
def test_invalid(rules: list[dict[str, Any]]) -> None:
    with pytest.raises(Invalid):
        desired_from({"rules": rules})
