"""ceph_osd: which disks become OSDs, and which must not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.osd import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Refused
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan, plan_result
from ansible_collections.baremetal.virt.plugins.modules.ceph_osd import SUBJECT

from ....doubles.ceph_support import CephFake
from ....doubles.support import FakeNode, assert_converges_from_every_kill

VOLUME = "ceph--a1-osd--block--b2"
LVM = {"name": VOLUME, "path": f"/dev/mapper/{VOLUME}", "type": "lvm", "fstype": "ceph_bluestore"}
PART = {"name": "sda1", "path": "/dev/sda1", "type": "part", "fstype": "ext4"}


def osd(device: Any = "/dev/disk/by-id/id-SDA", **changes: Any) -> dict[str, Any]:
    absent = ("serial", "model", "size", "rotational", "count", "db_device", "db_size", "wal_device", "wal_size")
    base = {**dict.fromkeys(absent), "device_class": None, "osd_id": None, "osds_per_device": 1, "encrypted": False}
    return {**base, "device": device, **changes}


def params(*osds: dict[str, Any], wipe: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"osds": list(osds), "wipe": list(wipe)}


def plan_of(node: FakeNode, *osds: dict[str, Any], wipe: tuple[str, ...] = ()) -> Plan:
    return make_plan(SUBJECT, params(*osds, wipe=wipe), node)


def node(*disks: str) -> CephFake:
    fake = CephFake().initialized("pve1")
    for name in disks:
        fake.disk(name)
    return fake


def child(**fields: Any) -> dict[str, Any]:
    return {**dict.fromkeys(("model", "serial", "wwn", "pttype", "mountpoint")), "size": 1, "rota": False, **fields}


@pytest.mark.parametrize(
    "entry", [osd(), osd("/dev/sda"), osd(None, serial="SDA"), osd("SDA")], ids=["by-id", "path", "serial", "name"]
)
def test_an_empty_disk_by_any_of_its_names(entry: dict[str, Any]) -> None:
    plan = plan_of(node("sda", "sdb"), entry)
    assert plan.sentences == ["create an OSD on /dev/disk/by-id/id-SDA (1000 GB, serial SDA)"]
    assert isinstance(plan.steps[0].action, Run)
    assert plan.steps[0].action.argv == ("pveceph", "osd", "create", "/dev/sda")
    assert not plan.refusals


def test_pools_are_planned_for_the_node_by_its_own_name() -> None:
    """The role hands this to ceph_pool; the inventory may call the host by its address."""
    fake = node("sda", "sdb", "sdc").osd(4, "/dev/sdc")
    for osds, count in (((), 1), ((osd(),), 2), ((osd("SDC"),), 1), ((osd(osds_per_device=2), osd("SDB")), 4)):
        assert plan_of(fake, *osds).tells == {"node": "pve1", "planned_osds": count}


def test_what_is_refused_is_planned_all_the_same() -> None:
    """Else the pools, too, would be refused for want of OSDs."""
    with pytest.raises(Refused) as refused:
        plan_result(plan_of(node().disk("sda", fstype="xfs"), osd()))
    assert refused.value.details["tells"] == {"node": "pve1", "planned_osds": 1}
    assert plan_result(plan_of(node("sda"), osd()))["planned_osds"] == 1


def test_a_kernel_name_warns() -> None:
    assert "may be another disk after a reboot" in plan_of(node("sda"), osd("/dev/sda")).warnings[0]
    assert not plan_of(node("sda"), osd()).warnings


def test_options_are_passed_on() -> None:
    plan = plan_of(node("sda", "sdb"), osd(db_device="SDB", device_class="nvme", encrypted=True))
    assert isinstance(plan.steps[0].action, Run)
    assert plan.steps[0].action.argv[4:] == ("--db_dev", "/dev/sdb", "--crush-device-class", "nvme", "--encrypted", "1")


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        ({"fstype": "ceph_bluestore"}, "/dev/sda"),
        ({"fstype": "LVM2_member", "children": [child(**LVM)]}, "/dev/ceph-a1/osd-block-b2"),
        (
            {
                "fstype": "LVM2_member",
                "children": [
                    child(
                        **{**LVM, "fstype": "crypto_LUKS"},
                        children=[child(name="c", path="/dev/mapper/c", type="crypt", fstype=None)],
                    )
                ],
            },
            "/dev/mapper/c",
        ),
    ],
    ids=["raw", "lvm", "encrypted"],
)
def test_a_disk_that_carries_an_osd_is_left_alone(fields: dict[str, Any], target: str) -> None:
    fake = node().disk("sda", **fields).osd(7, target)
    for wipe in ((), ("SDA",)):
        plan = plan_of(fake, osd(), wipe=wipe)
        assert not plan.steps
        assert not plan.refusals


def test_an_osd_that_does_not_run_is_started() -> None:
    def fresh() -> CephFake:
        fake = node().disk("sda", fstype="ceph_bluestore").osd(7, "/dev/sda")
        fake.running.clear()
        assert fake.answers is not None
        told = fake.answers["osd dump"]["osds"][0]
        told["up"] = 0

        def start(dummy: FakeNode) -> None:
            fake.running.add("ceph-osd@7.service")
            told["up"] = 1

        fake.effects = {("systemctl", "start", "ceph-osd@7.service"): start}
        return fake

    assert plan_of(fresh(), osd()).sentences == ["start osd.7", "wait until osd.7 is up"]
    assert assert_converges_from_every_kill(SUBJECT, params(osd()), fresh) == 3


def test_an_osd_that_is_out_is_for_the_administrator() -> None:
    fake = node().disk("sda", fstype="ceph_bluestore").osd(7, "/dev/sda")
    assert fake.answers is not None
    fake.answers["osd dump"]["osds"][0]["in"] = 0
    plan = plan_of(fake, osd())
    assert not plan.steps
    assert plan.warnings == ("osd.7 on pve1 is out: it holds no data.",)


@pytest.mark.parametrize(
    ("fields", "content", "command"),
    [
        ({"fstype": "ext4"}, "filesystem (ext4)", "wipefs --all /dev/sda"),
        ({"pttype": "gpt"}, "partitions (gpt)", "wipefs --all /dev/sda"),
        ({"pttype": "gpt", "children": [child(**PART)]}, "partitions (ext4, gpt)", "wipefs --all /dev/sda"),
        ({"fstype": "linux_raid_member"}, "RAID (linux_raid_member)", "wipefs --all /dev/sda"),
        ({"fstype": "ceph_bluestore"}, "ceph (ceph_bluestore)", "wipefs --all /dev/sda"),
        ({"fstype": "LVM2_member"}, "LVM (LVM2_member)", "ceph-volume lvm zap --destroy /dev/sda"),
    ],
)
def test_a_disk_with_content_needs_to_be_named(fields: dict[str, Any], content: str, command: str) -> None:
    fake = node().disk("sda", **fields)
    refusal = str(plan_of(fake, osd()).refusals[0])
    assert f"is not empty: {content}." in refusal
    assert "name this one in wipe ([SDA])" in refusal
    for name in ("SDA", "/dev/disk/by-id/id-SDA"):
        plan = plan_of(fake, osd(), wipe=(name,))
        assert not plan.refusals
        assert [step.destructive for step in plan.steps] == [True, False]
        assert isinstance(plan.steps[0].action, Run)
        assert " ".join(plan.steps[0].action.argv) == command


def test_all_refusals_come_at_once_and_teach() -> None:
    fake = node("sdb").disk("sda", fstype="xfs")
    plan = plan_of(fake, osd(), osd("/dev/sdz"), osd("SDB"), osd("/dev/sdb"), osd(None, serial="nobody"))
    reasons = sorted(str(refusal) for refusal in plan.refusals)
    assert len(reasons) == 4
    assert "/dev/sdb and SDB are the same disk" in reasons[1]
    assert "pve1 has no disk /dev/sdz. Its disks: /dev/disk/by-id/id-SDA (1000 GB, serial SDA), " in reasons[2]


@pytest.mark.parametrize(
    ("db_device", "words"),
    [("SDA", "its own db_device"), ("SDC", "is not empty: filesystem (ext4)"), ("/dev/sdz", "has no disk /dev/sdz")],
)
def test_refused_database_devices(db_device: str, words: str) -> None:
    fake = node("sda").disk("sdc", fstype="ext4")
    assert words in str(plan_of(fake, osd(db_device=db_device)).refusals[0])


def test_a_database_device_may_be_shared() -> None:
    fake = node("sda").disk("sdc", fstype="LVM2_member")
    assert not plan_of(fake, osd(db_device="SDC")).refusals


def test_a_name_of_several_disks_is_refused() -> None:
    fake = node().disk("sda", serial="S").disk("sdb", serial="S")
    assert "S names several disks of pve1: /dev/sda, /dev/sdb." in plan_of(fake, osd("S")).refusals[0].reason


def test_on_a_bare_system_the_plan_is_complete() -> None:
    assert len(plan_of(CephFake(version=None).disk("sda").disk("sdb"), osd(), osd("SDB")).steps) == 2


def test_monitors_that_do_not_answer_stop_everything() -> None:
    fake = node("sda")
    fake.answers = None
    assert "do not answer" in plan_of(fake, osd()).refusals[0].reason
    assert not plan_of(fake).refusals


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    def fresh() -> CephFake:
        fake = node("sda").disk("sdb", fstype="ext4")

        def make(number: int, name: str) -> None:
            device = next(device for device in fake.devices if device["name"] == name)
            device["fstype"] = "ceph_bluestore"
            fake.osd(number, f"/dev/{name}")

        def wipe(dummy: FakeNode) -> None:
            fake.devices[1]["fstype"] = None

        fake.effects = {
            ("pveceph", "osd", "create", "/dev/sda"): lambda _: make(0, "sda"),
            ("pveceph", "osd", "create", "/dev/sdb"): lambda _: make(1, "sdb"),
            ("wipefs",): wipe,
        }
        return fake

    assert assert_converges_from_every_kill(SUBJECT, params(osd(), osd("SDB"), wipe=("SDB",)), fresh) == 4


@pytest.mark.parametrize("osds", [[osd(None)], [osd("a", serial="b")], [osd(), osd()]])
def test_invalid(osds: list[dict[str, Any]]) -> None:
    with pytest.raises(Invalid):
        desired_from(params(*osds))
