"""Guests after a loss: the survivors are reset too, and not all that is started elsewhere starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.outlook import MonitorSettings
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.placement_group import Copy
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import Monitors
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import Guest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.ha import HighAvailability, NodeAffinity
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.overview import Replica, ResourceAffinity
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.replication import ReplicationJob
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.volumes import Volume
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.mapping import parse_mappings
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.guests import GuestLoss, cell, guest_loss
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import (
    Answer,
    DiskReading,
    HaReading,
    LrmStatus,
    PlacedGuest,
    Reading,
)
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.resets import armed
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.table import losses
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import things

from ....doubles.loss_cases import (
    ceph_reading,
    document,
    guest_configs,
    guests_of,
    ha_of,
    mesh,
    right,
    storages_of,
    text,
    with_nodes,
)

RESET = "the-survivors-are-reset-too"
ELSEWHERE = "started-elsewhere-without-its-disk"
THREE = ("pve1", "pve2", "pve3")


def found(reading: Reading, name: str) -> GuestLoss:
    return guest_loss(next(thing for thing in things(reading) if thing.name == name), reading)


def state(reading: Reading, name: str) -> str:
    return cell(next(thing for thing in things(reading) if thing.name == name), reading).state


def survivors() -> Reading:
    told: Mapping[str, Any] = document(RESET, "lrm_status.json")
    reading = with_nodes(mesh(*THREE), **{node: {"lrm": Answer(LrmStatus(**lrm))} for node, lrm in told.items()})
    guests = guests_of(document(RESET, "resources.json"), {}, {})
    return replace(reading, at=1790000005.0, ha=Answer(ha_of(RESET)), guests=Answer(guests))


def test_who_is_armed() -> None:
    reading, told = survivors(), right(RESET)["armed"]
    assert {node.name: armed(node, reading.ha.value, reading.at) for node in reading.nodes} == told


def test_survivors_are_reset() -> None:
    reading, table = survivors(), right(RESET)["table"]
    for name, told in table.items():
        loss = found(reading, name.partition(" (")[0])
        assert sorted(loss.after.reset) == told["reset"], name
        if "start_elsewhere" in told:
            assert [fate.vmid for fate in loss.of("starts")] == told["start_elsewhere"], name
        if "lost" in told:
            assert list(loss.lost) == told["lost"], name
        if "also_stop" in told:
            assert list(loss.also_stop) == told["also_stop"], name
        if "go_on" in told:
            assert list(loss.going) == told["go_on"], name


def test_an_lrm_of_which_nobody_knows() -> None:
    reading = survivors()
    silent = with_nodes(reading, pve3={"lrm": Answer()})
    assert found(silent, "pve1 and pve2").after.maybe == {"pve3"}
    nobody = with_nodes(reading, **{name: {"lrm": Answer()} for name in THREE})
    assert state(nobody, "link0") == "unknown"
    old = replace(reading, at=1790009999.0)
    assert found(old, "pve1 and pve2").after.maybe == {"pve3"}


def test_disarmed_nobody_is_reset_and_nothing_recovered() -> None:
    reading = survivors()
    assert reading.ha.value is not None
    off = replace(reading, ha=Answer(replace(reading.ha.value, disarmed=True)))
    assert not found(off, "pve1 and pve2").after.reset
    assert [fate.course for fate in found(off, "pve1").fates] == ["stays"]


def test_maintenance_with_services_left_is_armed() -> None:
    reading = with_nodes(survivors(), pve3={"lrm": Answer(LrmStatus("maintenance"))})
    node = reading.node("pve3")
    assert node is not None and reading.ha.value is not None
    assert armed(node, reading.ha.value, reading.at) is True
    assert armed(node, HaReading(), reading.at) is False
    assert armed(node, None, reading.at) is None


def elsewhere() -> Reading:
    """Ceph's own cluster is another one here: the storage goes on."""
    now = float((text(ELSEWHERE, "now.txt") or "").split()[0])
    storages = storages_of(ELSEWHERE)
    storages["vms"] = StorageEntry("rbd", {**storages["vms"].options, "monhost": frozenset(("192.0.2.77",))})
    told = [{"vmid": vmid, "node": "pve1", "status": "running"} for vmid in range(100, 107)]
    replicas = [
        Replica(one["guest"], one["target"], one["last_sync"], one["fail_count"])
        for one in document(ELSEWHERE, "replication-pve1.json")
    ]
    images = Answer(frozenset(("local:iso/rescue.iso",)))
    reading = with_nodes(mesh(*THREE), pve1={"replicas": Answer(tuple(replicas)), "images": images})
    return replace(
        reading,
        at=now,
        ha=Answer(ha_of(ELSEWHERE)),
        guests=Answer(guests_of(told, guest_configs(ELSEWHERE), storages)),
        storages=Answer(storages),
        mappings=Answer(tuple(parse_mappings("pci", text(ELSEWHERE, "mapping-pci.cfg") or ""))),
    )


def test_two_of_six_start_elsewhere() -> None:
    reading, table = elsewhere(), right(ELSEWHERE)["pve1"]
    loss = found(reading, "pve1")
    assert [fate.vmid for fate in loss.of("starts")] == table["starts_elsewhere"]
    old = {
        fate.vmid: {"on": ", ".join(fate.nodes), "data_lost_s": fate.age, "failures": fate.failures}
        for fate in loss.of("old data")
    }
    wanted = table["starts_with_old_data"][102]
    assert old == {102: {"on": wanted["on"], "data_lost_s": wanted["data_lost_s"], "failures": 3}}
    assert {fate.vmid: "; ".join(fate.reasons) for fate in loss.of("fails")} == table["tried_elsewhere_and_fails"]
    unknown = loss.of("unknown")[0]
    assert (unknown.vmid, unknown.nodes) == (103, ("pve3",))
    assert "fails on pve2 (no device of mapping gpu)" in unknown.reasons
    assert [fate.vmid for fate in loss.of("stays")] == list(table["stays_down"])
    gone = table["data_gone_if_pve1_does_not_come_back"]
    assert [fate.vmid for fate in loss.fates if fate.only_there] == gone
    cell_ = next(row for row in losses(reading) if row.name == "pve1").cells["guests"]
    assert cell_.state == "lost"
    assert any("105 stays down until pve1 is back: its disk is on vms; it can be" in told for told in cell_.later)
    assert "The data of 106 is whole on fast." in cell_.for_good


def test_without_its_source_the_age_of_a_replica_is_unknown() -> None:
    job = Answer((ReplicationJob("102-0", 102, "pve2", "pve1"),))
    reading = replace(with_nodes(elsewhere(), pve1={"replicas": Answer()}), replication=job)
    fate = found(reading, "pve1").of("old data")[0]
    assert (fate.vmid, fate.nodes, fate.age) == (102, ("pve2",), None)
    nobody = replace(reading, replication=Answer())
    assert 102 in [fate.vmid for fate in found(nobody, "pve1").of("unknown")]


def disk(storage: str, key: str = "scsi0", shared: bool = True) -> Volume:
    return Volume(key, f"{storage}:vm-1-{key}", shared=shared)


def placed(vmid: int, node: str, memory: int = 1, volumes: tuple[Volume, ...] = (), **more: Any) -> PlacedGuest:
    guest = Guest("qemu", vmid, running=True, memory=memory << 30, volumes=volumes)
    return PlacedGuest(guest, node, more.get("addresses", ()))


def under_ha(reading: Reading, *guests: PlacedGuest, **more: Any) -> Reading:
    resources = {one.guest.sid: "started" for one in guests}
    manager = HighAvailability(resources, affinities=more.pop("node_rules", ()), nodes=dict.fromkeys(THREE, "online"))
    nodes = {name: {"lrm": Answer(LrmStatus("active"))} for name in THREE}
    found = with_nodes(reading, **nodes)
    return replace(found, guests=Answer(guests), ha=Answer(HaReading(manager, **more)))


def test_two_clusters_run_the_same_guests() -> None:
    reading = mesh("pve1", "pve2", quorum=1, flags=frozenset(("2Node", "Quorate", "WaitForAll")))
    san = {"san": StorageEntry("lvm", {"shared": "1", "vgname": "san"})}
    guests = (placed(100, "pve1", volumes=(disk("san"),)), placed(101, "pve2", volumes=(disk("san"),)))
    resources = {one.guest.sid: "started" for one in guests}
    two = replace(reading, guests=Answer(guests), storages=Answer(san))
    two = replace(two, ha=Answer(HaReading(HighAvailability(resources))))
    loss = found(two, "link0")
    assert (loss.twice, loss.destroyed, sorted(loss.after.reset)) == ((100, 101), (100, 101), [])
    assert state(two, "link0") == "lost"
    assert [fate.vmid for fate in found(two, "pve1").of("starts")] == [100]


def test_a_strict_rule_that_leaves_no_node() -> None:
    rule = NodeAffinity("here", {"pve1": ""}, frozenset(("vm:100",)), strict=True)
    reading = under_ha(mesh(*THREE), placed(100, "pve1"), node_rules=(rule,))
    assert [fate.course for fate in found(reading, "pve1").fates] == ["waits"]
    again = replace(rule, name="there", nodes={"pve2": ""})
    both = under_ha(mesh(*THREE), placed(100, "pve1"), node_rules=(rule, again))
    assert found(both, "pve1").fates[0].nodes == ("pve2", "pve3")  # rules that contradict are dropped, both


def test_priorities_and_resources_that_are_kept_apart() -> None:
    rule = NodeAffinity("order", {"pve2": "1", "pve3": "2"}, frozenset(("vm:100",)))
    reading = under_ha(mesh(*THREE), placed(100, "pve1"), placed(101, "pve3"), node_rules=(rule,))
    assert found(reading, "pve1").fates[0].nodes == ("pve3",)
    apart = (ResourceAffinity("apart", frozenset(("vm:100", "vm:101")), together=False),)
    assert found(replace(reading, ha=_with(reading, apart)), "pve1").fates[0].nodes == ("pve2",)
    near = (ResourceAffinity("near", frozenset(("vm:100", "vm:101")), together=True),)
    assert found(replace(reading, ha=_with(reading, near)), "pve1").fates[0].nodes == ("pve3",)
    neither = (*apart, *near)
    assert found(replace(reading, ha=_with(reading, neither)), "pve1").fates[0].nodes == ("pve3",)


def _with(reading: Reading, affinities: tuple[ResourceAffinity, ...]) -> Answer[HaReading]:
    assert reading.ha.value is not None
    return Answer(replace(reading.ha.value, affinities=affinities))


def test_what_is_not_to_run_is_moved_or_stays() -> None:
    guests = [placed(vmid, "pve1") for vmid in (100, 101, 102, 103, 104)]
    resources = {"vm:100": "stopped", "vm:101": "disabled", "vm:102": "ignored", "vm:103": "started"}
    manager = HighAvailability(resources, {"vm:103": ("pve1", "error")})
    reading = replace(mesh(*THREE), guests=Answer(tuple(guests)), ha=Answer(HaReading(manager)))
    courses = {fate.vmid: fate.course for fate in found(reading, "pve1").fates}
    assert courses == {100: "moved", 101: "stays", 102: "stays", 103: "stays", 104: "stays"}


def test_room_is_counted_per_node_the_largest_first() -> None:
    guests = [placed(100, "pve1", 40), placed(101, "pve1", 30), placed(102, "pve1", 20), placed(103, "pve2", 10)]
    reading = under_ha(mesh(*THREE), *guests)
    assert found(reading, "pve1").no_room == ()
    full = under_ha(mesh(*THREE), *guests, placed(104, "pve3", 20))
    assert found(full, "pve1").no_room == ((102, False),)
    silent = with_nodes(full, pve3={"memory": Answer()})
    assert (100, None) in found(silent, "pve1").no_room


def test_a_disk_takes_guests_with_it() -> None:
    local = {"local-lvm": StorageEntry("lvmthin", {"vgname": "pve", "thinpool": "data"})}
    guests = (placed(100, "pve1", volumes=(disk("local-lvm", shared=False),)), placed(101, "pve1"))
    lone = DiskReading("/dev/sdb", "S2", storages=("local-lvm",), mirrored=False)
    reading = replace(mesh(*THREE), guests=Answer(guests), storages=Answer(local))
    reading = with_nodes(reading, pve1={"disks": Answer((lone,))})
    rows = {row.name: row.cells["guests"] for row in losses(reading)}
    assert rows["S2 of pve1"].state == "lost"
    assert "100 hangs: local-lvm: its disk is lost." in rows["S2 of pve1"].at_once
    mirrored = with_nodes(reading, pve1={"disks": Answer((replace(lone, mirrored=True),))})
    assert {row.name: row.cells["guests"] for row in losses(mirrored)}["S2 of pve1"].state == "fine"
    unsure = with_nodes(reading, pve1={"disks": Answer((replace(lone, mirrored=None),))})
    assert {row.name: row.cells["guests"] for row in losses(unsure)}["S2 of pve1"].state == "unknown"


def test_a_healthy_site_is_fine_where_nothing_is() -> None:
    rows = {row.name: row for row in losses(mesh(*THREE, links=2))}
    assert {topic: cell.state for topic, cell in rows["pve1"].cells.items()} == dict.fromkeys(
        ("votes", "data", "daemons", "guests", "storages", "links"), "fine"
    )


def test_what_runs_on_a_node_that_is_reset_is_away_too() -> None:
    """Two of three nodes go: the last one has a whole copy of everything, and is reset for want of quorum."""
    ceph = ceph_reading("domain-is-the-disk").ceph.value
    assert ceph is not None
    two = frozenset((Copy(0), Copy(3)))
    groups = [replace(group, acting=two, whole=two) for group in ceph.data.groups or ()]
    pools = tuple(replace(pool, size=2, min_size=1) for pool in ceph.data.cluster.pools)
    cluster = replace(ceph.data.cluster, pools=pools)
    monitors = Monitors({"tie": ("10.0.0.9",)}, ("tie",))
    data = replace(ceph.data, groups=tuple(groups), cluster=cluster, monitors=monitors)
    outlook = replace(ceph.outlook, settings=MonitorSettings(min_down_reporters=1, min_up_ratio=0.0))
    there = Answer(replace(ceph, data=data, outlook=outlook))
    reading = replace(mesh("pve1", "pve2", "pve3"), has_ceph=Answer(True), ceph=there)
    both = {row.name: row.cells["data"] for row in losses(reading)}["pve1 and pve3"]
    assert both.state == "degraded"
    armed_too = with_nodes(reading, pve2={"lrm": Answer(LrmStatus("active"))})
    reset = {row.name: row.cells["data"] for row in losses(armed_too)}["pve1 and pve3"]
    assert reset.state == "stops"
    assert any(told.startswith("pve2 is reset as well; until booted:") for told in reset.at_once)
    silent = with_nodes(reading, pve2={"lrm": Answer()})
    assert {row.name: row.cells["data"] for row in losses(silent)}["pve1 and pve3"].state == "unknown"
