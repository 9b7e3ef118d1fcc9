"""Monitors, managers and metadata servers after a loss."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from itertools import combinations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.outlook import MdsDaemon, MdsRanks, Outlook
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import CephData, Monitors
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.state import CephCluster
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.host import Address
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.answers import parse_osds, parse_pool
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.outlook import parse_outlook
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_groups
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses import daemons, data
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.cell import Cell
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.gone import gone_with
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import (
    Answer,
    CephReading,
    NodeReading,
    Reading,
)
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import Thing, things

from ....doubles.ceph_cases import PLAIN, POOL
from ....doubles.loss_cases import document, right

FOUR = "four-in-the-map"
BESIDE = "the-standby-beside-it"


def nodes(*names: str, network: str = "10.10.3.1") -> tuple[NodeReading, ...]:
    return tuple(
        NodeReading(name, int(name[3:]), addresses=Answer((Address("eno1", ip_address(network + name[3:]), 24),)))
        for name in names
    )


def thing(reading: Reading, name: str) -> Thing:
    return next(one for one in things(reading) if one.name == name)


def row(reading: Reading, name: str) -> Cell:
    return daemons.cell(thing(reading, name), reading)


def four_in_the_map() -> Reading:
    """Three of four monitors live; OSDs on five nodes, every pool 3/2 by host, all active and clean."""
    told = document(FOUR, "quorum_status.json")
    monmap = {mon["name"]: (mon["addr"].partition(":")[0],) for mon in told["monmap"]["mons"]}
    hosts = [1, 2, 3, 5, 6]
    tree = [{"id": -number, "name": f"pve{number}", "type": "host", "children": [number]} for number in hosts]
    dump = [{"osd": number, "uuid": "u", "up": 1, "in": 1} for number in hosts]
    pool = parse_pool({**POOL, "pool": 1, "pool_name": "vms", "type": 1, "size": 3, "min_size": 2, "crush_rule": 0}, {})
    cluster = CephCluster(
        fsid="f",
        health="HEALTH_OK",
        checks=(),
        quorum=tuple(told["quorum_names"]),
        mgrs=("pve5", "pve6"),
        mds={},
        osds=parse_osds(dump, {"nodes": tree}, {f"pve{number}": (str(number),) for number in hosts}),
        pools=(pool,),
        rules=(),
        filesystems=(),
    )
    groups = [
        {"pgid": f"1.{number:x}", "state": "active+clean", "acting": list(osds), "stat_sum": {"num_bytes": 1}}
        for number, osds in enumerate(combinations(hosts, 3))
    ]
    found = CephData(cluster, Monitors(monmap, cluster.quorum), tuple(parse_groups(groups, cluster)))
    reading = Reading(0.0, nodes(*(f"pve{number}" for number in hosts)), has_ceph=Answer(True))
    return replace(reading, ceph=Answer(CephReading(found)))


def test_the_majority_is_one_of_the_map() -> None:
    reading = four_in_the_map()
    for name, told in right(FOUR)["table"].items():
        cell, found = row(reading, name), data.cell(thing(reading, name), reading)
        assert cell.word == told["monitors"] or (cell.word.startswith("NO majority") and told["monitors"] == "NO"), name
        if told["ceph"] == "all pools stop":
            assert (cell.state, found.state, found.word) == ("stops", "stops", told["ceph"])
        elif told["ceph"].startswith("goes on"):
            assert found.word == told["ceph"]
        else:
            assert (found.state, found.word) == ("stops", "vms stops")
    assert any("still has pve4" in told for told in row(reading, "pve5").at_once)


def mds() -> Reading:
    told = document(BESIDE, "mgr.json")
    managers = (told["active_name"], *(one["name"] for one in told["standbys"]))
    cluster = CephCluster("f", "HEALTH_OK", (), (), managers, {}, (), (), (), ())
    outlook = parse_outlook({**PLAIN, "fs dump": document(BESIDE, "fs_dump.json")})
    ceph = CephReading(CephData(cluster, Monitors({"tie": ("10.10.3.99",)}, ("tie",))), outlook)
    return Reading(0.0, nodes("pve1", "pve2", "pve3"), has_ceph=Answer(True), ceph=Answer(ceph))


def served(reading: Reading, name: str) -> dict[str, daemons.Service]:
    ceph = reading.ceph.value
    assert ceph is not None
    gone = gone_with(thing(reading, name), reading, ceph)
    return {one.filesystem: one for one in daemons.served(ceph, gone, reading)}


@pytest.mark.parametrize("lost", ["pve1", "pve2", "pve3", "pve1 and pve2"])
def test_who_may_take_a_rank(lost: str) -> None:
    """A standby on the same node goes with it, and one that follows another file system takes no rank of this one."""
    reading, table = mds(), right(BESIDE)["table"][lost]
    found = served(reading, lost)
    assert {name: one.state == "stops" for name, one in found.items()} == {
        name: table[name].startswith("stops") for name in ("cephfs", "isofs")
    }


def test_who_takes_over_and_who_is_left() -> None:
    reading = mds()
    assert served(reading, "pve2")["isofs"].taken == ((0, "pve3"),)
    assert served(reading, "pve3")["isofs"].spare == ("pve1-b",)
    assert any("cephfs stops" in told for told in row(reading, "pve1").at_once)
    assert "pve3 takes over rank 0 of isofs." in row(reading, "pve2").at_once


def test_two_ranks_need_two_standbys() -> None:
    reading = mds()
    ceph = reading.ceph.value
    assert ceph is not None
    active = [MdsDaemon(f"a{rank}", "up:active", "cephfs", rank, ("10.10.3.11",)) for rank in (0, 1)]
    spare = MdsDaemon("s", "up:standby", addresses=("10.10.3.12",))
    outlook = Outlook(mds=(*active, spare), filesystems=(MdsRanks("cephfs", (0, 1)),))
    found = replace(reading, ceph=Answer(replace(ceph, outlook=outlook)))
    assert served(found, "pve1")["cephfs"].state == "stops"
    assert served(found, "pve1")["cephfs"].unserved == (0, 1)
    assert served(found, "pve2")["cephfs"].state == "fine"
    damaged = Outlook(mds=(*active, spare), filesystems=(MdsRanks("cephfs", (0, 1, 2), damaged=(2,)),))
    assert served(replace(reading, ceph=Answer(replace(ceph, outlook=damaged))), "pve3")["cephfs"].state == "stops"


def test_a_standby_of_which_nobody_knows_where_it_runs() -> None:
    reading = mds()
    ceph = reading.ceph.value
    assert ceph is not None
    mds_then = [replace(one, addresses=()) if one.name == "pve1-b" else one for one in ceph.outlook.mds]
    found = replace(ceph, outlook=replace(ceph.outlook, mds=tuple(mds_then)))
    assert row(replace(reading, ceph=Answer(found)), "pve1").state == "unknown"


def test_the_only_manager() -> None:
    reading = mds()
    ceph = reading.ceph.value
    assert ceph is not None
    one = replace(ceph.data.cluster, mgrs=("pve3",), daemons={"mgr": {"pve3": ("pve3",)}})
    found = replace(reading, ceph=Answer(replace(ceph, data=replace(ceph.data, cluster=one))))
    assert row(found, "pve3").state == "degraded"
    assert any(told.startswith("No manager is left: I/O goes on") for told in row(found, "pve3").at_once)
    assert not any("No manager" in told for told in row(found, "pve2").at_once)
