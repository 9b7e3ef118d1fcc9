"""Every node gets the next release, one after the other, wherever a run was cut off; none is begun that must not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.site.upgrade.release_order import release_upgrade_order

SQUID = "ceph version 19.2.3 (c92aebb279828e9c3c1f5d24613efca272649e62) squid (stable)"


@dataclass
class Node:
    """What of a node changes on its way, and lasts over the end of a run."""

    name: str
    marked: bool = False
    sources: str = "bookworm"
    codename: str = "bookworm"
    kernel: str = "6.8"
    in_the_way: tuple[str, ...] = ()
    guests: int = 0

    @property
    def upgraded(self) -> bool:
        return self.codename == "trixie"

    def steps(self) -> Iterator[str]:
        """What node.yml and release.yml do to it, each of which finds out itself whether it is needed."""
        self.marked = True
        yield "mark"
        self.sources = "trixie"
        yield "switch"
        self.codename = "trixie"
        yield "packages"
        self.kernel = "6.14"
        yield "boot"
        self.marked = False
        yield "release"


def told(node: Node) -> dict[str, Any]:
    report = {
        "node": node.name,
        "marked": node.marked,
        "master": node.name == "pve1",
        "guests": node.guests,
        "current": True,
        "reboot": [],
        "updates": [],
        "unfinished": {},
        "candidates": {},
        "services_on_old": [],
        "lists_age": 0,
        "guests_on_old": [],
        "notices": [],
    }
    return {"host": node.name, "report": report}


def check(node: Node, *raised: dict[str, Any]) -> dict[str, Any]:
    begun = node.sources == "trixie"
    found = {"upgraded": node.upgraded, "begun": begun, "in_the_way": list(node.in_the_way), "checks": list(raised)}
    return {"host": node.name, **found}


def ceph(version: str = SQUID, required: str = "squid") -> list[dict[str, Any]]:
    return [{"daemons": [{"kind": "osd", "id": "1", "version": version}], "required": required}]


def order(nodes: list[Node], told_of_ceph: Optional[list[dict[str, Any]]] = None) -> dict[str, Any]:
    return release_upgrade_order([told(one) for one in nodes], [check(one) for one in nodes], told_of_ceph or [], 9)


def cluster() -> list[Node]:
    return [Node("pve1"), Node("pve2"), Node("pve3")]


def run(nodes: list[Node], cut: Optional[int] = None) -> int:
    """What upgrade_release.yml does; ``cut``: it is killed after so many steps."""
    taken = 0
    found = order(nodes)
    assert not found["in_the_way"]
    for target in found["wave"]["order"]:
        node = next(one for one in nodes if one.name == target["node"])
        for _step in node.steps():
            assert len([one for one in nodes if one.marked]) <= 1, "one node at a time"
            taken += 1
            if taken == cut:
                return taken
    return taken


def hosts(found: dict[str, Any]) -> list[str]:
    return [one["host"] for one in found["wave"]["order"]]


def test_the_node_of_the_ha_manager_comes_last() -> None:
    assert hosts(order(cluster())) == ["pve2", "pve3", "pve1"] and order(cluster())["phase"] == "before"


def test_a_run_that_is_cut_off_anywhere_is_finished_by_the_next() -> None:
    total = run(cluster())
    for cut in range(1, total):
        nodes = cluster()
        assert run(nodes, cut) == cut
        after = order(nodes)
        begun = [one.name for one in nodes if one.marked]
        assert hosts(after)[: len(begun)] == begun
        run(nodes)
        assert {(one.marked, one.codename, one.kernel) for one in nodes} == {(False, "trixie", "6.14")}
        assert order(nodes)["phase"] == "after" and run(nodes) == 0


@pytest.mark.parametrize("new", [names for size in (1, 2) for names in itertools.combinations(range(3), size)])
def test_only_those_that_are_left_are_upgraded(new: tuple[int, ...]) -> None:
    nodes = cluster()
    for number in new:
        nodes[number].codename = "trixie"
    found = order(nodes)
    assert set(hosts(found)) == {one.name for one in nodes if not one.upgraded} and found["phase"] == "mixed"


def test_a_node_alone_is_done_when_it_is_new_and_its_guests_run_again() -> None:
    alone = [Node("pve1", guests=3)]
    with pytest.raises(Invalid, match="is alone, has 3 guests that run"):
        order(alone)
    alone[0].codename = "trixie"
    assert order(alone)["phase"] == "after" and hosts(order(alone)) == []


def test_what_is_in_the_way_of_a_node_counts_until_its_sources_are_switched() -> None:
    """Its marker may be that of an upgrade within its release."""
    nodes = cluster()
    nodes[1].marked, nodes[1].in_the_way = True, ("x",)
    assert order(nodes)["in_the_way"] == ["x"]
    nodes[1].sources = "trixie"
    assert order(nodes)["in_the_way"] == []


def test_what_is_in_the_way_stops_all_but_the_one_that_has_begun() -> None:
    nodes = cluster()
    nodes[0].in_the_way = nodes[1].in_the_way = ("x",)
    assert order(nodes)["in_the_way"] == ["x", "x"]
    nodes[0].in_the_way, nodes[1].marked, nodes[1].sources = (), True, "trixie"
    assert order(nodes)["in_the_way"] == [] and order(nodes)["wave"]["planned"] == ["pve2"]


@pytest.mark.parametrize(
    ("version", "required", "reason"),
    [
        (SQUID, "squid", ""),
        (SQUID.replace("c92aebb2", "aaaabbbb"), "squid", ""),
        (SQUID, "reef", "still lets in OSDs of reef"),
        ("ceph version 18.2.7 (6b0e9880) reef (stable)", "reef", "osd.1 runs 18.2.7 (reef, 6b0e9880)"),
        ("", "squid", "a version that it does not tell"),
    ],
)
def test_ceph_comes_first(version: str, required: str, reason: str) -> None:
    found = order(cluster(), ceph(version, required))["in_the_way"]
    assert reason in " ".join(found) and bool(found) == bool(reason)


def test_what_is_left_on_nodes_that_are_new_is_told() -> None:
    nodes = cluster()
    for one in nodes:
        one.codename = "trixie"
    role = {"id": "vm-monitor", "text": "1 custom role(s)", "what": "Change it.", "fix": "person"}
    advice = {"id": "ceph-noout", "text": "not set", "what": "", "fix": "none"}
    checks = [check(nodes[0], role, advice), *(check(one) for one in nodes[1:])]
    found = release_upgrade_order([told(one) for one in nodes], checks, [], 9)
    assert found["left"] == ["pve1, vm-monitor: 1 custom role(s). Change it."] and found["in_the_way"] == []


def test_there_are_only_the_ways_that_are_known() -> None:
    with pytest.raises(Invalid, match="no way to Proxmox VE 10"):
        release_upgrade_order([], [], [], 10)
