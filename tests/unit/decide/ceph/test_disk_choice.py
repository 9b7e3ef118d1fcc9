"""ceph_osd: disks chosen by what they are, the same ones in every run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.osd import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run

from ....doubles.ceph_support import CephFake, add_osd
from ....doubles.support import printed
from .test_osd import child, node, osd, params, plan_of


def chosen(fake: CephFake, *osds: dict[str, Any], wipe: tuple[str, ...] = ()) -> list[str]:
    plan = plan_of(fake, *osds, wipe=wipe)
    assert not plan.refusals
    argvs = [step.action.argv for step in plan.steps if isinstance(step.action, Run)]
    return [argv[3] for argv in argvs if argv[:3] == ("pveceph", "osd", "create")]


def select(**changes: Any) -> dict[str, Any]:
    return osd(None, **changes)


def test_all_that_fit_and_are_empty() -> None:
    fake = node("sda", "sdb").disk("sdc", fstype="ext4").disk("sdd", rota=True).disk("sde", size=10**9)
    assert chosen(fake, select(rotational=False)) == ["/dev/sda", "/dev/sdb"]
    assert chosen(fake, select(rotational=True)) == ["/dev/sdd"]
    assert chosen(fake, select(size=">2T")) == []
    assert chosen(fake, select(rotational=False), wipe=("SDC",)) == ["/dev/sda", "/dev/sdb", "/dev/sdc"]


def test_a_count_takes_what_serves_already_first() -> None:
    fake = node("sda", "sdb", "sdc").osd(4, "/dev/sdc")
    assert chosen(fake, select(count=1)) == []
    assert chosen(fake, select(count=2)) == ["/dev/sda"]


def test_the_choice_does_not_depend_on_the_kernels_names() -> None:
    fake = node()
    for name, serial in (("sda", "Z"), ("sdb", "A")):
        fake.disk(name, serial=serial)
    assert plan_of(fake, select(count=1)).sentences == [
        "create an OSD on /dev/disk/by-id/id-SDA (1000 GB, serial Z)"
    ], "in the order of stable names"


def test_named_disks_and_database_disks_are_not_chosen_again() -> None:
    fake = node("sda", "sdb", "sdc")
    assert chosen(fake, select(rotational=False, db_device="SDC"), osd("SDB")) == ["/dev/sda", "/dev/sdb"]


def test_too_few_are_refused_with_what_the_others_hold() -> None:
    fake = node("sda").disk("sdb", fstype="ext4")
    refusal = str(plan_of(fake, select(rotational=False, count=2)).refusals[0])
    assert refusal == (
        "pve1 has 1 of 2 disks that are not rotational and empty."
        " Others that fit: /dev/disk/by-id/id-SDB (1000 GB, serial SDB): filesystem (ext4)."
    )


def test_a_disk_that_is_too_small_is_refused_by_name() -> None:
    assert "is too small for an OSD" in str(plan_of(node().disk("sda", size=10**9), osd()).refusals[0])


def test_all_options_reach_pveceph() -> None:
    fake = node("sda", "sdb", "sdc")
    plan = plan_of(fake, osd(db_device="SDB", db_size=60.0, wal_device="SDC", wal_size=2.5))
    assert isinstance(plan.steps[0].action, Run)
    assert " ".join(plan.steps[0].action.argv) == (
        "pveceph osd create /dev/sda --db_dev /dev/sdb --db_dev_size 60 --wal_dev /dev/sdc --wal_dev_size 2.5"
    )
    plan = plan_of(fake, osd(osds_per_device=2))
    assert plan.sentences == ["create 2 OSDs on /dev/disk/by-id/id-SDA (1000 GB, serial SDA)"]


def destroyed(host: str = "pve1") -> CephFake:
    fake = node("sda", "sdb")
    assert fake.answers is not None
    add_osd(fake.answers, 4, host)
    fake.answers["osd dump"]["osds"][0].update({"state": ["exists", "destroyed"], "up": 0})
    return fake


def test_a_disk_takes_the_place_of_a_destroyed_osd() -> None:
    plan = plan_of(destroyed(), osd(osd_id=4, device_class="ssd", encrypted=True))
    assert not plan.refusals
    assert isinstance(plan.steps[1].action, Run)
    assert " ".join(plan.steps[1].action.argv) == (
        "ceph-volume lvm create --osd-id 4 --data /dev/sda --crush-device-class ssd --dmcrypt"
    )


def test_a_larger_disk_gets_its_weight_first() -> None:
    fake = destroyed()
    assert fake.answers is not None
    leaf = fake.answers["osd tree"]["nodes"][-1]
    leaf["crush_weight"] = 0.45
    plan = plan_of(fake, osd(osd_id=4))
    assert plan.sentences[0] == "give osd.4 the weight of its new disk: 0.45 → 0.9095"
    leaf["crush_weight"] = 0.9
    assert len(plan_of(fake, osd(osd_id=4)).steps) == 2


def test_a_living_osd_is_never_replaced_here() -> None:
    fake = destroyed()
    assert fake.answers is not None
    fake.answers["osd dump"]["osds"][0]["state"] = ["exists"]
    assert "osd.4 is not destroyed: its disk may hold data." in str(plan_of(fake, osd(osd_id=4)).refusals[0])
    assert "osd.5 does not exist" in str(plan_of(fake, osd(osd_id=5)).refusals[0])
    assert "has its place on pve2, not on pve1" in str(plan_of(destroyed("pve2"), osd(osd_id=4)).refusals[0])
    fake = destroyed().osd(1, "/dev/sda")
    assert "already carries osd.1, so it cannot take the place of osd.4" in str(
        plan_of(fake, osd(osd_id=4)).refusals[0]
    )


def test_an_osd_of_a_system_installed_anew_is_adopted() -> None:
    identity = "12345678-1234-1234-1234-123456789abc"
    name = f"ceph--a1-osd--block--{identity.replace('-', '--')}"
    volume = {"name": name, "path": f"/dev/mapper/{name}", "type": "lvm", "size": 1, "rota": False}
    child = {**dict.fromkeys(("model", "serial", "wwn", "pttype", "mountpoint")), **volume, "fstype": "ceph_bluestore"}
    fake = node().disk("sda", fstype="LVM2_member", children=[child])
    assert fake.answers is not None
    add_osd(fake.answers, 3, "pve1")
    fake.answers["osd dump"]["osds"][0].update({"uuid": identity, "up": 0})
    assert plan_of(fake, osd()).sentences == [
        "adopt osd.3 on /dev/disk/by-id/id-SDA (1000 GB, serial SDA)",
        "start osd.3",
        "wait until osd.3 is up",
    ]


@pytest.mark.parametrize(("description", "adopted"), [("main", True), ("bluefs db", False)])
def test_a_raw_disk_is_known_by_its_label(description: str, adopted: bool) -> None:
    fake = node().disk("sda", fstype="ceph_bluestore")
    assert fake.answers is not None
    add_osd(fake.answers, 3, "pve1")
    label = {"/dev/sda": {"osd_uuid": "uuid-3", "description": description, "whoami": "3"}}
    fake.commands[("ceph-bluestore-tool", "show-label", "--dev", "/dev/sda")] = printed(json.dumps(label))
    plan = plan_of(fake, osd())
    assert bool(plan.refusals) is not adopted
    assert not adopted or plan.sentences[0] == "adopt osd.3 on /dev/disk/by-id/id-SDA (1000 GB, serial SDA)"


def test_an_osd_on_a_partition_is_adopted_from_there() -> None:
    part = child(name="sda1", path="/dev/sda1", type="part", fstype="ceph_bluestore")
    fake = node().disk("sda", pttype="gpt", children=[part])
    assert fake.answers is not None
    add_osd(fake.answers, 3, "pve1")
    label = {"/dev/sda1": {"osd_uuid": "uuid-3", "description": "main"}}
    fake.commands[("ceph-bluestore-tool", "show-label", "--dev", "/dev/sda1")] = printed(json.dumps(label))
    action = plan_of(fake, osd()).steps[0].action
    assert isinstance(action, Run)
    assert action.argv == ("ceph-volume", "raw", "activate", "--device", "/dev/sda1", "--no-systemd")


def test_what_a_replacement_that_was_cut_off_leaves_is_named() -> None:
    fake = destroyed()
    assert fake.answers is not None
    fake.answers["osd dump"]["osds"][0]["state"].append("noout")
    assert plan_of(fake).warnings == (
        "osd.4 on pve1 is destroyed and waits for another disk: `replace_osd.yml -e osd=4 -e new_disk=NAME` goes on.",
        "osd.4 on pve1 carries noout, as during maintenance. When nobody works on it:"
        " repeat what was cut off, or run `ceph osd unset-group noout osd.4`.",
    )
    assert not plan_of(destroyed("pve2")).warnings


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (select(), "not clear which disks are meant"),
        (osd(count=1), "not clear which disks are meant"),
        (select(size="3.5T"), "is not a condition"),
        (osd(osds_per_device=2, db_device="x"), "osds_per_device excludes"),
        (osd(db_size=10.0), "db_size needs a db_device"),
        (select(rotational=False, osd_id=4), "One disk takes the place of osd.4"),
    ],
)
def test_invalid(entry: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        desired_from(params(entry))
