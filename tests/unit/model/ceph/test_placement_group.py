"""What becomes of placement groups without some OSDs, as tried on running clusters."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.placement_group import (
    Copy,
    Outcome,
    PlacementGroup,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import CephData
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.state import Pool

from ....doubles.ceph_cases import data, right

#: The words of the cases for outcomes whose groups they name; of others they say how many.
NAMED: dict[Outcome, str] = {
    "stops": "stops",
    "no whole copy": "no_whole_copy_left",
    "newest only there": "active_but_newest_only_on_lost",
}


def osds_of(hosts: str, found: CephData) -> set[int]:
    return {osd.id for osd in found.cluster.osds if osd.host in hosts.split(" and ")}


def row(found: CephData, hosts: str) -> dict[str, dict[str, Any]]:
    """As the cases write it, where what goes on without its newest objects has fewer copies, too."""
    table: dict[str, dict[str, Any]] = {}
    for pool, outcomes in found.without(osds_of(hosts, found)).items():
        line: dict[str, Any] = {word: list(outcomes[outcome]) for outcome, word in NAMED.items() if outcome in outcomes}
        fewer = len(outcomes.get("fewer copies", ())) + len(outcomes.get("newest only there", ()))
        line.update({"fewer_copies": fewer} if fewer else {}, untouched=len(outcomes.get("untouched", ())))
        table[pool] = line
    return table


@pytest.mark.parametrize(
    "name", ["domain-is-the-disk", "one-copy-is-already-away", "pieces-not-copies", "back-but-not-whole"]
)
def test_the_loss_of_every_host(name: str) -> None:
    wanted = right(name)["table"]
    assert {hosts: row(data(name), hosts) for hosts in wanted} == {
        hosts: {pool: {"untouched": 0, **line} for pool, line in pools.items()} for hosts, pools in wanted.items()
    }


def test_a_list_without_whole_copies_leaves_their_number_unknown() -> None:
    brief = data("back-but-not-whole", "pgs_brief")
    unknown = {name for outcomes in brief.without({3}).values() for name in outcomes.get("unknown", ())}
    assert unknown == {"3.1"}
    assert "5.0" in brief.without({4})["two"]["unknown"], "it would be active, but with which objects?"


def group(state: str, acting: tuple[int, ...] = (0, 1, 2), late: bool = False) -> PlacementGroup:
    copies = frozenset(map(Copy, acting))
    return PlacementGroup("1.0", 1, frozenset(state.split("+")), copies, copies, late)


POOL = Pool(1, "vms", 3, 2, 32, "on", 0)


@pytest.mark.parametrize("state", ["stale+active+clean", "stale+active+undersized", "unknown"])
def test_stale_and_unknown_beat_every_other_word(state: str) -> None:
    found = group(state)
    assert (found.active, found.clean, found.settles, found.has_copy) == (False, False, False, False)
    assert found.without({0}, POOL) == found.without({9}, POOL) == "unknown"


def test_a_report_from_before_an_osd_went_down_says_nothing_yet() -> None:
    found = group("active+clean", late=True)
    assert not found.active and not found.clean and found.settles
    assert found.without({2}, POOL) == "unknown"


@pytest.mark.parametrize(
    ("state", "active", "clean", "settles", "mending"),
    [
        ("active+clean", True, True, False, False),
        ("active+clean+scrubbing+deep", True, True, False, False),
        ("active+undersized+degraded", True, False, False, False),
        ("active+remapped+backfilling", True, False, False, True),
        ("active+recovery_wait+degraded", True, False, False, True),
        ("undersized+degraded+peered+recovering", False, False, False, False),
        ("remapped+peering", False, False, True, False),
        ("down+peering", False, False, False, False),
        ("incomplete", False, False, False, False),
    ],
)
def test_states(state: str, active: bool, clean: bool, settles: bool, mending: bool) -> None:
    found = group(state)
    assert (found.active, found.clean, found.settles, found.mending) == (active, clean, settles, mending)
