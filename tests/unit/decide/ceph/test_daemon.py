"""ceph_daemon: monitors, managers and metadata servers of one node."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.daemon import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.locks import LOCK_BUSY
from ansible_collections.baremetal.virt.plugins.modules.ceph_daemon import SUBJECT

from ....doubles.ceph_support import CephFake, cluster_answers
from ....doubles.support import FakeNode, assert_converges_from_every_kill

ALL = ("mon", "mgr", "mds")
MONS = ["pve1", "pve2", "pve3"]


def params(*kinds: str, mons: Any = None) -> dict[str, Any]:
    return {"kinds": list(kinds), "mons": MONS if mons is None else mons}


def fresh(name: str = "pve1", *mons: str) -> CephFake:
    """An initialized node whose pveceph works; ``mons`` exist already on other nodes."""
    node = CephFake(name).initialized(*mons)

    def mon(fake: FakeNode) -> None:
        had = bool(node.answers)
        known = [*(node.answers["status"]["quorum_names"] if node.answers else ()), name]
        answers = node.answers
        node.initialized(*known).daemon("mon")
        if answers is not None:
            node.answers = answers
            answers["status"]["quorum_names"] = known
        if not had:
            mgr(fake)

    def mgr(fake: FakeNode) -> None:
        node.daemon("mgr")
        assert node.answers is not None
        node.answers["node ls"]["mgr"][name] = [name]

    def mds(fake: FakeNode) -> None:
        node.daemon("mds")
        assert node.answers is not None
        node.answers["fs dump"]["standbys"].append({"name": name, "state": "up:standby"})

    node.effects = {("pveceph", "mon"): mon, ("pveceph", "mgr"): mgr, ("pveceph", "mds"): mds}
    return node


@pytest.mark.parametrize(
    "where",
    ["[mon.pve2]\n\tmon addr = 10.10.2.12\n", "[mon]\n\tmon_host = 10.10.2.12\n", "[mon.pve2]\n\thost = pve2\n"],
)
def test_monitors_are_there_wherever_the_configuration_names_them(where: str) -> None:
    """A cluster that was upgraded from the first releases on has no mon_host in [global]."""
    node = fresh()
    node.files["/etc/pve/ceph.conf"] += where
    plan = make_plan(SUBJECT, params("mon"), node)
    assert "No monitor of the cluster (10.10.2.12) answers" in str(plan.refusals[0]) or "(pve2)" in str(
        plan.refusals[0]
    )
    node.answers = cluster_answers(mons=("pve2",))
    assert make_plan(SUBJECT, params("mon"), node).sentences[0] == "create mon.pve1"


def test_the_first_monitor_brings_a_manager() -> None:
    assert make_plan(SUBJECT, params(*ALL), fresh()).sentences == [
        "create mon.pve1 (the first monitor; it brings mgr.pve1)",
        "wait until mon.pve1 is in the quorum",
        "wait until mgr.pve1 is active or standby",
        "create mds.pve1",
        "wait until mds.pve1 is active or standby",
        "start mgr.pve1, now and at every boot (only if needed)",
    ]


def test_that_manager_is_waited_for_when_managers_are_asked_for() -> None:
    plan = make_plan(SUBJECT, params("mgr"), fresh())
    assert [step.id for step in plan.steps] == ["mgr.wait-ready:pve1"]
    assert [step.id for step in plan.possible] == ["mgr.start:pve1"], "nothing starts it at the next boot"
    assert make_plan(SUBJECT, params("mon"), fresh()).sentences[1:] == ["wait until mon.pve1 is in the quorum"]
    interrupted = fresh("pve1", "pve1").daemon("mon")
    assert make_plan(SUBJECT, params("mgr"), interrupted).sentences[0] == "create mgr.pve1"


def test_later_monitors_do_not() -> None:
    assert make_plan(SUBJECT, params("mon", "mgr"), fresh("pve2", "pve1")).sentences == [
        "create mon.pve2",
        "wait until mon.pve2 is in the quorum",
        "create mgr.pve2",
        "wait until mgr.pve2 is active or standby",
    ]


def test_on_a_bare_system_the_order_of_monitors_says_which_is_first() -> None:
    bare = CephFake("pve2", version=None)
    assert make_plan(SUBJECT, params("mon", "mgr"), bare).sentences[0] == "create mon.pve2"
    assert not make_plan(SUBJECT, params("mon", "mgr"), bare).refusals


@pytest.mark.parametrize(("name", "mons", "points"), [("pve1", (), 6), ("pve3", ("pve1", "pve2"), 7)])
def test_a_run_killed_after_any_step_is_finished_by_the_next(name: str, mons: tuple[str, ...], points: int) -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(*ALL), lambda: fresh(name, *mons)) == points


def test_locks_are_waited_for() -> None:
    action = make_plan(SUBJECT, params("mon"), fresh()).steps[0].action
    assert isinstance(action, Run)
    assert action.retry_on == LOCK_BUSY


def test_a_stopped_daemon_is_started_and_waited_for() -> None:
    node = fresh("pve1", "pve1").daemon("mon", running=False)
    assert node.answers is not None
    node.answers["status"]["quorum_names"] = ["pve2", "pve3"]
    assert make_plan(SUBJECT, params("mon"), node).sentences == [
        "start mon.pve1, now and at every boot",
        "wait until mon.pve1 is in the quorum",
    ]


def test_a_stopped_monitor_is_started_even_when_no_monitor_answers() -> None:
    node = fresh("pve1", "pve1").daemon("mon", running=False)
    node.answers = None
    plan = make_plan(SUBJECT, params("mon"), node)
    assert plan.sentences[0] == "start mon.pve1, now and at every boot"
    assert not plan.refusals


def test_nothing_is_added_without_a_quorum() -> None:
    node = fresh("pve2", "pve1")
    node.answers = None
    plan = make_plan(SUBJECT, params("mon"), node)
    assert "No monitor of the cluster (10.10.2.11) answers: [errno 110]" in plan.refusals[0].reason


def test_a_monitor_whose_data_is_gone_is_refused() -> None:
    plan = make_plan(SUBJECT, params("mon"), CephFake().initialized("pve1", "pve2", "pve3"))
    assert "The data of the monitor is gone" in plan.refusals[0].reason


def test_what_is_left_of_a_removed_monitor_is_refused() -> None:
    node = CephFake("pve3").initialized("pve1", "pve2").daemon("mon", running=False)
    assert "Somebody has removed that monitor" in make_plan(SUBJECT, params("mon"), node).refusals[0].reason


def test_an_mds_that_was_only_half_made_is_made_again() -> None:
    node = fresh("pve1", "pve1").daemon("mon").daemon("mgr")
    node.files["/etc/pve/ceph.conf"] += "[mds.pve1]\n\thost = pve1\n"
    assert make_plan(SUBJECT, params("mds"), node).sentences == [
        "remove what is left of an earlier mds.pve1 from /etc/pve/ceph.conf",
        "create mds.pve1",
        "wait until mds.pve1 is active or standby",
    ]


def test_a_converged_node_has_nothing_to_do() -> None:
    node = CephFake().initialized("pve1").daemon("mon").daemon("mgr").daemon("mds")
    node.answers = cluster_answers(("pve1",))
    node.answers["node ls"]["mgr"] = {"pve1": ["pve1"]}
    node.answers["fs dump"]["standbys"] = [{"name": "pve1", "state": "up:standby"}]
    plan = make_plan(SUBJECT, params(*ALL, mons=["pve1"]), node)
    assert not plan.steps
    assert not plan.refusals
    assert not plan.warnings


@pytest.mark.parametrize(("mons", "warned"), [(["pve1"], False), (["pve1", "pve2"], True), (MONS, False)])
def test_an_even_number_of_monitors_warns_once(mons: list[str], warned: bool) -> None:
    assert bool(make_plan(SUBJECT, params("mon", mons=mons), fresh("pve1")).warnings) is warned
    assert not make_plan(SUBJECT, params("mon", mons=mons), fresh("pve2")).warnings
    assert not make_plan(SUBJECT, params("mgr", mons=mons), fresh("pve1")).warnings


def test_a_node_without_daemons_has_nothing_to_do() -> None:
    assert make_plan(SUBJECT, params(), CephFake("pve4").initialized("pve1")).steps == ()


def test_a_node_listed_twice_is_invalid() -> None:
    with pytest.raises(Invalid, match="pve1 is listed twice"):
        desired_from(params("mon", mons=["pve1", "pve1"]))


def test_daemons_with_ids_of_their_own_are_there() -> None:
    """Until Proxmox VE 5 monitors were numbered, and clusters keep them."""
    node = CephFake().daemon("mon", "0").daemon("mgr", "first")
    text = "[global]\n\tfsid = x\n\tmon_host = 10.10.2.11 10.10.2.12\n"
    node.files["/etc/pve/ceph.conf"] = text + "[mon.0]\n\thost = pve1\n[mon.1]\n\thost = pve2\n"
    node.answers = cluster_answers(mons=("0", "1"))
    node.answers["node ls"].update({"mon": {"pve1": ["0"], "pve2": ["1"]}, "mgr": {"pve1": ["first"]}})
    plan = make_plan(SUBJECT, params("mon", "mgr"), node)
    assert not plan.steps and not plan.refusals
    node.running.discard("ceph-mon@0.service")
    assert [step.id for step in make_plan(SUBJECT, params("mon"), node).steps] == ["mon.start:0", "mon.wait-ready:0"]
    del node.directories["/var/lib/ceph/mon/ceph-0"]
    assert "has no /var/lib/ceph/mon/ceph-0. The data of the monitor is gone" in str(
        make_plan(SUBJECT, params("mon"), node).refusals[0]
    )


def test_a_monitor_may_take_as_long_as_its_copy_of_the_store_does_unless_it_has_failed() -> None:
    """A copy that is cut off is begun anew after a minute; what systemd has given up copies nothing."""
    node = CephFake().initialized("pve2")
    node.answers = cluster_answers(mons=("pve2",))
    wait = next(step for step in make_plan(SUBJECT, params("mon"), node).steps if step.id == "mon.wait-ready:pve1")
    assert isinstance(wait.action, Wait)
    assert wait.action.timeout == 600
    [failed] = wait.action.lost
    assert failed.judge([0, "failed\n", ""])
    assert not failed.judge([1, "activating\n", ""])
    assert str(failed) == "systemd has given ceph-mon@pve1.service up"
