"""What Ceph answers about its data and about taking OSDs away, as recorded on a real cluster."""

from __future__ import annotations

import json
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.safety import refuse_stop
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.placement_group import Copy
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import (
    observe,
    observe_data,
    observe_placed,
    parse_data,
)

from ....doubles import ceph_cases
from ....doubles.ceph_support import CephFake, add_pool, cluster_answers, group
from ....doubles.support import FakeNode, printed, transcript

NOT_YET = {"ok_to_stop": False, "osds": [0], "num_ok_pgs": 0, "num_not_ok_pgs": 0, "unknown_pgs": ["2.ea", "2.eb"]}


def gates(stop: Any, destroy: Any) -> Completed:
    return printed(json.dumps({"osd safe-to-destroy": destroy, "osd ok-to-stop": stop}))


def recorded(name: str) -> Any:
    return json.loads(transcript(name).stdout)


def node(
    osds: str = "0", stop: str = "168-ceph-osd-ok-to-stop", destroy: str = "169-ceph-osd-safe-to-destroy"
) -> CephFake:
    fake = CephFake().initialized("pve1", "pve2", "pve3")
    fake.answers = cluster_answers(osds=3)
    add_pool(fake.answers, "vms")
    fake.groups = [group("1.0", (0, 1, 2)), group("1.1", (1, 2, 0))]
    fake.commands[("ask_ceph", "gates", *osds.split())] = gates(recorded(stop), recorded(destroy))
    return fake


def test_an_osd_of_a_healthy_cluster_may_be_stopped_but_not_destroyed() -> None:
    found = observe(node(), [0])
    assert found.osds.ok_to_stop
    assert not found.osds.safe_to_destroy
    assert found.osds.active == {0}
    movement = found.data.movement
    assert movement is not None and movement.pgs == movement.clean == 2
    assert found.data.use[0].bytes_used == 1 << 30
    assert found.osds.placed is None


def test_two_osds_may_not_be_stopped_together() -> None:
    found = observe(node("0 1", "171-ceph-osd-ok-to-stop-two"), [1, 0])
    assert not found.osds.ok_to_stop
    assert found.osds.stops == 56


def test_an_osd_that_is_down_says_nothing() -> None:
    assert observe(node("2", destroy="215-ceph-osd-safe-to-destroy-2"), [2]).osds.silent == {2}


@pytest.mark.parametrize("said", ["no", "unknown"])
def test_an_old_ceph_says_no_more_than_a_word(said: str) -> None:
    fake = node()
    fake.commands["ask_ceph", "gates", "0"] = gates({"said": said}, {"said": said})
    found = observe(fake, [0]).osds
    assert not found.ok_to_stop and not found.safe_to_destroy
    assert (found.active, found.silent) == ((frozenset([0]), frozenset()) if said == "no" else (frozenset(), {0}))


def test_that_nothing_is_known_to_stop_is_no_leave_to_stop_it() -> None:
    """As Ceph answered right after the autoscaler had split placement groups: exit code 11, and no "not ok"."""
    fake = node()
    fake.commands["ask_ceph", "gates", "0"] = gates(NOT_YET, {"safe_to_destroy": [0]})
    found = observe(fake, [0])
    assert not found.osds.ok_to_stop
    assert [refusal.reason for refusal in refuse_stop(found)] == [
        "Ceph does not know the state of 2 placement groups yet, and they may need osd.0."
    ]


def test_monitors_that_do_not_answer() -> None:
    with pytest.raises(Unreadable, match="Ceph does not answer: "):
        observe(FakeNode(), [0])


def test_without_a_manager_the_gates_are_not_asked() -> None:
    """They would hang."""
    fake = node()
    fake.groups = None
    fake.commands.pop(("ask_ceph", "gates", "0"))
    found = observe(fake, [0])
    assert (found.data.silence, found.osds.ok_to_stop) == ("no manager is active", False)
    assert "Ceph does not say in what state its data is: no manager is active." in str(refuse_stop(found)[0])


def told(changes: Optional[dict[str, Any]] = None, **dump: Any) -> str:
    """Why the numbers are not known."""
    answers = {**node().answers_of_data(), **(changes or {})}
    answers["pg dump"] = {**answers["pg dump"], **dump}
    return parse_data(answers).silence


def test_a_number_without_age_or_author_is_no_number() -> None:
    answers = node().answers_of_data()
    osd_dump = {**answers["osd dump"], "epoch": 9}
    assert told() == told({"osd dump": osd_dump}, epoch=9) == told({"osd dump": osd_dump}, epoch=0) == ""
    assert told(ready=False) == "its manager has not heard from all OSDs yet"
    assert told({"osd dump": osd_dump}, epoch=8) == "its manager knows the map of OSDs 8, and the monitors are at 9"
    answers.pop("pg dump")
    assert parse_data({**answers, "silent manager": "pg dump: timed out"}).silence == "pg dump: timed out"


def test_what_a_dead_manager_has_said_is_not_used() -> None:
    """All 17 groups active and clean, and no check about them, with two of three OSDs dead."""
    found = parse_data(
        {
            **ceph_cases.answers("numbers-of-a-dead-manager"),
            "status": {"fsid": "f", **ceph_cases.case("numbers-of-a-dead-manager", "status.json")},
        }
    )
    wanted = ceph_cases.right("numbers-of-a-dead-manager")
    assert found.movement is None and not found.without({2}), wanted["data_column"]
    assert [osd.id for osd in found.cluster.osds if not osd.up] == wanted["certain"]["osd_down"]


def test_whole_copies_are_listed_only_of_groups_that_are_degraded() -> None:
    fake = node()
    fake.groups = [
        group("1.0", (0, 1, 2), "active+recovering+degraded", whole=(0, 2)),
        group("1.1", (0, 1), "active+undersized"),
        group("1.2", (0, 1, 2), "down"),
        group("9.0", (0, 1, 2)),
    ]
    groups = observe_data(fake).groups
    assert groups is not None
    assert [one.whole for one in groups] == [frozenset((Copy(0), Copy(2))), frozenset((Copy(0), Copy(1))), None]


def test_parts_are_told_by_their_place() -> None:
    fake = node()
    assert fake.answers is not None
    fake.answers["osd dump"]["erasure_code_profiles"] = {"k2m1": {"k": "2", "m": "1"}}
    add_pool(fake.answers, "cut", type=3, erasure_code_profile="k2m1")
    fake.groups = [{**group("2.0", (2147483647, 1, 1), "active+undersized+degraded"), "avail_no_missing": ["1(1)"]}]
    data = observe_data(fake)
    assert data.groups is not None and data.pools[2].pieces == 2
    assert data.groups[0].acting == {Copy(1, 1), Copy(1, 2)} and data.groups[0].whole == {Copy(1, 1)}


def test_where_data_would_go() -> None:
    fake = node()
    fake.commands["ask_ceph", "placed", "0"] = printed('{"1.0": [1, 2]}')
    assert observe_placed(fake, (0,)) == observe(fake, [0], moving=True).osds.placed == {"1.0": (1, 2)}
    fake.commands["ask_ceph", "placed", "0"] = printed("null")
    assert observe_placed(fake, (0,)) is None
    fake.commands["ask_ceph", "placed", "0"] = Completed(1, "", "crushtool: no map\n")
    with pytest.raises(Unreadable, match="of OSDs that go: crushtool: no map"):
        observe_placed(fake, (0,))
