"""No guest is given to HA that it could not protect, or to which it would do harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ....doubles.ha_api import HaApi, plan, run

WEB: list[dict[str, Any]] = [{"sid": "vm:100"}]
BOTH: list[dict[str, Any]] = [{"sid": "vm:100"}, {"sid": "vm:101"}]


def refusals(api: HaApi, /, **said: Any) -> str:
    return " / ".join(map(str, plan(api, **said).refusals))


@pytest.mark.parametrize(
    ("votes", "device", "words"),
    [
        ({"pve1": 1, "pve2": 1}, {}, "2 nodes have 2 votes, without a quorum device"),
        ({"pve1": 3, "pve2": 1, "pve3": 1}, {}, "3 nodes have 5 votes"),
        ({"pve1": 1}, {}, "1 nodes have 1 votes"),
        ({"pve1": 1}, {"State": "Connected"}, "nowhere to restart"),
        ({"pve1": 1, "pve2": 1}, {"State": "Connect failed"}, "quorum device is Connect failed"),
        ({"pve1": 1, "pve2": 1}, {"Model": "Net"}, "of unknown state"),
    ],
)
def test_a_quorum_that_ends_with_a_node(ha: HaApi, votes: dict[str, int], device: dict[str, str], words: str) -> None:
    ha.votes, ha.device = votes, device
    assert words in refusals(ha, resources=WEB)


def test_two_nodes_with_a_device_are_enough(ha: HaApi) -> None:
    ha.votes, ha.device = {"pve1": 1, "pve2": 1}, {"State": "Connected"}
    assert refusals(ha, resources=WEB) == ""


def test_a_node_without_a_watchdog(ha: HaApi) -> None:
    told = [{"node": "pve1", "driver": "Software Watchdog"}, {"node": "pve2", "driver": ""}, {"changed": False}]
    assert "No watchdog was opened in this boot on pve2, pve3" in refusals(ha, resources=WEB, watchdogs=told)


def test_what_is_managed_already_needs_neither(ha: HaApi) -> None:
    run(ha, resources=WEB)
    ha.votes = {"pve1": 1, "pve2": 1}
    assert refusals(ha, resources=[{"sid": "vm:100", "comment": "x"}], watchdogs=[]) == ""


def test_what_there_is_not(ha: HaApi) -> None:
    assert "no guest vm:999" in refusals(ha, resources=[{"sid": "vm:999"}])
    assert "no guest ct:100" in refusals(ha, resources=[{"sid": "ct:100"}])
    tie = {"rule": "tie", "type": "node-affinity", "resources": ["vm:100"], "nodes": {"pve9": 1}}
    assert "names pve9, which is no node" in refusals(ha, resources=WEB, rules=[tie])
    assert "names vm:100, which HA does not manage" in refusals(ha, rules=[{**tie, "nodes": {"pve1": 1}}])
    bare = {"rule": "bare", "type": "node-affinity", "resources": ["vm:100"]}
    assert "names no node" in refusals(ha, resources=WEB, rules=[bare])


def test_rules_on_8_and_failback_there(ha_on: Callable[[int], HaApi]) -> None:
    ha = ha_on(8)
    tie = {"rule": "tie", "type": "node-affinity", "resources": ["vm:100"], "nodes": {"pve1": 1}}
    said = refusals(ha, resources=[{"sid": "vm:100", "failback": False, "group": "nobody"}], rules=[tie])
    assert "HA rules need Proxmox VE 9: tie" in said
    assert "it is a group that has failback: vm:100" in said
    assert "names the HA group nobody, which there is not" in said


def test_rules_that_exclude_each_other(ha: HaApi) -> None:
    front = {"rule": "front", "type": "node-affinity", "resources": ["vm:100"], "nodes": {"pve1": 2, "pve2": 1}}
    apart = {"rule": "apart", "type": "resource-affinity", "resources": ["vm:100", "vm:101"], "affinity": "negative"}
    assert "nodes of several priorities" in refusals(ha, resources=BOTH, rules=[front, apart])
    assert refusals(ha, resources=BOTH, rules=[{**front, "disable": True}, apart]) == ""
    twice = {**front, "rule": "again"}
    assert "again and front both tie vm:100" in refusals(ha, resources=BOTH, rules=[front, twice])
    vague = {name: value for name, value in apart.items() if name != "affinity"}
    assert "neither positive nor negative" in refusals(ha, resources=BOTH, rules=[vague])


def test_more_resources_apart_than_nodes(ha: HaApi) -> None:
    ha.machines[102] = ("qemu", "pve1", {"name": "x", "scsi0": "rbd:vm-102-disk-0"})
    apart = {"rule": "apart", "type": "resource-affinity", "affinity": "negative"}
    three = ["vm:100", "vm:101", "ct:200"]
    many = [{"sid": sid} for sid in (*three, "vm:102")]
    assert "keeps 4 resources apart, and there are 3 nodes" in refusals(
        ha, resources=many, rules=[{**apart, "resources": [*three, "vm:102"]}]
    )
    exact = plan(ha, resources=many, rules=[{**apart, "resources": three}])
    assert not exact.refusals
    assert any("maintenance of a node never ends" in one for one in exact.warnings)


def _replicated(ha: HaApi) -> None:
    ha.machines[100][2]["scsi0"] = "zfs:vm-100-disk-0,size=8G"


def test_local_volumes_without_a_replica(ha: HaApi) -> None:
    _replicated(ha)
    said = refusals(ha, resources=WEB)
    assert "HA could start vm:100 (web) on pve1 alone: pve2 lacks a replica of scsi0 (zfs)" in said
    assert "pve3 lacks the storage zfs of scsi0" in said


def test_a_replica_on_some_nodes_only(ha: HaApi) -> None:
    _replicated(ha)
    ha.jobs = [{"id": "100-0", "guest": 100, "target": "pve2"}]
    assert "HA could start vm:100 (web) where it cannot run: pve3 lacks" in refusals(ha, resources=WEB)
    strict = {"rule": "r1", "type": "node-affinity", "resources": ["vm:100"], "strict": True}
    found = plan(ha, resources=WEB, rules=[{**strict, "nodes": {"pve1": 1, "pve2": 1}}])
    assert not found.refusals
    assert any("what scsi0 got since the last replication is lost" in one for one in found.warnings)
    ha.jobs[0]["remove_job"] = "full"
    assert "on pve1 alone" in refusals(ha, resources=WEB, rules=[{**strict, "nodes": {"pve1": 1, "pve2": 1}}])


def test_a_rule_that_ties_to_a_node_without_the_data(ha: HaApi) -> None:
    _replicated(ha)
    ha.jobs = [{"id": "100-0", "guest": 100, "target": "pve2"}]
    strict = {"rule": "r1", "type": "node-affinity", "resources": ["vm:100"], "strict": True}
    run(ha, resources=WEB, rules=[{**strict, "nodes": {"pve1": 1, "pve2": 1}}])
    assert "where it cannot run" in refusals(ha, rules=[{**strict, "nodes": {"pve1": 1, "pve2": 1, "pve3": 1}}])


@pytest.mark.parametrize(
    "said",
    [
        {"state": "absent"},
        {"strict": False},
        {"disable": True},
        {"resources": ["vm:101"]},
    ],
)
def test_without_its_rule_a_guest_would_start_where_its_data_is_not(ha: HaApi, said: dict[str, Any]) -> None:
    _replicated(ha)
    ha.jobs = [{"id": "100-0", "guest": 100, "target": "pve2"}]
    nodes = {"pve1": 1, "pve2": 1}
    strict = {"rule": "r1", "type": "node-affinity", "resources": ["vm:100"], "strict": True, "nodes": nodes}
    run(ha, resources=BOTH, rules=[strict])
    assert "HA could start vm:100 (web) where it cannot run: pve3 lacks" in refusals(ha, rules=[{"rule": "r1", **said}])
    assert refusals(ha, rules=[{"rule": "r1", "comment": "as it is"}]) == ""


def test_a_group_of_8_that_gets_a_node_without_the_data(ha_on: Callable[[int], HaApi]) -> None:
    ha = ha_on(8)
    _replicated(ha)
    ha.jobs = [{"id": "100-0", "guest": 100, "target": "pve2"}]
    group = {"group": "web", "restricted": True, "nodes": {"pve1": 1, "pve2": 1}}
    run(ha, groups=[group], resources=[{"sid": "vm:100", "group": "web"}])
    for more in ({"nodes": {"pve1": 1, "pve2": 1, "pve3": 1}}, {"restricted": False}):
        assert "where it cannot run: pve3 lacks" in refusals(ha, groups=[{"group": "web", **more}])


def test_one_allowed_node_and_devices(ha: HaApi) -> None:
    strict = {"rule": "r1", "type": "node-affinity", "resources": ["vm:100"], "strict": True, "nodes": {"pve1": 1}}
    assert "on pve1 alone, by its rules" in refusals(ha, resources=WEB, rules=[strict])
    ha.machines[100][2]["hostpci0"] = "0000:01:00.0"
    assert "the device hostpci0 of pve1" in refusals(ha, resources=WEB)
    ha.machines[100][2]["hostpci0"] = "mapping=gpu"
    assert refusals(ha, resources=WEB) == ""


def test_a_storage_that_is_away(ha: HaApi) -> None:
    ha.storages[0]["disable"] = 1
    assert "the storage rbd of scsi0, which is disabled" in refusals(ha, resources=WEB)
    ha.storages.pop(0)
    assert "which is not defined" in refusals(ha, resources=WEB)
    assert refusals(ha, resources=[{"sid": "vm:100", "state": "ignored"}]) == ""


def test_nodes_that_could_never_shut_down(ha: HaApi) -> None:
    run(ha, resources=WEB)
    ha.machines[100][2]["hostpci0"] = "0000:01:00.0"
    assert "vm:100 have devices of their node" in refusals(ha, shutdown_policy="migrate")
    assert refusals(ha, shutdown_policy="freeze") == ""


def test_a_rule_that_the_manager_passes_over(ha: HaApi, monkeypatch: pytest.MonkeyPatch) -> None:
    tie = {"rule": "tie", "type": "node-affinity", "resources": ["vm:100"], "nodes": {"pve1": 1, "pve2": 1}}
    run(ha, resources=WEB, rules=[tie])
    real = ha._ask

    def told(verb: str, path: str, given: Any) -> Any:
        rows = real(verb, path, given)
        return [{**row, "errors": {"nodes": ["no node is left"]}} for row in rows] if path.endswith("/rules") else rows

    monkeypatch.setattr(ha, "_ask", told)
    assert plan(ha, rules=[tie]).warnings == ("The HA manager passes over the rule tie: no node is left.",)


def test_a_token_that_does_not_see_everything(ha: HaApi) -> None:
    ha.caller = "ops@pve!run"
    api = {"token_id": "ops@pve!run", "token_secret": "x"}
    assert "ops@pve!run lacks" in refusals(ha, resources=WEB, api=api)
