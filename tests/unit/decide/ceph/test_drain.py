"""Where the data of OSDs that go could not go."""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.drain import refuse_drain
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import ObservedSafety, OsdSafety
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_data

from ....doubles import ceph_cases
from ....doubles.ceph_support import add_pool, cluster_answers, data_answers, group

Placed = Optional[dict[str, tuple[int, ...]]]
GIB = 1 << 20  # in KiB


def drained(osds: int, hosts: int, *leaving: int, pools: int = 1, placed: Placed = None, **given: Any) -> list[str]:
    answers = cluster_answers(osds=osds, size=hosts)
    answers["osd dump"].update(given.get("dump", {}))
    for number in range(pools):
        add_pool(answers, f"pool{number}")
    use = given.get("use") or dict.fromkeys(range(osds), (45, 100))
    data = parse_data(data_answers(answers, given.get("groups", []), use))
    return [str(refusal) for refusal in refuse_drain(ObservedSafety(data, OsdSafety(leaving, placed=placed)), ())]


def test_with_as_many_hosts_as_copies_a_host_cannot_be_drained() -> None:
    [refusal] = drained(3, 3, 0)
    assert "The pool pool0 keeps 3 copies on different hosts with OSDs, but only 2 would be left" in refusal
    assert "give_up" in refusal
    assert not drained(6, 3, 0), "the host's other OSD takes the data"
    assert not drained(4, 4, 0)
    assert not drained(3, 3, 0, pools=0), "nothing to move"


def test_all_data_must_fit_on_what_is_left() -> None:
    full = dict.fromkeys(range(12), (80, 100))
    assert drained(12, 4, 0, use=full)[0].startswith(
        "Without osd.0 the other OSDs would be 87 % full. The limit is 85%."
    )


def test_each_osd_must_have_room_for_what_crush_gives_it() -> None:
    """2.7 TB are free in all, and what the disk held can only go to the other disk of its host."""
    name = "refill-within-one-host"
    data = parse_data(ceph_cases.answers(name))
    placed = {one: tuple(members) for one, members in ceph_cases.case(name, "after-osd.3-out.json").items()}
    [refusal] = refuse_drain(ObservedSafety(data, OsdSafety((3,), placed=placed)), ())
    assert "some OSDs would become too full (osd.2 110%)" in str(refusal)
    [bound] = refuse_drain(ObservedSafety(data, OsdSafety((3,))), ())
    assert "the OSDs of the host pve2 would be 109 % full, as every host has to keep a copy" in str(bound)


def test_a_manager_that_has_just_started_does_not_know_what_an_osd_holds() -> None:
    use = {0: (0, 0), **dict.fromkeys(range(1, 12), (45, 100))}
    [refusal] = drained(12, 4, 0, use=use)
    assert refusal.startswith("Ceph's manager does not know yet how full osd.0 is")


def test_crush_may_find_no_place_although_there_are_enough() -> None:
    groups = [group("1.0", (0, 1, 2)), group("1.1", (0, 1, 2))]
    placed = {"1.0": (3, 1, 2), "1.1": (1, 2)}
    [refusal] = drained(12, 4, 0, placed=placed, groups=groups)
    assert refusal.startswith("Without osd.0 CRUSH finds too few OSDs for 1 placement groups of the pool pool0 (1.1).")


def test_a_flag_that_holds_data_where_it_is() -> None:
    assert "The flag norebalance is set in Ceph" in drained(12, 4, 0, dump={"flags": "norebalance,sortbitwise"})[0]
