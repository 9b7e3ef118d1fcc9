"""ceph_pool: erasure coded pools, quotas, and how much data a change moves."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.pool_desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.pg import moved_part
from ansible_collections.baremetal.virt.plugins.modules.ceph_pool import SUBJECT
from hypothesis import given, settings
from hypothesis import strategies as st

from ....doubles.ceph_support import CephFake, add_pool
from ....doubles.examples import examples
from ....doubles.support import FakeNode, assert_converges_from_every_kill
from .test_pool import answers, argv, cluster, params, plan_of, pool

PROFILE = {"k": "2", "m": "1", "crush-failure-domain": "host", "crush-device-class": "", "plugin": "jerasure"}


def code(**changes: Any) -> dict[str, Any]:
    return {"k": 2, "m": 1, "failure_domain": "host", "device_class": None, **changes}


def coded(name: str = "archive", erasure: Any = None, **changes: Any) -> dict[str, Any]:
    return pool(name, size=None, min_size=None, erasure_coding=erasure or code(), **changes)


def with_pool(**changes: Any) -> CephFake:
    node = cluster()
    answers(node)["osd dump"]["erasure_code_profiles"] = {"pve_ec_archive": PROFILE}
    flags = {"flags_names": "hashpspool,ec_overwrites", "erasure_code_profile": "pve_ec_archive"}
    add_pool(answers(node), "archive", **{"type": 3, "min_size": 3, "crush_rule": 1, **flags, **changes})
    return node


def test_a_new_one() -> None:
    plan = plan_of(cluster(), coded())
    assert [argv(plan, step) for step in range(4)] == [
        "ceph --connect-timeout 10 osd erasure-code-profile set pve_ec_archive k=2 m=1 crush-failure-domain=host",
        "ceph --connect-timeout 10 osd pool create archive 32 32 erasure pve_ec_archive",
        "pveceph pool set archive --min_size 3 --application rbd --target_size_ratio 1.0 --pg_autoscale_mode on",
        "ceph --connect-timeout 10 osd pool set archive allow_ec_overwrites true",
    ]
    assert plan.sentences[1] == "create pool archive: size 3 (k+m), pg_num 32 (the autoscaler starts from here)"


def test_placement_groups_count_k_and_m() -> None:
    plan = plan_of(cluster(12, hosts=6), coded(erasure=code(k=4, m=2), pg_mode="calculated"))
    assert "osd pool create archive 256 256" in argv(plan, 1)  # 12 * 100 / 6 = 200


def test_one_that_is_as_wanted_is_left_alone() -> None:
    plan = plan_of(with_pool(), coded())
    assert not plan.steps and not plan.refusals


@pytest.mark.parametrize(
    ("node", "wanted", "words"),
    [
        (
            cluster(),
            coded(erasure=code(k=3)),
            "different hosts, but the number of hosts with OSDs is 3",
        ),
        (with_pool(), coded(erasure=code(m=2, failure_domain="osd")), "says m=1, crush-failure-domain=host, but m=2"),
        (with_pool(), pool("archive"), "is erasure coded, and a pool can never change its kind"),
        (with_pool(type=1), coded(), "is replicated, and a pool can never change its kind"),
        (with_pool(min_size=4), coded(), "has min_size 4; 3 would make its data less safe"),
    ],
)
def test_refused(node: CephFake, wanted: dict[str, Any], words: str) -> None:
    assert any(words in str(refusal) for refusal in plan_of(node, wanted).refusals)


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    def fresh() -> CephFake:
        node = cluster()

        def profile(fake: FakeNode) -> None:
            answers(node)["osd dump"]["erasure_code_profiles"] = {"pve_ec_archive": PROFILE}

        def create(fake: FakeNode) -> None:
            bare = {"options": {}, "application_metadata": {}, "pg_autoscale_mode": "off", "min_size": 2}
            add_pool(answers(node), "archive", type=3, erasure_code_profile="pve_ec_archive", **bare)

        def settings(fake: FakeNode) -> None:
            changed = {"options": {"target_size_ratio": 1.0}, "application_metadata": {"rbd": {}}, "min_size": 3}
            answers(node)["osd dump"]["pools"][0].update(pg_autoscale_mode="on", **changed)

        def overwrites(fake: FakeNode) -> None:
            answers(node)["osd dump"]["pools"][0]["flags_names"] = "ec_overwrites"

        def quota(fake: FakeNode) -> None:
            answers(node)["osd dump"]["pools"][0]["quota_max_bytes"] = 10**9

        ceph = ("ceph", "--connect-timeout", "10", "osd")
        node.effects = {
            (*ceph, "erasure-code-profile"): profile,
            (*ceph, "pool", "create"): create,
            ("pveceph", "pool", "set"): settings,
            (*ceph, "pool", "set"): overwrites,
            (*ceph, "pool", "set-quota"): quota,
        }
        return node

    assert assert_converges_from_every_kill(SUBJECT, params(coded(quota_bytes="1G")), fresh) == 6


def test_quotas() -> None:
    plan = plan_of(cluster(), pool(quota_bytes="2Ti", quota_objects=1000))
    assert argv(plan, 1) == f"ceph --connect-timeout 10 osd pool set-quota vms max_bytes {2 * 2**40}"
    assert argv(plan, 2) == "ceph --connect-timeout 10 osd pool set-quota vms max_objects 1000"
    node = cluster()
    add_pool(answers(node), "vms", quota_max_bytes=500 * 10**9)
    assert not plan_of(node, pool(quota_bytes="500G")).steps
    assert argv(plan_of(node, pool(quota_bytes="0"))).endswith("max_bytes 0")
    assert not plan_of(node, pool()).steps


@pytest.mark.parametrize(
    ("found", "wanted", "words"),
    [
        ({"pg_num_target": 32}, {"pg_mode": "calculated"}, "nearest power of two 128; moves about 75% of its data)"),
        ({"size": 2, "pg_num_target": 64}, {}, "size 2 → 3 (writes 1 more replicas of all its data)"),
        ({"crush_rule": 7}, {"crush_rule": "replicated_rule"}, "crush_rule replicated_rule"),
    ],
)
def test_the_plan_says_how_much_data_moves(found: dict[str, Any], wanted: dict[str, Any], words: str) -> None:
    node = cluster()
    add_pool(answers(node), "vms", **found)
    assert words in plan_of(node, pool(**wanted)).sentences[0]


def test_moved_part() -> None:
    assert [moved_part(32, after) for after in (16, 32, 64, 128)] == [0.0, 0.0, 0.5, 0.75]


def test_a_rule_that_is_planned_is_no_mistake() -> None:
    wishes = params(pool(crush_rule="fast"))
    wishes["planned_crush_rules"] = ["fast"]
    assert not make_plan(SUBJECT, wishes, cluster()).refusals


@pytest.mark.parametrize(
    "wanted",
    [
        coded(erasure=code(k=1)),
        coded(erasure=code(m=0)),
        coded(crush_rule="fast"),
        pool(size=5, min_size=None, erasure_coding=code()),
        pool(size=None, min_size=1, erasure_coding=code()),
        pool(quota_bytes="much"),
        pool(quota_objects=-1),
    ],
)
def test_invalid(wanted: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        desired_from(params(wanted))


def test_without_redundancy_is_warned_of() -> None:
    wanted = pool("archive", size=None, min_size=2, erasure_coding=code())
    assert "with min_size 2 (k) a write is confirmed without any redundancy" in plan_of(cluster(), wanted).warnings[0]


POOLS = st.lists(
    st.tuples(st.sampled_from(("autoscale", "calculated", "table")), st.integers(1, 6), st.booleans()),
    min_size=1,
    max_size=20,
)


@settings(max_examples=examples(60), deadline=None)
@given(osds=st.integers(1, 500), wishes=POOLS)
def test_no_plan_ever_exceeds_the_monitors_limit(osds: int, wishes: list[tuple[str, int, bool]]) -> None:
    pools = []
    for number, (mode, size, is_coded) in enumerate(wishes):
        if is_coded and size > 2:
            pools.append(coded(f"pool{number}", code(k=size - 1, m=1), pg_mode=mode))
        else:
            pools.append(pool(f"pool{number}", size=size, min_size=1, pg_mode=mode))
    plan = plan_of(CephFake(version=None), *pools, hosts=tuple(f"pve{number}" for number in range(6)), osds=osds)
    after = [entry for entry in plan.after.values() if entry["pg_num"]]
    sizes = {wanted["name"]: wishes[number][1] for number, wanted in enumerate(pools)}
    used = sum(entry["pg_num"] * sizes[name] for name, entry in plan.after.items())
    assert used <= osds * 250
    assert all(entry["pg_num"] & (entry["pg_num"] - 1) == 0 for entry in after)
    assert len(after) == len(pools) or plan.refusals
