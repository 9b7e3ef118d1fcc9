"""storage_access: what a node's table of mounts and pvesm tell, and what is waited for."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.digest import digest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.access import Mount
from ansible_collections.baremetal.virt.plugins.module_utils.observe.storage.access import (
    GROUPS,
    observe,
    parse_figures,
    parse_mounts,
    parse_status,
)
from ansible_collections.baremetal.virt.plugins.modules.storage_access import SUBJECT

from ....doubles.equal_models import assert_equal_models_mean_equal_plans
from ....doubles.support import FakeNode, printed, transcript

SHARE = {"id": "share", "type": "nfs", "server": "10.10.2.11", "export": "/srv/share"}
CEPHFS = {"id": "cephfs", "type": "cephfs"}
VMS = {"id": "vms", "type": "rbd", "pool": "vms"}
CONFIG = (
    "nfs: share\n\tpath /mnt/pve/share\n\tserver 10.10.2.11\n\texport /srv/share\n\n"
    "cephfs: cephfs\n\tpath /mnt/pve/cephfs\n\n"
    "rbd: vms\n\tpool vms\n\n"
)
NFS_MOUNT = "40 29 0:50 / /mnt/pve/share rw,relatime shared:1 - nfs4 10.10.2.11:/srv/share rw,vers=4.2\n"
CEPH_MOUNT = "41 29 0:51 / /mnt/pve/cephfs rw,relatime shared:2 - ceph 10.10.2.11,10.10.2.12:/ rw,name=admin\n"
FUSE_MOUNT = "41 29 0:51 / /mnt/pve/cephfs rw,nosuid shared:2 master:1 - fuse.ceph-fuse ceph-fuse rw,user_id=0\n"
#: What pvestatd of two nodes handed on: tank was active on pve2 a minute ago, the others are.
FIGURES = (
    "pve-node-9.0/pve2:1532:0:1795284100:2:0:3\n"
    "pve-storage-9.0/pve2/local:1795284100:100:10\n"
    "pve-storage-9.0/pve2/vms:1795284100:100:10\n"
    "pve-storage-9.0/pve2/share:1795284100:100:10\n"
    "pve-storage-9.0/pve2/cephfs:1795284100:100:10\n"
    "pve-storage-9.0/pve2/tank:1795284040:100:10\n"
    "pve-storage-9.0/pve1/vms:1795284107:100:10\n"
    "pve-storage-9.0/pve1/tank:1795284107:100:10\n\0"
)
TANK = {"id": "tank", "type": "zfspool", "pool": "tank"}
STATUS = ("pvesm", "status")
SCAN = ("pvesm", "scan", "nfs", "10.10.2.11")


def node(mounts: str = "", config: str = CONFIG, figures: str = FIGURES, **commands: Completed) -> FakeNode:
    files = {
        "/etc/pve/.rrd": figures,
        "/proc/sys/kernel/hostname": "pve2.example.org\n",
        "/proc/self/mountinfo": mounts,
        "/etc/pve/storage.cfg": config,
    }
    known = {"status": STATUS, "scan": SCAN}
    return FakeNode(files=files, commands={known[name]: answer for name, answer in commands.items()})


def params(*storages: dict[str, Any], **options: Any) -> dict[str, Any]:
    result = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate({"storages": list(storages), **options})
    assert not result.error_messages, result.error_messages
    return result.validated_parameters


def plan_of(here: FakeNode, *storages: dict[str, Any], **options: Any) -> Plan:
    return make_plan(SUBJECT, params(*storages, **options), here)


def waits(storage: str) -> list[str]:
    return [f"storage.wait:{storage}"]


def ids(plan: Plan) -> list[str]:
    return [step.id for step in plan.steps]


@pytest.mark.parametrize("ceph", [CEPH_MOUNT, FUSE_MOUNT])
def test_what_is_mounted_is_active_and_pvesm_is_not_asked(ceph: str) -> None:
    here = node(NFS_MOUNT + ceph)  # pvesm would answer "not found", and all would be inactive
    assert ids(plan_of(here, SHARE, CEPHFS, VMS)) == []


def test_equal_models_mean_equal_plans() -> None:
    """Also where pvesm was asked because of a storage that is not declared, and sees a declared one otherwise."""
    for share, figures in itertools.product(("active", "inactive"), (FIGURES, FIGURES.replace("pve2/vms", "pve2/old"))):
        status = printed(f"Name Type Status\nshare nfs {share}\ncephfs cephfs active\nvms rbd active\n")
        here = node(NFS_MOUNT + CEPH_MOUNT, figures=figures, status=status)
        assert_equal_models_mean_equal_plans(SUBJECT, params(SHARE, CEPHFS), here)


def test_storages_that_are_filled_are_no_other_model() -> None:
    before, after = (node(NFS_MOUNT + CEPH_MOUNT, figures=FIGURES.replace(":10", used)) for used in (":10", ":77"))
    assert digest(observe(before), {}) == digest(observe(after), {})
    assert digest(observe(before), {}) != digest(observe(node(NFS_MOUNT, figures=FIGURES)), {})


#: (table of mounts, why that is not the storage)
NOT_MOUNTED = {
    "nothing": "",
    "another server": NFS_MOUNT.replace("10.10.2.11:", "10.10.2.12:"),
    "another export": NFS_MOUNT.replace(":/srv/share ", ":/srv/other "),
    "another place": NFS_MOUNT.replace("/mnt/pve/share", "/mnt/share"),
    "a local file system": NFS_MOUNT.replace("nfs4", "ext4"),
    "something on top": NFS_MOUNT + "60 40 0:70 / /mnt/pve/share rw - tmpfs tmpfs rw\n",
}


@pytest.mark.parametrize("name", NOT_MOUNTED)
def test_what_is_not_mounted_is_waited_for(name: str) -> None:
    assert ids(plan_of(node(NOT_MOUNTED[name]), SHARE)) == waits("share")


def test_pvesm_is_believed_where_the_kernel_mounts_nothing() -> None:
    status = printed("Name Type Status Total Used Available %\nshare nfs active 10 1 9 10.00%\n")
    assert ids(plan_of(node(status=status), SHARE)) == []


@pytest.mark.parametrize(
    ("state", "expected"), [("active", []), ("inactive", waits("vms")), ("disabled", waits("vms"))]
)
def test_after_a_change_pvesm_is_asked_for_what_no_file_tells(state: str, expected: list[str]) -> None:
    here = node(status=printed(f"Name Type Status Total Used Available %\nvms rbd {state} 0 0 0 N/A\n"))
    assert ids(plan_of(here, VMS)) == []  # by what pvestatd saw before
    assert ids(plan_of(here, VMS, ask_pvesm=True)) == expected


@pytest.mark.parametrize("figures", [FIGURES, "", FIGURES.replace("/pve2/tank", "/pve2/other")])
def test_what_pvestatd_has_not_seen_lately_is_not_taken_for_active(figures: str) -> None:
    config = "zfspool: tank\n\tpool tank\n"
    assert ids(plan_of(node(config=config, figures=figures), TANK)) == waits("tank")
    status = printed("Name Type Status Total Used Available %\ntank zfspool active 1 1 1 1%\n")
    assert ids(plan_of(node(config=config, figures=figures, status=status), TANK)) == []


def test_a_mount_whose_server_pvestatd_does_not_reach_is_not_enough() -> None:
    here = node(NFS_MOUNT + CEPH_MOUNT, figures=FIGURES.replace("pve2/share", "pve2/other"))
    assert ids(plan_of(here, SHARE)) == waits("share")


def test_figures_of_every_release() -> None:
    assert parse_figures(FIGURES, "pve2") == {"local", "vms", "share", "cephfs"}
    assert parse_figures(FIGURES.replace("pve-storage-9.0/", "pve2-storage/"), "pve1") == {"vms", "tank"}
    assert parse_figures("", "pve1") == frozenset()


@pytest.mark.parametrize(
    ("option", "line"), [({"nodes": ["pve1", "pve3"]}, "\tnodes pve1,pve3\n"), ({"disable": True}, "\tdisable\n")]
)
def test_disabled_storages_and_those_of_other_nodes_are_passed_over(option: dict[str, Any], line: str) -> None:
    assert ids(plan_of(node(), {**SHARE, **option})) == []
    assert ids(plan_of(node(config=f"nfs: share\n\tserver 10.10.2.11\n\texport /srv/share\n{line}"), SHARE)) == []


def test_a_storage_that_is_not_defined_yet_is_waited_for() -> None:
    assert ids(plan_of(node(config=""), SHARE, {**VMS, "state": "absent"})) == waits("share")


OFFER = ["export.wait:10.10.2.11:/srv/share"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (printed("/srv/share 10.10.2.0/24\n"), []),
        (printed("/srv/a     *\n/srv/share 10.10.2.0/24,fd00::/64\n"), []),
        (printed("/srv/share (everyone)\n"), []),
        (printed("/srv/shared 10.10.2.0/24\n"), OFFER),
        (printed(""), OFFER),
        (Completed(255, "", "nfs-scan failed"), OFFER),
        (Completed(127, "", "pvesm: not found"), OFFER),
    ],
)
def test_an_export_must_be_offered_before_it_becomes_a_storage(answer: Completed, expected: list[str]) -> None:
    assert ids(plan_of(node(config="", scan=answer), SHARE, expect="offered")) == expected


LVM = {"id": "disks", "type": "lvm", "vgname": "fast"}
THIN = {"id": "thin", "type": "lvmthin", "vgname": "slow", "thinpool": "data"}
LUN = {"id": "lun", "type": "iscsi", "portal": "192.0.2.6", "target": "iqn.x"}
#: As `vgs` prints it: a volume group with a pool and a volume in it, and an empty one.
SEEN = "  slow data twi-aotz--\n  slow root Vwi-a-tz--\n  fast\n"


def offered(seen: Completed, *storages: dict[str, Any], config: str = "") -> list[str]:
    here = node(config=config)
    here.commands[GROUPS] = seen
    plan = plan_of(here, *storages, expect="offered")
    assert not plan.steps
    return [refusal.reason for refusal in plan.refusals]


def test_volume_groups_and_thin_pools_must_be_there_before_they_become_storages() -> None:
    assert offered(printed(SEEN), LVM, THIN) == []
    assert offered(printed("  slow root -wi-a-----\n"), LVM, THIN) == [
        "This node has no volume group fast, which the storage disks needs (it has slow).",
        "The volume group slow of this node has no thin pool data for the storage thin (it has none).",
    ]
    assert len(offered(printed(""), LVM, THIN)) == 2


def test_a_volume_group_is_not_missed_where_it_need_not_be() -> None:
    nothing = printed("")
    assert offered(nothing, {**LVM, "nodes": ["pve1"]}) == []
    assert offered(nothing, {**LVM, "base": "lun:0.0.0.scsi-1"}) == []
    assert offered(nothing, {**LVM, "state": "absent"}) == []
    assert offered(nothing, LUN, LVM) == []  # it may be on the target's disks, which this node does not see yet
    assert offered(nothing, LVM, config="lvm: disks\n\tvgname fast\n") == []
    assert offered(Completed(127, "", "vgs: not found"), LVM) == []  # nothing is installed yet


def test_lvm_is_made_to_look_again_before_it_is_waited_for() -> None:
    plan = plan_of(node(config="lvm: disks\n\tvgname fast\n", figures=""), LVM)
    assert ids(plan) == ["lvm.scan", *waits("disks")]


def test_the_server_of_a_defined_storage_is_not_asked() -> None:
    assert ids(plan_of(node(), SHARE, VMS, expect="offered")) == []


@pytest.mark.parametrize(("storage", "row"), [("vms", "vms rbd active 1"), ("a.b", "a.b            nfs     active  1")])
def test_waiting_ends_with_the_row_of_this_storage(storage: str, row: str) -> None:
    (step,) = plan_of(node(config=""), {**VMS, "id": storage}).steps
    assert isinstance(step.action, Wait) and step.id == f"storage.wait:{storage}"
    (active,) = step.action.until
    assert active.judge([0, f"Name Type\n{row}\n", ""])
    for other in (row.replace("active", "inactive"), f"x{row}", row.replace(storage, "axb")):
        assert not active.judge([0, f"Name Type\n{other}\n", ""])


def test_waiting_ends_with_the_export() -> None:
    (step,) = plan_of(node(config="", scan=printed("/srv/shared *\n")), SHARE, expect="offered").steps
    assert isinstance(step.action, Wait) and step.id == "export.wait:10.10.2.11:/srv/share"
    (offered,) = step.action.until
    assert offered.holds(node(scan=printed("/srv/a *\n/srv/share 10.10.2.0/24\n")))
    assert not offered.holds(node(scan=printed("/srv/shared *\n")))


def test_one_reading_without_wishes_answers_everything_a_converged_run_asks() -> None:
    asked = observe(node(NFS_MOUNT + CEPH_MOUNT))
    assert asked.active == {"share", "cephfs", "vms", "local"}


def test_the_status_of_a_real_node() -> None:
    assert parse_status(transcript("190-pvesm-status").stdout) == {"cephfs", "d1", "local", "vmpool"}
    assert parse_status(transcript("191-pvesm-status-storage-missing").stdout) == frozenset()


def test_mounts_with_special_characters() -> None:
    assert parse_mounts("1 2 0:3 / /mnt/a\\040b rw - nfs4 [fd00::1]:/srv/a\\040b rw\nodd line\n") == {
        "/mnt/a b": Mount("nfs4", "[fd00::1]:/srv/a b")
    }


def test_ipv6_servers_are_mounted_in_brackets() -> None:
    config = "nfs: six\n\tpath /mnt/pve/six\n\tserver fd00::1\n\texport /srv/x\n"
    mounts = "40 29 0:50 / /mnt/pve/six rw - nfs4 [fd00::1]:/srv/x rw\n"
    figures = FIGURES.replace("/share:", "/six:")
    storage = {"id": "six", "type": "nfs", "server": "fd00::1", "export": "/srv/x"}
    assert ids(plan_of(node(mounts, config, figures), storage)) == []
