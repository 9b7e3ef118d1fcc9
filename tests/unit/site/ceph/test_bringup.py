"""What all nodes together tell while Ceph is brought up: the order of monitors, and the OSDs that there will be."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.site.ceph.bringup import ceph_monitors, ceph_planned_osds

SKIPPED = {"changed": False, "skipped": True, "skip_reason": "Conditional result was False"}


def told(**nodes: str) -> list[dict[str, Any]]:
    return [{"host": host, "node": node, "changed": False} for host, node in nodes.items()]


@pytest.mark.parametrize(
    ("said", "mons", "names"),
    [
        pytest.param(told(a="pve1", b="pve2", c="pve3"), ["a", "b", "c"], ["pve1", "pve2", "pve3"], id="all"),
        pytest.param(told(b="pve2", a="pve1"), ["a", "b"], ["pve2", "pve1"], id="in the order of the play"),
        pytest.param(told(a="pve1", b="pve2"), ["b"], ["pve2"], id="not every host"),
        pytest.param(
            [{"host": "10.10.1.11", "node": "pve1"}, {"host": "10.10.1.12", "node": "pve2"}],
            ["10.10.1.11", "10.10.1.12"],
            ["pve1", "pve2"],
            id="hosts that are called by their addresses",
        ),
        pytest.param(told(a="pve1"), ["a", "pve7.example.org"], ["pve1", "pve7"], id="outside of the play"),
        pytest.param([SKIPPED, *told(b="pve2")], ["b"], ["pve2"], id="a host without Ceph"),
        pytest.param(told(a="pve1"), ["a", "a"], ["pve1"], id="listed twice"),
        pytest.param(told(a="pve1"), [], [], id="none"),
    ],
)
def test_monitors_in_order(said: list[dict[str, Any]], mons: list[str], names: list[str]) -> None:
    assert ceph_monitors(said, mons, said[0].get("host", "b")) == names


def test_a_node_that_joins_gets_its_monitor_after_those_that_the_cluster_has() -> None:
    assert ceph_monitors(told(d="pve4"), ["d", "pve2", "pve3"], "pve1") == ["pve2", "pve3", "pve4"]


@pytest.mark.parametrize(
    ("counts", "count", "hosts"),
    [
        pytest.param({"pve1": 2, "pve2": 1}, 3, ["pve1", "pve2"], id="all"),
        pytest.param({"pve1": 2, "pve2": 0}, 2, ["pve1"], id="a node without any"),
        pytest.param({}, 0, [], id="no node"),
    ],
)
def test_planned_osds(counts: dict[str, int], count: int, hosts: list[str]) -> None:
    said = [{"host": f"host-{node}", "node": node, "planned_osds": number} for node, number in counts.items()]
    assert ceph_planned_osds([SKIPPED, *said]) == {"count": count, "hosts": hosts}
