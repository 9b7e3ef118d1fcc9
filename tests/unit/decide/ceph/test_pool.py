"""ceph_pool: pools by rule, within the monitors' limit, never less safe than before."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.pool_desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.ceph_pool import SUBJECT
from hypothesis import given, settings
from hypothesis import strategies as st

from ....doubles.ceph_support import CephFake, add_osd, add_pool, cluster_answers
from ....doubles.examples import examples
from ....doubles.support import FakeNode, assert_converges_from_every_kill

SSD_RULE = {
    "rule_id": 1,
    "rule_name": "ssd",
    "steps": [{"op": "take", "item_name": "default~ssd"}, {"op": "chooseleaf_firstn", "type": "host"}],
}


def pool(name: str = "vms", **changes: Any) -> dict[str, Any]:
    names = ("share", "target_size_ratio", "pg_num_min", "bulk", "crush_rule", "erasure_coding")
    optional = dict.fromkeys((*names, "quota_bytes", "quota_objects"))
    base = {"name": name, "size": 3, "min_size": 2, "application": "rbd", "pg_mode": "autoscale"}
    return {**base, **optional, **changes}


def params(*pools: dict[str, Any], hosts: tuple[str, ...] = (), osds: int = 0) -> dict[str, Any]:
    return {"pools": list(pools), "planned_osd_hosts": list(hosts), "planned_osds": osds, "planned_crush_rules": []}


def cluster(osds: int = 3, hosts: int = 3) -> CephFake:
    """A cluster whose pveceph works."""
    node = CephFake().initialized("pve1", "pve2", "pve3")
    node.answers = cluster_answers(osds=osds, size=hosts)
    node.effects = {("pveceph", "pool"): lambda fake: None, ("ceph",): lambda fake: None}
    return node


def answers(node: CephFake) -> dict[str, Any]:
    assert node.answers is not None
    return node.answers


def plan_of(node: FakeNode, *pools: dict[str, Any], **planned: Any) -> Plan:
    return make_plan(SUBJECT, params(*pools, **planned), node)


def argv(plan: Plan, step: int = 0) -> str:
    action = plan.steps[step].action
    assert isinstance(action, Run)
    return " ".join(action.argv)


def test_another_name_is_another_pool_and_the_plan_says_so() -> None:
    node = cluster()
    add_pool(answers(node), "vms")
    warning = "Pool guests is new and will be empty, while vms is there and not listed. Pools are never renamed here"
    plan = plan_of(node, pool("guests"))
    assert plan.warnings[0].startswith(warning)
    assert not plan_of(node, pool("guests"), pool("vms")).warnings
    assert not plan_of(node, pool("guests", application="rgw")).warnings
    assert not plan_of(node, pool("vms")).warnings


def test_a_new_pool() -> None:
    plan = plan_of(cluster(), pool())
    assert argv(plan) == (
        "pveceph pool create vms --size 3 --min_size 2 --application rbd --target_size_ratio 1.0"
        " --pg_autoscale_mode on --pg_num 32"
    )
    assert plan.sentences == [
        "create pool vms: size 3, min_size 2, application rbd, target_size_ratio 1.0, pg_autoscale_mode on,"
        " pg_num 32 (the autoscaler starts from here)"
    ]


@pytest.mark.parametrize(
    ("osds", "calculated", "table"),
    [(3, 128, 128), (4, 128, 128), (5, 128, 256), (6, 256, 256), (10, 256, 512), (49, 2048, 2048), (50, 2048, 4096)],
)
def test_the_modes(osds: int, calculated: int, table: int) -> None:
    for mode, pg_num in (("calculated", calculated), ("table", table)):
        plan = plan_of(cluster(osds), pool(pg_mode=mode))
        assert argv(plan).endswith(f"--pg_autoscale_mode off --pg_num {pg_num}")


def test_the_plan_says_when_the_limit_decides() -> None:
    plan = plan_of(cluster(6), pool(pg_mode="table"))
    assert "pg_num 256 (512 by rule (6 OSDs: 5 to 10), but mon_max_pg_per_osd = 250 leaves" in plan.sentences[0]


def test_the_limit_of_this_cluster_counts() -> None:
    node = cluster(6)
    answers(node)["config dump"] = [{"section": "global", "name": "mon_max_pg_per_osd", "value": "300"}]
    assert "--pg_num 512" in argv(plan_of(node, pool(pg_mode="table")))


def test_listed_pools_share_and_are_counted_one_after_the_other() -> None:
    plan = plan_of(cluster(3), pool("a", pg_mode="table"), pool("b", pg_mode="table"), pool("c", pg_mode="table"))
    assert [argv(plan, step).rsplit(" ", 1)[1] for step in range(3)] == ["128", "64", "32"]
    plan = plan_of(cluster(12), pool("a", pg_mode="calculated"), pool("b", pg_mode="calculated"))
    assert [argv(plan, step).rsplit(" ", 1)[1] for step in range(2)] == ["256", "256"]


def test_only_osds_that_are_in_and_that_the_rule_reaches_count() -> None:
    node = cluster(3)
    answers(node)["osd crush rule dump"].append(SSD_RULE)
    for number in range(3, 9):
        add_osd(answers(node), number, f"pve{number % 3 + 1}", device_class="hdd")
    assert "--pg_num 256" in argv(plan_of(node, pool(pg_mode="calculated")))
    assert "--pg_num 128" in argv(plan_of(node, pool(pg_mode="calculated", crush_rule="ssd")))
    answers(node)["osd dump"]["osds"][0]["in"] = 0
    assert "--pg_num 64" in argv(plan_of(node, pool(pg_mode="calculated", crush_rule="ssd")))


@pytest.mark.parametrize(
    ("found", "wanted", "words"),
    [
        ({}, {}, None),
        ({"pg_num_target": 512}, {}, None),  # the autoscaler's business
        ({"options": {"target_size_ratio": 0.2}}, {"target_size_ratio": 0.2}, None),
        ({"application_metadata": {"rbd": {}, "mgr": {}}}, {}, None),
        ({"pg_autoscale_mode": "warn"}, {}, "--pg_autoscale_mode on"),
        ({"options": {}}, {}, "--target_size_ratio 1.0"),
        ({"application_metadata": {}}, {}, "--application rbd"),
        ({"min_size": 1}, {}, "--min_size 2"),
        ({"size": 2}, {}, "--size 3 --min_size 2"),
        ({}, {"pg_num_min": 64}, "--pg_num_min 64"),
        ({"pg_autoscale_mode": "on"}, {"pg_mode": "calculated"}, "--pg_autoscale_mode off --pg_num 128"),
        ({"pg_autoscale_mode": "off"}, {"pg_mode": "calculated"}, "--pg_num 128"),
        ({"pg_autoscale_mode": "off", "pg_num_target": 256}, {"pg_mode": "calculated"}, None),  # never lowered
    ],
)
def test_an_existing_pool(found: dict[str, Any], wanted: dict[str, Any], words: Any) -> None:
    node = cluster()
    add_pool(answers(node), "vms", **found)
    plan = plan_of(node, pool(**wanted))
    assert not plan.refusals
    assert [argv(plan, step) for step in range(len(plan.steps))] == ([f"pveceph pool set vms {words}"] if words else [])


def test_the_bulk_flag_is_set_by_its_own_command() -> None:
    plan = plan_of(cluster(), pool(bulk=True))
    assert argv(plan, 1) == "ceph --connect-timeout 10 osd pool set vms bulk true"
    node = cluster()
    add_pool(answers(node), "vms", flags_names="hashpspool,bulk")
    assert not plan_of(node, pool(bulk=True)).steps
    assert argv(plan_of(node, pool(bulk=False))).endswith("bulk false")
    assert not plan_of(node, pool()).steps


@pytest.mark.parametrize(
    ("found", "wanted", "words"),
    [
        ({"size": 4}, {}, "Pool vms has size 4; 3 would make its data less safe."),
        ({"min_size": 3}, {}, "Pool vms has min_size 3; 2 would make its data less safe."),
        ({"type": 3}, {}, "is erasure coded"),
        ({"application_metadata": {"cephfs": {}}}, {}, "is used by cephfs, not by rbd"),
        ({}, {"crush_rule": "ssd"}, "there is no CRUSH rule ssd. There are: replicated_rule."),
        ({"size": 2, "pg_num_target": 300}, {}, "not enough for size 3"),
    ],
)
def test_refused_changes(found: dict[str, Any], wanted: dict[str, Any], words: str) -> None:
    node = cluster()
    add_pool(answers(node), "vms", **found)
    refusals = [str(refusal) for refusal in plan_of(node, pool(**wanted)).refusals]
    assert any(words in refusal for refusal in refusals), refusals


@pytest.mark.parametrize(
    ("node", "planned", "refused"),
    [
        (cluster(3, hosts=3), {}, False),
        (cluster(6, hosts=2), {}, True),
        (cluster(6, hosts=2), {"hosts": ("pve3",)}, False),
        (cluster(6, hosts=2), {"hosts": ("pve2",)}, True),
        (CephFake(version=None), {"hosts": ("pve1", "pve2"), "osds": 6}, True),
        (CephFake(version=None), {"hosts": ("pve1", "pve2", "pve3"), "osds": 3}, False),
    ],
)
def test_more_replicas_than_hosts_are_refused(node: FakeNode, planned: dict[str, Any], refused: bool) -> None:
    refusals = plan_of(node, pool(), **planned).refusals
    assert bool(refusals) is refused
    assert not refused or "on different hosts, but the number of hosts with OSDs is 2" in refusals[0].reason


def test_no_osd_no_pool() -> None:
    assert "no OSD that could hold it" in plan_of(cluster(0), pool()).refusals[0].reason


def test_on_a_bare_system_the_plan_counts_on_what_is_planned() -> None:
    plan = plan_of(CephFake(version=None), pool(pg_mode="calculated"), hosts=("pve1", "pve2", "pve3"), osds=6)
    assert "--pg_num 256" in argv(plan)


def test_monitors_that_do_not_answer_are_no_licence_to_create() -> None:
    node = CephFake().initialized("pve1")
    node.answers = None
    plan = plan_of(node, pool(), hosts=("pve1", "pve2", "pve3"), osds=3)
    assert not plan.steps
    assert "do not answer" in plan.refusals[0].reason


def test_min_size_one_warns() -> None:
    assert "with min_size 1" in plan_of(cluster(), pool(min_size=1)).warnings[0]


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    def fresh() -> CephFake:
        node = cluster()

        def create(fake: FakeNode) -> None:
            name = ("vms", "test")[len(answers(node)["osd dump"]["pools"])]
            add_pool(answers(node), name)

        def bulk(fake: FakeNode) -> None:
            answers(node)["osd dump"]["pools"][0]["flags_names"] = "bulk"

        node.effects = {("pveceph", "pool", "create"): create, ("ceph",): bulk}
        return node

    assert assert_converges_from_every_kill(SUBJECT, params(pool("vms", bulk=True), pool("test")), fresh) == 4


@settings(max_examples=examples(50), deadline=None)
@given(
    osds=st.integers(3, 60),
    modes=st.lists(st.sampled_from(("autoscale", "calculated", "table")), min_size=1, max_size=8),
    size=st.integers(1, 3),
)
def test_a_second_run_changes_nothing(osds: int, modes: list[str], size: int) -> None:
    node = cluster(osds)
    pools = [pool(f"pool{number}", pg_mode=mode, size=size, min_size=1) for number, mode in enumerate(modes)]
    plan = plan_of(node, *pools)
    if plan.refusals:
        return
    for step in range(len(plan.steps)):
        words = argv(plan, step).split()
        options = dict(zip(words[4::2], words[5::2]))
        add_pool(
            answers(node),
            words[3],
            size=int(options["--size"]),
            min_size=int(options["--min_size"]),
            pg_num_target=int(options["--pg_num"]),
            pg_autoscale_mode=options["--pg_autoscale_mode"],
        )
    assert not plan_of(node, *pools).steps


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "a/b"},
        {"min_size": 4},
        {"size": 8},
        {"min_size": 0},
        {"share": 0.5},
        {"pg_mode": "table", "share": 0.0},
        {"pg_mode": "table", "bulk": True},
        {"pg_mode": "calculated", "target_size_ratio": 1.0},
        {"pg_num_min": 48},
    ],
)
def test_invalid(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        desired_from(params(pool(**changes)))


def test_a_pool_listed_twice_is_invalid() -> None:
    with pytest.raises(Invalid, match="vms is listed twice"):
        desired_from(params(pool(), pool()))
