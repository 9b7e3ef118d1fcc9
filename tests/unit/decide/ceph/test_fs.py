"""ceph_fs: metadata server first, then pools with room, then the file system."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.fs import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.ceph_fs import SUBJECT

from ....doubles.ceph_support import CephFake, add_filesystem, add_pool, cluster_answers
from ....doubles.support import FakeNode, assert_converges_from_every_kill

CEPHFS: dict[str, Any] = {"application_metadata": {"cephfs": {}}}


def filesystem(name: str = "cephfs", **changes: Any) -> dict[str, Any]:
    return {"name": name, "pg_mode": "autoscale", "share": None, **changes}


def params(*filesystems: dict[str, Any], osds: int = 0) -> dict[str, Any]:
    return {"filesystems": list(filesystems), "planned_osds": osds}


def plan_of(node: FakeNode, *filesystems: dict[str, Any], osds: int = 0) -> Plan:
    return make_plan(SUBJECT, params(*(filesystems or (filesystem(),)), osds=osds), node)


def cluster(osds: int = 3, standby: bool = True) -> CephFake:
    node = CephFake().initialized("pve1")
    node.answers = cluster_answers(("pve1",), osds=osds)
    if standby:
        node.answers["fs dump"]["standbys"] = [{"name": "pve1", "state": "up:standby"}]
    return node


def answers(node: CephFake) -> dict[str, Any]:
    assert node.answers is not None
    return node.answers


def pg_num(plan: Plan) -> int:
    create = next(step.action for step in plan.steps if isinstance(step.action, Run))
    return int(create.argv[create.argv.index("--pg_num") + 1])


def test_with_a_metadata_server_in_standby() -> None:
    assert plan_of(cluster()).sentences == [
        "create CephFS cephfs (data pool pg_num 32: the autoscaler starts from here)",
        "wait until a metadata server serves cephfs",
    ]


def test_without_one_it_is_waited_for() -> None:
    for node in (cluster(standby=False), CephFake(version=None)):
        plan = plan_of(node, osds=3)
        assert plan.sentences[0] == "wait for a metadata server in standby, for cephfs"
        assert len(plan.steps) == 3
        assert not plan.refusals


@pytest.mark.parametrize(
    ("osds", "mode", "expected"),
    [(3, "autoscale", 32), (3, "calculated", 128), (6, "table", 256), (10, "table", 512), (50, "table", 2048)],
)
def test_the_modes(osds: int, mode: str, expected: int) -> None:
    """50 OSDs: 4096 and a quarter of it would be 307 per OSD."""
    assert pg_num(plan_of(cluster(osds), filesystem(pg_mode=mode))) == expected


@pytest.mark.parametrize(
    ("used", "expected"), [(0, 128), (64, 128), (128, 64), (192, 32), (208, 32), (224, 16), (234, 8), (240, 0)]
)
def test_both_pools_fit_beside_those_that_exist(used: int, expected: int) -> None:
    """Three OSDs have room for 250 placement groups of three replicas."""
    node = cluster()
    add_pool(answers(node), "vms", pg_num_target=used)
    plan = plan_of(node, filesystem(pg_mode="calculated"))
    assert bool(plan.refusals) is (expected == 0)
    if expected:
        assert pg_num(plan) == expected


def test_an_active_file_system_is_left_alone() -> None:
    node = cluster()
    add_filesystem(answers(node), "cephfs")
    assert not plan_of(node).steps


def test_a_file_system_without_metadata_server_is_waited_for() -> None:
    node = cluster()
    add_filesystem(answers(node), "cephfs", active="")
    assert plan_of(node).sentences == ["wait until a metadata server serves cephfs"]


def test_what_an_interrupted_creation_left_is_completed() -> None:
    node = cluster()
    add_pool(answers(node), "cephfs_data", **CEPHFS)
    assert plan_of(node).sentences == [
        "create pool cephfs_metadata: pg_num 8",
        "create CephFS cephfs on the pools that an earlier creation left",
        "wait until a metadata server serves cephfs",
    ]


@pytest.mark.parametrize("fields", [{}, {"pool": 2, **CEPHFS}])
def test_pools_of_something_else_are_refused(fields: dict[str, Any]) -> None:
    node = cluster()
    add_filesystem(answers(node), "other")
    add_pool(answers(node), "cephfs_metadata", **fields)
    assert "belongs to something else" in plan_of(node).refusals[0].reason


def test_no_osd_no_file_system() -> None:
    assert "no room for its pools" in plan_of(cluster(0)).refusals[0].reason


def test_monitors_that_do_not_answer_are_no_licence_to_create() -> None:
    node = CephFake().initialized("pve1")
    node.answers = None
    assert not plan_of(node).steps
    assert plan_of(node).refusals


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    def fresh() -> CephFake:
        node = cluster()
        node.effects = {("pveceph", "fs", "create"): lambda fake: add_filesystem(answers(node), "cephfs")}
        return node

    assert assert_converges_from_every_kill(SUBJECT, params(filesystem()), fresh) == 3


@pytest.mark.parametrize(
    "filesystems",
    [
        [filesystem("a b")],
        [filesystem(), filesystem()],
        [filesystem(share=0.5)],
        [filesystem(pg_mode="calculated", share=2)],
    ],
)
def test_invalid(filesystems: list[dict[str, Any]]) -> None:
    with pytest.raises(Invalid):
        desired_from(params(*filesystems))
