"""Where data goes when OSDs do, OSD by OSD."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.placement_group import Copy, PlacementGroup
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.refill import (
    bytes_of_units,
    homeless,
    placed_after,
    places_left,
    refills,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import CephData
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.answers import parse_cluster

from ....doubles.ceph_cases import case, data, right
from ....doubles.ceph_support import add_pool, cluster_answers

SMALL = "refill-within-one-host"


def test_what_a_disk_held_goes_to_the_only_other_disk_of_its_host() -> None:
    wanted = right(SMALL)["osd.3"]["target"]["osd.2"]
    placed = {group: tuple(members) for group, members in case(SMALL, "after-osd.3-out.json").items()}
    found = {one.osd: one for one in refills(data(SMALL), placed, {3})}
    assert (found[2].groups_now, found[2].groups_then) == (wanted["groups_now"], wanted["groups_then"])
    assert round(found[2].part_full, 2) == wanted["part_full_then"] > data(SMALL).cluster.backfillfull
    assert 3 not in found and all(one.part_full < 0.7 for osd, one in found.items() if osd != 2)
    assert not homeless(data(SMALL).pools[2], data(SMALL), placed, {3})


def test_without_the_map_the_host_that_must_keep_a_copy_is_a_lower_bound() -> None:
    held, room = bytes_of_units(data(SMALL), {3})["host", "pve2"]
    assert round(held / room, 2) == right(SMALL)["osd.3"]["target"]["osd.2"]["part_full_then"]
    assert places_left(data(SMALL).pools[2], data(SMALL), {2, 3}) == 2, "a whole host is never made up for"
    assert not bytes_of_units(data(SMALL), {2, 3})


def test_an_exception_that_was_made_for_a_group_counts_while_its_osd_is_there() -> None:
    group = PlacementGroup("2.1", 2, frozenset({"active"}), frozenset((Copy(3),)), None)
    found = replace(data(SMALL), upmaps={"2.1": ((0, 1),)})
    assert placed_after(group, found, {"2.1": (0, 4)}, {5}) == (1, 4)
    assert placed_after(group, found, {"2.1": (0, 4)}, {1}) == (0, 4)


def racks(steps: int = 1) -> CephData:
    """Six hosts in three racks, one of them in a second tree as well; the copies of a pool lie in different racks."""
    answers = cluster_answers(osds=6, size=6)
    nodes = answers["osd tree"]["nodes"]
    for number in range(3):
        hosts = [node["id"] for node in nodes if node["name"] in (f"pve{number + 1}", f"pve{number + 4}")]
        nodes.append({"id": -20 - number, "name": f"rack{number}", "type": "rack", "children": hosts})
        nodes[0]["children"].append(-20 - number)
    nodes.append({"id": -30, "name": "other", "type": "root", "children": [-20]})
    choose = [{"op": "chooseleaf_firstn", "num": 0, "type": "rack"}] * steps
    answers["osd crush rule dump"][0]["steps"][1:2] = choose
    add_pool(answers, "vms")
    return CephData(parse_cluster(answers))


def test_racks_are_counted_like_hosts() -> None:
    found = racks()
    assert found.cluster.osds[0].buckets == {"pve1", "rack0", "default", "other"}
    assert places_left(found.cluster.pools[0], found, {0}) == 3
    assert places_left(found.cluster.pools[0], found, {0, 3}) == 2


def test_a_rule_of_two_steps_cannot_be_judged_by_counting() -> None:
    found = racks(steps=2)
    assert places_left(found.cluster.pools[0], found, {0}) is None
