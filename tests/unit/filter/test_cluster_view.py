"""cluster_view: which node lets the others in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.baremetal.virt.plugins.filter.cluster_view import FilterModule
from ansible_collections.baremetal.virt.plugins.modules.cluster_info import answer

from ...doubles import cluster_nodes as lab
from ...doubles.support import FakeNode

VIEW = FilterModule().filters()["cluster_view"]


def info(node: FakeNode) -> dict[str, Any]:
    return {**answer(node, {"links": lab.LINKS}), "changed": False}


FRESH = {f"host{number}": info(lab.standalone(number)) for number in (1, 2, 3)}
SECOND = info(lab.member(2))
WITHOUT_QUORUM = info(lab.member(1, lab.THREE, lab.STATUS_NO_QUORUM))


@pytest.mark.parametrize(
    ("changes", "seed"),
    [
        ({}, "host1"),
        ({"host2": SECOND}, "host2"),
        ({"host1": WITHOUT_QUORUM, "host2": SECOND}, "host2"),
        ({"host1": WITHOUT_QUORUM}, "host1"),
        ({"host3": WITHOUT_QUORUM}, "host3"),
        ({"host2": {**SECOND, "name": "other"}}, "host1"),
        ({"host3": info(lab.half_created())}, "host3"),
        ({"host1": info(lab.half_joined())}, "host1"),
        ({"host1": info(lab.half_joined()), "host2": SECOND}, "host2"),
    ],
)
def test_the_seed(changes: dict[str, Any], seed: str) -> None:
    found = VIEW({**FRESH, **changes}, "lab")
    assert found["seed"] == seed


def test_what_the_module_is_told() -> None:
    found = VIEW({**FRESH, "host1": info(lab.member(1, lab.ONE, lab.STATUS_ONE))}, "lab")
    assert sorted(found["peers"]) == ["host2", "host3"]
    assert sorted(found["peers"]["host2"]) == ["address", "authorized_keys", "nodes", "qdevice", "version"]
    assert found["peers"]["host2"]["address"] == "10.10.1.11"
    assert found["nodes"][1] == {
        "name": "pve2",
        "state": "standalone",
        "links": ["10.10.1.12", "10.10.2.12"],
        "mtus": [1500, 1500],
        "debian": "",
    }


def test_whom_a_node_that_joins_has_to_reach() -> None:
    """The other hosts, and the members that are online; nobody who is a member already is asked."""
    running = info(lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN))
    found = VIEW({"host1": running, "host4": {**FRESH["host2"], "node": "pve4"}}, "lab")["others"]
    assert found["host4"][0] == {"name": "pve1", "links": ["10.10.1.11", "10.10.2.11"]}
    assert [other["name"] for other in found["host4"]] == ["pve1", "pve2"]
    assert found["host4"][1]["links"][:3] == ["10.10.1.12", "10.10.2.12", ""]
    assert list(found) == ["host4"]


@pytest.mark.parametrize(
    ("joiner", "address"),
    [
        (["10.10.1.12/24", "10.10.2.12/24"], "10.10.1.11"),
        (["10.10.2.12/24"], "10.10.2.11"),
        (["10.10.3.12/24"], "10.10.3.11"),
        (["192.168.0.12/24"], "10.10.1.11"),
        ([], "10.10.1.11"),
    ],
)
def test_where_the_seed_is_reached(joiner: list[str], address: str) -> None:
    seed = {**FRESH["host1"], "addresses": ["10.10.1.11/24", "10.10.2.11/24", "10.10.3.11/24"]}
    found = VIEW({"host1": seed, "host2": {**FRESH["host2"], "addresses": joiner}}, "lab")
    assert found["peers"]["host2"]["address"] == address


def test_nobody_is_no_cluster() -> None:
    with pytest.raises(AnsibleFilterError, match="no host"):
        VIEW({}, "lab")


def test_joins_that_were_cut_short_are_known() -> None:
    seed = info(lab.member(1, lab.THREE.replace("name: pve2", "name: pve9"), lab.STATUS_ONE_DOWN))
    assert VIEW({**FRESH, "host1": seed}, "lab")["begun"] == ["host3"]
    assert VIEW({**FRESH, "host1": seed, "host3": info(lab.half_joined())}, "lab")["begun"] == ["host3"]
    assert VIEW({**FRESH, "host1": seed, "host3": info(lab.member(3))}, "lab")["begun"] == []


def test_only_members_in_the_play_get_other_links() -> None:
    """A node joins with the links that the cluster has then."""
    member = {**SECOND, "wanted": {"name": "pve2", "links": ["10.10.1.12"], "votes": None}}
    infos = {**FRESH, "host2": member}
    changed = {node["name"]: node["links"] for node in VIEW(infos, "lab")["peers"]["host1"]["nodes"]}
    as_it_is = {node["name"]: node["links"] for node in VIEW(infos, "lab", ["host2"])["peers"]["host1"]["nodes"]}
    assert changed["pve2"] == {"link0": "10.10.1.12"}
    assert as_it_is["pve2"] == {"link0": "10.10.1.12", "link1": "10.10.2.12"}
