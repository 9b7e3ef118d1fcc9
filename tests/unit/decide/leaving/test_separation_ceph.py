"""node_separation and Ceph: disk and map decide what belongs to the cluster, never the name of a directory."""

from __future__ import annotations

import json
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.leaving.report import report
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving.membership import observe
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving.stored_ceph import RAW
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node.lvm import VOLUMES
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT as MEMBERSHIP

from ....doubles.ceph_support import report as lvm_report
from ....doubles.leaving_ceph import LeavingCeph
from ....doubles.leaving_node import Leaving
from ....doubles.leaving_node import params as membership
from ....doubles.support import printed
from .test_separation import Separating, plan

OURS, OTHER = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
#: The cluster's osd.1 is on another node now; its number was this node's once.
KNOWN: dict[str, Any] = {"answers": True, "osds": {OTHER: 1}, "daemons": ["mon.pve1", "mgr.pve1"]}
OSD = "/var/lib/ceph/osd/ceph-1"


def volume(uuid: str, kind: str = "block") -> Completed:
    tags = f"ceph.osd_fsid={uuid},ceph.osd_id=1,ceph.type={kind}"
    rows = [("ceph-a", "osd-block-b", tags), ("pve", "root", "")]
    keys = ("vg_name", "lv_name", "lv_tags")
    shown = [{**dict(zip(keys, row)), "lv_path": f"/dev/{row[0]}/{row[1]}"} for row in rows]
    return lvm_report("lv", [{**row, "lv_device_open": "", "devices": "/dev/sda(0)"} for row in shown])


def node(volumes: Optional[Completed] = None) -> Separating:
    found = Separating()
    found.commands[VOLUMES] = volumes or printed('{"report": [{"lv": []}]}')
    return found


def reasons(made: Plan) -> list[str]:
    return [str(refusal) for refusal in made.refusals]


def test_the_empty_mount_points_that_destroy_leaves_are_in_nobodys_way() -> None:
    """Also when the cluster has given the number to a disk of another node."""
    retired = node()
    for number in (1, 4):
        retired.directories[f"/var/lib/ceph/osd/ceph-{number}"] = ("ceph", "ceph", 0o755)
    made = plan(retired, ceph=KNOWN)
    assert (made.refusals, made.warnings) == ((), ())


def test_an_osd_that_the_cluster_still_has_is_in_the_way() -> None:
    [reason] = reasons(plan(node(volume(OTHER)), ceph=KNOWN))
    assert "osd.1 on /dev/ceph-a/osd-block-b" in reason


@pytest.mark.parametrize("kind", ["block", "db", "wal"])
def test_one_that_it_has_removed_is_told_of_and_kept(kind: str) -> None:
    made = plan(node(volume(OURS, kind)), ceph=KNOWN)
    assert made.refusals == ()
    [warning] = made.warnings
    assert "/dev/ceph-a/osd-block-b still holds an OSD that lab does not have any more" in warning
    assert not any("ceph-a" in step.why for step in made.steps), "nothing is taken from it"


@pytest.mark.parametrize(("uuid", "refused"), [(OTHER, True), (OURS, False)])
def test_one_that_runs_is_known_by_the_file_in_its_directory(uuid: str, refused: bool) -> None:
    """A dead node that was switched on again starts its OSDs; they cannot log in."""
    running = node()
    running.files[f"{OSD}/fsid"] = f"{uuid}\n"
    made = plan(running, ceph=KNOWN)
    assert (bool(made.refusals), bool(made.warnings)) == (refused, not refused)


def test_one_on_a_raw_disk_is_known_by_its_label() -> None:
    raw = node()
    label = {"/dev/vdb": {"description": "main", "osd_uuid": OTHER}}
    with_disk(raw, Completed(0, json.dumps(label), ""))
    [reason] = reasons(plan(raw, ceph=KNOWN))
    assert "osd.1 on /dev/vdb" in reason


def test_one_that_nobody_can_identify_is_not_none() -> None:
    raw = node()
    with_disk(raw, Completed(127, "", "not found"))
    [reason] = reasons(plan(raw, ceph=KNOWN))
    assert "Which OSD is on /dev/vdb cannot be read" in reason
    assert plan(raw, ceph={**KNOWN, "osds": {}}).refusals == (), "a cluster without OSDs has none here"


def with_disk(found: Separating, label: Completed) -> None:
    """The volume beside it is known by its tags."""
    found.commands[RAW] = printed("/dev/vdb\n/dev/mapper/ceph--a-osd--block--b\n")
    found.commands["ceph-bluestore-tool", "show-label", "--dev", "/dev/vdb"] = label


@pytest.mark.parametrize("volumes", [Completed(5, "", "cannot open"), printed("no JSON")])
def test_volumes_that_cannot_be_listed_are_not_none(volumes: Completed) -> None:
    [reason] = reasons(plan(node(volumes), ceph=KNOWN))
    assert "cannot be read" in reason


def test_a_node_without_lvm_has_no_volumes() -> None:
    assert plan(node(Completed(127, "", "lvs: not found")), ceph=KNOWN).refusals == ()


@pytest.mark.parametrize(
    ("daemon", "refused"), [("mon/ceph-pve3", False), ("mgr/ceph-pve1", True), ("mon/ceph-pve1", True)]
)
def test_monitors_and_managers_are_the_clusters_if_it_knows_them(daemon: str, refused: bool) -> None:
    found = node()
    found.files[f"/var/lib/ceph/{daemon}/keyring"] = ""
    assert bool(plan(found, ceph=KNOWN).refusals) == refused


@pytest.mark.parametrize("known", [None, {"answers": False, "osds": {}, "daemons": []}])
def test_while_the_monitors_do_not_answer_nothing_of_ceph_is_let_go(known: Optional[dict[str, Any]]) -> None:
    [reason] = reasons(plan(node(volume(OURS)), ceph=known))
    assert "is not known" in reason
    assert plan(node(), ceph=known).refusals == (), "where nothing of Ceph is, nobody has to be asked"


def told(member: Leaving) -> Any:
    return report("pve3", observe(member, MEMBERSHIP.desired(membership())))["ceph_known"]


def test_a_member_tells_what_the_cluster_has() -> None:
    known = told(LeavingCeph())
    assert known["answers"] and sorted(known["osds"].values()) == [0, 1, 2, 3]
    assert known["daemons"] == ["mds.pve1", "mds.pve3", "mgr.pve1", "mgr.pve3", "mon.pve1", "mon.pve2", "mon.pve3"]


def test_a_cluster_without_ceph_has_nothing_and_a_silent_one_says_nothing() -> None:
    assert told(Leaving()) == {"answers": True, "osds": {}, "daemons": []}
    silent = LeavingCeph()
    silent.commands["ask_ceph", "data"] = Completed(1, "", "timed out")
    assert told(silent) == {"answers": False, "osds": {}, "daemons": []}
