"""node_membership in a cluster with a quorum device: it goes before the node does, and the rest keeps its quorum."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT

from ....doubles import cluster_nodes as lab
from ....doubles.leaving_node import COUNTED, DELETE, POWER_OFF, Leaving, ids, params, plan
from ....doubles.support import assert_converges_from_every_kill

TAKEN_OUT = ["corosync.configure:4", "corosync.load:4"]
EXPECT = ["votes.expect:1", "quorum.wait"]


def three() -> Leaving:
    return Leaving().with_device()


def two() -> Leaving:
    return Leaving(("pve1", "pve3")).with_device()


def four() -> Leaving:
    return Leaving(("pve1", "pve2", "pve3", "pve4")).with_device()


def test_it_goes_first() -> None:
    made = plan(three())
    assert made.refusals == ()
    assert ids(made) == TAKEN_OUT + POWER_OFF + DELETE + COUNTED
    keep = next(step.why for step in made.steps if step.id.startswith("directory.copy:"))
    assert keep.endswith("/pve3.v5"), "named after the version that the deletion makes"


def test_nothing_else_of_the_configuration_changes() -> None:
    node = three()
    before = parse_corosync_conf(node.files[lab.CONFIG])
    write = plan(node).steps[0].action
    assert isinstance(write, WriteFile)
    after = parse_corosync_conf(write.content)
    assert (after.version, after.qdevice) == (before.version + 1, None)
    assert (after.members, after.links, after.token_coefficient) == (
        before.members,
        before.links,
        before.token_coefficient,
    )


def test_of_two_the_other_keeps_its_quorum_when_the_node_is_dead_already() -> None:
    made = plan(two().off("pve3"), "dead", expected_votes=1)
    assert made.refusals == ()
    assert ids(made) == [*TAKEN_OUT, *EXPECT, *POWER_OFF[-1:], *DELETE, "votes.counted:1"]


def test_of_two_the_other_keeps_its_quorum_when_the_node_is_switched_off() -> None:
    assert ids(plan(two(), expected_votes=1))[:7] == TAKEN_OUT + POWER_OFF + EXPECT


def test_without_quorum_nothing_is_written_before_it_is_back() -> None:
    node = two()
    node.device_votes = False
    made = plan(node.off("pve3"), "dead", expected_votes=1)
    assert made.refusals == ()
    assert ids(made)[:6] == [*EXPECT, *TAKEN_OUT, "votes.expect-again:1", "quorum.return"]
    assert len(set(ids(made))) == len(ids(made))


def test_a_drain_leaves_it_alone() -> None:
    made = plan(three(), "drain")
    assert (made.steps, made.warnings) == ((), ())


@pytest.mark.parametrize(
    ("start", "mode", "changes", "told"),
    [
        (three, "retire", {}, ["The quorum device 10.10.1.9 votes again at the end, with 2 nodes."]),
        (four, "retire", {}, ["only if cluster_qdevice_allow_odd is set, as 3 is"]),
        (three, "retire", {"qdevice": None}, []),
        (lambda: two().off("pve3"), "dead", {"expected_votes": 1}, ["as 1 is an odd", "Never switch pve3 on as"]),
    ],
)
def test_what_becomes_of_it_is_said(
    start: Callable[[], Leaving], mode: str, changes: dict[str, Any], told: list[str]
) -> None:
    warnings = plan(start(), mode, **changes).warnings
    assert [part in warning for part, warning in zip(told, warnings)] == [True] * len(told), warnings
    assert len(warnings) == len(told)


@pytest.mark.parametrize(
    ("start", "mode", "changes"),
    [
        (three, "retire", {}),
        (three, "separate", {}),
        (two, "retire", {"expected_votes": 1}),
        (lambda: two().off("pve3"), "dead", {"expected_votes": 1}),
        (
            lambda: four().off("pve3", "pve4"),
            "dead",
            {"confirmed_powered_off": ["pve3", "pve4"], "expected_votes": 2},
        ),
    ],
)
def test_a_run_killed_after_any_step_is_finished_by_the_next(
    start: Callable[[], Leaving], mode: str, changes: dict[str, Any]
) -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(mode, **changes), start) > 1
