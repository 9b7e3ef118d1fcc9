"""A change is confirmed by what the node sees after it, and by nobody's silence."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running_links import RunningLink
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.target import Target
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.view import NetworkView, view_from
from ansible_collections.baremetal.virt.plugins.module_utils.site.network.confirmation import not_confirmed, not_whole

GATEWAY, PEER = Target("10.10.1.1", "the gateway"), Target("10.10.2.12", "link 0 of pve2", 9000)
TARGETS = [GATEWAY, PEER]


def link(nodeid: int, connected: bool = True) -> RunningLink:
    return RunningLink(nodeid, 0, "10.10.2.1", "10.10.2.2", connected)


PVE1 = NetworkView(("10.10.1.11/24",), {"10.10.1.1": True, "10.10.2.12": True}, (link(2),))


def reasons(after: Optional[NetworkView], before: Optional[NetworkView] = PVE1) -> list[str]:
    return not_confirmed("pve1", before, after, TARGETS, ["10.10.1.11/24"])


def test_it_sees_what_it_saw() -> None:
    assert reasons(PVE1) == []


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (None, "pve1 does not answer over a new connection."),
        (
            replace(PVE1, reached={**PVE1.reached, "10.10.1.1": False}),
            "pve1 does not reach the gateway (10.10.1.1) with packets of 1500 bytes.",
        ),
        (
            replace(PVE1, reached={"10.10.1.1": True}),
            "pve1 does not reach link 0 of pve2 (10.10.2.12) with packets of 9000 bytes.",
        ),
        (
            replace(PVE1, reached={"10.10.1.1": True}, small=("10.10.2.12",)),
            "pve1 does not reach link 0 of pve2 (10.10.2.12) with packets of 9000 bytes, but with smaller ones: nothing"
            " larger gets through.",
        ),
        (replace(PVE1, links=(link(2, False),)), "On pve1, link 0 to node 2 is no longer connected."),
        (replace(PVE1, links=()), "On pve1, link 0 to node 2 is no longer connected."),
        (replace(PVE1, alone=("bond0",)), "On pve1, nobody answers the LACP of bond0."),
        (replace(PVE1, dark=("bond0.40",)), "On pve1, bond0.40 has no carrier."),
        (replace(PVE1, addresses=()), "pve1 does not have 10.10.1.11/24."),
    ],
)
def test_each_reason_alone(after: Optional[NetworkView], expected: str) -> None:
    assert reasons(after) == [expected]


def test_a_link_that_was_not_there_before_is_not_missed() -> None:
    cut = replace(PVE1, links=(link(2, False),))
    assert reasons(cut, before=cut) == []


def test_what_the_node_is_to_reach_counts_in_any_case() -> None:
    """A gateway that is new is tried for the first time."""
    before = replace(PVE1, reached={"10.10.1.1": False, "10.10.2.12": True})
    assert reasons(before, before) == ["pve1 does not reach the gateway (10.10.1.1) with packets of 1500 bytes."]


def test_without_a_look_before_nothing_is_confirmed() -> None:
    assert reasons(PVE1, before=None) == ["Nobody has looked around from pve1 before the change."]


def test_the_next_only_when_all_are_whole() -> None:
    assert not_whole("pve1", PVE1, TARGETS) == []
    assert not_whole("pve1", replace(PVE1, reached={"10.10.1.1": True}, links=(link(2, False),)), TARGETS) == [
        "pve1 does not reach link 0 of pve2 (10.10.2.12) with packets of 9000 bytes.",
        "On pve1, link 0 to node 2 is not connected.",
    ]


def test_others_miss_what_they_had_before_a_change_of_another_node() -> None:
    pve3 = replace(PVE1, links=(link(1), link(2)))
    assert not_whole("pve3", pve3, TARGETS, before=pve3) == []
    lost = replace(pve3, reached={"10.10.1.1": True, "10.10.2.12": False}, links=(link(1), link(2, False)))
    assert not_whole("pve3", lost, TARGETS, before=pve3) == not_whole("pve3", lost, TARGETS) != []
    gone = replace(pve3, links=(link(1),))
    assert not_whole("pve3", gone, TARGETS, before=pve3) == ["On pve3, link 0 to node 2 is not connected."]
    assert not_whole("pve3", lost, TARGETS, before=lost) == [], "it was so before"
    new = Target("10.10.9.1", "eno4 of pve1")
    assert not_whole("pve3", lost, [new], before=lost) == [
        "pve3 does not reach eno4 of pve1 (10.10.9.1) with packets of 1500 bytes."
    ]


def test_a_bond_that_was_alone_before_is_no_reason() -> None:
    alone = replace(PVE1, alone=("bond0",))
    assert reasons(alone, before=alone) == []
    assert reasons(replace(PVE1, dark=("eno3",)), before=replace(PVE1, dark=("eno3",))) == []


def test_a_view_travels_as_a_document() -> None:
    told = replace(PVE1, alone=("bond0",), dark=("eno3",), small=("10.10.2.12",))
    assert view_from(told.document) == told
