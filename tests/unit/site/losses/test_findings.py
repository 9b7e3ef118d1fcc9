"""What is amiss before anything is lost."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumStatus
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.findings import findings
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import Answer, Reading

from ....doubles.loss_cases import cluster_reading, mesh, right, with_nodes
from .test_daemons import four_in_the_map
from .test_guests import survivors


def texts(reading: Reading) -> list[str]:
    return [one.text for one in findings(reading)]


def test_a_healthy_site_has_none() -> None:
    assert findings(mesh("pve1", "pve2", "pve3", links=2)) == ()


def test_a_device_that_casts_no_vote() -> None:
    name = "the-device-counts-for-two"
    found = texts(cluster_reading(name, "later.out"))
    assert found[0] == f"{right(name)['table_later']['finding']}.".capitalize()
    assert not texts(cluster_reading(name))


def test_two_node() -> None:
    name = "both-halves-are-quorate"
    assert right(name)["finding"].split(":")[0] == "two_node is set by hand"
    assert texts(cluster_reading(name))[0].startswith("two_node is set by hand: Proxmox VE never does")


def test_links_that_are_broken() -> None:
    status = QuorumStatus(True, 3, 3, 2, {1: 1, 2: 1, 3: 1})
    reading = cluster_reading("links-that-are-no-mesh")
    reading = with_nodes(reading, **{node.name: {"quorum": Answer(status)} for node in reading.nodes})
    assert right("links-that-are-no-mesh")["broken_now"] == [{"link": 1, "between": ["pve2", "pve3"]}]
    assert texts(reading) == ["link1 is broken between pve2 and pve3 now."]


def test_votes_as_they_run_are_not_those_of_the_file() -> None:
    reading = mesh("pve1", "pve2", "pve3", expected=2)
    assert any("Corosync expects 2 votes, its file adds up to 3" in told for told in texts(reading))


def test_a_monitor_in_the_map_that_is_gone() -> None:
    reading = four_in_the_map()
    found = findings(reading)[0]
    assert right("four-in-the-map")["do_now"].startswith(found.do)
    ceph = reading.ceph.value
    assert ceph is not None
    fewer = replace(ceph.data.monitors, quorum=("pve1", "pve2"))
    stands = replace(reading, ceph=Answer(replace(ceph, data=replace(ceph.data, monitors=fewer))))
    assert all("mon remove" not in one.do for one in findings(stands))


def test_a_node_that_is_armed_for_nothing() -> None:
    found = findings(survivors())
    assert [one.do for one in found] == [
        "Take vm:103 out of HA, or set it to ignored: 10 min later it no longer is.",
    ]
