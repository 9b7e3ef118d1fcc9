"""One cause is one finding: nobody reads thirty sentences to find the switch that is off."""

from __future__ import annotations

from itertools import permutations
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.ways import links_down

NODES = ("pve1", "pve2", "pve10")


def found(
    down: set[tuple[str, str]], nodes: tuple[str, ...] = NODES, stopped: Optional[str] = None
) -> list[tuple[str, str, str]]:
    """Of link1; link0 works everywhere."""
    rows: list[dict[str, Any]] = [
        {"from": one, "to": other, "link": link, "state": "down" if link == "link1" and (one, other) in down else "up"}
        for one, other in permutations(nodes, 2)
        for link in ("link0", "link1")
    ]
    cluster: dict[str, Any] = {"rows": [{"node": node, "quorum": None if node == stopped else {}} for node in nodes]}
    return [(one.id, one.about, str(one.facts.get("others", ""))) for one in links_down({"rows": rows}, cluster)]


def test_what_works_is_not_told() -> None:
    assert found(set()) == []


@pytest.mark.parametrize("nodes", [("pve1", "pve2"), NODES, tuple(f"pve{number}" for number in range(1, 17))])
def test_a_link_that_connects_nobody_is_told_once(nodes: tuple[str, ...]) -> None:
    assert found(set(permutations(nodes, 2)), nodes) == [("link.dead", "link1", "")]


def test_a_pulled_cable_is_told_of_the_node_that_it_belongs_to() -> None:
    down = {way for way in permutations(NODES, 2) if "pve2" in way}
    assert found(down) == [("link.cut", "link1 of pve2", "")]


def test_single_ways_are_told_of_whoever_does_not_reach_the_other() -> None:
    """In the order of the nodes, in which the tenth comes last."""
    assert found({("pve1", "pve2"), ("pve1", "pve10")}) == [("link.down", "link1 of pve1", "pve2, pve10")]
    assert found({("pve1", "pve2")}, ("pve1", "pve2")) == [("link.down", "link1 of pve1", "pve2")]


def test_a_way_beside_a_pulled_cable_is_told_too() -> None:
    nodes = ("a", "b", "c", "d")
    down = {way for way in permutations(nodes, 2) if "d" in way} | {("a", "b")}
    assert found(down, nodes) == [("link.cut", "link1 of d", ""), ("link.down", "link1 of a", "b")]


def test_ways_to_a_node_whose_corosync_does_not_run_say_nothing_of_the_link() -> None:
    assert found({way for way in permutations(NODES, 2) if "pve2" in way}, stopped="pve2") == []
