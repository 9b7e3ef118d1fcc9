"""Jobs are compared by what they mean, never doubled, and never the cause that somebody is without a backup."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.datacenter.backup import canonical_schedule
from ansible_collections.baremetal.virt.plugins.modules.backup import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.backup_info import INQUIRY

from ....doubles.backup_api import OLD, UUID, BackupApi, params, plan, run

NIGHT: dict[str, Any] = {"id": "night", "schedule": "02:30", "storage": "nas", "all": True}
KEEPS: dict[str, Any] = {**NIGHT, "prune_backups": {"keep_last": 1}}


def ids(api: BackupApi, /, *jobs: dict[str, Any], **said: Any) -> list[str]:
    found = plan(api, jobs=list(jobs), **said)
    assert not found.refusals, found.refusals
    return [step.id for step in found.steps]


def refusals(api: BackupApi, /, *jobs: dict[str, Any]) -> str:
    return " / ".join(map(str, plan(api, jobs=list(jobs)).refusals))


def test_a_job_is_made_and_then_there(backups: BackupApi) -> None:
    whole = {**NIGHT, "mode": "stop", "compress": "zstd", "exclude": [102], "notes_template": "{{guestname}}\n{{vmid}}"}
    whole |= {"prune_backups": {"keep_last": 3, "keep_weekly": 2}, "mailto": ["b@x.test", "a@x.test"], "enabled": False}
    assert ids(backups, whole) == ["backup_job.create:night"]
    assert run(backups, jobs=[whole])["changed"]
    assert not run(backups, jobs=[whole])["changed"]
    assert backups._ask("GET", "/cluster/backup/night", {})["notes-template"] == "{{guestname}}\\n{{vmid}}"


def test_nothing_declared_is_nothing_asked() -> None:
    assert SUBJECT.idle is not None
    assert SUBJECT.idle(SUBJECT.desired(params()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2:30", "02:30"),
        ("daily", "00:00"),
        ("mon..sun 21:00", "21:00"),
        ("mon,tue,wed,thu,fri,sat,sun 4:00", "04:00"),
        ("*-*-* 03:00", "03:00"),
        ("SAT  3:00", "sat 03:00"),
    ],
)
def test_schedules_in_several_spellings(one: str, other: str) -> None:
    assert canonical_schedule(one) == canonical_schedule(other) == other


def test_what_is_not_said_stays_and_what_means_the_same_is_no_change(backups: BackupApi) -> None:
    run(backups, jobs=[{**NIGHT, "comment": "by hand", "mode": "stop"}])
    assert ids(backups, {**NIGHT, "schedule": "2:30", "enabled": True}) == []
    run(backups, jobs=[{**NIGHT, "comment": ""}])
    assert "comment" not in backups._ask("GET", "/cluster/backup/night", {})


def test_another_selection_takes_the_place_of_the_old_one(backups: BackupApi) -> None:
    run(backups, jobs=[{**NIGHT, "exclude": [102]}])
    some = {"id": "night", "vmid": [101, 100]}
    assert ids(backups, some) == ["backup_job.change:night"]
    run(backups, jobs=[some])
    found = backups._ask("GET", "/cluster/backup/night", {})
    assert found["vmid"] == "100,101"
    assert not {"all", "exclude"} & set(found)
    run(backups, jobs=[{"id": "night", "pool": "web"}])
    run(backups, jobs=[NIGHT])
    assert ids(backups, NIGHT) == []


def test_a_job_of_old_is_replaced_and_never_doubled(backups: BackupApi) -> None:
    days = "mon,tue,wed,thu,fri,sat,sun"
    old = {"all": 1, "starttime": "02:30", "dow": days, "storage": "nas", "mailto": "ops@x.test"}
    backups.old = {OLD: old, f"{'b2' * 20}:2": {**old, "starttime": "05:00"}}
    assert ids(backups, NIGHT) == ["backup_job.create:night", f"backup_job.remove:{OLD}"]
    for killed_after in (1, 2):
        with backups.kept():
            backups.old = {OLD: old, f"{'b2' * 20}:2": {**old, "starttime": "05:00"}}
            for step in plan(backups, jobs=[NIGHT]).steps[:killed_after]:
                backups.act(step)
            run(backups, jobs=[NIGHT])
            assert ids(backups, NIGHT) == []
            assert list(backups.old) == [f"{'b2' * 20}:2"]


def test_two_jobs_that_are_the_same(backups: BackupApi) -> None:
    run(backups, jobs=[{**NIGHT, "id": "backup-1234"}])
    assert "night and backup-1234 are the same" in refusals(backups, NIGHT)
    gone = {"id": "backup-1234", "state": "absent"}
    assert ids(backups, NIGHT, gone) == ["backup_job.create:night", "backup_job.remove:backup-1234"]
    assert refusals(backups, {**NIGHT, "enabled": False}) == ""


def test_what_goes_is_told(backups: BackupApi) -> None:
    run(backups, jobs=[NIGHT])
    found = plan(backups, exclusive=True)
    assert [step.id for step in found.steps] == ["backup_job.remove:night"]
    assert found.warnings == ("No enabled job backs up 100, 101, 102 any more.",)


def test_whom_jobs_leave_out_is_told(backups: BackupApi) -> None:
    found = plan(backups, jobs=[{**NIGHT, "all": None, "vmid": [100]}, {**NIGHT, "id": "own", "node": "pve1"}])
    assert found.warnings == (
        "No enabled job backs up 102, to a storage that is there where they are.",
        "Jobs for pve1 alone back up 101, and only while they are there.",
    )
    assert "102" in plan(backups, jobs=[{**NIGHT, "storage": "own"}]).warnings[0]


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({**NIGHT, "storage": "nowhere"}, "names the storage nowhere, which there is not"),
        ({**NIGHT, "storage": "vms"}, "takes no backups"),
        ({**NIGHT, "storage": None}, "names the storage local"),
        ({**NIGHT, "schedule": None}, "has no schedule"),
        ({**NIGHT, "all": None}, "is about no guest"),
        ({**NIGHT, "all": None, "vmid": [100, 999]}, "names 999, which is no guest"),
        ({**NIGHT, "exclude": [999]}, "names 999, which is no guest"),
        ({**NIGHT, "all": None, "pool": "none"}, "names the pool none, which there is not"),
        ({**NIGHT, "node": "pve9"}, "for pve9, which is no node"),
        ({**NIGHT, "storage": "own", "node": "pve2"}, "pve2, which does not have the storage own"),
    ],
)
def test_a_job_that_would_back_up_nothing(backups: BackupApi, job: dict[str, Any], words: str) -> None:
    assert words in refusals(backups, {key: value for key, value in job.items() if value is not None})


def test_two_rules_for_one_guest(backups: BackupApi) -> None:
    other = {"id": "noon", "schedule": "12:00", "storage": "nas", "vmid": [100], "prune_backups": {"keep_daily": 9}}
    assert "keep different backups of 100 on nas" in refusals(backups, KEEPS, other)
    assert refusals(backups, KEEPS, {**other, "prune_backups": {"keep_last": 1}}) == ""
    assert refusals(backups, {**KEEPS, "exclude": [100]}, other) == ""


def test_a_new_retention_says_what_it_will_remove(backups: BackupApi) -> None:
    for day in range(3):
        backups.archive(100, day, f"name: g100\nsmbios1: {UUID}\n")
    found = plan(backups, jobs=[KEEPS])
    assert "The next run of the backup job night will remove 2 backups that it has kept so far." in found.warnings
    assert backups.marked == ["keep-last=1"]
    run(backups, jobs=[KEEPS])
    backups.marked.clear()
    assert ids(backups, KEEPS) == []
    assert backups.marked == []


REMOVES = "The next run of the backup job night will remove {} backups that it has kept so far."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"enabled": False}, {"enabled": True}),
        ({"all": None, "vmid": [101]}, {"vmid": None, "all": True}),
        ({"prune_backups": {"keep_all": True}}, {"prune_backups": {"keep_last": 1}}),
    ],
)
def test_retention_that_reaches_more_backups_says_so(
    backups: BackupApi, before: dict[str, Any], after: dict[str, Any]
) -> None:
    run(backups, jobs=[{key: value for key, value in {**KEEPS, **before}.items() if value is not None}])
    for day in range(3):
        backups.archive(100, day, f"name: g100\nsmbios1: {UUID}\n")
    job = {key: value for key, value in {**KEEPS, **after}.items() if value is not None}
    assert REMOVES.format(2) in plan(backups, jobs=[job]).warnings
    backups.archive(100, 9, "name: shop\n")
    assert "has the number of the guest 100" in refusals(backups, job)


def test_a_job_without_a_rule_has_that_of_its_storage(backups: BackupApi) -> None:
    backups.storages[0]["prune-backups"] = "keep-last=1"
    for day in range(3):
        backups.archive(100, day, f"name: g100\nsmbios1: {UUID}\n")
    assert REMOVES.format(2) in plan(backups, jobs=[NIGHT]).warnings
    assert plan(backups, jobs=[{**NIGHT, "prune_backups": {"keep_all": True}}]).warnings == ()
    backups.archive(100, 9, "name: shop\n")
    assert "has the number of the guest 100" in refusals(backups, NIGHT)
    assert refusals(backups, {**NIGHT, "prune_backups": {"keep_all": True}}) == ""


def test_a_storage_that_each_node_has_for_itself_is_looked_at_on_all(backups: BackupApi) -> None:
    backups.storages.append({"storage": "local", "type": "dir", "content": "backup"})
    for node in ("pve1", "pve2"):
        for day in range(2):
            backups.archive(100, day, f"name: g100\nsmbios1: {UUID}\n", "local", node)
    found = plan(backups, jobs=[{**KEEPS, "storage": "local"}])
    assert REMOVES.format(2) in found.warnings


@pytest.mark.parametrize(
    ("config", "refused"),
    [
        ("name: g100\nsmbios1: uuid=99999999-2222-3333-4444-555555555555\n", True),
        (f"name: renamed\nsmbios1: {UUID}\n", False),
        ("name: g100\n", False),
        ("name: shop\n", True),
    ],
)
def test_backups_of_another_cluster_under_the_same_number(backups: BackupApi, config: str, refused: bool) -> None:
    backups.archive(100, 5, config)
    assert ("has the number of the guest 100" in refusals(backups, KEEPS)) == refused
    assert refusals(backups, NIGHT) == ""


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({"id": "n"}, "is not what Proxmox VE takes"),
        ({**NIGHT, "vmid": [100]}, "about all and vmid"),
        ({"id": "night", "vmid": [100], "exclude": [101]}, "exclude goes with all only"),
        ({**NIGHT, "state": "absent"}, "is to go, and schedule"),
        ({**NIGHT, "prune_backups": {"keep_last": -1}}, "less than 0"),
        ({**NIGHT, "prune_backups": {"keep_all": True, "keep_last": 1}}, "keeps all, and a number"),
    ],
)
def test_what_contradicts_itself_is_invalid(job: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        SUBJECT.desired(params(jobs=[job]))


def test_the_export_changes_nothing(backups: BackupApi) -> None:
    run(backups, jobs=[{**KEEPS, "exclude": [102], "mailto": ["a@x.test"]}, {**NIGHT, "id": "own", "node": "pve1"}])
    backups.old = {OLD: {"all": 1, "starttime": "05:00", "dow": "sat", "storage": "nas"}}
    found = dict(INQUIRY.answer(backups, {"api": None}))
    assert found["variables"] == {"backup_jobs": found["jobs"]}
    assert ids(backups, *found["jobs"]) == []
    assert found["old_jobs"] == [OLD]
    assert (found["covered"], found["uncovered"], found["problems"]) == ([100, 101, 102], [], [])


def test_a_token_that_sees_less(backups: BackupApi) -> None:
    backups.caller = "ops@pve!run"
    api = {"token_id": "ops@pve!run", "token_secret": "x"}
    assert "ops@pve!run lacks" in str(plan(backups, jobs=[NIGHT], api=api).refusals[0])
    with pytest.raises(Unreadable, match="not shown all there is"):
        INQUIRY.answer(backups, {"api": api})
