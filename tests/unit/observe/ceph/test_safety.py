"""ceph_safety: what Ceph answers about taking OSDs away, as recorded on a real cluster."""

from __future__ import annotations

import json

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.safety import refuse_stop
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import observe

from ....doubles.support import FakeNode, printed, transcript

ASK = ("ceph", "--connect-timeout", "10", "-f", "json")


def node(stop: str, destroy: str, status: str, osd: str = "0") -> FakeNode:
    usage = {"nodes": [{"id": 0, "kb": 100, "kb_used": 40}]}
    numbers = tuple(osd.split())
    return FakeNode(
        commands={
            (*ASK, "osd", "safe-to-destroy", *numbers): transcript(destroy),
            (*ASK, "osd", "ok-to-stop", *numbers): transcript(stop),
            (*ASK, "status"): transcript(status),
            (*ASK, "osd", "df"): printed(json.dumps(usage)),
        }
    )


def test_an_osd_of_a_healthy_cluster_may_be_stopped_but_not_destroyed() -> None:
    fake = node("168-ceph-osd-ok-to-stop", "169-ceph-osd-safe-to-destroy", "175-ceph-pvesh-cluster-ceph-status")
    found = observe(fake, [0])
    assert found.ok_to_stop
    assert not found.safe_to_destroy
    assert found.active == {0}
    assert found.movement.pgs == found.movement.clean == 56
    assert found.use[0].used == 40


def test_two_osds_may_not_be_stopped_together_which_ceph_says_with_exit_code_16() -> None:
    fake = node("171-ceph-osd-ok-to-stop-two", "169-ceph-osd-safe-to-destroy", "213-ceph-s-degraded", "0 1")
    found = observe(fake, [1, 0])
    assert not found.ok_to_stop
    assert found.stops == 56
    assert (found.movement.active, found.movement.clean) == (56, 0)
    assert (found.movement.degraded, found.movement.copies) == (27, 81)


def test_an_osd_that_is_down_says_nothing() -> None:
    fake = node("168-ceph-osd-ok-to-stop", "215-ceph-osd-safe-to-destroy-2", "213-ceph-s-degraded", "2")
    assert observe(fake, [2]).silent == {2}


def test_a_manager_that_has_just_started_knows_nothing_yet_and_is_asked_again() -> None:
    fake = node("168-ceph-osd-ok-to-stop", "169-ceph-osd-safe-to-destroy", "175-ceph-pvesh-cluster-ceph-status")
    said = "Error EAGAIN: 42 pgs have unknown state; cannot draw any conclusions"
    fake.commands[(*ASK, "osd", "safe-to-destroy", "0")] = Completed(11, "", said)
    found = observe(fake, [0])
    assert found.silent == {0}
    assert not found.safe_to_destroy


def test_that_nothing_is_known_to_stop_is_no_leave_to_stop_it() -> None:
    """As Ceph answered right after the autoscaler had split placement groups: exit code 11, and no "not ok"."""
    fake = node("168-ceph-osd-ok-to-stop", "169-ceph-osd-safe-to-destroy", "175-ceph-pvesh-cluster-ceph-status")
    answer = {"ok_to_stop": False, "osds": [0], "num_ok_pgs": 0, "num_not_ok_pgs": 0, "unknown_pgs": ["2.ea", "2.eb"]}
    said = "Error EAGAIN: 2 pgs have unknown state; cannot draw any conclusions"
    fake.commands[(*ASK, "osd", "ok-to-stop", "0")] = Completed(11, json.dumps(answer), said)
    found = observe(fake, [0])
    assert not found.ok_to_stop
    assert [str(refusal.reason) for refusal in refuse_stop(found)] == [
        "Ceph does not know 2 placement groups, which may need osd.0."
    ]


def test_monitors_that_do_not_answer() -> None:
    with pytest.raises(Unreadable, match="does not answer `osd safe-to-destroy 0`"):
        observe(FakeNode(), [0])
