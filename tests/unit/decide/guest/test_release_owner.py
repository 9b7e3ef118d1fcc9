"""What becomes of the accounts of those who give their machines back."""

from __future__ import annotations

from typing import Any

import pytest

from ....doubles.fleet_cluster import DAY, FLEET, FleetCluster, made, planned, release_plan, released

STU = {"owners": ["stu02@pve"]}


@pytest.fixture
def cluster() -> FleetCluster:
    found = FleetCluster()
    made(found, FLEET)
    return found


def ids(cluster: FleetCluster, **said: Any) -> list[str]:
    return [step.id for step in release_plan(cluster, FLEET, **said).steps]


def test_a_pool_that_names_another_owner_gives_nothing_of_his_back(cluster: FleetCluster) -> None:
    """Somebody has edited its comment; by the numbers that stand there, none of his guests is meant."""
    released(cluster, FLEET, **STU)
    del cluster.machines[1201]
    cluster.pools["os/stu02"] = cluster.pools["os/stu02"].replace("owner=stu02@pve", "owner=stu01@pve")
    (refusal,) = release_plan(cluster, FLEET, expired=True).refusals
    assert "VM 1200 stu01-vm" in str(refusal) and "os/stu02" in str(refusal)


def test_what_is_not_seen_is_not_told_to_be_gone_when_somebody_revokes(cluster: FleetCluster) -> None:
    released(cluster, FLEET, **STU)
    cluster.nodes["pve2"] = False
    (warning,) = release_plan(cluster, FLEET, revoke=True, **STU).warnings
    assert "1201" in warning and "pve2 is off" in warning and "gone" not in warning
    cluster.nodes["pve2"] = True
    del cluster.machines[1201]
    (warning,) = release_plan(cluster, FLEET, revoke=True, **STU).warnings
    assert "1201 of stu02@pve is gone" in warning


def test_whoever_has_had_his_time_is_told_so_when_he_revokes(cluster: FleetCluster) -> None:
    released(cluster, FLEET, **STU)
    assert not release_plan(cluster, FLEET, revoke=True, **STU).warnings
    cluster.now = 1803859200 + DAY
    (warning,) = release_plan(cluster, FLEET, revoke=True, **STU).warnings
    assert "2027-02-28" in warning and "put it off" in warning


@pytest.mark.parametrize("comment", ["", "our class"])
def test_nobody_leaves_while_the_pool_of_the_fleet_does_not_say_which_ids_are_spent(
    cluster: FleetCluster, comment: str
) -> None:
    """Else those of owners who left before would be given again."""
    released(cluster, FLEET, **STU)
    cluster.pools["os"] = comment
    assert not release_plan(cluster, FLEET, **STU).refusals
    cluster.now += 15 * DAY
    (refusal,) = release_plan(cluster, FLEET, **STU).refusals
    assert "The pool os" in str(refusal) and "next=3" in str(refusal)


def test_an_account_that_is_there_for_more_than_these_machines_is_left(cluster: FleetCluster) -> None:
    cluster.users["stu02@pve"].expire = 0
    assert ids(cluster, **STU)[:2] == ["pool.mark:os/stu02", "guest.release:1201"]
    released(cluster, FLEET, **STU)
    assert cluster.users["stu02@pve"].enable == 1
    assert not [row for row in cluster.acl if row["ugid"] == "stu02@pve"]
    cluster.now += 15 * DAY
    released(cluster, FLEET, **STU)
    assert "stu02@pve" in cluster.users and "os/stu02" not in cluster.pools


def test_a_user_who_has_machines_in_another_fleet_keeps_those() -> None:
    cluster = FleetCluster()
    other = {**FLEET, "id": "db", "owners": ["stu02"], "ids": {"first": 1400, "count": 9}, "per_owner": [{"name": "d"}]}
    made(cluster, FLEET, other)
    for days in (15, 15):
        released(cluster, FLEET, other, fleet="os", **STU)
        cluster.now += days * DAY
    assert cluster.destroyed == [1201]
    assert cluster.users["stu02@pve"].enable == 1 and 1400 in cluster.machines and "db/stu02" in cluster.pools


def test_whoever_has_the_next_class_already_can_log_in(cluster: FleetCluster) -> None:
    """His account was disabled with what he gives back, and is not when that goes."""
    released(cluster, FLEET, **STU)
    later = {**FLEET, "id": "db", "owners": ["stu02"], "ids": {"first": 1400, "count": 9}, "per_owner": [{"name": "d"}]}
    data = planned(cluster, FLEET, later)
    assert data.users["stu02@pve"]["enable"] is True and "enable" not in data.users["stu01@pve"]
    made(cluster, FLEET, later)
    cluster.users["stu02@pve"].enable = 1
    cluster.now += 15 * DAY
    released(cluster, FLEET, later, fleet="os", **STU)
    assert cluster.destroyed == [1201] and cluster.users["stu02@pve"].enable == 1


def test_an_account_that_has_rights_elsewhere_is_left(cluster: FleetCluster) -> None:
    """Such as that of an administrator who tries a class, and whose account has an end."""
    mine = {"path": "/", "type": "user", "ugid": "stu02@pve", "roleid": "Administrator"}
    cluster.acl.append(mine)
    for days in (15, 15):
        released(cluster, FLEET, **STU)
        cluster.now += days * DAY
    assert cluster.destroyed == [1201]
    assert cluster.users["stu02@pve"].enable == 1 and mine in cluster.acl
