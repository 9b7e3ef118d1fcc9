"""qdevice and qnetd: from nothing to a vote from outside, over the pieces that each side hands to the other."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster import qdevice as names
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.qdevice import observe_node, parse_voting
from ansible_collections.baremetal.virt.plugins.modules import qdevice, qdevice_info, qnetd

from ....doubles import cluster_nodes as lab
from ....doubles.equal_models import assert_equal_models_mean_equal_plans
from ....doubles.qdevice_nodes import (
    DATABASE,
    NAMED,
    SILENT,
    VOTES,
    node,
    outside,
    params,
)
from ....doubles.support import FakeNode, assert_converges_from_every_kill


def plan(at: FakeNode, **changes: Any) -> Plan:
    return make_plan(qdevice.SUBJECT, params(**changes), at)


def carry_out(at: FakeNode, **changes: Any) -> list[str]:
    made = plan(at, **changes)
    assert not made.refusals
    for step in made.steps:
        at.act(step)
    assert not plan(at, **changes).steps
    return made.sentences


def test_from_nothing_to_a_vote() -> None:
    lead, other = node(number=1), node(number=2)
    for one in (lead, other):
        said = carry_out(one, state="requested", ca="CA", lead=one is lead)
        assert said[0] == "install corosync-qdevice"
    assert qdevice_info.answer(lead, {"cluster": None})["request"] == "REQUEST"
    assert names.REQUEST not in other.files
    carry_out(lead, state="certified", lead=True, certificate="SIGNED")
    other.files[names.SHARED_BUNDLE] = lead.files[names.SHARED_BUNDLE]
    assert carry_out(other, state="certified") == ["take in the cluster's certificate and key"]
    for one in (other, lead):
        one.files[lab.CONFIG] = NAMED
        carry_out(one, lead=one is lead)
    lead.files[names.SHARED_BUNDLE] = "left by a run that was cut short"
    assert carry_out(lead, lead=True) == [f"remove {names.SHARED_BUNDLE}"]
    for state in ("prepared", "requested", "certified", "voting"):
        assert plan(lead, state=state, ca="CA", lead=True).steps == ()
    assert_equal_models_mean_equal_plans(qdevice.SUBJECT, params(state="voting", ca="CA", lead=True), lead)


@pytest.mark.parametrize("lead", [True, False])
@pytest.mark.parametrize("state", ["prepared", "requested"])
def test_the_end_is_the_same_after_every_kill(state: str, lead: bool) -> None:
    assert_converges_from_every_kill(qdevice.SUBJECT, params(state=state, lead=lead, ca="CA"), node)


def test_another_host_needs_another_database_of_keys() -> None:
    at = node()
    carry_out(at, state="requested", ca="OLD", lead=True)
    carry_out(at, state="certified", lead=True, certificate="SIGNED")
    said = carry_out(at, state="requested", ca="NEW", lead=True)
    assert said[0].startswith(f"put aside {names.DATABASE}")
    assert said[-1] == "make a key and a request for the cluster's certificate"


@pytest.mark.parametrize(
    ("changes", "config", "reason"),
    [
        ({"state": "certified", "lead": True}, lab.TWO, "has no certificate for the cluster yet"),
        ({"state": "certified"}, lab.TWO, f"{names.SHARED_BUNDLE}, which is missing"),
        ({}, lab.TWO, "does not name this quorum device"),
        ({"host": "10.10.1.15"}, NAMED, "does not name this quorum device"),
        ({"state": "absent"}, NAMED, "still names the quorum device"),
    ],
)
def test_refusals(changes: dict[str, Any], config: str, reason: str) -> None:
    at = node(config)
    at.files[DATABASE] = "empty"
    assert reason in plan(at, **changes).refusals[0].reason


def test_a_node_alone_is_refused_and_a_device_goes() -> None:
    assert "not a member" in make_plan(qdevice.SUBJECT, params(), lab.standalone(1)).refusals[0].reason
    at = node()
    at.files.update({"/usr/sbin/corosync-qdevice": "", names.ENABLED: ""})
    assert carry_out(at, state="absent") == [f"stop {names.NODE_SERVICE}"]


def test_a_service_that_runs_and_does_not_vote_is_restarted() -> None:
    at = node(NAMED, told=SILENT)
    at.files.update({"/usr/sbin/corosync-qdevice": "", names.ENABLED: ""})
    assert plan(at).sentences == [f"restart {names.NODE_SERVICE}, so that the device votes"]


@pytest.mark.parametrize(("text", "voting"), [(VOTES, True), (SILENT, False), ("", False)])
def test_who_votes(text: str, voting: bool) -> None:
    assert parse_voting(text) is voting


def test_a_cluster_without_a_device_is_asked_for_one_file() -> None:
    """Also when there is to be none; so what was read before suffices for that."""
    recorder = Recorder(lab.member(1))
    assert not observe_node(recorder).voting
    assert make_plan(qdevice.SUBJECT, params(state="absent"), Replay(recorder.recording)) == Plan()


def test_a_stage_without_what_it_needs_is_invalid() -> None:
    with pytest.raises(Invalid, match="needs ca"):
        plan(node(), state="prepared")
    with pytest.raises(Invalid, match="give its name"):
        make_plan(qnetd.SUBJECT, {"cluster": None, "request": "R"}, outside())


def test_the_host_outside_signs_each_request_once() -> None:
    wish = {"cluster": "lab", "request": "REQUEST"}
    at = outside()
    made = make_plan(qnetd.SUBJECT, wish, at)
    assert made.sentences[-1] == "sign the certificate of the cluster lab"
    for step in made.steps:
        at.act(step)
    assert not make_plan(qnetd.SUBJECT, wish, at).steps
    assert len(make_plan(qnetd.SUBJECT, {**wish, "request": "OTHER"}, at).steps) == 3
    assert qdevice_info.answer(at, {"cluster": "lab"})["certificate"] == "SIGNED"
    assert_converges_from_every_kill(qnetd.SUBJECT, {**wish, "request": "OTHER"}, lambda: at)


def test_a_node_cannot_vote_for_itself() -> None:
    made = make_plan(qnetd.SUBJECT, {"cluster": "lab", "request": None}, outside(True, "lab"))
    assert "two votes would be lost at once" in made.refusals[0].reason
