"""What was verified once is looked at again, each time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.backup import recorded
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.backup import volumes_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.mark import Mark
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.observed import ListedGuest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.release import (
    BACKUP,
    HOLDS,
    Archive,
    GuestTask,
    digest,
)

from ....doubles.fleet_cluster import DAY, FLEET, FleetCluster, made, release_plan, released

RELEASED = 1_800_000_000
ARCHIVE = Archive("backups:backup/ct/1201/2027-01-15T08:00:00Z", 1201, RELEASED + 60, 4096, protected=True)
GUEST = ListedGuest("lxc", 1201, "pve1")
VOLUMES = tuple(volumes_of("lxc", {"rootfs": "vms:vm-1201-disk-0,size=8G"}))
MARK = Mark(1201, "stu02-ct", {BACKUP: ARCHIVE.id, HOLDS: digest(1201, VOLUMES, ())})


def found(archive: Archive = ARCHIVE, *tasks: GuestTask) -> Any:
    return recorded(GUEST, MARK, RELEASED, VOLUMES, (), (archive,), tasks)


def test_what_was_noted_counts_as_long_as_it_is_there() -> None:
    assert found() == ARCHIVE
    assert found(replace(ARCHIVE, id="backups:backup/ct/1201/2027-01-16T08:00:00Z")) is None


def test_a_backup_that_was_found_damaged_counts_for_nothing() -> None:
    assert found(replace(ARCHIVE, damaged=True)) is None


@pytest.mark.parametrize("kind", ["qmstart", "vzstart", "qmrollback", "vzrollback", "qmresume", "vzresume", "vzmount"])
def test_whatever_makes_a_guest_another_one_makes_its_backup_an_old_one(kind: str) -> None:
    assert found(ARCHIVE, GuestTask("UPID", "pve2", kind, ARCHIVE.created, "OK")) is None
    assert found(ARCHIVE, GuestTask("UPID", "pve2", kind, ARCHIVE.created - 1, "OK")) == ARCHIVE


@pytest.mark.parametrize(("state", "then"), [("ok", []), ("failed", ["backup.make:1201"]), ("", ["backup.make:1201"])])
def test_proxmox_backup_server_tells_whether_it_is_damaged(state: str, then: list[str]) -> None:
    cluster = FleetCluster()
    made(cluster, FLEET)
    released(cluster, FLEET, owners=["stu02@pve"])
    cluster.archives["backups"][0].row["verification"] = {"state": state, "upid": "UPID:pbs"}
    assert [step.id for step in release_plan(cluster, FLEET, owners=["stu02@pve"]).steps] == then


@pytest.mark.parametrize("ahead", [-30 * DAY, 301])
def test_nodes_that_all_have_another_time_than_the_controller_destroy_nothing(ahead: int) -> None:
    cluster = FleetCluster()
    made(cluster, FLEET)
    released(cluster, FLEET, owners=["stu02@pve"])
    cluster.now += 30 * DAY
    cluster.ahead = ahead
    plan = release_plan(cluster, FLEET, owners=["stu02@pve"])
    assert not plan.steps
    assert "the controller 180" in str(plan.refusals[0])


def test_a_node_that_has_forgotten_its_tasks_does_not_say_that_there_were_none() -> None:
    cluster = FleetCluster()
    made(cluster, FLEET)
    released(cluster, FLEET, owners=["stu02@pve"])
    cluster.start(1201)
    cluster.machines[1201].running = False
    cluster.tasks.clear()
    cluster.now += 20 * DAY
    plan = release_plan(cluster, FLEET, owners=["stu02@pve"])
    assert [step.id for step in plan.steps] == ["backup.make:1201"]
    assert plan.warnings[0].startswith("Nobody can tell whether VM 1201 stu02-vm was started since its backup")


@pytest.mark.parametrize("back", [False, True])
def test_one_that_was_moved_is_backed_up_anew(back: bool) -> None:
    """The node that it was on may have forgotten that it was started there; if it came back, the other node may."""
    cluster = FleetCluster()
    made(cluster, FLEET)
    released(cluster, FLEET, owners=["stu02@pve"])
    machine, (home, other) = cluster.machines[1201], ("pve2", "pve1")
    assert machine.node == home
    move = {"upid": "UPID:move", "node": home, "vmid": 1201, "type": "qmigrate", "status": "OK", "log": []}
    older = {**move, "upid": "UPID:older", "node": other, "vmid": 900, "starttime": cluster.now - DAY}
    cluster.tasks += [older, {**move, "starttime": cluster.now + 60}]
    if not back:
        machine.node = other
        cluster.tasks = [one for one in cluster.tasks if one["node"] != home]
    cluster.now += 15 * DAY
    assert not any(step.destructive for step in release_plan(cluster, FLEET, owners=["stu02@pve"]).steps)
    released(cluster, FLEET, owners=["stu02@pve"])
    assert not cluster.destroyed
    cluster.now += 15 * DAY
    released(cluster, FLEET, owners=["stu02@pve"])
    assert cluster.destroyed == [1201]
