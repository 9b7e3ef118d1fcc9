"""Ceph's data after a loss: every placement group, on clusters that were surprised by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.outlook import MonitorSettings, Outlook, Stretch
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.losses import lost_together
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.cell import Cell
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.data import cell
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.down import marked_down, marked_out
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.gone import gone_with
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.outcomes import pool_losses
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import (
    Answer,
    CephReading,
    DiskReading,
    NodeReading,
    Reading,
)
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.refill import targets
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import Thing, things

from ....doubles.loss_cases import ceph_reading, document, mesh, right, with_nodes

#: How the cases call an outcome, and which of them are counted there and not listed.
WORDS = {
    "stops": "stops",
    "fewer copies": "fewer_copies",
    "untouched": "untouched",
    "newest only there": "active_but_newest_only_on_lost",
    "no whole copy": "no_whole_copy_left",
}
COUNTED = ("fewer_copies", "untouched")
#: 404 counts groups, and says 0 for nothing; others leave nothing out or say 0: absent and 0 mean the same.
TABLES = ("domain-is-the-disk", "one-copy-is-already-away", "pieces-not-copies", "back-but-not-whole")


def ceph_of(reading: Reading) -> CephReading:
    assert reading.ceph.value is not None
    return reading.ceph.value


def thing(reading: Reading, name: str) -> Thing:
    return next(one for one in things(reading) if one.name == name)


def row(reading: Reading, name: str) -> Cell:
    return cell(thing(reading, name), reading)


def outcomes(reading: Reading, name: str) -> dict[str, dict[str, Any]]:
    ceph = ceph_of(reading)
    found: dict[str, dict[str, Any]] = {}
    for one in pool_losses(ceph, gone_with(thing(reading, name), reading, ceph).osds):
        groups = {WORDS[outcome]: list(ids) for outcome, ids in one.groups.items()}
        going = [*groups.get("fewer_copies", ()), *groups.get("active_but_newest_only_on_lost", ())]
        groups.update({"fewer_copies": going} if going else {})
        found[one.pool.name] = {word: len(ids) if word in COUNTED else ids for word, ids in groups.items()}
    return found


def without_zeros(pools: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {pool: {word: told for word, told in groups.items() if told} for pool, groups in pools.items()}


@pytest.mark.parametrize("name", TABLES)
def test_every_group_is_looked_at(name: str) -> None:
    reading = ceph_reading(name)
    for lost, pools in right(name)["table"].items():
        assert outcomes(reading, lost) == without_zeros(pools), lost


def test_a_host_with_all_copies_of_a_group() -> None:
    reading = ceph_reading("domain-is-the-disk")
    found = {name: row(reading, name) for name in ("pve1", "pve2", "pve3")}
    assert {name: one.state for name, one in found.items()} == {"pve1": "stops", "pve2": "stops", "pve3": "lost"}
    assert found["pve1"].word == "vms stops"
    assert found["pve3"].word == "vms: data only on what is lost"
    assert "vms: the data of 2.3 is gone." in found["pve3"].for_good
    assert any("The rule replicated_ssd of vms places copies by osd" in told for told in found["pve1"].at_once)


def test_a_copy_that_is_away_already_has_a_time() -> None:
    """An OSD is down for four minutes: in six it is out, and what it held is made again."""
    reading = ceph_reading("one-copy-is-already-away", down_for={3: 240.0})
    found = row(reading, "pve1")
    assert found.state == "stops"
    assert any("until osd.3 is out in about 6 min" in told for told in found.later)
    assert row(reading, "pve4").state == "fine"


def test_an_empty_group_has_nothing_to_lose() -> None:
    found = row(ceph_reading("one-copy-is-already-away"), "pve2")
    assert "5.2 has no objects: nothing to lose." in found.at_once
    assert found.state == "stops"
    assert found.for_good == ()


@pytest.mark.parametrize("state", ["stale+active+clean", "unknown", "stale+active+undersized"])
def test_stale_beats_every_other_word(state: str) -> None:
    reading = ceph_reading("domain-is-the-disk")
    ceph = ceph_of(reading)
    groups = [replace(group, states=frozenset(state.split("+"))) for group in ceph.data.groups or ()]
    changed = replace(ceph, data=replace(ceph.data, groups=tuple(groups)))
    found = {row(replace(reading, ceph=Answer(changed)), name).state for name in ("pve1", "pve2", "osd.0")}
    assert found == {"unknown"}


def test_active_and_whole_are_two_answers() -> None:
    found = row(ceph_reading("back-but-not-whole"), "pve3")
    assert found.state == "lost"
    assert any("5.0 goes on, its newest data only on what is lost" in told for told in found.at_once)
    assert "two: the newest writes to 5.0 are gone." in found.for_good


def test_without_the_list_of_whole_copies_they_are_unknown() -> None:
    """``pgs_brief`` does not have it."""
    reading = ceph_reading("back-but-not-whole", groups="pgs_brief")
    for name in ("pve2", "pve3"):
        assert row(reading, name).state == "unknown"
        assert any("3.1" in told and "unknown" in told for told in row(reading, name).at_once), name


def refilled(name: str = "refill-within-one-host") -> Reading:
    after = {group: tuple(osds) for group, osds in document(name, "after-osd.3-out.json").items()}
    return ceph_reading(name, placed={frozenset((3,)): after})


def test_a_refill_that_does_not_fit() -> None:
    reading, wanted = refilled(), right("refill-within-one-host")["osd.3"]
    ceph = ceph_of(reading)
    target = targets(ceph, ceph.placed[frozenset((3,))], (3,))[0]
    expected = wanted["target"]["osd.2"]
    assert target.osd == 2
    assert (target.groups_now, target.groups_then) == (expected["groups_now"], expected["groups_then"])
    assert target.part_full == pytest.approx(expected["part_full_then"], abs=0.01)
    found = row(reading, "osd.3")
    assert (found.state, found.word) == ("degraded", "goes on, 2 copies")
    assert any("10 groups with fewer copies" in told for told in found.at_once)
    assert any("does not fit: osd.2 would have to hold 110%" in told for told in found.later)
    assert any("fill osd.2 to 95%: then vms stop" in told for told in found.later)


def test_nothing_is_refilled_on_an_osd_that_is_lost_and_held_in() -> None:
    """CRUSH still names osd.2, which is gone; whoever counts it as room calls safe what is not."""
    ceph = ceph_of(refilled())
    cluster = ceph.data.cluster
    osds = tuple(replace(osd, noout=osd.id == 2) for osd in cluster.osds)
    data = replace(ceph.data, cluster=replace(cluster, osds=osds))
    reading = replace(refilled(), ceph=Answer(replace(ceph, data=data)))
    both, other = (Thing("disk", "any", osds=frozenset(numbers)) for numbers in ((2, 3), (2, 4)))
    [told] = [told for told in cell(both, reading).later if "vms" in told]
    assert told.startswith("vms is never refilled: 3 copies on different hosts, and 2 hosts are left.")
    [told] = [told for told in cell(other, reading).later if "vms" in told]
    assert told.startswith("Whether vms is made whole then is unknown: what is meant for osd.2 waits")


def test_as_many_hosts_as_copies_are_never_refilled() -> None:
    found = row(refilled(), "pve1")
    assert any(
        "vms is never refilled: 3 copies on different hosts, and 2 hosts are left" in told for told in found.later
    )


def test_without_the_map_a_refill_is_bounded_or_unknown() -> None:
    full = row(ceph_reading("refill-within-one-host"), "osd.3")
    assert any("does not fit: host pve2 would have to hold" in told for told in full.later)


def test_two_hosts_have_nobody_to_report() -> None:
    name = "nobody-may-report"
    reading = ceph_reading(name, nodes=("pve1", "pve2", "tie"))
    ceph = ceph_of(reading)
    for node, left in right(name)["reporting_hosts_left"].items():
        down = marked_down(ceph, gone_with(thing(reading, node), reading, ceph).osds)
        assert (down.reporters, down.needed, down.after) == (left, right(name)["needed"], 900)
        found = row(reading, node)
        assert found.state == "stops"
        assert any("hangs for up to 15 min" in told for told in found.at_once)
        assert any("never refilled" in told for told in found.later)
    assert marked_down(ceph, {0}).after == 20
    assert row(reading, "osd.0").state == "degraded"


def test_below_a_part_of_all_nobody_is_called_down() -> None:
    reading = ceph_reading("domain-is-the-disk")
    ceph = ceph_of(reading)
    assert marked_down(ceph, set(range(6))).stuck == ()
    assert marked_down(ceph, set(range(8))).stuck == (7,)
    assert marked_down(ceph, set(range(8))).after is None


def test_with_nodown_nobody_is_called_down() -> None:
    reading = ceph_reading("refill-within-one-host")
    ceph = ceph_of(reading)
    frozen = replace(ceph, data=replace(ceph.data, flags=frozenset(("nodown",))))
    assert marked_down(ceph, {0}).after == 20
    assert marked_down(frozen, {0}).after is None
    found = row(replace(reading, ceph=Answer(frozen)), "osd.0")
    assert found.state == "stops"
    assert any("hang without end" in told and "the flag nodown is set" in told for told in found.at_once)


def with_destroyed(ceph: CephReading, count: int) -> CephReading:
    """With so many more OSDs in the map, destroyed and out."""
    cluster = ceph.data.cluster
    template = replace(cluster.osds[0], up=False, is_in=False, destroyed=True)
    more = tuple(replace(template, id=100 + number) for number in range(count))
    return replace(ceph, data=replace(ceph.data, cluster=replace(cluster, osds=(*cluster.osds, *more))))


def test_destroyed_osds_count_among_all() -> None:
    """They are in the map: a part of all OSDs is a part of these as well."""
    ceph = ceph_of(ceph_reading("refill-within-one-host"))
    assert outs(ceph, {0, 1}) == (0, 1)
    assert outs(with_destroyed(ceph, 1), {0, 1}) == (0,)
    assert outs(with_destroyed(ceph, 3), {0, 1}) == ()
    large = ceph_of(ceph_reading("domain-is-the-disk"))
    assert marked_down(large, set(range(6))).stuck == ()
    assert marked_down(with_destroyed(large, 5), set(range(6))).stuck == (5,)


def outs(ceph: CephReading, lost: set[int], **outlook: Any) -> tuple[int, ...]:
    return marked_out(replace(ceph, outlook=replace(ceph.outlook, **outlook)), lost).osds


def test_what_keeps_an_osd_in() -> None:
    ceph = ceph_of(ceph_reading("refill-within-one-host"))
    assert outs(ceph, {0, 1}) == (0, 1)
    assert outs(ceph, {0, 1, 2}) == (0, 1)  # 4 of 6 are left in, and no fewer
    assert outs(ceph, {0}, settings=MonitorSettings(down_out_interval=0)) == ()
    assert outs(ceph, {0, 1}, settings=MonitorSettings(down_out_subtree_limit="host")) == ()
    assert outs(ceph, {0, 2}, settings=MonitorSettings(down_out_subtree_limit="host")) == (0, 2)
    assert outs(ceph, {0, 2}, node_flags={"pve1": frozenset(("noout",))}) == (2,)
    assert outs(ceph, {0}, class_flags={"ssd": frozenset(("noout",))}) == ()
    assert marked_out(replace(ceph, data=replace(ceph.data, flags=frozenset(("noout",)))), {0}).held


def test_a_doubt_about_both_networks_of_ceph_is_told_once() -> None:
    networks: dict[str, Any] = {"public_network": ("10.90.0.0/24",), "cluster_network": ("10.91.0.0/24",)}
    reading = ceph_reading("refill-within-one-host", **networks)
    name = reading.nodes[0].name
    link = Thing("link", "link0", links=frozenset(((name, 0),)))
    found = gone_with(link, reading, ceph_of(reading))
    assert found.doubts == ("whether a network of Ceph goes over this link, or its port, is not known",)
    told = cell(link, reading).at_once
    assert "Whether a network of Ceph goes over this link, or its port, is not known." in told


def test_numbers_of_a_dead_manager_are_not_used() -> None:
    name = "numbers-of-a-dead-manager"
    reading = ceph_reading(name, answers={"status": {**document(name, "status.json"), "fsid": "f"}})
    for name in ("pve1", "osd.0", "osd.2"):
        found = row(reading, name)
        assert found.state == "stops", name
        assert "vms stops: at most" in found.at_once[1]
        assert "no age" in found.at_once[0]
    assert "Down for certain: osd.0 and osd.1." in row(reading, "pve1").at_once


def test_a_bound_never_says_fine() -> None:
    reading = ceph_reading("domain-is-the-disk")
    ceph = ceph_of(reading)
    blind = replace(reading, ceph=Answer(replace(ceph, data=replace(ceph.data, groups=None, silence="it is dead"))))
    assert {cell(one, blind).state for one in things(blind)} <= {"unknown", "stops"}


def stretched(**changes: Any) -> CephReading:
    reading = ceph_reading("domain-is-the-disk")
    ceph = ceph_of(reading)
    sites = {0: "a", 1: "a", 2: "a", 3: "a", 4: "a", 5: "a", 6: "b", 7: "b", 8: "b"}
    osds = [replace(osd, places=osd.places | {("datacenter", sites[osd.id])}) for osd in ceph.data.cluster.osds]
    data = replace(ceph.data, cluster=replace(ceph.data.cluster, osds=tuple(osds)))
    stretch = replace(Stretch("datacenter", 2, {"pve1": "a", "pve2": "a", "pve3": "b"}), **changes)
    return replace(ceph, data=data, outlook=Outlook(stretch=stretch))


def test_in_stretch_mode_a_site_without_its_monitors_stops_the_pools() -> None:
    """2.0 keeps two copies, which suffice for min_size, and both are at the same site."""
    found = {one.pool.name: one for one in pool_losses(stretched(), frozenset((6, 7, 8)))}
    assert "3.0" in found["iso"].groups["stops"]
    given_up = {one.pool.name: one for one in pool_losses(stretched(degraded=True), frozenset((6, 7, 8)))}
    assert "3.0" in given_up["iso"].groups["fewer copies"]


def test_an_osd_whose_node_is_not_known() -> None:
    reading = ceph_reading("domain-is-the-disk")
    ceph = ceph_of(reading)
    osds = [replace(osd, host="ssd-bucket", told=False) for osd in ceph.data.cluster.osds]
    data = replace(ceph.data, cluster=replace(ceph.data.cluster, osds=tuple(osds)))
    lost = replace(reading, ceph=Answer(replace(ceph, data=data)))
    assert row(lost, "pve1").state == "unknown"


def test_no_ceph_and_no_answer_are_not_the_same() -> None:
    node = (NodeReading("pve1", 1),)
    assert cell(Thing("node", "pve1"), Reading(0.0, node, has_ceph=Answer(False))).state == "fine"
    assert cell(Thing("node", "pve1"), Reading(0.0, node)).state == "unknown"


def test_the_database_of_two_osds_is_lost_with_a_disk() -> None:
    reading = ceph_reading("pieces-not-copies")
    disk = DiskReading("/dev/nvme0n1", "N1", databases=(0, 1))
    reading = with_nodes(reading, pve1={"disks": Answer((disk,))})
    found = row(reading, "N1 of pve1")
    assert found.word == row(reading, "pve1").word
    assert found.for_good[0] == "osd.0 and osd.1 are lost for good, with data or database on this disk."


def over_links(public: str, cluster: str = "") -> Reading:
    """Three nodes with two links, and what goes over each."""
    nodes = mesh("pve1", "pve2", "pve3", links=2)
    ceph = replace(ceph_of(ceph_reading("domain-is-the-disk")), public_network=(public,))
    ceph = replace(ceph, cluster_network=(cluster,) if cluster else ())
    return replace(nodes, has_ceph=Answer(True), ceph=Answer(ceph))


def test_the_public_network_of_a_node_is_its_osds() -> None:
    reading = over_links("10.91.0.0/24")
    assert row(reading, "link1 of pve1").word == row(reading, "pve1").word == "vms stops"
    assert row(reading, "link1").state == "lost" or row(reading, "link1").state == "stops"
    assert row(reading, "link0").state == "fine"


def test_the_cluster_network_alone_is_unstable() -> None:
    reading = over_links("10.90.0.0/24", "10.91.0.0/24")
    found = row(reading, "link1 of pve2")
    assert found.state == "unknown"
    assert any("OSDs are reported down and come back" in told for told in found.at_once)


def test_networks_that_nobody_told_of() -> None:
    reading = over_links("10.91.0.0/24")
    silent = replace(reading, ceph=Answer(replace(ceph_of(reading), public_network=())))
    assert row(silent, "link0").state == "unknown"
    hidden = with_nodes(reading, pve1={"addresses": Answer()})
    assert row(hidden, "link0 of pve1").state == "unknown"


def test_what_crush_is_asked_is_what_goes_out() -> None:
    """Otherwise its answers would be those of other losses."""
    for name in ("refill-within-one-host", "one-copy-is-already-away", "domain-is-the-disk"):
        reading = ceph_reading(name)
        ceph = ceph_of(reading)
        asked = [frozenset(one) for one in lost_together(list(ceph.data.cluster.osds), [])]
        wanted = [one for one in things(reading) if one.kind in ("node", "osd")]
        for one in wanted:
            out = frozenset(marked_out(ceph, gone_with(one, reading, ceph).osds).osds)
            assert not out or out in asked, (name, one.name)


def test_what_a_site_in_stretch_mode_does_then() -> None:
    monitors = {"pve1": "a", "pve2": "a", "pve3": "b", "tie": "c"}
    for given_up, locations in ((True, monitors), (False, {**monitors, "far": "b"})):
        ceph = stretched(locations=locations, tiebreaker="tie")
        there = replace(ceph.data.monitors, quorum=tuple(locations), addresses=dict.fromkeys(locations, ()))
        reading = ceph_reading("domain-is-the-disk", nodes=("far", "tie"))
        reading = replace(reading, ceph=Answer(replace(ceph, data=replace(ceph.data, monitors=there))))
        found = row(reading, "pve3")
        assert any("gives the site up by itself" in told for told in found.later) is given_up
