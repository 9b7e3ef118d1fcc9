"""node_membership and Ceph: the order in which its parts leave a node, what is refused, and kills in between."""

from __future__ import annotations

import re
from typing import Any, Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.conditions import (
    WHOLE,
    osd_is_down,
    osd_is_empty,
    osd_may_stop,
)
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT

from ....doubles.ceph_support import add_osd, group
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


def waits(made: Plan, name: str) -> Wait:
    action = next(step.action for step in made.steps if step.id == name)
    assert isinstance(action, Wait)
    return action


def test_ceph_leaves_before_the_power_goes() -> None:
    made = plan(LeavingCeph())
    assert made.refusals == ()
    assert ids(made)[: ids(made).index(POWER_OFF[0])] == [
        "osd.out:2",
        "osd.wait-empty:2",
        "osd.wait-whole:2",
        "osd.ask-stop:2",
        "osd.stop:2",
        "osd.wait-down:2",
        "osd.destroy:2",
        "osd.wait-gone:2",
        "mds.destroy:pve3",
        "mds.wait-gone:pve3",
        "mon.create:pve4",
        "mon.wait-quorum:pve4",
        "mon.ask:pve3",
        "mon.destroy:pve3",
        "mon.wait-gone:pve3",
        "mgr.destroy:pve3",
        "mgr.wait-gone:pve3",
        "crush.remove:pve3",
    ]
    assert made.sentences[6] == "destroy osd.2 and wipe its disks"
    assert {step.id for step in made.steps if step.destructive} >= {"osd.destroy:2", "mon.destroy:pve3"}


def test_of_a_dead_node_only_the_records_are_removed() -> None:
    made = plan(LeavingCeph().dead(), "dead")
    assert made.refusals == ()
    assert ids(made)[:11] == [
        "osd.out:2",
        "osd.wait-empty:2",
        "osd.wait-whole:2",
        "osd.wait-down:2",
        "osd.purge:2",
        "mds.forget:pve3",
        "auth.delete:mds.pve3",
        "mon.create:pve4",
        "mon.wait-quorum:pve4",
        "mon.remove:pve3",
        "mon.wait-gone:pve3",
    ]


def test_a_dead_node_that_is_switched_on_is_noticed_within_seconds() -> None:
    """Ceph does not remove an OSD that is up. That is waited for, so that the node is looked at again meanwhile."""
    assert waits(plan(LeavingCeph().dead(), "dead"), "osd.wait-down:2").until == (osd_is_down(2),)


def test_ceph_may_need_a_quarter_of_an_hour_to_notice_that_osds_are_off() -> None:
    """With OSDs on one more host only, nobody is left whom the monitors would believe."""
    node = three()
    node.off("pve3")
    assert not any("to say otherwise" in text for text in plan(node, "dead").warnings)
    node.osd(1)["up"] = 0
    made = plan(node, "dead")
    assert "2 hosts have to report that they are down, and 1 is left to do so" in made.warnings[-1]
    assert waits(made, "osd.wait-down:2").timeout > 900


def test_the_osds_of_a_dead_node_go_out_together_and_those_of_a_living_one_after_another() -> None:
    """With one of them still in, the placement groups that wait for it would keep the other from being safe."""
    node = three()
    add_osd(node.answers, 3, "pve3")
    moves = [name for name in ids(plan(node)) if re.match("osd.(out|destroy)", name)]
    assert moves == ["osd.out:2", "osd.destroy:2", "osd.out:3", "osd.destroy:3"]
    node.dead().osd(3)["up"] = 0
    moves = [name for name in ids(plan(node, "dead")) if re.match("osd.(out|purge)", name)]
    assert moves == ["osd.out:2", "osd.out:3", "osd.purge:2", "osd.purge:3"]


def test_drain_leaves_ceph_alone() -> None:
    assert plan(LeavingCeph(), "drain").steps == ()


def test_a_manager_that_is_destroyed_already_may_still_be_listed() -> None:
    """Its directory is gone, without which upstream would refuse to destroy it."""
    node = LeavingCeph()
    node.entities.remove("mgr.pve3")
    made = ids(plan(node, "retire"))
    assert "mgr.destroy:pve3" not in made
    assert "mgr.wait-gone:pve3" in made


def test_what_a_cut_short_removal_left_in_the_configuration() -> None:
    assert "mon.forget:pve3" in ids(plan(half_removed_monitor()))


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
    for node, mode, last in ((LeavingCeph(), "retire", "osd.destroy:2"), (LeavingCeph().dead(), "dead", "osd.purge:2")):
        made = plan(node, mode)
        before = ids(made)[: ids(made).index(last)]
        assert {"osd.wait-empty:2", "osd.wait-whole:2", "osd.wait-down:2"} <= set(before)
        assert waits(made, "osd.wait-empty:2").until == (osd_is_empty(2),)
        assert waits(made, "osd.wait-whole:2").until == WHOLE
    assert waits(plan(LeavingCeph()), "osd.ask-stop:2").until == (osd_may_stop(2),)


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
    numbers = node.numbers()
    numbers["pg dump"]["pgs"] = [group("1.0", (0, 1), bytes=450 << 30)]
    node.numbers = lambda: numbers  # type: ignore[method-assign]
    return node


def few_places() -> LeavingCeph:
    node = LeavingCeph(("pve1", "pve2", "pve3"))
    node.answers["osd dump"]["pools"][0]["min_size"] = 3
    return node


def unknown_use() -> LeavingCeph:
    node = LeavingCeph()
    numbers = node.numbers()
    node.numbers = lambda: {**numbers, "osd df": {"nodes": []}}  # type: ignore[method-assign]
    return node


def no_manager() -> LeavingCeph:
    """``ceph status`` repeats what the last one has said, and all of it was well."""
    node = LeavingCeph()
    node.numbers = dict  # type: ignore[method-assign]
    return node


def no_room_on_one_osd() -> LeavingCeph:
    """There is room in all, but CRUSH puts everything on the OSD of pve1."""
    node = three()
    node.used, node.placed = 100, {"1.0": [0, 1]}
    numbers = node.numbers()
    numbers["pg dump"]["pgs"] = [group("1.0", (1, 2), bytes=900 << 30)]
    node.numbers = lambda: numbers  # type: ignore[method-assign]
    return node


def no_place_by_crush() -> LeavingCeph:
    node = three()
    node.placed = {"1.0": [0]}
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
            "pool vms keeps 3 copies on different hosts with OSDs, but only 2 would",
        ),
        (few_places, {}, "With fewer than 3 copies they stop serving data"),
        (full, {}, "the other OSDs would be 89 % full. The limit is 85%"),
        (early_warning, {}, "the other OSDs would be 14 % full. The limit is 10%"),
        (small_host, {}, "Without pve3 the OSDs of the host pve2 would be 87 % full, as every host has to keep a copy"),
        (unknown_use, {}, r"how full osd\.0, osd\.1, osd\.2, osd\.3 is, .* whether the data of pve3 fits"),
        (new_manager, {}, r"Ceph's manager does not know yet how full osd\.2 is"),
        (no_manager, {}, "Ceph does not say in what state its data is: no manager is active"),
        (no_room_on_one_osd, {}, r"Without pve3 some OSDs would become too full \(osd\.0 98%\)"),
        (no_place_by_crush, {}, r"CRUSH finds too few OSDs for 1 placement groups of the pool vms \(1\.0\)"),
        (with_rack, {}, r"enough places without pve3 \(failure domain rack\)"),
        (lambda: set_on(LeavingCeph(), flags="noout,sortbitwise"), {}, "The flag noout is set in Ceph"),
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
    first = "wait until the data that is moving already has arrived"
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
        "2 monitors will be left. When one of them stops, Ceph stops. Three are better."
    )
    assert plan(LeavingCeph()).warnings == ()
    one = set_on(LeavingCeph(("pve1", "pve3"), size=1), mons=["pve1", "pve3"])
    assert plan(one, expected_votes=1, single_monitor=True).warnings[0] == (
        "1 monitor will be left. When it stops, Ceph stops. Three are better."
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
        if step.id == "mon.forget:pve3":
            node.act(step)
    section = "[mon.pve3]\n\tpublic_addr = 10.10.2.13\n\n"
    assert node.files[CONF] == before.replace(section, "").replace("10.10.2.12 10.10.2.13", "10.10.2.12")
