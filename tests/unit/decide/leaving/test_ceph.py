"""node_membership and Ceph: the order in which its parts leave a node, what is refused, and kills in between."""

from __future__ import annotations

import re
from typing import Any, Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, TextWait
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT

from ....doubles.ceph_support import add_osd
from ....doubles.leaving_ceph import CONF, LeavingCeph
from ....doubles.leaving_node import POWER_OFF, ids, params, plan
from ....doubles.support import assert_converges_from_every_kill

WARN = {"severity": "HEALTH_WARN", "summary": {"message": "2 pgs degraded"}}


def three() -> LeavingCeph:
    return LeavingCeph(("pve1", "pve2", "pve3"), size=2)


def half_removed_monitor() -> LeavingCeph:
    """``mon remove`` was done, and the configuration not yet written."""
    node = LeavingCeph()
    node.mons = ["pve1", "pve2", "pve4"]
    return node


def test_ceph_leaves_before_the_power_goes() -> None:
    made = plan(LeavingCeph())
    assert made.refusals == ()
    assert made.sentences[: ids(made).index(POWER_OFF[0])] == [
        "mark osd.2 out: its data moves to the others",
        "wait until all data of osd.2 is elsewhere",
        "wait until every copy that was on osd.2 is made again",
        "ask Ceph whether osd.2 may stop",
        "stop osd.2",
        "wait until osd.2 is down",
        "destroy osd.2 and wipe its disks",
        "wait until osd.2 is gone",
        "destroy mds.pve3",
        "wait until Ceph does without mds.pve3",
        "create mon.pve4, before mon.pve3 goes",
        "wait until mon.pve4 is in the quorum",
        "ask Ceph whether mon.pve3 may go",
        "destroy mon.pve3",
        "wait until the monitors do without mon.pve3",
        "destroy mgr.pve3",
        "wait until Ceph does without mgr.pve3",
        "remove the host pve3 from the CRUSH map",
    ]


def test_of_a_dead_node_only_the_records_are_removed() -> None:
    made = plan(LeavingCeph().dead(), "dead")
    assert made.refusals == ()
    assert made.sentences[:10] == [
        "mark osd.2 out: its data moves to the others",
        "wait until all data of osd.2 is elsewhere",
        "wait until every copy that was on osd.2 is made again",
        "remove osd.2 from the cluster",
        "take mds.pve3 out of /etc/pve/ceph.conf",
        "remove the key of mds.pve3 from Ceph",
        "create mon.pve4, before mon.pve3 goes",
        "wait until mon.pve4 is in the quorum",
        "remove mon.pve3 from the monitors' map",
        "wait until the monitors do without mon.pve3",
    ]


def test_a_dead_node_that_is_switched_on_is_noticed_within_seconds() -> None:
    """Ceph does not remove an OSD that is up. That is tried again, but not without another look at the node."""
    [purge] = [step.action for step in plan(LeavingCeph().dead(), "dead").steps if step.why.startswith("remove osd.")]
    assert isinstance(purge, Run) and 0 < purge.patience <= 10
    told = "Error EBUSY: osd.2 is not `down`."
    assert any(re.search(pattern, told) for pattern in purge.retry_on)


def test_the_osds_of_a_dead_node_go_out_together_and_those_of_a_living_one_after_another() -> None:
    """With one of them still in, the placement groups that wait for it would keep the other from being safe."""
    node = three()
    add_osd(node.answers, 3, "pve3")
    moves = [words for words in plan(node).sentences if re.match("mark osd|destroy osd", words)]
    assert [words.split(":")[0] for words in moves] == [
        "mark osd.2 out",
        "destroy osd.2 and wipe its disks",
        "mark osd.3 out",
        "destroy osd.3 and wipe its disks",
    ]
    node.dead().osd(3)["up"] = 0
    assert plan(node, "dead").sentences[:8] == [
        "mark osd.2 out: its data moves to the others",
        "mark osd.3 out: its data moves to the others",
        "wait until all data of osd.2 is elsewhere",
        "wait until every copy that was on osd.2 is made again",
        "remove osd.2 from the cluster",
        "wait until all data of osd.3 is elsewhere",
        "wait until every copy that was on osd.3 is made again",
        "remove osd.3 from the cluster",
    ]


def test_drain_leaves_ceph_alone() -> None:
    assert plan(LeavingCeph(), "drain").steps == ()


def test_a_manager_that_is_destroyed_already_may_still_be_listed() -> None:
    """Its directory is gone, without which upstream would refuse to destroy it."""
    node = LeavingCeph()
    node.entities.remove("mgr.pve3")
    sentences = plan(node, "retire").sentences
    assert "destroy mgr.pve3" not in sentences
    assert "wait until Ceph does without mgr.pve3" in sentences


def test_what_a_cut_short_removal_left_in_the_configuration() -> None:
    assert "take mon.pve3 out of /etc/pve/ceph.conf" in plan(half_removed_monitor()).sentences


@pytest.mark.parametrize(
    ("start", "mode"),
    [
        (LeavingCeph, "retire"),
        (three, "retire"),
        (lambda: LeavingCeph().dead(), "dead"),
        (half_removed_monitor, "retire"),
    ],
)
def test_a_run_killed_after_any_step_is_finished_by_the_next(start: Callable[[], LeavingCeph], mode: str) -> None:
    """The fake stops a destruction of an OSD that is in or up."""
    assert assert_converges_from_every_kill(SUBJECT, params(mode), start) > 10


def test_an_osd_is_only_destroyed_after_ceph_said_that_it_is_safe() -> None:
    for node, mode in ((LeavingCeph(), "retire"), (LeavingCeph().dead(), "dead")):
        steps = plan(node, mode).steps
        danger = next(index for index, step in enumerate(steps) if re.match("(destroy|remove) osd.2", step.why))
        waits = [step.action for step in steps[:danger] if isinstance(step.action, TextWait)]
        assert any("safe-to-destroy" in wait.argv and wait.patience for wait in waits)


@pytest.mark.parametrize(
    "answer",
    [
        "Error EBUSY: unsafe to stop osd(s) at this time (7 PGs are or would become offline)",
        "Error EAGAIN: 5 pgs have unknown state; cannot draw any conclusions",
    ],
)
def test_ceph_is_asked_again_while_it_is_busy_or_does_not_know(answer: str) -> None:
    """Placement groups may have to agree on their OSDs, right after the last object has moved or a pool has grown."""
    asks = [step.action for step in plan(LeavingCeph()).steps if step.why.startswith("ask Ceph whether")]
    assert len(asks) == 2
    assert all(isinstance(ask, Run) and re.search("|".join(ask.retry_on), answer) for ask in asks)


def test_nothing_is_safe_that_ceph_does_not_name() -> None:
    """It exits 0 either way, and calls what it does not know safe."""
    wait = next(step.action for step in plan(LeavingCeph()).steps if "elsewhere" in step.why)
    assert isinstance(wait, TextWait)
    answer = '{"safe_to_destroy":%s,"active":[],"missing_stats":[],"stored_pgs":[]}'
    assert re.search(wait.until, answer % "[2]")
    assert not any(re.search(wait.until, answer % other) for other in ("[]", "[12]", "[20]"))


def test_ceph_calls_safe_what_lately_written_data_is_still_copied_from() -> None:
    """Seen with Ceph 18: one copy each of a thousand objects, and `safe-to-destroy` names the OSD with the other."""
    wait = next(step.action for step in plan(LeavingCeph()).steps if "made again" in step.why)
    assert isinstance(wait, TextWait) and wait.patience and wait.argv[-2:] == ("pg", "stat")
    answer = '{"pg_ready":true,"pg_summary":{"num_pg_by_state":[%s],"num_pgs":297}}'
    states = ("active+clean", "active+clean+scrubbing+deep", "active+recovery_wait+degraded", "active+recovering")
    clean, scrubbed, *moving = (f'{{"name":"{state}","num":4}}' for state in states)
    assert re.search(wait.until, answer % f"{clean},{scrubbed}")
    assert not any(re.search(wait.until, answer % f"{clean},{one}") for one in moving)
    assert not re.search(wait.until, "")


def full() -> LeavingCeph:
    node = three()
    node.used = 600
    return node


def early_warning() -> LeavingCeph:
    """Somebody has told Ceph to warn earlier: ``ceph osd set-nearfull-ratio 0.1``."""
    node = three()
    node.answers["osd dump"]["nearfull_ratio"] = 0.10000000149011612
    return node


def small_host() -> LeavingCeph:
    """Half full in all, but each of two hosts has to keep a copy, and one of them is too small for that."""
    node = three()
    node.used, node.sizes = 300, {1: 0.5}
    return node


def few_places() -> LeavingCeph:
    node = LeavingCeph(("pve1", "pve2", "pve3"))
    node.answers["osd dump"]["pools"][0]["min_size"] = 3
    return node


def unknown_use() -> LeavingCeph:
    node = LeavingCeph()
    mapped = node.mapped
    node.mapped = lambda: type(mapped())(0, re.sub(r'"osd df": .*', '"x": 0}', mapped().stdout), "")  # type: ignore[method-assign]
    return node


def new_manager() -> LeavingCeph:
    """Ceph's manager has just started: an OSD that it has not heard of yet has no size."""
    node = three()
    node.used, node.sizes = 600, {2: 0}
    return node


def with_rack() -> LeavingCeph:
    node = LeavingCeph()
    node.answers["osd crush rule dump"][0]["steps"][1]["type"] = "rack"
    return node


def set_on(node: LeavingCeph, **values: Any) -> LeavingCeph:
    for name, value in values.items():
        setattr(node, name, value)
    return node


def silent() -> LeavingCeph:
    node = LeavingCeph()
    failed = type(node.told())(1, "", "RADOS timed out\n")
    node.told = lambda: failed  # type: ignore[method-assign]
    return node


@pytest.mark.parametrize(
    ("start", "changes", "sentence"),
    [
        (silent, {}, r"No monitor of Ceph answers \(RADOS timed out\)"),
        (
            lambda: LeavingCeph(("pve1", "pve2", "pve3")),
            {},
            "pool vms keeps 3 copies on different hosts with OSDs, and 2 would",
        ),
        (few_places, {}, "Below 3 they stop working"),
        (full, {}, "the OSDs would be 89 % full; 85% is the limit"),
        (early_warning, {}, "the OSDs would be 14 % full; 10% is the limit"),
        (small_host, {}, "Without pve3 those of pve2 would be 89 % full"),
        (unknown_use, {}, "How full the OSDs are is not known"),
        (new_manager, {}, "How full the OSDs are is not known"),
        (with_rack, {}, r"enough places without pve3 cannot be judged \(rack\)"),
        (lambda: set_on(LeavingCeph(), flags="noout,sortbitwise"), {}, "Ceph has the flag noout set"),
        (
            lambda: set_on(LeavingCeph(), health={"PG_DEGRADED": WARN}),
            {},
            "Ceph is not healthy: PG_DEGRADED: 2 pgs degraded",
        ),
        (lambda: set_on(three(), mons=["pve3"]), {}, "mon.pve3 is the only monitor"),
        (
            lambda: set_on(LeavingCeph(("pve1", "pve3"), size=1), mons=["pve1", "pve3"]),
            {"expected_votes": 1},
            "Only mon.pve1 would be left",
        ),
        (lambda: set_on(LeavingCeph(), mgrs=["pve3"]), {}, "mgr.pve3 is the only manager"),
        (lambda: set_on(LeavingCeph().filesystem(), mds=["pve3"]), {}, "mds.pve3 is the only metadata server"),
    ],
)
def test_refused(start: Callable[[], LeavingCeph], changes: dict[str, Any], sentence: str) -> None:
    refusals = [str(refusal) for refusal in plan(start(), **changes).refusals]
    assert any(re.search(sentence, refusal) for refusal in refusals), refusals


def test_pools_are_named_in_one_order_whichever_was_made_first() -> None:
    node = LeavingCeph(("pve1", "pve2", "pve3"))
    pools = node.answers["osd dump"]["pools"]
    pools.append({**pools[0], "pool": 9, "pool_name": ".mgr"})
    assert any("The pools .mgr, vms keep 3 copies" in str(refusal) for refusal in plan(node).refusals)


def test_a_removal_that_is_under_way_may_look_unhealthy() -> None:
    node = set_on(LeavingCeph(), health={"PG_DEGRADED": WARN})
    node.osd(2)["in"] = 0
    assert plan(node).refusals == ()
    node.health["PG_AVAILABILITY"] = WARN
    assert len(plan(node).refusals) == 1


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        ("active+undersized+degraded+remapped+backfilling", True),
        ("active+recovery_wait+degraded", True),
        ("active+undersized+degraded", False),
        ("undersized+degraded+peered+recovering", False),
    ],
)
def test_data_that_moves_already_is_waited_for_unless_nothing_mends_it(state: str, waits: bool) -> None:
    """As it is when a run was cut short between two OSDs of the node."""
    node = set_on(three(), health={"PG_DEGRADED": WARN}, states=("active+clean", state))
    made = plan(node)
    first = "wait until the data that moves already is where it belongs"
    assert (made.sentences[0] == first, len(made.refusals)) == (waits, 0 if waits else 1)
    node.osd(2)["in"] = 0
    assert first not in plan(node).sentences, "its own data is waited for anyway"


def test_what_an_earlier_run_has_brought_about_is_not_in_the_way() -> None:
    """Its OSDs are gone, later all of Ceph; the warnings that follow from that stay."""
    node = set_on(three(), health={"MDS_INSUFFICIENT_STANDBY": WARN, "TOO_FEW_OSDS": WARN})
    node.osd(2).update({"in": 0, "up": 0})
    node.drop_osd()
    assert plan(node).refusals == ()
    for kind in ("mds", "mon", "mgr"):
        node.drop(kind)
        assert plan(node).refusals == ()
    node.drop_host()
    assert plan(node).refusals == ()


def test_few_osds_say_nothing_about_the_data() -> None:
    assert plan(set_on(three(), health={"TOO_FEW_OSDS": WARN})).refusals == ()
    assert len(plan(set_on(three(), health={"TOO_FEW_OSDS": WARN, "PG_DEGRADED": WARN})).refusals) == 1


def test_the_user_hears_of_fewer_than_three_monitors() -> None:
    assert plan(three()).warnings[0] == (
        "2 monitors will be left; Ceph stands still as soon as one of two stops. Three are better."
    )
    assert plan(LeavingCeph()).warnings == ()
    one = set_on(LeavingCeph(("pve1", "pve3"), size=1), mons=["pve1", "pve3"])
    assert plan(one, expected_votes=1, single_monitor=True).warnings[0] == (
        "1 monitor will be left; Ceph stands still as soon as it stops. Three are better."
    )


def test_the_user_hears_of_a_warning_that_ceph_will_not_take_back() -> None:
    assert plan(three()).warnings[1:] == (
        "2 OSDs will be left, and a pool gets 3 copies where nobody says how many: Ceph will warn of that"
        " (TOO_FEW_OSDS) until there are more. site.yml takes it with ceph_tolerated_health: [TOO_FEW_OSDS].",
    )
    assert plan(three().dead(), "dead").warnings[1:] == plan(three()).warnings[1:]
    assert plan(three(), "drain").warnings == ()


def test_the_user_hears_of_more_placement_groups_than_ceph_wants_on_an_osd() -> None:
    node = LeavingCeph()
    node.answers["osd dump"]["pools"][0]["pg_num_target"] = 256
    assert plan(node).warnings == (
        "256 placement groups will be on each OSD, more than mon_max_pg_per_osd (250): Ceph will warn of that"
        " (TOO_MANY_PGS) until there are more OSDs, or pools have a smaller pg_num.",
    )
    node.health["TOO_MANY_PGS"] = WARN
    assert len(plan(node).refusals) == 1, "it was there before"
    node.osd(2)["in"] = 0
    assert plan(node).refusals == (), "the removal has brought it about"


def test_the_user_hears_that_new_pools_want_more_hosts_than_are_left() -> None:
    node = three()
    add_osd(node.answers, 3, "pve2")
    assert plan(node).warnings[1:] == (
        "2 hosts with OSDs will be left, and a pool gets 3 copies where nobody says how many: such a pool would never"
        " be whole. Give new ones their size.",
    )


def test_the_configuration_loses_one_daemon_and_keeps_every_other_line() -> None:
    node = half_removed_monitor()
    before = node.files[CONF]
    for step in plan(node).steps:
        if step.why.endswith(CONF):
            node.act(step)
    section = "[mon.pve3]\n\tpublic_addr = 10.10.2.13\n\n"
    assert node.files[CONF] == before.replace(section, "").replace("10.10.2.12 10.10.2.13", "10.10.2.12 ")
