"""site/inventory: Ceph in the words of its role."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.osd import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.ceph import (
    ceph_notes,
    ceph_variables,
)
from ansible_collections.baremetal.virt.plugins.modules.ceph_cluster import SUBJECT as CLUSTER

from ....doubles.ceph_support import CephFake, add_filesystem, add_pool, cluster_answers

CONF = "/etc/pve/ceph.conf"


def node() -> CephFake:
    fake = CephFake().initialized("pve1", "pve2", "pve3").disk("sda")
    fake.answers = cluster_answers(osds=6)
    fake.osd(6, "/dev/sda")
    add_pool(fake.answers, "cephfs_data", application_metadata={"cephfs": {}})
    add_pool(fake.answers, "cephfs_metadata", application_metadata={"cephfs": {}})
    add_pool(fake.answers, "vms", options={"target_size_ratio": 0.8})
    add_pool(fake.answers, "iso", pg_autoscale_mode="off", pg_num_target=512)
    add_filesystem(fake.answers, "cephfs")
    return fake


def test_ceph() -> None:
    found = ceph_variables(observe(node()), ("pve1", "pve2", "pve3"))
    assert found["ceph_mons"] == ["pve1", "pve2", "pve3"]
    assert found["ceph_osds"] == [{"device": "/dev/disk/by-id/id-SDA"}]
    assert [pool["name"] for pool in found["ceph_pools"]] == ["vms"]
    assert found["ceph_pools"][0]["target_size_ratio"] == 0.8
    assert found["ceph_filesystems"] == [{"name": "cephfs"}]
    assert "ceph_crush_rules" not in found
    assert found["ceph_public_network"]
    assert ceph_variables(observe(node()), ("pve1",))["ceph_mons"] == ["pve1"]


@pytest.mark.parametrize(
    ("written", "exported"),
    [
        ("10.10.2.0/24", "10.10.2.0/24"),
        ("10.10.2.11/24", "10.10.2.0/24"),
        ("fd00::11/64", "fd00::/64"),
        ("10.10.2.0/24, 10.10.3.5/24", "10.10.2.0/24,10.10.3.0/24"),
        ("10.10.2.11/24;10.10.2.12/24", "10.10.2.0/24"),
        ('"10.10.2.0/24" # 10G', "10.10.2.0/24"),
    ],
)
def test_the_network_that_is_meant_is_exported_and_accepted(written: str, exported: str) -> None:
    """The web interface writes the address of an interface with its prefix."""
    fake = node()
    fake.files[CONF] = fake.files[CONF].replace("= 10.10.2.0/24", f"= {written}")
    found = ceph_variables(observe(fake), ("pve1",))
    assert (found["ceph_public_network"], "ceph_cluster_network" in found) == (exported, False)
    wanted = {"release": "squid", "repository": "test", "initialize": True, "coming": [], "cluster_network": None}
    plan = make_plan(CLUSTER, {**wanted, "public_network": exported}, fake)
    assert not [refusal for refusal in plan.refusals if "public_network" in refusal.reason]


def test_networks_in_the_monitors_own_database() -> None:
    fake = node()
    networks = "\tpublic_network = 10.10.2.0/24\n\tcluster_network = 10.10.2.0/24\n"
    fake.files[CONF] = fake.files[CONF].replace(networks, "")
    assert ceph_variables(observe(fake), ("pve1",)) == {}
    assert "Ceph has no public_network" in next(iter(ceph_notes(observe(fake))))
    assert fake.answers is not None
    fake.answers["config dump"] = [
        {"section": "global", "name": "public_network", "value": "10.10.9.0/24"},
        {"section": "mon", "name": "public_network", "value": "10.10.2.11/24"},
    ]
    assert ceph_variables(observe(fake), ("pve1",))["ceph_public_network"] == "10.10.2.0/24"
    assert len(list(ceph_notes(observe(fake)))) == 1


def test_pools_whose_number_of_placement_groups_somebody_chose_are_left_alone() -> None:
    (note,) = ceph_notes(observe(node()))
    assert note.startswith("The pool iso has a number of placement groups that somebody chose (autoscaler: off)")


def test_without_ceph() -> None:
    fake = CephFake()
    assert ceph_variables(observe(fake), ("pve1",)) == {}
    assert not list(ceph_notes(observe(fake)))


def test_monitors_that_do_not_answer_are_a_note() -> None:
    fake = node()
    fake.answers = None
    assert "does not answer" in next(iter(ceph_notes(observe(fake))))
