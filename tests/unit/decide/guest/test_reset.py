"""Machines go back to a snapshot: those that are meant, once, and after it was said what they lose."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, StepFailed

from ....doubles.fleet_cluster import FLEET, Killed, Machine, made, released
from ....doubles.fleet_reset import ResetCluster, reset, reset_plan


@pytest.fixture
def cluster() -> ResetCluster:
    return ResetCluster()


def test_they_go_back_once_and_run_as_they_did(cluster: ResetCluster) -> None:
    cluster.machines[1201].running = False
    done = reset(cluster, fleet="os")
    assert cluster.rolled == [1200, 1201, 1202]
    assert [one.running for one in cluster.machines.values()] == [True, False, True]
    assert done["destructive"] == ["guest.rollback:1200", "guest.rollback:1201", "guest.rollback:1202"]
    lost = "roll VM 1200 stu01-vm back to clean of 2027-01-15 08:00 UTC: what was written since is lost"
    assert done["plan"][0] == f"{lost}, and start it again"
    assert reset(cluster, fleet="os")["changed"] is False
    assert reset(cluster, fleet="os", run="second")["changed"] is True
    assert len(cluster.rolled) == 6


def test_the_next_run_over_the_fleet_leaves_the_note(cluster: ResetCluster) -> None:
    reset(cluster, owners=["stu02@pve"])
    made(cluster, FLEET)
    assert cluster.machines[1201].config["description"].endswith("reset=clean@first")
    assert reset(cluster, owners=["stu02@pve"])["changed"] is False, "nobody goes back twice"


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ({"owners": ["stu02@pve"]}, [1201]),
        ({"guests": [1200, 1202]}, [1200, 1202]),
        ({"fleet": "os", "guests": [1202]}, [1202]),
        ({"fleet": "os", "owners": ["stu01@pve"]}, [1200]),
    ],
)
def test_only_those_that_are_named_go_back(cluster: ResetCluster, said: dict[str, Any], then: list[int]) -> None:
    reset(cluster, **said)
    assert cluster.rolled == then
    written = {int(path.split("/")[4]) for dummy, path in cluster.changes}
    assert written == set(then)


def test_nobody_is_named_and_names_that_there_cannot_be(cluster: ResetCluster) -> None:
    for said in ({}, {"fleet": "os", "snapshot": "current"}, {"fleet": "os", "snapshot": "../x"}):
        with pytest.raises(Invalid):
            reset_plan(cluster, **said)
    with pytest.raises(Invalid, match="no name of a reset"):
        reset_plan(cluster, fleet="os", run="lesson 7")


def test_what_is_lost_is_said_before(cluster: ResetCluster) -> None:
    machine = cluster.machines[1201]
    cluster.take(machine, "exam")
    machine.snapshots["exam"]["parent"] = "clean"
    machine.config.update(scsi1="vms:vm-1201-disk-1,size=1G", memory="4096")
    told = reset_plan(cluster, owners=["stu02@pve"]).warnings
    assert [line.partition(":")[0].partition(".")[0] for line in told] == [
        "VM 1201 stu02-vm has newer snapshots, exam",
        "VM 1201 stu02-vm",
        "VM 1201 stu02-vm",
    ]
    assert "scsi1 (vms:vm-1201-disk-1) came later" in told[1]
    assert told[2].endswith("again what they were: memory.")
    assert not reset_plan(cluster, owners=["stu01@pve"]).warnings


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("no snapshot", "VM 1201 stu02-vm has no snapshot clean"),
        ("locked", "VM 1201 stu02-vm is locked (backup)"),
        ("half", "The snapshot clean of VM 1201 stu02-vm is not whole (prepare)"),
        (
            "no mark",
            "VM 1201 stu02-vm is in the pool os/stu02 or has an id or the mark of stu02@pve, and is none of his",
        ),
        ("renamed", "is none of his"),
        ("foreign disk", "scsi1 (vms:vm-77-disk-0) in the snapshot clean of VM 1201 stu02-vm belongs to 77"),
        ("used", "VM 500 mail, running, uses a volume of VM 1201 stu02-vm: scsi3 is vms:vm-1201-disk-0"),
        ("used in a snapshot", "uses a volume of VM 1201 stu02-vm: old:scsi3 is vms:vm-1201-disk-0"),
        ("HA", "VM 1201 stu02-vm is started by the HA manager, which would start it while its disks go back"),
    ],
)
def test_one_of_them_stands_against_all_before_anything_is_changed(
    cluster: ResetCluster, change: str, told: str
) -> None:
    machine = cluster.machines[1201]
    if change == "no snapshot":
        machine.snapshots.clear()
    elif change == "locked":
        machine.config["lock"] = "backup"
    elif change == "half":
        machine.snapshots["clean"]["snapstate"] = "prepare"
    elif change == "no mark":
        machine.config["description"] = "mine"
    elif change == "renamed":
        machine.config["name"] = "other"
    elif change == "foreign disk":
        machine.snapshots["clean"]["scsi1"] = "vms:vm-77-disk-0,size=1G"
    elif change == "HA":
        cluster.ha = {"vm:1201"}
    else:
        disk = {"name": "mail", "scsi3": "vms:vm-1201-disk-0,size=8G"}
        snapshot = change == "used in a snapshot"
        cluster.machines[500] = Machine(500, "pve1", "qemu", {"name": "mail"} if snapshot else disk)
        cluster.machines[500].snapshots = {"old": {**disk, "snaptime": "1"}} if snapshot else {}
    plan = reset_plan(cluster, fleet="os")
    assert told in " ".join(map(str, plan.refusals))


def test_what_becomes_of_copies_is_said(cluster: ResetCluster) -> None:
    cluster.jobs = [{"id": "1201-0", "guest": 1201}]
    (told,) = reset_plan(cluster, owners=["stu02@pve"]).warnings
    assert told.startswith("VM 1201 stu02-vm is replicated: snapshots of its replication are removed")
    cluster.ha, cluster.ha_state = {"vm:1201"}, "ignored"
    assert not reset_plan(cluster, owners=["stu02@pve"]).refusals


def test_a_number_of_somebody_else_is_refused(cluster: ResetCluster) -> None:
    cluster.machines[500] = Machine(500, "pve1", "qemu", {"name": "mail"})
    for said in ({"guests": [500]}, {"owners": ["stu01@pve"], "guests": [1202]}):
        plan = reset_plan(cluster, **said)
        assert "is no machine of an owner whom this is about" in str(plan.refusals[0])
        assert not plan.steps


def test_one_that_is_given_back_stays_as_its_backup_has_it(cluster: ResetCluster) -> None:
    released(cluster, FLEET, owners=["stu02@pve"])
    plan = reset_plan(cluster, fleet="os")
    assert [step.id for step in plan.steps if "1201" in step.id] == []
    assert plan.warnings[0].startswith("VM 1201 stu02-vm is given back")


def test_nothing_is_done_to_what_is_not_seen_and_nothing_without_quorum(cluster: ResetCluster) -> None:
    cluster.nodes["pve2"] = False
    plan = reset_plan(cluster, fleet="os")
    assert [step.id for step in plan.steps] == [
        "guest.rollback:1200",
        "guest.note:1200",
        "guest.rollback:1202",
        "guest.note:1202",
    ]
    assert "1201" in plan.warnings[0]
    cluster.quorate = False
    assert reset_plan(cluster, fleet="os").refusals


def test_cut_off_after_every_call_the_same_command_comes_to_the_same_end() -> None:
    whole = ResetCluster()
    reset(whole, fleet="os")
    end = {vmid: one.config for vmid, one in whole.machines.items()}
    for after in range(len(whole.changes)):
        cluster = ResetCluster()
        cluster.budget = after
        with pytest.raises(Killed):
            reset(cluster, fleet="os")
        cluster.budget = None
        reset(cluster, fleet="os")
        assert {vmid: one.config for vmid, one in cluster.machines.items()} == end
        assert reset(cluster, fleet="os")["changed"] is False
        made(cluster, FLEET)


def test_one_whose_storage_fails_is_named(cluster: ResetCluster) -> None:
    cluster.stuck = {1201}
    with pytest.raises(StepFailed, match="the storage is away"):
        reset(cluster, fleet="os")
    cluster.stuck = set()
    reset(cluster, fleet="os")
    assert cluster.rolled == [1200, 1201, 1202], "nobody goes back twice"
