"""HA is compared as sets, and brought about in an order that Proxmox VE takes; a killed run is finished by the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, StepFailed
from ansible_collections.baremetal.virt.plugins.modules.ha import SUBJECT

from ....doubles.ha_api import HaApi, params, plan, run

RULES: dict[str, Any] = {
    "resources": [{"sid": "vm:100"}, {"sid": "vm:101", "max_relocate": 2, "comment": "data"}, {"sid": "ct:200"}],
    "rules": [
        {"rule": "front", "type": "node-affinity", "resources": ["vm:100"], "nodes": {"pve1": 2, "pve2": None}},
        {"rule": "apart", "type": "resource-affinity", "resources": ["vm:101", "ct:200"], "affinity": "negative"},
    ],
}
GROUPS: dict[str, Any] = {
    "resources": [{"sid": "vm:100", "group": "web"}, {"sid": "vm:101", "group": "web"}, {"sid": "ct:200"}],
    "groups": [{"group": "web", "nodes": {"pve1": 2, "pve2": 1}, "restricted": True, "nofailback": True}],
}
GONE: dict[str, Any] = {
    "resources": [{"sid": sid, "state": "absent"} for sid in ("vm:100", "vm:101", "ct:200")],
}
ALL = ["resources", "rules", "groups"]


def ids(api: HaApi, /, **said: Any) -> list[str]:
    found = plan(api, **said)
    assert not found.refusals, found.refusals
    return [step.id for step in found.steps]


def test_resources_come_first_and_are_waited_for(ha: HaApi) -> None:
    assert ids(ha, **RULES) == [
        "ha_resource.create:ct:200",
        "ha_resource.create:vm:100",
        "ha_resource.create:vm:101",
        "ha_rule.create:apart",
        "ha_rule.create:front",
        "ha.wait-taken:all",
    ]
    assert run(ha, **RULES)["changed"]
    assert not run(ha, **RULES)["changed"]
    assert "nodes pve1:2,pve2" in ha.file("rules.cfg")


def test_nothing_declared_is_nothing_asked(ha: HaApi) -> None:
    assert SUBJECT.idle is not None
    assert SUBJECT.idle(SUBJECT.desired(params(ha)))
    assert plan(ha).steps == ()


def test_what_is_not_said_stays(ha: HaApi) -> None:
    run(ha, **RULES)
    ha._ask("PUT", "/cluster/ha/resources/vm:100", {"state": "stopped", "comment": "by hand"})
    assert ids(ha, **RULES) == []
    assert ids(ha, resources=[{"sid": "vm:100", "state": "started"}]) == ["ha_resource.change:vm:100"]
    run(ha, resources=[{"sid": "vm:100", "comment": ""}])
    assert "by hand" not in ha.file("resources.cfg")


def test_another_spelling_is_no_change(ha: HaApi) -> None:
    run(ha, **RULES)
    ha._ask("PUT", "/cluster/ha/resources/vm:100", {"state": "enabled", "max_restart": 1})
    ha._ask("PUT", "/cluster/ha/rules/apart", {"type": "resource-affinity", "resources": "ct:200,vm:101"})
    assert ids(ha, **{**RULES, "resources": [{"sid": "vm:100", "state": "started", "max_restart": 1}]}) == []


def test_a_group_of_8_is_a_rule_on_9(ha_on: Callable[[int], HaApi]) -> None:
    ha = ha_on(9)
    assert ids(ha, **GROUPS)[3:] == ["ha_rule.create:ha-group-web", "ha.wait-taken:all"]
    run(ha, **GROUPS)
    assert not run(ha, **GROUPS)["changed"]
    assert "failback 0" in ha.file("resources.cfg")
    assert "group web" not in ha.file("resources.cfg")
    moved = {**GROUPS, "resources": [{"sid": "vm:100", "group": ""}, {"sid": "vm:101", "group": ""}]}
    assert ids(ha, **moved) == ["ha_rule.remove:ha-group-web"]


def test_groups_on_8(ha_on: Callable[[int], HaApi]) -> None:
    ha = ha_on(8)
    assert ids(ha, **GROUPS)[0] == "ha_group.create:web"
    run(ha, **GROUPS)
    assert not run(ha, **GROUPS)["changed"]
    assert "group web" in ha.file("resources.cfg")
    gone = {**GONE, "groups": [{"group": "web", "state": "absent"}]}
    assert ids(ha, **gone)[-1] == "ha_group.remove:web"
    run(ha, **gone)
    assert "group:" not in ha.file("groups.cfg")


def test_exclusive_keeps_the_rules_that_were_groups(ha: HaApi) -> None:
    run(ha, **GROUPS)
    loose = {"rule": "loose", "type": "node-affinity", "resources": ["ct:200"], "nodes": {"pve1": 1, "pve3": 1}}
    run(ha, rules=[loose])
    assert ids(ha, exclusive=["rules"]) == ["ha_rule.remove:loose"]


def test_a_resource_that_goes_takes_itself_out_of_rules(ha: HaApi) -> None:
    run(ha, **RULES)
    assert ids(ha, resources=[{"sid": "vm:100", "state": "absent"}]) == [
        "ha_rule.remove:front",
        "ha_resource.remove:vm:100",
    ]
    run(ha, **GONE)
    assert not run(ha, **GONE)["changed"]
    assert ha.file("rules.cfg").strip() == ha.file("resources.cfg").strip() == ""


def test_rules_that_exchange_their_resources(ha: HaApi) -> None:
    one = {"rule": "aa", "type": "node-affinity", "resources": ["vm:100"], "nodes": {"pve1": 1, "pve2": 1}}
    two = {"rule": "bb", "type": "node-affinity", "resources": ["vm:101"], "nodes": {"pve2": 1, "pve3": 1}}
    run(ha, resources=RULES["resources"], rules=[one, two])
    swapped = [{**one, "resources": ["vm:101"]}, {**two, "resources": ["vm:100"]}]
    assert ids(ha, rules=swapped) == [
        "ha_rule.remove:aa",
        "ha_rule.remove:bb",
        "ha_rule.create:aa",
        "ha_rule.create:bb",
    ]
    run(ha, rules=swapped)
    shrunk = [{**one, "resources": ["vm:101", "vm:100"]}, {**two, "resources": ["ct:200"]}]
    run(ha, rules=shrunk)
    assert not run(ha, rules=shrunk)["changed"]


@pytest.mark.parametrize("wish", [RULES, GROUPS])
def test_a_killed_run_is_finished_by_the_next(
    wish: dict[str, Any], tmp_path: Path, ha_on: Callable[[int], HaApi]
) -> None:
    ha = ha_on(9)
    run(ha, resources=[{"sid": "vm:101"}], rules=[{**RULES["rules"][0], "resources": ["vm:101"]}])
    for killed_after in range(len(ids(ha, exclusive=ALL, **wish)) + 1):
        with ha.kept():
            for step in plan(ha, exclusive=ALL, **wish).steps[:killed_after]:
                ha.act(step)
            run(ha, exclusive=ALL, **wish)
            assert ids(ha, exclusive=ALL, **wish) == []


def test_a_resource_that_stays_queued_is_a_failure(ha: HaApi) -> None:
    ha.busy = True
    with pytest.raises(StepFailed, match=r"vm:100 is queued|unknown") as failure:
        run(ha, resources=[{"sid": "vm:100"}])
    assert "watchdog" in failure.value.hint
    ha.busy = False
    assert not run(ha, resources=[{"sid": "vm:100"}])["changed"]


def test_the_shutdown_policy(ha: HaApi) -> None:
    assert ids(ha, shutdown_policy="conditional") == []
    assert ids(ha, shutdown_policy="migrate") == ["ha_policy.set:shutdown_policy"]
    run(ha, shutdown_policy="migrate")
    assert ids(ha, shutdown_policy="migrate") == []


def test_ha_that_was_left_disarmed_is_armed(ha: HaApi) -> None:
    run(ha, resources=[{"sid": "vm:100"}])
    ha._ask("POST", "/cluster/ha/status/disarm-ha", {"resource-mode": "freeze"})
    assert ids(ha, resources=[{"sid": "vm:100"}]) == ["ha.arm:all", "ha.wait-armed:all"]
    run(ha, resources=[{"sid": "vm:100"}])
    assert ids(ha, resources=[{"sid": "vm:100"}]) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"resources": [{"sid": "100"}]}, "'100' is not what Proxmox VE takes"),
        ({"resources": [{"sid": 100}]}, "100 is not a text"),
        ({"resources": [{"sid": "vm:100"}, {"sid": "vm:100"}]}, "listed twice"),
        ({"resources": [{"sid": "vm:100", "max_restart": -1}]}, "less than 0"),
        ({"resources": [{"sid": "vm:100", "state": "absent", "group": "x1"}]}, "is to go, and group is said"),
        ({"groups": [{"group": "web", "nodes": {"pve1": "high"}}]}, "priority of pve1 is 'high'"),
        ({"groups": [{"group": "web", "nodes": {}}]}, "names no node"),
        ({"rules": [{"rule": "a1", "type": "node-affinity", "affinity": "positive"}]}, "has no affinity"),
        ({"rules": [{"rule": "a1", "type": "resource-affinity", "nodes": {"pve1": 1}}]}, "has no nodes"),
        ({"rules": [{"rule": "a1", "resources": []}]}, "has no resources"),
        ({"rules": [{"rule": "a1", "affinity": "positive", "resources": ["vm:100"]}]}, "one resource alone"),
    ],
)
def test_what_contradicts_itself_is_invalid(ha: HaApi, said: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        SUBJECT.desired(params(ha, **said))
