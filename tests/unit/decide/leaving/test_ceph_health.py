"""node_membership and the state of Ceph's data: what is refused, what is waited for, what a removal is to mend."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.conditions import SETTLED

from ....doubles.leaving_ceph import LeavingCeph
from ....doubles.leaving_node import plan

WAITED_FOR = "data.wait-readable"
STANDSTILL = ("PG_AVAILABILITY", "SLOW_OPS", "MDS_SLOW_METADATA_IO")


def plan_with(mode: str, states: tuple[str, ...], *codes: str) -> Plan:
    """Three nodes with pools of two copies, and these placement groups."""
    node = LeavingCeph(("pve1", "pve2", "pve3"), size=2)
    node = node.dead() if mode == "dead" else node
    node.states = states
    node.health = {code: {"severity": "HEALTH_WARN", "summary": {"message": "2 pgs"}} for code in codes}
    return plan(node, mode)


@pytest.mark.parametrize("mode", ["retire", "dead"])
@pytest.mark.parametrize(
    ("states", "waits"),
    [
        (("active+clean", "peering"), True),
        (("remapped+peering", "activating+degraded", "active+recovering+degraded"), True),
        (("active+clean", "peering", "down+peering"), False),
        (("stale+peering",), False),
        (("peering", "unknown"), False),
    ],
)
def test_placement_groups_that_find_their_osds_are_waited_for(states: tuple[str, ...], waits: bool, mode: str) -> None:
    more = ("PG_DEGRADED",) if len(states) == 3 and waits else ()
    made = plan_with(mode, states, "PG_AVAILABILITY", *more)
    assert (WAITED_FOR in [step.id for step in made.steps], len(made.refusals)) == (waits, 0 if waits else 1)
    if waits:
        [wait] = [one.action for one in made.steps if one.id == WAITED_FOR]
        assert isinstance(wait, Wait) and wait.timeout <= 300 and wait.until == SETTLED


@pytest.mark.parametrize(
    ("states", "waits", "refused"),
    [
        (("active+clean", "undersized+degraded+peered"), False, 0),
        (("active+undersized+degraded",), False, 0),
        (("undersized+peered", "undersized+degraded+peered", "peering"), True, 0),
        (("undersized+peered", "activating+undersized"), True, 0),
        (("active+clean", "down"), False, 1),
        (("incomplete",), False, 1),
        (("undersized+peered", "down+peering"), False, 1),
        (("undersized+peered", "peering", "unknown"), False, 1),
        (("stale+undersized+degraded+peered",), False, 1),
    ],
)
def test_what_stands_still_for_want_of_a_dead_node_is_mended_by_its_removal(
    states: tuple[str, ...], waits: bool, refused: int
) -> None:
    """As long as every placement group has a copy that is there, or is about to find it."""
    made = plan_with("dead", states, *STANDSTILL)
    assert (WAITED_FOR in [step.id for step in made.steps], len(made.refusals)) == (waits, refused)


def test_no_living_node_is_emptied_while_data_stands_still() -> None:
    assert len(plan_with("retire", ("undersized+peered", "peering"), *STANDSTILL).refusals) == 1
