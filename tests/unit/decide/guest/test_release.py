"""Machines are given back, and nothing is lost."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import CollectionError, NotProved, Refused
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.fleet_mark import parse_owner_mark

from ....doubles.fleet_cluster import (
    DAY,
    FLEET,
    FleetCluster,
    Machine,
    cut_off,
    made,
    release_plan,
    released,
)

STU = {"owners": ["stu02@pve"]}


@pytest.fixture
def cluster() -> FleetCluster:
    found = FleetCluster()
    made(found, FLEET)
    return found


def ids(cluster: FleetCluster, **said: Any) -> list[str]:
    return [step.id for step in release_plan(cluster, FLEET, **said).steps]


def test_stopped_and_backed_up_then_destroyed_after_the_days_of_grace(cluster: FleetCluster) -> None:
    cluster.ha = {"vm:1201"}
    first = released(cluster, FLEET, **STU)
    assert [step["id"] for step in first["steps"]] == [
        "pool.mark:os/stu02",
        "user.disable:stu02@pve",
        "ha.remove:vm:1201",
        "guest.release:1201",
        "guest.stop:1201",
        "backup.make:1201",
        "backup.note:1201",
    ]
    cluster.now += 13 * DAY
    assert released(cluster, FLEET, **STU)["changed"] is False
    cluster.now += DAY
    cluster.users["stu02@pve"].tokens = ("cli",)
    assert ids(cluster, **STU) == [
        "pool.mark:os",
        "guest.destroy:1201",
        "acl.remove:/pool/os/stu02 user stu02@pve FleetOwner",
        "token.remove:stu02@pve!cli",
        "user.remove:stu02@pve",
        "pool.remove:os/stu02",
    ]
    released(cluster, FLEET, **STU)
    assert cluster.destroyed == [1201]
    assert set(cluster.machines) == {1200, 1202} and "stu02@pve" not in cluster.users
    assert set(cluster.pools) == {"os", "os/stu01", "os/stu03"}
    assert released(cluster, FLEET, **STU)["changed"] is False


@pytest.mark.parametrize("lie", ["without a disk", "empty", "nowhere", "errors"])
def test_a_backup_that_only_says_it_is_one_counts_for_nothing(cluster: FleetCluster, lie: str) -> None:
    cluster.lies = [lie]
    with pytest.raises(CollectionError):
        released(cluster, FLEET, **STU)
    cluster.now += 30 * DAY
    assert ids(cluster, **STU) == ["backup.make:1201"]
    released(cluster, FLEET, **STU)
    assert released(cluster, FLEET, **STU)["changed"] is False
    cluster.now += 14 * DAY
    released(cluster, FLEET, **STU)
    assert cluster.destroyed == [1201]


def test_an_ok_of_the_wrong_node_is_no_backup(cluster: FleetCluster) -> None:
    (backup,) = [step for step in release_plan(cluster, FLEET, **STU).steps if step.id == "backup.make:1201"]
    assert backup.action.path == "/nodes/pve2/vzdump" and backup.action.task is True  # type: ignore[union-attr]
    released(cluster, FLEET, **STU)
    for task in cluster.tasks:
        task["node"] = "pve1"
    cluster.machines[1201].config["description"] = (
        cluster.machines[1201].config["description"].replace(" backup=", " x=")
    )
    assert ids(cluster, **STU) == ["backup.make:1201"]


def test_whoever_starts_it_again_makes_the_backup_an_old_one(cluster: FleetCluster) -> None:
    released(cluster, FLEET, **STU)
    cluster.now += 13 * DAY
    cluster.start(1201)
    cluster.machines[1201].running = False
    cluster.now += DAY
    assert ids(cluster, **STU) == ["backup.make:1201"]
    released(cluster, FLEET, **STU)
    cluster.now += 14 * DAY - 10
    assert ids(cluster, **STU) == []
    cluster.now += 10
    released(cluster, FLEET, **STU)
    assert cluster.destroyed == [1201]


def test_one_that_runs_when_its_time_is_over_is_stopped_and_not_destroyed(cluster: FleetCluster) -> None:
    released(cluster, FLEET, **STU)
    cluster.now += 15 * DAY
    cluster.start(1201)
    assert ids(cluster, **STU) == ["guest.stop:1201", "backup.make:1201"]


@pytest.mark.parametrize("change", ["gone", "smaller", "unprotected", "disk added"])
def test_what_was_verified_once_is_looked_at_again(cluster: FleetCluster, change: str) -> None:
    released(cluster, FLEET, **STU)
    row = cluster.archives["backups"][0].row
    if change == "gone":
        cluster.archives["backups"].clear()
    elif change == "disk added":
        cluster.machines[1201].config["scsi1"] = "vms:vm-1201-disk-1,size=1G"
    else:
        row.update({"size": 0} if change == "smaller" else {"protected": 0})
    cluster.now += 20 * DAY
    assert ids(cluster, **STU) == ["backup.make:1201"]


@pytest.mark.parametrize(
    ("config", "topic"),
    [
        ({"scsi1": "vms:vm-1201-disk-1,backup=0,size=100G"}, "scsi1 (vms:vm-1201-disk-1)"),
        ({"unused0": "vms:vm-1201-disk-2"}, "unused0 (vms:vm-1201-disk-2)"),
        ({"efidisk0": "vms:vm-1201-disk-3,size=4M"}, "efidisk0"),
        ({"protection": "1"}, "protected"),
        ({"lock": "backup"}, "locked (backup)"),
    ],
)
def test_what_would_be_lost_is_named_before_anything_is_stopped(
    cluster: FleetCluster, config: dict[str, str], topic: str
) -> None:
    cluster.machines[1201].config.update(config)
    with pytest.raises(Refused, match=topic.replace("(", r"\(").replace(")", r"\)")):
        released(cluster, FLEET, **STU)
    assert not cluster.changes


def test_volumes_are_given_up_by_their_names(cluster: FleetCluster) -> None:
    cluster.machines[1201].config["unused0"] = "vms:vm-1201-disk-2"
    fleet = {**FLEET, "release": {"backup_to": "backups", "discard": ["unused0"]}}
    assert "backup.make:1201" in [step.id for step in release_plan(cluster, fleet, **STU).steps]
    assert not release_plan(cluster, fleet, **STU).refusals


def test_what_was_given_up_and_is_not_any_more_comes_into_a_new_backup(cluster: FleetCluster) -> None:
    machine = cluster.machines[1201]
    machine.config["scsi1"] = "vms:vm-1201-disk-1,backup=0,size=1G"
    released(cluster, {**FLEET, "release": {"backup_to": "backups", "discard": ["scsi1"]}}, **STU)
    machine.config["scsi1"] = "vms:vm-1201-disk-1,size=1G"  # as the refusal advises, when he asks for that disk
    cluster.now += 20 * DAY
    assert ids(cluster, **STU) == ["backup.make:1201"]
    released(cluster, FLEET, **STU)
    cluster.now += 14 * DAY
    released(cluster, FLEET, **STU)
    assert cluster.destroyed == [1201]


def test_a_disk_that_only_a_snapshot_has_is_found(cluster: FleetCluster) -> None:
    cluster.machines[1201].snapshots["before"] = {"scsi1": "vms:vm-1201-disk-1,size=1G"}
    assert any("before:scsi1" in str(one) for one in release_plan(cluster, FLEET, **STU).refusals)


def test_a_machine_whose_volume_another_one_uses_is_not_stopped(cluster: FleetCluster) -> None:
    cluster.machines[1200].config["scsi1"] = "vms:vm-1201-disk-0,size=8G"
    (refusal,) = release_plan(cluster, FLEET, **STU).refusals
    assert all(topic in str(refusal) for topic in ("vm-1201-disk-0", "VM 1200", "scsi1", "running"))
    assert not release_plan(cluster, FLEET, owners=["stu01@pve"]).refusals


def test_so_is_one_whose_volume_stands_in_a_snapshot_of_another_one(cluster: FleetCluster) -> None:
    cluster.machines[1200].snapshots["old"] = {"scsi1": "vms:vm-1201-disk-0,size=8G"}
    assert any("old:scsi1" in str(one) for one in release_plan(cluster, FLEET, **STU).refusals)


def test_a_guest_that_bears_no_mark_is_a_strangers(cluster: FleetCluster) -> None:
    cluster.machines[1300] = Machine(1300, "pve1", "qemu", {"name": "mailserver"}, "os/stu02")
    (refusal,) = release_plan(cluster, FLEET, **STU).refusals
    assert "VM 1300 mailserver" in str(refusal)


def test_a_copy_made_by_hand_is_not_the_machine(cluster: FleetCluster) -> None:
    config = dict(cluster.machines[1201].config, name="copy")
    cluster.machines[1301] = Machine(1301, "pve1", "qemu", config)
    assert not [step for step in ids(cluster, **STU) if "1301" in step]


def test_nothing_is_done_to_what_is_not_seen(cluster: FleetCluster) -> None:
    cluster.nodes["pve2"] = False
    plan = release_plan(cluster, FLEET, **STU)
    assert [step.id for step in plan.steps] == ["pool.mark:os/stu02", "user.disable:stu02@pve"]
    assert any("1201" in warning and "pve2 is off" in warning for warning in plan.warnings)


def test_nothing_is_destroyed_while_a_node_is_away_whose_guests_may_use_it(cluster: FleetCluster) -> None:
    released(cluster, FLEET, **STU)
    cluster.now += 20 * DAY
    cluster.nodes["pve1"] = False
    plan = release_plan(cluster, FLEET, **STU)
    assert not plan.steps and any("Nothing is destroyed" in warning for warning in plan.warnings)


def test_nothing_is_destroyed_while_a_node_is_away_that_has_no_guests(cluster: FleetCluster) -> None:
    """It was moved there and started, and only that node could tell."""
    cluster.nodes["pve3"] = True
    released(cluster, FLEET, **STU)
    cluster._task(cluster.machines[1201], "qmstart", node="pve3")
    cluster.machines[1201].state += 1
    cluster.nodes["pve3"] = False
    cluster.now += 20 * DAY
    plan = release_plan(cluster, FLEET, **STU)
    assert not plan.steps and any("pve3 is off" in warning for warning in plan.warnings)
    cluster.nodes["pve3"] = True
    assert ids(cluster, **STU) == ["backup.make:1201"]


def test_without_quorum_or_with_clocks_apart_nothing_is_done(
    cluster: FleetCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocks = {"pve1": cluster.now, "pve2": cluster.now + 4000}
    told = FleetCluster._of_node
    monkeypatch.setattr(
        FleetCluster,
        "_of_node",
        lambda self, node, parts, words: (
            {"time": clocks[node]} if parts == ["time"] and node in clocks else told(self, node, parts, words)
        ),
    )
    assert any("clocks" in str(one) for one in release_plan(cluster, FLEET, **STU).refusals)
    cluster.quorate = False
    assert ["quorum" in str(one) for one in release_plan(cluster, FLEET, **STU).refusals] == [True]


def test_whoever_revokes_has_all_back(cluster: FleetCluster) -> None:
    before = copy.deepcopy((cluster.pools, cluster.users, {k: v.config for k, v in cluster.machines.items()}))
    released(cluster, FLEET, **STU)
    done = released(cluster, FLEET, revoke=True, **STU)
    assert [step["id"] for step in done["steps"]] == ["user.enable:stu02@pve", "guest.keep:1201", "pool.mark:os/stu02"]
    cluster.machines[1201].config["onboot"] = "1"  # as the next run over the fleet has it
    assert (cluster.pools, cluster.users, {k: v.config for k, v in cluster.machines.items()}) == before
    assert released(cluster, FLEET, revoke=True, **STU)["changed"] is False
    cluster.now += 30 * DAY
    assert "guest.destroy:1201" not in ids(cluster, **STU)


def test_expired_is_decided_by_the_clock_of_a_node_and_in_the_zone_of_the_fleet() -> None:
    cluster = FleetCluster()
    fleet = {**FLEET, "expires": "2027-01-15", "zone": "Asia/Shanghai"}
    made(cluster, fleet)
    cluster.now = 1_800_028_799  # 2027-01-15 15:59:59 UTC
    assert not release_plan(cluster, fleet, expired=True).steps
    cluster.now += 1
    assert len([step for step in release_plan(cluster, fleet, expired=True).steps if "stop" in step.id]) == 3


def test_no_more_guests_are_destroyed_in_a_run_than_is_said(cluster: FleetCluster) -> None:
    released(cluster, FLEET, fleet="os")
    cluster.now += 15 * DAY
    (refusal,) = release_plan(cluster, FLEET, fleet="os", at_most=2).refusals
    assert "3 guests would be destroyed" in str(refusal)
    released(cluster, FLEET, fleet="os", at_most=3)
    assert sorted(cluster.destroyed) == [1200, 1201, 1202]
    assert set(cluster.pools) == {"os"}, "the fleet's own pool remembers which ids are spent"


def test_what_is_destroyed_goes_before_anything_that_takes_hours(cluster: FleetCluster) -> None:
    """Else somebody could start it, or revoke, after it was looked at."""
    released(cluster, FLEET, **STU)
    cluster.now += 15 * DAY
    steps = ids(cluster, fleet="os")
    slow = [number for number, step in enumerate(steps) if step.startswith(("guest.stop:", "backup."))]
    assert len(slow) == 4 and steps.index("guest.destroy:1201") < min(slow)


def test_a_list_that_is_not_understood_lets_nobody_expire(cluster: FleetCluster) -> None:
    fleet = {**FLEET, "owners": "class.csv"}
    for text in (None, "name\nann\n", "login\n"):
        if text is not None:
            cluster.files["class.csv"] = text
        assert release_plan(cluster, fleet, expired=True).refusals


def test_nobody_of_that_name_is_told_and_not_passed_over(cluster: FleetCluster) -> None:
    assert release_plan(cluster, FLEET, owners=["stu20@pve"]).warnings == ("stu20@pve has nothing in any fleet.",)


def test_containers_are_given_back_the_same_way() -> None:
    cluster = FleetCluster()
    fleet = {**FLEET, "per_owner": [{"name": "ct", "container": True, "cores": 1}]}
    made(cluster, fleet)
    cluster.machines[1201].config["mp0"] = "vms:vm-1201-disk-1,mp=/srv,size=4G"
    assert any("mp0" in str(one) for one in release_plan(cluster, fleet, **STU).refusals)
    cluster.machines[1201].config["mp0"] += ",backup=1"
    released(cluster, fleet, **STU)
    cluster.now += 15 * DAY
    released(cluster, fleet, **STU)
    assert cluster.destroyed == [1201]


def end_of(cluster: FleetCluster) -> Any:
    return set(cluster.machines), set(cluster.pools), set(cluster.users), cluster.acl


@pytest.mark.parametrize("revoked", [False, True])
def test_cut_off_after_every_call_the_next_run_comes_to_the_same_end(revoked: bool) -> None:
    """The cluster itself objects to a destroy without a backup that holds everything."""

    def life(after: int) -> tuple[bool, FleetCluster]:
        cluster = FleetCluster()
        made(cluster, FLEET)
        cluster.ha = {"vm:1200", "vm:1201"}
        said = {"fleet": "os"}
        cut = cut_off(cluster, after, FLEET, **said)
        if revoked:
            cut = cut_off(cluster, max(0, after - 3), FLEET, revoke=True, **said) or cut
            released(cluster, FLEET, revoke=True, **said)
            made(cluster, FLEET)
            assert not cluster.destroyed and all(user.enable for user in cluster.users.values())
        released(cluster, FLEET, **said)
        cluster.now += 14 * DAY
        if not revoked:
            cut = cut_off(cluster, after, FLEET, **said) or cut
        released(cluster, FLEET, **said)
        return cut, cluster

    whole = life(1000)[1]
    assert sorted(whole.destroyed) == [1200, 1201, 1202]
    after = 0
    while True:
        cut, cluster = life(after)
        assert end_of(cluster) == end_of(whole), after
        assert not [mark for mark in map(parse_owner_mark, cluster.pools.values()) if mark is not None]
        if not cut:
            break
        after += 1
    assert after > 15


def test_a_release_touches_its_owners_objects_only(cluster: FleetCluster) -> None:
    """Neither a guest, a pool, a user nor a right of anybody else changes; the fleet's pool notes what is spent."""

    def others() -> Any:
        machines = {vmid: vars(one) for vmid, one in cluster.machines.items() if vmid != 1201}
        pools = {name: text for name, text in cluster.pools.items() if name not in ("os", "os/stu02")}
        users = {name: vars(user) for name, user in cluster.users.items() if name != "stu02@pve"}
        return copy.deepcopy((machines, pools, users, [row for row in cluster.acl if "stu02" not in row["path"]]))

    before = others()
    for days in (14, 14):
        released(cluster, FLEET, **STU)
        assert others() == before
        cluster.now += days * DAY
    assert cluster.destroyed == [1201]


def test_a_backup_that_never_holds_all_fails_the_run_and_says_what_is_left(cluster: FleetCluster) -> None:
    cluster.lies = ["without a disk"]
    with pytest.raises(NotProved, match="back VM 1201 stu02-vm up"):
        released(cluster, FLEET, **STU)


def test_a_backup_of_a_running_machine_is_not_the_last_one(cluster: FleetCluster) -> None:
    """Somebody made it a minute before, and the owner went on working."""
    machine = cluster.machines[1201]
    cluster._back_up(machine, machine.node, {"storage": "backups", "protected": 1})
    machine.state += 1
    cluster.now += 60
    assert cut_off(cluster, 4, FLEET, **STU)
    assert not machine.running
    assert ids(cluster, **STU) == ["backup.make:1201"]


def test_a_backup_that_is_still_being_made_is_waited_for(cluster: FleetCluster) -> None:
    released(cluster, FLEET, **STU)
    cluster.archives["backups"].clear()
    cluster._task(cluster.machines[1201], "vzdump")
    cluster.tasks[-1]["status"] = ""
    cluster.machines[1201].config["lock"] = "backup"
    assert ids(cluster, **STU) == ["backup.await:1201"]
