"""Votes after a loss, on clusters that were surprised by them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumOptions, QuorumStatus
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import Guest
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.cell import Cell
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import Answer, PlacedGuest, Reading
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import things
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.votes import cell

from ....doubles.loss_cases import cluster_reading, mesh, right, with_nodes

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


def no_mesh() -> Reading:
    status = QuorumStatus(True, 3, 3, 2, {1: 1, 2: 1, 3: 1}, frozenset(("Quorate",)))
    reading = cluster_reading(MESH)
    return with_nodes(reading, **{node.name: {"quorum": Answer(status)} for node in reading.nodes})


def test_links_are_a_matrix() -> None:
    reading, table = no_mesh(), right(MESH)["table"]
    assert row(reading, "link0").word == table["link0 (everywhere)"]["quorum"]
    assert row(reading, "link0").state == "degraded"
    assert row(reading, "link1").word == table["link1 (everywhere)"]
    assert row(reading, "link0 of pve1").word == table["link0 of pve1"]
    assert row(reading, "link0 of pve2").word.startswith("yes, 2 of 3; pve2 or pve3 falls out, unknown which")
    assert row(reading, "pve1").word == "yes, 2 of 3"


def test_without_quorum_nobody_is_left_to_fall_out() -> None:
    """All are without it, whoever finds together: no sentence names nobody."""
    status = QuorumStatus(False, 7, 3, 4, {1: 1, 2: 1, 3: 1})
    reading = with_nodes(no_mesh(), **{f"pve{number}": {"quorum": Answer(status)} for number in (1, 2, 3)})
    found = row(reading, "link0")
    assert (found.state, found.word) == ("stops", "NO, 2 of 7")
    assert not any("fall out" in told for told in found.at_once)
    assert any("formed anew every few seconds" in told for told in found.at_once)


def test_a_node_that_does_not_tell_its_links() -> None:
    """The others cannot speak for it: what they call connected may be half a connection."""
    reading = with_nodes(no_mesh(), pve1={"connections": Answer()})
    assert row(reading, "link1").state == "unknown"
    assert row(reading, "link0").state == "unknown"


def test_nobody_tells() -> None:
    reading = with_nodes(no_mesh(), **{f"pve{number}": {"quorum": Answer()} for number in (1, 2, 3)})
    assert {cell(thing, reading).state for thing in things(reading)} == {"unknown"}


def test_a_cluster_without_quorum_does_not_get_it_by_a_loss() -> None:
    status = QuorumStatus(False, 5, 2, 3, {1: 1, 2: 1})
    reading = with_nodes(
        no_mesh(), **{f"pve{number}": {"quorum": Answer(status)} for number in (1, 2)}, pve3={"quorum": Answer()}
    )
    found = row(reading, "pve3")
    assert (found.state, found.word) == ("stops", "NO, 2 of 5")
    assert any("pve3: off, or a cluster with quorum" in told for told in found.at_once)


FFSPLIT = QuorumOptions(device="192.0.2.40", algorithm="ffsplit", votes={1: 1, 2: 1})


def halves(**options: Any) -> Reading:
    both = frozenset((1, 2))
    reading = mesh("pve1", "pve2", expected=3, total=3, quorum=2, device_votes=1, casting=both)
    return replace(reading, options=Answer(replace(FFSPLIT, **options)))


def test_a_device_gives_its_vote_to_one_half() -> None:
    found = row(halves(), "link0")
    assert (found.state, found.word) == ("degraded", "yes, 2 of 3; NO on pve2")
    assert any("it votes for one side alone: pve1" in told for told in found.at_once)
    assert row(halves(device_tie_breaker="highest"), "link0").word == "yes, 2 of 3; NO on pve1"
    assert row(halves(device_tie_breaker="2"), "link0").word == "yes, 2 of 3; NO on pve1"
    assert row(halves(), "pve1").word == "yes, 2 of 3"
    assert row(halves(), "device").word == "yes, 2 of 3"
    assert row(halves(), "device and pve1").word == "NO, 1 of 3"


def test_a_device_that_is_reached_over_the_lost_link() -> None:
    """It is lost with it, so neither half has quorum."""
    assert row(halves(device="10.90.0.40"), "link0").state == "stops"
    hidden = with_nodes(halves(device="10.90.0.40"), pve1={"addresses": Answer()})
    assert row(hidden, "link0").state == "unknown"


def test_a_device_that_is_a_guest_goes_with_its_node() -> None:
    witness = PlacedGuest(Guest("qemu", 900, running=True), "pve1", ("192.0.2.40",))
    reading = replace(halves(), guests=Answer((witness,)))
    assert (row(reading, "pve1").state, row(reading, "pve1").word) == ("stops", "NO, 1 of 3")
    assert row(reading, "pve2").word == "yes, 2 of 3"
    unknown = replace(reading, guests=Answer((replace(witness, addresses=None),)))
    assert row(unknown, "pve1").state == "unknown"


def test_exactly_half_with_the_tie_breaker() -> None:
    four = mesh("pve1", "pve2", "pve3", "pve4", flags=frozenset(("Quorate", "AutoTieBreaker")))
    assert row(four, "pve3 and pve4").word == "yes, 2 of 4"
    assert row(four, "pve1 and pve2").state == "stops"
    listed = replace(four, options=Answer(QuorumOptions(tie_breakers=(3,))))
    assert row(listed, "pve1 and pve2").word == "yes, 2 of 4"


def test_at_once_and_one_after_the_other() -> None:
    four = mesh("pve1", "pve2", "pve3", "pve4", flags=frozenset(("Quorate", "LastManStanding")))
    found = row(four, "pve1 and pve2")
    assert found.state == "stops"
    assert found.later == ("One after the other, some ten seconds apart (last_man_standing): quorum stays.",)
    assert any("expect no more votes" in told for told in row(four, "pve1").later)


def test_nodes_that_were_read_while_a_member_went_are_no_two_clusters() -> None:
    before = QuorumStatus(True, 3, 3, 2, {1: 1, 2: 1, 3: 1})
    after = QuorumStatus(True, 3, 2, 2, {1: 1, 2: 1})
    reading = with_nodes(mesh("pve1", "pve2", "pve3"), pve1={"quorum": Answer(before)}, pve2={"quorum": Answer(after)})
    found = row(reading, "pve1")
    assert (found.state, found.at_once) == (
        "unknown",
        ("The nodes tell of different members: they were read while these changed.",),
    )


def test_two_that_are_missing_already() -> None:
    status = QuorumStatus(True, 5, 3, 3, {1: 1, 2: 1, 3: 1})
    names = [f"pve{number}" for number in range(1, 6)]
    ours = {name: {"quorum": Answer(status)} for name in names[:3]}
    reading = with_nodes(mesh(*names), **ours, **dict.fromkeys(names[3:], {"quorum": Answer()}))
    assert "pve4 and pve5 are missing already." in row(reading, "pve4").at_once


def test_a_cluster_that_is_divided_now() -> None:
    """Both halves tell of themselves; a loss on one side changes nothing on the other."""
    big = QuorumStatus(True, 3, 2, 2, {1: 1, 2: 1})
    small = QuorumStatus(False, 3, 1, 2, {3: 1})
    ours = {name: {"quorum": Answer(big)} for name in ("pve1", "pve2")}
    reading = with_nodes(mesh("pve1", "pve2", "pve3"), **ours, pve3={"quorum": Answer(small)})
    assert row(reading, "pve3").word == "yes, 2 of 3"
    assert row(reading, "pve1").state == "stops"
