"""A last day is put off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.guest_extension import SUBJECT

from ....doubles.fleet_cluster import DAY, FLEET, FleetCluster, made, params, planned, release_plan, released

LATER = {"owners": ["stu02@pve"], "last_day": "2027-03-31"}


@pytest.fixture
def cluster() -> FleetCluster:
    found = FleetCluster()
    made(found, FLEET)
    return found


def extension(cluster: FleetCluster, **said: Any) -> Plan:
    return make_plan(SUBJECT, params(SUBJECT.argument_spec, fleets=[FLEET], **said), cluster)


def extended(cluster: FleetCluster, **said: Any) -> list[str]:
    given = params(SUBJECT.argument_spec, fleets=[FLEET], **said)
    done = converge(replace(SUBJECT, settle=0), given, cluster, False, cluster.act)
    return [step["id"] for step in done["steps"]]


def test_his_account_and_his_machines_follow_and_nobody_elses(cluster: FleetCluster) -> None:
    before = planned(cluster, FLEET)
    assert extended(cluster, **LATER) == ["pool.mark:os/stu02"]
    assert extended(cluster, **LATER) == []
    after = made(cluster, FLEET)
    assert after.users["stu02@pve"]["expire"] == before.users["stu02@pve"]["expire"] + 31 * DAY
    assert [wish["mark"]["expires"] for wish in after.vms] == ["2027-02-28", "2027-03-31", "2027-02-28"]
    cluster.now += 60 * DAY  # in March
    stopped = [step.id for step in release_plan(cluster, FLEET, expired=True).steps if "stop" in step.id]
    assert stopped == ["guest.stop:1200", "guest.stop:1202"]


def test_whoever_has_had_his_time_may_still_have_more(cluster: FleetCluster) -> None:
    cluster.now = 1803859200 + DAY
    assert not planned(cluster, FLEET).vms
    extended(cluster, **LATER)
    assert [wish["name"] for wish in made(cluster, FLEET).vms] == ["stu02-vm"]


@pytest.mark.parametrize(
    ("until", "told"), [("2026-12-24", "2026-12-24 is over"), ("2027-02-27", "before 2027-02-28, the last day")]
)
def test_no_day_is_put_back(cluster: FleetCluster, until: str, told: str) -> None:
    assert told in " ".join(map(str, extension(cluster, fleet="os", last_day=until).refusals))


def test_a_day_is_the_same_however_it_is_written(cluster: FleetCluster) -> None:
    """Days are compared as texts: a month with one digit would come after October."""
    assert extended(cluster, owners=["stu02@pve"], last_day="2027-3-31") == ["pool.mark:os/stu02"]
    assert "extended=2027-03-31" in cluster.pools["os/stu02"]
    assert extended(cluster, owners=["stu02@pve"], last_day="2027-10-31") == ["pool.mark:os/stu02"]
    assert [one["ends"] for one in planned(cluster, {**FLEET, "expires": "2027-4-1"}).states] == [
        "2027-04-01",
        "2027-10-31",
        "2027-04-01",
    ]
    assert extension(cluster, owners=["stu02@pve"], last_day="2027-9-30").refusals


@pytest.mark.parametrize("day", ["2027-13-01", "soon", "2027-4-1", "never"])
def test_a_day_in_a_pool_that_nobody_can_read_makes_it_nobodys(cluster: FleetCluster, day: str) -> None:
    cluster.pools["os/stu02"] += f" extended={day}"
    assert any("its comment was changed" in told for told in planned(cluster, FLEET).refusals)
    assert "stu02@pve has nothing in any fleet." in release_plan(cluster, FLEET, owners=["stu02@pve"]).warnings


def test_what_is_given_back_is_not_put_off(cluster: FleetCluster) -> None:
    released(cluster, FLEET, owners=["stu02@pve"])
    (refusal,) = extension(cluster, **LATER).refusals
    assert "Revoke that first" in str(refusal)
    assert extension(cluster, owners=["nobody@pve"], last_day="2027-03-31").warnings


def test_whoever_never_ends_is_not_put_off(cluster: FleetCluster) -> None:
    given = params(SUBJECT.argument_spec, fleets=[{**FLEET, "expires": "never"}], **LATER)
    assert "has no last day" in str(make_plan(SUBJECT, given, cluster).refusals[0])


def test_without_quorum_nothing_is_known(cluster: FleetCluster) -> None:
    cluster.quorate = False
    assert "no quorum" in str(extension(cluster, **LATER).refusals[0])
