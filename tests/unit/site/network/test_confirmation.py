"""A change is confirmed by what all nodes see, and by nobody's silence."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running_links import RunningLink
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.target import Target
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.view import NetworkView, view_from
from ansible_collections.baremetal.virt.plugins.module_utils.site.network.confirmation import not_confirmed, not_whole

GATEWAY, TO_PVE1 = Target("10.10.1.1", "the gateway"), Target("10.10.2.11", "link 0 of pve1", 9000)
TARGETS = {"pve1": [GATEWAY], "pve2": [TO_PVE1]}


def link(nodeid: int, connected: bool = True) -> RunningLink:
    return RunningLink(nodeid, 0, "10.10.2.1", "10.10.2.2", connected)


PVE1 = NetworkView(("10.10.1.11/24",), {"10.10.1.1": True}, (link(2),))
PVE2 = NetworkView(("10.10.1.12/24",), {"10.10.2.11": True}, (link(1),))
BEFORE = {"pve1": PVE1, "pve2": PVE2}


def reasons(pve1: Optional[NetworkView] = PVE1, pve2: Optional[NetworkView] = PVE2) -> list[str]:
    return not_confirmed("pve1", BEFORE, {"pve1": pve1, "pve2": pve2}, TARGETS, ["10.10.1.11/24"])


def test_all_see_what_they_saw() -> None:
    assert reasons() == []


@pytest.mark.parametrize(
    ("pve1", "pve2", "expected"),
    [
        (None, PVE2, "pve1 does not answer over a new connection."),
        (PVE1, None, "pve2 cannot be asked what it sees."),
        (replace(PVE1, reached={"10.10.1.1": False}), PVE2, "the gateway (10.10.1.1) with packets of 1500 bytes"),
        (replace(PVE1, reached={}), PVE2, "pve1 does not reach the gateway"),
        (PVE1, replace(PVE2, reached={"10.10.2.11": False}), "link 0 of pve1 (10.10.2.11) with packets of 9000 bytes"),
        (replace(PVE1, links=(link(2, False),)), PVE2, "On pve1, link 0 to node 2 is no longer connected."),
        (PVE1, replace(PVE2, links=()), "On pve2, link 0 to node 1 is no longer connected."),
        (replace(PVE1, alone=("bond0",)), PVE2, "On pve1, nobody answers the LACP of bond0."),
        (replace(PVE1, addresses=()), PVE2, "pve1 does not have 10.10.1.11/24."),
    ],
)
def test_each_reason_alone(pve1: Optional[NetworkView], pve2: Optional[NetworkView], expected: str) -> None:
    (found,) = reasons(pve1, pve2)
    assert expected in found


def test_what_another_node_did_not_reach_before_is_not_missed() -> None:
    cut = replace(PVE2, reached={"10.10.2.11": False}, links=(link(1, False),))
    assert not_confirmed("pve1", {**BEFORE, "pve2": cut}, {"pve1": PVE1, "pve2": cut}, TARGETS) == []


def test_what_the_node_itself_is_to_reach_counts_in_any_case() -> None:
    """A gateway that is new is tried for the first time."""
    before = {**BEFORE, "pve1": replace(PVE1, reached={"10.10.1.1": False})}
    found = not_confirmed("pve1", before, {**before}, TARGETS)
    assert found == ["pve1 does not reach the gateway (10.10.1.1) with packets of 1500 bytes."]


def test_a_node_that_is_forgotten_confirms_nothing() -> None:
    assert not_confirmed("pve1", BEFORE, {"pve1": PVE1}, TARGETS) == ["pve2 cannot be asked what it sees."]
    assert not_confirmed("pve3", BEFORE, BEFORE, TARGETS) == ["Nobody has looked around from pve3 before the change."]


def test_the_next_only_when_all_are_whole() -> None:
    assert not_whole(BEFORE, TARGETS) == []
    broken = {"pve1": None, "pve2": replace(PVE2, reached={}, links=(link(1, False),))}
    assert not_whole(broken, TARGETS) == [
        "pve1 does not answer.",
        "pve2 does not reach link 0 of pve1 (10.10.2.11) with packets of 9000 bytes.",
        "On pve2, link 0 to node 1 is not connected.",
    ]


def test_a_bond_that_was_alone_before_is_no_reason() -> None:
    alone = replace(PVE1, alone=("bond0",))
    assert not_confirmed("pve1", {"pve1": alone}, {"pve1": alone}, TARGETS) == []


def test_a_view_travels_as_a_document() -> None:
    assert view_from(replace(PVE1, alone=("bond0",)).document) == replace(PVE1, alone=("bond0",))
