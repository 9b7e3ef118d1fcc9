"""ceph_info: what is there, as the writing modules take it: they then find nothing to do."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.info import describe
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.osd import observe
from ansible_collections.baremetal.virt.plugins.modules import ceph_crush_rule, ceph_fs, ceph_pool

from ....doubles.ceph_support import CephFake, add_filesystem, add_osd, add_pool, cluster_answers


def node() -> CephFake:
    fake = CephFake().initialized("pve1", "pve2", "pve3").disk("sda")
    fake.answers = cluster_answers(osds=6)
    fake.osd(6, "/dev/sda")
    add_pool(fake.answers, "cephfs_data", application_metadata={"cephfs": {}})
    add_pool(fake.answers, "cephfs_metadata", application_metadata={"cephfs": {}})
    add_pool(fake.answers, "vms", options={"target_size_ratio": 0.8, "pg_num_min": 16}, flags_names="bulk")
    add_pool(fake.answers, "iso", pg_autoscale_mode="off", pg_num_target=512, quota_max_bytes=5 * 10**9)
    profile = {"k": "2", "m": "1", "crush-failure-domain": "host", "crush-device-class": "ssd"}
    fake.answers["osd dump"]["erasure_code_profiles"] = {"mine": profile}
    coded = {"type": 3, "crush_rule": 5, "erasure_code_profile": "mine", "flags_names": "ec_overwrites"}
    add_pool(fake.answers, "archive", **coded, min_size=3)
    add_pool(fake.answers, ".mgr", application_metadata={"mgr": {}})
    add_filesystem(fake.answers, "cephfs")
    return fake


def again(subject: Subject, wishes: dict[str, Any], fake: CephFake) -> None:
    params = ArgumentSpecValidator(subject.argument_spec).validate(wishes)
    assert not params.error_messages
    plan = make_plan(subject, params.validated_parameters, fake)
    assert not plan.steps and not plan.refusals, (plan.sentences, plan.refusals)


def test_what_is_described_is_what_is_wanted() -> None:
    fake = node()
    found = describe(observe(fake))
    assert [pool["name"] for pool in found["pools"]] == ["vms", "iso", "archive"]
    again(ceph_pool.SUBJECT, {"pools": found["pools"]}, fake)
    again(ceph_fs.SUBJECT, {"filesystems": found["filesystems"]}, fake)
    again(ceph_crush_rule.SUBJECT, {"rules": found["crush_rules"]}, fake)


def test_osds_and_their_disks() -> None:
    fake = node()
    assert fake.answers is not None
    add_osd(fake.answers, 9, "pve2")
    found = describe(observe(fake))
    assert [osd["id"] for osd in found["osds"]] == [0, 1, 2, 3, 4, 5, 6, 9]
    assert found["disks"] == [
        {
            "device": "/dev/disk/by-id/id-SDA",
            "names": ["/dev/sda", "/dev/disk/by-id/id-SDA", "SDA"],
            "size": 10**12,
            "osd_ids": [6],
            "device_class": "ssd",
        }
    ]
    assert (found["public_network"], found["mons"]) == ("10.10.2.0/24", ["pve1", "pve2", "pve3"])


def test_before_there_is_a_cluster() -> None:
    found = describe(observe(CephFake(version=None)))
    assert found["fsid"] is None and found["pools"] == [] and found["health"] is None
