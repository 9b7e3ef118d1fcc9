"""A disk that anything lives on is never wiped, and a name that means several disks permits nothing."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.osd import ceph_osds_on
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.disk import as_document
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node import disk as disks
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node import lvm

from ....doubles.ceph_support import CephFake, add_osd, report
from ....doubles.support import printed
from .test_osd import child, node, osd, plan_of

LABEL = ("ceph-bluestore-tool", "show-label", "--dev")
IDENTITY = "12345678-1234-1234-1234-123456789abc"
MAPPED = f"ceph--a1-osd--{{}}--{IDENTITY.replace('-', '--')}"


def built(name: str, kind: str, **fields: Any) -> dict[str, Any]:
    """A device that lies on a disk."""
    path = f"/dev/{'mapper/' if kind in ('lvm', 'crypt') else ''}{name}"
    return {**child(name=name, path=path, type=kind, fstype=None), **fields}


def lv(name: str, **fields: Any) -> dict[str, Any]:
    return {"fstype": "LVM2_member", "children": [built(name, "lvm", **fields)]}


def reasons(plan: Plan) -> list[str]:
    return [refusal.reason for refusal in plan.refusals]


def all_of(*names: str) -> tuple[str, ...]:
    return tuple(f"/dev/{name}" for name in names)


USES = [
    pytest.param({"fstype": "ext4", "mountpoint": "/srv"}, "mounted at /srv", id="mounted"),
    pytest.param({"fstype": "swap", "mountpoint": "[SWAP]"}, "swap", id="swap"),
    pytest.param(
        {"pttype": "gpt", "children": [built("sda1", "part", fstype="ext4", mountpoint="/")]},
        "mounted at /",
        id="partition",
    ),
    pytest.param({"fstype": "zfs_member"}, "ZFS (zfs_member)", id="ZFS"),
    pytest.param(
        {"fstype": "LVM2_member", "children": [built("sda1", "part", fstype="zfs_member")]}, "ZFS", id="ZFS beside LVM"
    ),
    pytest.param({"fstype": "mpath_member"}, "multipath (mpath_member)", id="multipath, not assembled"),
    pytest.param({"fstype": "mpath_member", "children": [built("mpatha", "mpath")]}, "mpatha (mpath)", id="multipath"),
    pytest.param({"fstype": "linux_raid_member", "children": [built("md0", "raid1")]}, "md0 (raid1)", id="RAID"),
    pytest.param({"fstype": "crypto_LUKS", "children": [built("luks-1", "crypt")]}, "luks-1 (crypt)", id="LUKS"),
    pytest.param({"fstype": "bcache", "children": [built("bcache0", "disk")]}, "bcache0 (disk)", id="bcache"),
    pytest.param({"children": [built("secret", "dm")]}, "secret (dm)", id="device mapper"),
    pytest.param(
        lv("guests-vm--101--disk--0"), "volumes of guests in the volume group guests (vm-101-disk-0)", id="guest"
    ),
    pytest.param(lv("old-root", open=True), "open volumes in the volume group old (root)", id="open volume"),
]


@pytest.mark.parametrize(("fields", "use"), USES)
@pytest.mark.parametrize("entry", [osd("/dev/sda"), osd(None, size=">1G", count=1)], ids=["named", "selected"])
def test_what_lives_on_a_disk_forbids_to_wipe_it(fields: dict[str, Any], use: str, entry: dict[str, Any]) -> None:
    fake = node().disk("sda", **fields)
    plan = plan_of(fake, entry, wipe=("SDA",))
    assert not plan.steps or plan.refusals
    if entry["device"]:
        assert "is in use: " in reasons(plan)[0] and use in reasons(plan)[0]
    else:
        assert reasons(plan) == ["pve1 has 0 of 1 disks that are size > 1 GB and empty."]


@pytest.mark.parametrize(
    "fields",
    [
        {"fstype": "linux_raid_member"},
        {"fstype": "crypto_LUKS"},
        {"fstype": "bcache"},
        {"fstype": "LVM2_member"},
        lv("old-data"),
    ],
)
def test_what_is_left_of_a_former_life_may_be_wiped(fields: dict[str, Any]) -> None:
    fake = node().disk("sda", **fields)
    assert "is not empty" in reasons(plan_of(fake, osd("/dev/sda")))[0]
    plan = plan_of(fake, osd("/dev/sda"), wipe=("SDA",))
    assert [step.id for step in plan.steps][0].startswith("disk.wipe:") and not plan.refusals


def test_half_a_volume_group_is_never_wiped() -> None:
    fake = node().disk("sda", **lv("data-stripe")).disk("sdb", **lv("data-stripe")).disk("sdc")
    for disk, other in (("sda", "/dev/sdb"), ("sdb", "/dev/sda")):
        [reason] = reasons(plan_of(fake, osd(f"/dev/{disk}"), wipe=("SDA", "SDB")))
        assert f"the volume group data, which has other disks, too ({other})" in reason
    assert not plan_of(fake, osd("/dev/sdc"), wipe=("SDA", "SDB")).refusals


def test_nor_one_with_a_disk_that_is_missing() -> None:
    fake = node().disk("sda", **lv("data-old"))
    rows = [{"pv_name": "/dev/sda", "vg_name": "data"}, {"pv_name": "[unknown]", "vg_name": "data"}]
    fake.commands[lvm.GROUPS] = report("pv", rows)
    assert "which has other disks, too ([unknown])" in reasons(plan_of(fake, osd("/dev/sda"), wipe=("SDA",)))[0]


@pytest.mark.parametrize(
    "storages",
    [
        "lvmthin: ssd\n\tvgname fast\n\tthinpool data\n\tcontent images\n",
        "LVMThin: ssd\n\tvgname fast\n\tthinpool data\n",
        "lvmthin: ssd\n\tvgname fast\n",
        "lvm: ssd\n\tvgname fast\n\nlvm: ssd\n\tvgname slow\n",
    ],
    ids=["as written by Proxmox VE", "capitals", "no storage to it", "hidden by another section"],
)
def test_a_volume_group_of_a_storage_is_never_wiped(storages: str) -> None:
    """Also while no guest runs, and before the first one has a volume."""
    fake = node().disk("sda", **lv("fast-data"))
    fake.files["/etc/pve/storage.cfg"] = storages
    [reason] = reasons(plan_of(fake, osd("/dev/sda"), wipe=("SDA",)))
    assert "the storage ssd of Proxmox VE, in the volume group fast" in reason


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (lvm.VOLUMES, Completed(5, "", "locked")),
        (lvm.VOLUMES, printed("no JSON")),
        (lvm.GROUPS, Completed(5, "", "locked")),
        (lvm.GROUPS, Completed(127, "", "")),
    ],
)
def test_lvm_that_does_not_answer_is_not_lvm_without_volumes(command: tuple[str, ...], answer: Completed) -> None:
    fake = node("sdb").disk("sda", **lv("old-data"))
    fake.commands[command] = answer
    [reason] = reasons(plan_of(fake, osd("/dev/sda"), osd("/dev/sdb"), wipe=("SDA",)))
    assert "LVM, which does not say what lies on it" in reason


@pytest.mark.parametrize(
    ("role", "words"), [("block", ""), ("db", "the database of osd.3"), ("wal", "the journal of osd.3")]
)
def test_a_part_of_any_osd_keeps_its_disk(role: str, words: str) -> None:
    fake = node().disk("sda", **lv(MAPPED.format(role)))
    assert fake.answers is not None
    add_osd(fake.answers, 3, "pve1")
    fake.answers["osd dump"]["osds"][0]["uuid"] = IDENTITY
    plan = plan_of(fake, osd("/dev/sda"), wipe=("SDA",))
    assert not any(step.destructive for step in plan.steps) or plan.refusals
    assert not words or words in reasons(plan)[0]
    fake.answers["osd dump"]["osds"][0]["uuid"] = "another"
    plan = plan_of(fake, osd("/dev/sda"), wipe=("SDA",))
    assert plan.steps[0].destructive and not plan.refusals, "of an OSD that is no more"


@pytest.mark.parametrize(("role", "words"), [("block.db", "the database"), ("block.wal", "the journal")])
def test_the_database_of_an_active_osd_keeps_its_disk(role: str, words: str) -> None:
    fake = node().disk("sda", fstype="ceph_bluestore").disk("sdb", fstype="ceph_bluestore").osd(3, "/dev/sda")
    fake.links[f"/var/lib/ceph/osd/ceph-3/{role}"] = "/dev/sdb"
    assert f"{words} of osd.3" in reasons(plan_of(fake, osd("/dev/sdb"), wipe=("SDB",)))[0]


def test_a_label_that_cannot_be_read() -> None:
    fake = node("sdb").disk("sda", fstype="ceph_bluestore")
    fake.commands[(*LABEL, "/dev/sda")] = Completed(1, "", "unable to read label")
    [reason] = reasons(plan_of(fake, osd("/dev/sda"), osd("/dev/sdb"), wipe=("SDA",)))
    assert "an OSD of which ceph-bluestore-tool cannot read the label" in reason


NAMESPACES = {"nvme0n1": {"fstype": "LVM2_member"}, "nvme0n2": {"fstype": "ext4"}}
BRIDGED = {"sda": {"fstype": "ext4"}, "sdb": {"fstype": "xfs"}, "sdc": {}}


@pytest.mark.parametrize("disks_of_one_serial", [NAMESPACES, BRIDGED], ids=["NVMe namespaces", "USB bridge"])
def test_a_serial_number_of_several_disks_permits_nothing(disks_of_one_serial: dict[str, dict[str, Any]]) -> None:
    fake = node()
    for name, fields in disks_of_one_serial.items():
        fake.disk(name, serial="S1", model="M", **fields)
    plan = plan_of(fake, osd(None, size=">1G"), wipe=("S1",))
    assert not any(step.destructive for step in plan.steps)
    paths = ", ".join(all_of(*disks_of_one_serial))
    assert f"S1, which wipe names, is a name of several disks of pve1: {paths}." in reasons(plan)
    last = list(disks_of_one_serial)[1]
    by_path = plan_of(fake, osd(f"/dev/{last}"), wipe=("S1",))
    assert len(by_path.refusals) == 2
    assert f"name this one in wipe ([/dev/disk/by-id/id-{last.upper()}])" in by_path.refusals[1].hint
    by_path = plan_of(fake, osd(f"/dev/{last}"), wipe=(f"/dev/{last}",))
    assert [step.destructive for step in by_path.steps] == [True, False] and not by_path.refusals


def test_a_name_of_several_osds_in_wipe_harms_nobody() -> None:
    """It stays in the inventory after the disks have become OSDs."""
    fake = node()
    for number, name in enumerate(("nvme0n1", "nvme0n2")):
        fake.disk(name, serial="S1", fstype="ceph_bluestore").osd(number, f"/dev/{name}")
    assert not plan_of(fake, osd("/dev/nvme0n1"), wipe=("S1",)).refusals


def test_one_disk_on_two_paths_becomes_one_osd() -> None:
    fake = node()
    for name, number in (("sda", 1), ("sdb", 1), ("sdc", 2)):
        fake.disk(name, serial=f"Z{number}", wwn=f"0x500{number}")
    plan = plan_of(fake, osd(None, size=">1G"))
    assert [str(one) for one in plan.refusals] == [
        "/dev/sdb and /dev/sda have the world wide name 0x5001: they seem to be one disk that is seen on two paths."
        " Set multipath up first, or name one of them in osds by its path and choose no other one."
    ]
    assert not plan_of(fake, osd("/dev/sda"), osd("/dev/sdc")).refusals
    assert plan_of(fake, osd("/dev/sda"), osd("/dev/sdb")).refusals


def test_nor_is_the_other_path_a_place_for_its_database() -> None:
    fake = node().disk("sda", wwn="0x5000").disk("sdb", wwn="0x5000", serial="SDA")
    [reason] = reasons(plan_of(fake, osd("/dev/sda", db_device="/dev/sdb")))
    assert "cannot be an OSD and its own db_device" in reason


BESIDE = osd("/dev/sda", db_device="/dev/sdb")


@pytest.mark.parametrize(
    ("fields", "use"),
    [
        ({"fstype": "ext4"}, "filesystem (ext4)"),
        (lv("guests-vm--101--disk--0"), "volumes of guests in the volume group guests (vm-101-disk-0)"),
        (lv("fast-data"), "the storage ssd of Proxmox VE, in the volume group fast"),
    ],
)
def test_the_database_of_an_osd_moves_in_with_nobody(fields: dict[str, Any], use: str) -> None:
    fake = node("sda").disk("sdb", **fields)
    fake.files["/etc/pve/storage.cfg"] = "lvmthin: ssd\n\tvgname fast\n\tthinpool data\n"
    assert reasons(plan_of(fake, BESIDE))[0].endswith(f"the db_device of /dev/sda, is not empty: {use}.")


@pytest.mark.parametrize(
    ("role", "host", "claim"),
    [
        ("block", "pve1", "the data of osd.3"),
        ("block", "pve2", "the data of osd.3, which runs on pve2"),
        ("db", "pve2", "the database of osd.3, which runs on pve2"),
        ("wal", "pve2", "the journal of osd.3, which runs on pve2"),
        ("db", "pve1", None),
        ("wal", "pve1", None),
    ],
)
def test_nor_with_data_nor_with_the_osds_of_another_node(role: str, host: str, claim: Optional[str]) -> None:
    """Two nodes reach the disks of one chassis, and a disk by two cables; their volumes may be on either path."""
    fake = node("sda").disk("sdb", wwn="0x5001", serial="Z")
    fake.disk("sdc", wwn="0x5001", serial="Z", **lv(MAPPED.format(role)))
    assert fake.answers is not None
    add_osd(fake.answers, 3, host)
    fake.answers["osd dump"]["osds"][0]["uuid"] = IDENTITY
    for path in ("/dev/sdb", "/dev/sdc"):
        found = reasons(plan_of(fake, osd("/dev/sda", db_device=path)))
        assert found == ([] if claim is None else [_refused_place(path, claim)])


def _refused_place(path: str, claim: str) -> str:
    name = f"/dev/disk/by-id/id-{path[-3:].upper()} (1000 GB, serial Z)"
    return f"{name}, the db_device of /dev/sda, is not empty: {claim}."


def test_a_label_that_cannot_be_read_may_be_of_data() -> None:
    fake = node("sda").disk("sdb", fstype="ceph_bluestore")
    fake.commands[(*LABEL, "/dev/sdb")] = Completed(1, "", "unable to read label")
    assert "cannot read the label" in reasons(plan_of(fake, BESIDE))[0]


@pytest.mark.parametrize("database", ["/dev/sdb", "/dev/sdc"], ids=["the disk itself", "its other path"])
@pytest.mark.parametrize("other", [osd("/dev/sdb"), osd(None, size=">1.5T")], ids=["named", "selected"])
def test_a_disk_is_no_osd_and_a_place_for_anothers_database(database: str, other: dict[str, Any]) -> None:
    fake = node().disk("sda", wwn="0x5000")
    for name in ("sdb", "sdc"):
        fake.disk(name, wwn="0x5001", serial="Z", size=2 * 10**12)
    found = reasons(plan_of(fake, osd("/dev/sda", db_device=database), other))
    assert [reason for reason in found if reason.endswith("is to be an OSD, and the db_device of /dev/sda.")]


def test_databases_that_share_a_disk_share_no_osd() -> None:
    fake = node("sda", "sdb", "sdc")
    assert not plan_of(fake, osd("SDA", db_device="SDC"), osd("SDB", db_device="SDC")).refusals


@pytest.mark.parametrize("mount", [{"mountpoint": "/srv"}, {}], ids=["mounted", "an OSD"])
def test_what_lives_on_the_other_path_lives_on_the_disk(mount: dict[str, Any]) -> None:
    fake = node().disk("sda", wwn="0x5001", serial="Z", fstype="ceph_bluestore", **mount)
    fake.disk("sdb", wwn="0x5001", serial="Z", fstype="ceph_bluestore")
    fake.commands[(*LABEL, "/dev/sdb")] = printed("{}")
    if not mount:
        fake.osd(3, "/dev/sda")
    [reason] = reasons(plan_of(fake, osd("/dev/sdb"), wipe=("/dev/sdb",)))
    assert ("mounted at /srv" if mount else "the data of osd.3") in reason


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"wwn": "w", "serial": "s"}, {"wwn": "w", "serial": "s"}, True),
        ({"wwn": "w", "serial": "s"}, {"wwn": "w", "serial": "t"}, False),
        ({"wwn": "v", "serial": "s"}, {"wwn": "w", "serial": "s"}, False),
        ({"serial": "s", "model": "m"}, {"serial": "s", "model": "m"}, True),
        ({"serial": "s", "model": "m"}, {"serial": "s", "model": "m", "size": 10**13}, False),
        ({"serial": None}, {"serial": None}, False),
    ],
    ids=["dual-ported", "a maker that numbers none", "two LUNs", "no name", "another size", "no names at all"],
)
def test_which_disks_are_one(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    fake = node().disk("sda", **one).disk("sdb", **other)
    assert bool(plan_of(fake, osd(None, size=">1G")).refusals) is same


def unreadable(fake: CephFake, *names: str) -> CephFake:
    """wipefs ends at the first disk that it cannot open, and then tells of none."""
    broken = Completed(1, "", "wipefs: error: probing initialization failed")
    fake.commands[(*disks.WIPEFS, *all_of(*(one["name"] for one in fake.devices)))] = broken
    for one in fake.devices:
        found = f'{{"signatures": [{{"device": "{one["name"]}", "type": "xfs"}}]}}'
        fake.commands[(*disks.WIPEFS, one["path"])] = broken if one["name"] in names else printed(found)
    return fake


def test_a_disk_that_cannot_be_read_hides_nothing_of_the_others() -> None:
    fake = unreadable(node("sda", "sdb", "sdc"), "sdb")
    assert "is not empty: filesystem (xfs)" in reasons(plan_of(fake, osd("/dev/sda")))[0]
    for wipe in ((), ("SDB",)):
        [reason] = reasons(plan_of(fake, osd("/dev/sdb"), wipe=wipe))
        assert "is in use: it cannot be read, so nobody knows what lives on it" in reason
    assert not plan_of(fake, osd(None, size=">1G")).steps, "neither is chosen"


@pytest.mark.parametrize(
    "fields",
    [{"name": "fd0", "size": 4096}, {"name": "sdx", "size": 0}, {"name": "mmcblk0boot0"}, {"name": "ram0"}],
    ids=lambda fields: str(fields["name"]),
)
def test_what_is_no_disk(fields: dict[str, Any]) -> None:
    fake = node().disk(**fields)
    assert f"pve1 has no disk /dev/{fields['name']}" in reasons(plan_of(fake, osd(f"/dev/{fields['name']}")))[0]


def test_an_osd_is_known_by_its_identity_and_not_by_its_directory() -> None:
    """The directory keeps the number of an OSD that is gone; the cluster has given it to a disk of another node."""
    fake = node().disk("sda", fstype="ceph_bluestore")
    fake.active_osd(4, "/dev/sda")
    fake.commands[(*LABEL, "/dev/sda")] = printed("{}")
    assert fake.answers is not None
    add_osd(fake.answers, 4, "pve2")
    fake.answers["osd dump"]["osds"][0]["uuid"] = "another"
    assert "is not empty: ceph" in reasons(plan_of(fake, osd("/dev/sda")))[0]
    add_osd(fake.answers, 7, "pve1")
    fake.answers["osd dump"]["osds"][1]["uuid"] = "uuid-4"
    assert [step.id for step in plan_of(fake, osd("/dev/sda")).steps] == ["osd.adopt:7", "osd.start:7"]


def test_a_removal_that_was_cut_off() -> None:
    fake = node().disk("sda", fstype="ceph_bluestore")
    fake.active_osd(4, "/dev/sda")
    assert str(plan_of(fake, osd("/dev/sda"), wipe=("SDA",)).refusals[0]) == (
        "/dev/disk/by-id/id-SDA (1000 GB, serial SDA) carries osd.4, which Ceph does not have any more: its removal was"
        " cut off. `remove_osd.yml -e osd=4` finishes it."
    )


def test_all_that_is_unused_is_neither_a_floppy_drive_nor_an_empty_slot() -> None:
    """Of a drive without a medium, a slot of a management board and a disk, wipefs is asked for the disk alone."""
    fake = node().disk("sda").disk("fd0", size=4096, serial=None).disk("sdb", size=0, serial=None)
    for written, unused in (('{"signatures": [{"device": "sda", "type": "ext4"}]}', []), ("", ["id-SDA"])):
        fake.commands[(*disks.WIPEFS, "/dev/sda")] = printed(written)
        chosen = ceph_osds_on(as_document(disk) for disk in disks.observe_disks(fake) if disk.used is None)
        plan = plan_of(fake, *(osd(one["device"]) for one in chosen))
        assert [step.id for step in plan.steps] == [f"osd.create:/dev/disk/by-id/{name}" for name in unused]
        assert not plan.refusals
