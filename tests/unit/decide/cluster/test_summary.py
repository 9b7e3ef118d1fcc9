"""site_summary_info: what is said about a system, and that what is missing is not invented."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.summary import summarize
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.state import (
    CephCluster,
    CephNode,
    Check,
    ObservedCeph,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import (
    CorosyncConfig,
    Member,
    Membership,
    ObservedCluster,
    QDevice,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.links import Links
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.qdevice import ObservedQDeviceNode
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.host import Host
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.storage import ObservedStorages

HOST = Host("pve1", "pve1.example", (), (ipaddress.ip_address("10.10.1.11"),), "debian", "13", "trixie")
STORAGES = ObservedStorages(
    entries={"local": StorageEntry("dir", {})}, digests={}, members=None, quorate=True, users={}
)
NO_CEPH = ObservedCeph(CephNode("pve1", None, False, None, False, {}))
MEMBERS = tuple(Member(f"pve{n}", n, 1, Links.in_order([f"10.10.1.1{n}", f"10.10.2.1{n}"])) for n in (1, 2, 3))


def said(
    cluster: ObservedCluster, ceph: ObservedCeph = NO_CEPH, device: Optional[ObservedQDeviceNode] = None
) -> dict[str, str]:
    return summarize(cluster, device or ObservedQDeviceNode("pve1"), STORAGES, ceph)


def clustered(
    quorate: bool, online: dict[str, bool], count: int = 3, device: Optional[QDevice] = None
) -> ObservedCluster:
    config = CorosyncConfig("campus", 3, MEMBERS[:count], device)
    return ObservedCluster(HOST, True, True, config, membership=Membership("campus", quorate, online))


def test_a_standalone_node_without_ceph() -> None:
    assert said(ObservedCluster(HOST)) == {
        "cluster": "pve1 is in no cluster",
        "storages": "local (dir)",
        "web interface": "https://10.10.1.11:8006",
    }


def test_a_cluster_with_one_node_down() -> None:
    lines = said(clustered(True, {"pve1": True, "pve2": True, "pve3": False}))
    assert lines["cluster"] == "campus, 2 of 3 votes, quorate"
    assert lines["node pve3"] == "OFFLINE, link0 10.10.1.13, link1 10.10.2.13"


def test_without_quorum_the_consequence_is_said() -> None:
    assert "NOT QUORATE" in said(clustered(False, {}))["cluster"]


@pytest.mark.parametrize(
    ("count", "device", "voting", "votes", "words"),
    [
        (2, QDevice("10.10.1.19", "ffsplit", 1), True, "3 of 3", "10.10.1.19, votes (1, ffsplit)"),
        (2, QDevice("10.10.1.19", "ffsplit", 1), False, "2 of 3", "10.10.1.19, DOES NOT VOTE (1, ffsplit)"),
        (3, QDevice("10.10.1.19", "lms", 0), True, "5 of 5", "10.10.1.19, votes (2, lms)"),
        (2, None, False, "2 of 2", "none: with two nodes, neither goes on without the other (cluster_qdevice_host)"),
    ],
)
def test_the_quorum_device(count: int, device: Optional[QDevice], voting: bool, votes: str, words: str) -> None:
    online = {"pve1": True, "pve2": True, "pve3": True}
    lines = said(clustered(True, online, count, device), device=ObservedQDeviceNode("pve1", voting=voting))
    assert (lines["cluster"], lines["quorum device"]) == (f"campus, {votes} votes, quorate", words)


def test_health_checks_are_named_and_muted_ones_are_not() -> None:
    checks = (Check("OSD_DOWN", "HEALTH_WARN", "1 osds down"), Check("X", "HEALTH_WARN", "muted", muted=True))
    found = CephCluster("f", "HEALTH_WARN", checks, ("pve1",), ("pve1",), {}, (), (), (), ())
    lines = said(clustered(True, {}), ObservedCeph(NO_CEPH.node, found))
    assert lines["Ceph"].startswith("HEALTH_WARN (OSD_DOWN: 1 osds down), 1 mons in quorum")


def test_silent_monitors_are_reported() -> None:
    lines = said(clustered(True, {}), ObservedCeph(NO_CEPH.node, silence="timed out"))
    assert lines["Ceph"] == "does not answer: timed out"


def test_the_web_interface_is_where_the_names_of_the_nodes_lead() -> None:
    """A link may be in a network that only corosync is in."""
    online = {"pve1": True, "pve2": True, "pve3": True}
    told = {"pve1": "192.0.2.1", "pve2": "2001:db8::2"}
    cluster = replace(clustered(True, online), membership=Membership("campus", True, online, told))
    assert said(cluster)["web interface"] == "https://192.0.2.1:8006 or https://[2001:db8::2]:8006"


def test_two_nodes_of_which_one_goes_on_alone_lack_nothing() -> None:
    cluster = clustered(True, {"pve1": True, "pve2": True}, count=2)
    assert "with two nodes, neither goes on" in said(cluster)["quorum device"]
    assert cluster.config is not None
    config = replace(cluster.config, quorum={"two_node": 1})
    assert "quorum device" not in said(replace(cluster, config=config))
