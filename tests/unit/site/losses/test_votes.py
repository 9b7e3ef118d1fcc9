"""Votes after a loss, on clusters that were surprised by them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumStatus
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.cell import Cell
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import Answer, Reading
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import things
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.votes import cell

from ....doubles.loss_cases import cluster_reading, right, with_nodes

DEVICE = "the-device-counts-for-two"
TWO = "both-halves-are-quorate"
MESH = "links-that-are-no-mesh"


def row(reading: Reading, name: str) -> Cell:
    return cell(next(thing for thing in things(reading) if thing.name == name), reading)


def word(told: object) -> str:
    """YAML takes ``yes, 4 of 5`` for a text, and a lone ``yes`` for true."""
    return str(told)


def status_of(reading: Reading) -> QuorumStatus:
    found = reading.nodes[0].quorum.value
    assert found is not None
    return found


def alone(reading: Reading) -> Reading:
    """All guests and all addresses are known, and the device is none of them."""
    return replace(reading, guests=Answer(()))


@pytest.mark.parametrize("table, status", [("table_now", "pvecm-status.out"), ("table_later", "later.out")])
def test_a_device_that_counts_for_two(table: str, status: str) -> None:
    reading = alone(cluster_reading(DEVICE, status))
    rows = {name: told for name, told in right(DEVICE)[table].items() if name != "finding"}
    for name, told in rows.items():
        assert row(reading, name).word == word(told).partition(" (")[0], name


def test_the_last_node_needs_the_device() -> None:
    reading = alone(cluster_reading(DEVICE))
    assert "Only as long as pve3 reaches the quorum device (192.0.2.40)." in row(reading, "pve1 and pve2").at_once


def test_a_device_of_which_nobody_knows_where_it_runs() -> None:
    """It may be a guest of the very node; alone the two others have no quorum without it."""
    reading = cluster_reading(DEVICE)
    assert row(reading, "pve1").state == "unknown"
    assert row(reading, "device and pve1").state == "stops"


def test_two_nodes_and_their_link() -> None:
    reading = cluster_reading(TWO)
    assert row(reading, "pve1").word == right(TWO)["table"]["pve1"]
    assert row(reading, "pve1").state == "fine"
    link = row(
        with_nodes(reading, pve1={"connections": Answer({2: {0: True}})}, pve2={"connections": Answer({1: {0: True}})}),
        "link0",
    )
    assert (link.state, link.word) == ("lost", right(TWO)["table"]["link0"]["word"])
    both = row(reading, "pve1 and pve2")
    assert both.state == "stops"
    assert "wait_for_all" in both.for_good[0]


def test_without_two_node_both_halves_have_none() -> None:
    reading = cluster_reading(TWO)
    plain = replace(status_of(reading), flags=frozenset(("Quorate",)), quorum=2)
    links = {"pve1": {"connections": Answer({2: {0: True}})}, "pve2": {"connections": Answer({1: {0: True}})}}
    changed = {name: {**links[name], "quorum": Answer(plain)} for name in links}
    found = with_nodes(reading, **changed)
    assert row(found, "pve1").word == right(TWO)["same without two_node"]["pve1"]
    assert (row(found, "link0").state, row(found, "link0").word) == ("stops", "NO, 1 of 2")


def mesh() -> Reading:
    status = QuorumStatus(True, 3, 3, 2, {1: 1, 2: 1, 3: 1}, frozenset(("Quorate",)))
    reading = cluster_reading(MESH)
    return with_nodes(reading, **{node.name: {"quorum": Answer(status)} for node in reading.nodes})


def test_links_are_a_matrix() -> None:
    reading, table = mesh(), right(MESH)["table"]
    assert row(reading, "link0").word == table["link0 (everywhere)"]["quorum"]
    assert row(reading, "link0").state == "degraded"
    assert row(reading, "link1").word == table["link1 (everywhere)"]
    assert row(reading, "link0 of pve1").word == table["link0 of pve1"]
    assert row(reading, "link0 of pve2").word.startswith("yes, 2 of 3; pve2 or pve3 falls out, unknown which")
    assert row(reading, "pve1").word == "yes, 2 of 3"


def test_a_node_that_does_not_tell_its_links() -> None:
    """The others cannot speak for it: what they call connected may be half a connection."""
    reading = with_nodes(mesh(), pve1={"connections": Answer()})
    assert row(reading, "link1").state == "unknown"
    assert row(reading, "link0").state == "unknown"


def test_nobody_tells() -> None:
    reading = with_nodes(mesh(), **{f"pve{number}": {"quorum": Answer()} for number in (1, 2, 3)})
    assert {cell(thing, reading).state for thing in things(reading)} == {"unknown"}


def test_a_cluster_without_quorum_does_not_get_it_by_a_loss() -> None:
    status = QuorumStatus(False, 5, 2, 3, {1: 1, 2: 1})
    reading = with_nodes(
        mesh(), **{f"pve{number}": {"quorum": Answer(status)} for number in (1, 2)}, pve3={"quorum": Answer()}
    )
    found = row(reading, "pve3")
    assert (found.state, found.word) == ("stops", "NO, 2 of 5")
    assert any("pve3: off, or a cluster with quorum" in told for told in found.at_once)
