"""What is waited for in a cluster, judged on what a real one printed."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.conditions import (
    QUORATE,
    connected,
    loaded,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf

from ....doubles import cluster_nodes as lab
from ....doubles.support import transcript

CONNECTED = transcript("061-3node-cfgtool-n").stdout


@pytest.mark.parametrize(
    ("was", "becomes", "missing"),
    [
        ("", "", []),
        ("10.10.2.13) enabled connected", "10.10.2.13) enabled", ["link1 to pve3 to be connected"]),
        ("10.10.1.12) enabled connected", "10.10.1.12) enabled", ["link0 to pve2 to be connected"]),
        ("10.10.1.12) enabled connected", "10.10.1.12) enabled disconnected", ["link0 to pve2 to be connected"]),
        ("nodeid: 3", "nodeid: 33", ["link0 to pve3 to be connected", "link1 to pve3 to be connected"]),
    ],
)
def test_each_link_is_a_condition_of_its_own(was: str, becomes: str, missing: list[str]) -> None:
    answer = [0, CONNECTED.replace(was, becomes), ""]
    others = parse_corosync_conf(lab.THREE).members[1:]
    found = [condition for member in others for condition in connected(member)]
    assert len(found) == 4
    assert [str(condition) for condition in found if not condition.judge(answer)] == missing


@pytest.mark.parametrize(("version", "holds"), [(3, True), (4, False), (33, False), (0, False)])
def test_the_version_that_corosync_runs_with(version: int, holds: bool) -> None:
    assert loaded(version).judge([0, "totem.config_version (u64) = 3\n", ""]) is holds


def test_quorum_is_one_condition() -> None:
    for status, holds in ((lab.STATUS_THREE, True), (lab.STATUS_NO_QUORUM, False)):
        assert QUORATE.judge(lab.members_from_status(status, "pve1")) is holds
    assert not QUORATE.judge(lab.STANDALONE_MEMBERS)
    assert not QUORATE.judge(None)
