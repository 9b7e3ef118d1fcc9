"""Whether OSDs may go: redundancy is given up only by name, data never."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.safety import (
    progress,
    refuse_destroy,
    refuse_stop,
    refuse_until,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import (
    CephData,
    Monitors,
    ObservedSafety,
    OsdSafety,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_data, parse_gates

from ....doubles import ceph_cases
from ....doubles.ceph_support import add_pool, cluster_answers, data_answers, group

Group = dict[str, Any]
WHOLE = (group("1.0", (0, 1, 2)), group("1.1", (1, 2, 0), "active+clean+scrubbing"))


def data(*groups: Group, size: int = 3, min_size: int = 2) -> CephData:
    answers = cluster_answers(osds=6)
    add_pool(answers, "vms", size=size, min_size=min_size)
    return parse_data(data_answers(answers, list(groups or WHOLE), {}))


def safety(*osds: int, among: Optional[CephData] = None, **changes: Any) -> ObservedSafety:
    return ObservedSafety(among or data(), replace(OsdSafety(osds, frozenset(osds)), **changes))


def test_what_is_safe_is_not_in_the_way() -> None:
    assert not refuse_until("destroy", safety(4))
    assert not refuse_until("stop", safety(4))
    assert not refuse_until("clean", safety())


@pytest.mark.parametrize(
    ("where", "words"),
    [("active", "holds placement groups"), ("stored", "still has data"), ("silent", "does not say what it holds")],
)
def test_an_osd_with_data_is_not_destroyed_unless_it_is_named(where: str, words: str) -> None:
    changes: dict[str, Any] = {"safe": frozenset(), where: frozenset([4])}
    found = safety(4, **changes)
    refusal = str(refuse_destroy(found)[0])
    assert refusal.startswith("osd.4 ") and words in refusal and "give_up" in refusal
    assert not refuse_destroy(found, [4])
    assert refuse_destroy(found, [5])


def test_what_is_being_copied_may_come_from_an_osd_that_ceph_calls_safe() -> None:
    """Seen with Ceph 18, where data written lately moves from an OSD that was marked out."""
    state = "active+recovering+degraded"
    late = group("1.2", (0, 1, 2), state, whole=(0, 1), objects_degraded=997, objects_misplaced=3)
    moving = data(*WHOLE, late)
    found = safety(4, among=moving)
    assert refuse_destroy(found)[0].reason == (
        "1000 objects do not have all their copies yet, and Ceph may be making them from osd.4."
    )
    assert not refuse_destroy(found, [4])
    assert not refuse_destroy(safety(4, among=data(group("1.0", (0, 1), "active+undersized", objects=0))))


@pytest.mark.parametrize("state", ["down", "stale+active+clean", "unknown", "undersized+peered"])
def test_the_last_replica_is_never_given_up(state: str) -> None:
    torn = data(*WHOLE, group("1.2", (0,), state, objects_unfound=2))
    refusal = str(refuse_destroy(safety(4, safe=frozenset(), among=torn), [4])[0])
    assert "Ceph cannot read 1 placement groups now, and does not find 2 objects" in refusal
    assert "The last copy of some data may be on osd.4" in refusal


def test_the_last_whole_replica_is_not_given_up_although_the_group_would_go_on() -> None:
    """The others in the acting set lack the newest objects."""
    back = data(group("1.0", (0, 1, 4), "active+recovery_wait+degraded", whole=(4,), objects_degraded=5))
    refusal = refuse_destroy(safety(4, safe=frozenset(), among=back), [4])[-1]
    assert refusal.reason == "osd.4 may hold the last whole copy of 1 placement groups (1.0)."


def test_what_nobody_who_serves_it_has_whole_may_come_from_any_osd() -> None:
    """Marked out, it serves nothing any more, and the one that took its place has not got everything from it yet."""
    late = data(group("1.0", (0,), "active+recovering+degraded", objects_degraded=5), size=1, min_size=1)
    assert "does not know the state of 1 placement groups" in refuse_stop(safety(4, among=late))[0].reason
    assert "may hold the last whole copy" in refuse_destroy(safety(4, among=late), [4])[0].reason


def test_an_osd_that_is_out_may_be_what_others_are_still_copied_from() -> None:
    """With it off, the group would go on with one whole copy, of the two that it has to have."""
    late = data(group("1.0", (0, 1), "active+recovering+degraded", whole=(0,)), size=2, min_size=2)
    assert "1 placement groups have too few whole copies (1.0)" in refuse_stop(safety(4, among=late))[0].reason


def test_stopping_must_leave_everything_available() -> None:
    refusal = refuse_until("stop", safety(1, 2, stops=12))[0]
    assert refusal.reason == "Without osd.1, osd.2 nobody could read or write 12 placement groups."


def test_what_is_counted_closes_a_gate_that_ceph_has_left_open() -> None:
    back = data(group("1.0", (0, 1, 4), "active+recovering+degraded", whole=(4,)))
    assert "Without osd.4 nobody could read or write 1 placement groups" in refuse_stop(safety(4, among=back))[0].reason
    unheard = data(group("1.0", (4,), "unknown"))
    assert "does not know the state of 1 placement groups" in refuse_stop(safety(4, among=unheard))[0].reason


def test_a_pool_without_a_copy_to_spare_is_named_as_waiting_does_not_help() -> None:
    name = "pool-that-never-lets-stop"
    stop, pools = ceph_cases.case(name, "ok-to-stop-1.json"), ceph_cases.case(name, "pools.json")
    acting = {pool["pool"]: (1, 0, 2)[: pool["size"]] for pool in pools}
    osds = [{"osd": number, "uuid": "u", "up": 1, "in": 1} for number in range(3)]
    groups = [group(one, acting[int(one[0])]) for one in stop["bad_become_inactive"] + stop["ok_become_degraded"]]
    answers = {**ceph_cases.PLAIN, "osd dump": {"osds": osds, "pools": [{**ceph_cases.POOL, **pool} for pool in pools]}}
    found = parse_data(data_answers(answers, groups, {}))
    gates = parse_gates({"osd safe-to-destroy": {}, "osd ok-to-stop": stop}, (1,))
    refused = [refusal.reason for refusal in refuse_stop(ObservedSafety(found, gates))]
    assert [text.split()[1] for text in refused] == ceph_cases.right(name)["blocking_pools"]
    assert refused[1] == (
        "Pool p22 needs 2 of its 2 copies (min_size). Parts of it stop as soon as osd.1 stops, and waiting does not"
        " change that."
    )


def test_clean_means_active_and_clean() -> None:
    moving = data(*WHOLE, group("1.2", (0, 1, 2), "active+remapped+backfilling"))
    assert str(refuse_until("clean", safety(among=moving))[0]) == "1 placement groups are not active and clean."
    stale = data(*WHOLE, group("1.2", (0, 1, 2), "stale+active+clean"))
    assert refuse_until("clean", safety(among=stale))


def test_a_majority_is_one_of_the_map() -> None:
    name = "four-in-the-map"
    status = ceph_cases.case(name, "quorum_status.json")
    found = parse_data(
        {
            **ceph_cases.PLAIN,
            "status": {**ceph_cases.PLAIN["status"], "quorum_names": status["quorum_names"]},
            "mon dump": status["monmap"],
        }
    ).monitors
    assert isinstance(found, Monitors) and found.needed == 3


def test_nobody_says() -> None:
    silent = replace(data(), groups=None, silence="no manager is active")
    for until in ("stop", "destroy", "clean"):
        [refusal] = refuse_until(until, safety(4, among=silent))
        assert refusal.reason == "Ceph does not say in what state its data is: no manager is active."
    assert progress(silent) == "Ceph does not say how far it is: no manager is active"


def test_progress_in_one_line() -> None:
    late = group("1.2", (0, 1, 2), "active+recovering", objects=980, objects_degraded=15, objects_misplaced=360)
    moving = data(*WHOLE, late)
    assert progress(replace(moving, bytes_per_second=88_000_000)) == (
        "2 of 3 placement groups active and clean, 0.5% of all copies missing,"
        " 12.0% of all copies not yet where they belong, 88.0 MB/s"
    )
    assert progress(data()) == "2 of 2 placement groups active and clean"


def test_ceph_says_no_more_than_that_it_does_not_know() -> None:
    found = parse_gates({"osd safe-to-destroy": {"said": "unknown"}, "osd ok-to-stop": {"said": "unknown"}}, (4,))
    assert found.silent == {4} and not found.ok_to_stop
