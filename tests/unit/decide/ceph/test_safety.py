"""ceph_safety: redundancy is given up only by name, data never."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.safety import (
    CLEAN,
    DESTROY,
    STOP,
    pending,
    progress,
    refuse_destroy,
    refuse_drain,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import Movement, OsdSafety, OsdUse
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.state import CephCluster
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.answers import parse_cluster

from ....doubles.ceph_support import add_pool, cluster_answers

CLEAN_NOW = Movement(64, {"active+clean": 60, "active+clean+scrubbing": 4})


def safety(*osds: int, **changes: Any) -> OsdSafety:
    everything = frozenset(osds)
    sets = {"safe": everything, "active": frozenset(), "stored": frozenset(), "silent": frozenset(), "stops": 0}
    return OsdSafety(osds=osds, **{**sets, "movement": CLEAN_NOW, **changes})


def cluster(osds: int, hosts: int, pools: int = 1) -> CephCluster:
    answers = cluster_answers(osds=osds, size=hosts)
    for number in range(pools):
        add_pool(answers, f"pool{number}")
    return parse_cluster(answers)


def test_what_is_safe_is_not_in_the_way() -> None:
    assert not pending(DESTROY, safety(1))
    assert not pending(STOP, safety(1))
    assert not pending(CLEAN, safety())


@pytest.mark.parametrize(
    ("where", "words"),
    [("active", "holds placement groups"), ("stored", "still has data"), ("silent", "does not say what it holds")],
)
def test_an_osd_with_data_is_not_destroyed_unless_it_is_named(where: str, words: str) -> None:
    found = safety(4, safe=frozenset(), **{where: frozenset([4])})
    refusal = str(refuse_destroy(found)[0])
    assert refusal.startswith("osd.4 ") and words in refusal and "give_up" in refusal
    assert not refuse_destroy(found, [4])
    assert refuse_destroy(found, [5])


def test_what_is_being_copied_may_come_from_an_osd_that_ceph_calls_safe() -> None:
    """Seen with Ceph 18, where data written lately moves from an OSD that was marked out."""
    moving = Movement(64, {"active+clean": 60, "active+recovering": 4}, degraded=997, misplaced=3)
    found = safety(4, movement=moving)
    assert refuse_destroy(found)[0].reason == (
        "1000 objects do not have all their copies yet, and osd.4 may have what they are made from."
    )
    assert not refuse_destroy(found, [4])


def test_the_last_replica_is_never_given_up() -> None:
    torn = Movement(64, {"active+clean": 60, "down": 4}, unfound=2)
    refusal = str(refuse_destroy(safety(4, safe=frozenset(), movement=torn), [4])[0])
    assert "4 placement groups cannot be read now, and 2 objects are not found" in refusal
    assert "osd.4 may hold the last replica" in refusal


def test_stopping_must_leave_everything_available() -> None:
    refusal = pending(STOP, safety(1, 2, stops=12))[0]
    assert refusal.reason == "Without osd.1, osd.2 12 placement groups could not be read or written."


def test_clean_means_active_and_clean() -> None:
    moving = Movement(64, {"active+clean": 60, "active+remapped+backfilling": 4})
    assert str(pending(CLEAN, safety(movement=moving))[0]) == "4 placement groups are not active and clean."


def test_with_as_many_hosts_as_replicas_a_host_cannot_be_drained() -> None:
    refusals = refuse_drain(cluster(3, 3), safety(0))
    assert "keeps 3 replicas on different hosts, and only 2 would be left" in str(refusals[0])
    assert not refuse_drain(cluster(6, 3), safety(0)), "the host's other OSD takes the data"
    assert not refuse_drain(cluster(4, 4), safety(0))
    assert not refuse_drain(cluster(3, 3, pools=0), safety(0)), "nothing to move"


def test_data_must_fit_on_what_is_left() -> None:
    use = tuple(OsdUse(number, 100, 45) for number in range(6))
    refusals = refuse_drain(cluster(6, 3), safety(0, use=use))
    assert [str(refusal) for refusal in refusals] == [
        "pve1 would be 90% full without osd.0 (at most 85%). Add OSDs or delete data first."
    ]
    assert not refuse_drain(cluster(12, 4), safety(0, use=tuple(OsdUse(number, 100, 45) for number in range(12))))
    full = tuple(OsdUse(number, 100, 80) for number in range(12))
    assert str(refuse_drain(cluster(12, 4), safety(0, use=full))[0]).startswith("Ceph would be 87% full without osd.0")


def test_a_manager_that_has_just_started_does_not_know_what_an_osd_holds() -> None:
    use = (OsdUse(0, 0, 0), *(OsdUse(number, 100, 45) for number in range(1, 12)))
    [refusal] = refuse_drain(cluster(12, 4), safety(0, use=use))
    assert refusal.reason == "How full osd.0 is, Ceph's manager does not know yet."


def test_progress_in_one_line() -> None:
    moving = Movement(64, {"active+clean": 60}, copies=1000, degraded=5, misplaced=120, bytes_per_second=88_000_000)
    assert progress(moving) == (
        "60 of 64 placement groups active and clean, 0.5% of all copies missing,"
        " 12.0% of all copies not yet where they belong, 88.0 MB/s"
    )
    assert progress(CLEAN_NOW) == "64 of 64 placement groups active and clean"
